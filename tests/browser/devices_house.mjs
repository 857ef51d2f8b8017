/* Five hundred devices, each heard of a moment ago. */
export const DEVICES = 500;

export async function furnishDevices(house) {
  const values = "temperature=21.5,humidity=48,battery=87";
  const lines = Array.from(
    { length: DEVICES },
    (_, i) => `device_metrics,device_id=sensor-${String(i).padStart(3, "0")} ${values} ${Date.now()}000000`,
  );
  await house.do("store", { lines });
}
