import type { House } from "../house/house";
import { Section } from "./parts";

export function Flow(_props: { house: House }) {
  return <Section title="Flow"><p class="plain">Comes next.</p></Section>;
}
