import type { House } from "../house/house";
import { Section } from "./parts";

export function Now(_props: { house: House }) {
  return <Section title="Now"><p class="plain">Comes next.</p></Section>;
}
