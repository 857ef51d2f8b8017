/* What we use of u8-mqtt-packet, which brings no types. */
declare module "u8-mqtt-packet" {
  export const mqtt_opts_v5: object;
  export function mqtt_pkt_ctx(level: 5, options: object, api?: object): {
    encode_pkt(type: string, packet: object | null): Uint8Array;
    decode_pkt(first: number, body: Uint8Array | null): unknown;
  };
}
