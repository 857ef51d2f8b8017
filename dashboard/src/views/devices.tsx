import type { House } from "../house/house";
import { Section } from "./parts";

export function Devices(_props: { house: House }) {
  return <Section title="Devices"><p class="plain">Comes next.</p></Section>;
}
