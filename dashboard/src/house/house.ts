/* All that the page knows, in one place. It opens nothing by itself: main.tsx logs in. */
import { Asker } from "../bus/ask";
import { Connection } from "../bus/connection";
import { Alerts } from "./alerts";
import { BadItems } from "./bad";
import { Devices } from "./devices";
import { Pulse } from "./pulse";
import { Rejects } from "./rejects";
import { Services } from "./services";

export interface House {
  connection: Connection;
  asker: Asker;
  services: Services;
  alerts: Alerts;
  devices: Devices;
  rejects: Rejects;
  bad: BadItems;
}

export function openHouse(url: string, root: string): House {
  const pulse = new Pulse();
  const connection = new Connection(url);
  const bad = new BadItems(pulse);
  const asker = new Asker(connection, root);
  return {
    connection,
    asker,
    services: new Services(connection, root, pulse, bad),
    alerts: new Alerts(connection, root, pulse, bad),
    devices: new Devices(asker, bad),
    rejects: new Rejects(connection, root, pulse, bad),
    bad,
  };
}
