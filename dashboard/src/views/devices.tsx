/* Every device that was heard of in a week: to be searched, and each opened for more. */
import { useMemo } from "preact/hooks";
import { found, ORDER_NAMES, sorted, type Order, type Wanted } from "../house/device_list";
import type { House } from "../house/house";
import { DeviceRow } from "./device_row";
import { number } from "./format";
import { LongList } from "./long_list";
import { Ago, Answered, Section } from "./parts";
import { go, route } from "./route";
import { useWhileSeen } from "./while_seen";
import "./devices.css";

const EVERY_MS = 15_000;
const ORDERS: Record<Order, string> = { name: "name", seen: "last heard", silent: "silent ones first" };

function wantedOf(query: URLSearchParams): Wanted {
  const order = ORDER_NAMES.find((name) => name === query.get("order")) ?? "silent";
  return { text: query.get("search") ?? "", silentOnly: query.get("silent") === "1", order };
}

/* In the address, so that "back" from a device's history leads here as it was. */
function want({ text, silentOnly, order }: Wanted): void {
  const query = { search: text, silent: silentOnly ? "1" : "", order: order === "silent" ? "" : order };
  go("devices", Object.fromEntries(Object.entries(query).filter(([, value]) => value !== "")), true);
}

function Choices({ wanted }: { wanted: Wanted }) {
  return (
    <form class="choices" role="search" onSubmit={(e) => e.preventDefault()}>
      <label>
        Search by device, measurement or field
        <input type="search" value={wanted.text} onInput={(e) => want({ ...wanted, text: e.currentTarget.value })} />
      </label>
      <label>
        Order
        <select value={wanted.order} onChange={(e) => want({ ...wanted, order: e.currentTarget.value as Order })}>
          {ORDER_NAMES.map((name) => (
            <option value={name}>{ORDERS[name]}</option>
          ))}
        </select>
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={wanted.silentOnly}
          onChange={(e) => want({ ...wanted, silentOnly: e.currentTarget.checked })}
        />{" "}
        Silent ones only
      </label>
    </form>
  );
}

export function Devices({ house }: { house: House }) {
  const { devices } = house;
  useWhileSeen(house, () => devices.load(), EVERY_MS);
  const wanted = wantedOf(route.value.query);
  const all = devices.list.value;
  const ordered = useMemo(() => sorted(all, wanted.order), [all, wanted.order]);
  const shown = found(ordered, wanted);
  const error = devices.error.value;
  return (
    <Section title="Who was heard of" id="devices">
      {!route.value.kiosk && <Choices wanted={wanted} />}
      {error && devices.atMs.value !== null && (
        <p class="problem">
          This list is old: it is of <Ago at={devices.atMs.value} />.
        </p>
      )}
      <Answered
        loading={devices.atMs.value === null}
        error={error && `${error}.`}
        empty={all.length === 0}
        nothing="No device was heard of in the last 7 days."
      >
        {all.length > 0 && (
          <p class="plain" role="status">
            {number(shown.length)} of {number(all.length)} devices
            {devices.truncated.value ? "; there are more than can be listed" : ""}
          </p>
        )}
        <LongList
          items={shown}
          of={JSON.stringify(wanted)}
          label="Devices"
          row={(device) => <DeviceRow key={device.key} house={house} device={device} />}
        />
      </Answered>
    </Section>
  );
}
