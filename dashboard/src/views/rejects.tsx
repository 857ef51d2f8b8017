import type { House } from "../house/house";
import { Section } from "./parts";

export function Rejects(_props: { house: House }) {
  return <Section title="Rejects"><p class="plain">Comes next.</p></Section>;
}
