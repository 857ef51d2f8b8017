import type { House } from "../house/house";
import { Section } from "./parts";

export function History(_props: { house: House }) {
  return <Section title="History"><p class="plain">Comes next.</p></Section>;
}
