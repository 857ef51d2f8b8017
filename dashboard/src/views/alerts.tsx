import type { House } from "../house/house";
import { Section } from "./parts";

export function Alerts(_props: { house: House }) {
  return <Section title="Alerts"><p class="plain">Comes next.</p></Section>;
}
