/* The flow as a picture, its places set by hand: one for wide screens, one for narrow ones. */
import { signal } from "@preact/signals";
import { nowMs } from "../house/clock";
import { flowOf, type Flow as FlowData, type FlowLink, type FlowNode, type LinkKind, type LinkName, type NodeName } from "../house/flow";
import type { House } from "../house/house";
import { summaryOf } from "../house/summary";
import { clip, number } from "./format";
import { SHAPES } from "./parts";
import { paused } from "./settings";
import "./flow.css";

interface Place {
  x: number;
  y: number;
}

interface Way {
  d: string;
  label: Place;
}

interface Layout {
  width: number;
  height: number;
  node: { width: number; height: number };
  nodes: Record<NodeName, Place>; /* middles */
  links: Record<LinkName, Way>;
}

const WIDE: Layout = {
  width: 900,
  height: 330,
  node: { width: 170, height: 70 },
  nodes: {
    sources: { x: 90, y: 60 }, broker: { x: 330, y: 60 }, writer: { x: 570, y: 60 }, influxdb: { x: 810, y: 60 },
    dashboard: { x: 330, y: 265 }, query: { x: 810, y: 265 },
  },
  links: {
    publish: { d: "M175 60H245", label: { x: 210, y: 115 } },
    journal: { d: "M415 60H485", label: { x: 450, y: 115 } },
    write: { d: "M655 60H725", label: { x: 690, y: 115 } },
    read: { d: "M810 95V230", label: { x: 810, y: 168 } },
    fallback: { d: "M610 95C640 200 690 240 725 250", label: { x: 640, y: 195 } },
    answer: { d: "M725 270H415", label: { x: 570, y: 262 } },
    live: { d: "M330 95V230", label: { x: 330, y: 168 } },
  },
};

const NARROW: Layout = {
  width: 360,
  height: 500,
  node: { width: 152, height: 66 },
  nodes: {
    sources: { x: 78, y: 40 }, broker: { x: 78, y: 165 }, writer: { x: 282, y: 165 }, influxdb: { x: 270, y: 295 },
    query: { x: 282, y: 440 }, dashboard: { x: 78, y: 440 },
  },
  links: {
    publish: { d: "M78 73V132", label: { x: 78, y: 107 } },
    journal: { d: "M154 165H206", label: { x: 180, y: 122 } },
    write: { d: "M270 198V262", label: { x: 262, y: 234 } },
    read: { d: "M270 328V407", label: { x: 262, y: 372 } },
    fallback: { d: "M215 198C165 260 165 350 215 407", label: { x: 125, y: 360 } },
    answer: { d: "M206 440H154", label: { x: 180, y: 488 } },
    live: { d: "M78 198V407", label: { x: 78, y: 300 } },
  },
};

const narrow = signal(false);
const media = matchMedia("(max-width: 700px)");
narrow.value = media.matches;
media.addEventListener("change", () => (narrow.value = media.matches));

const KINDS: Record<LinkKind, string> = {
  storage: "storage: what is kept",
  query: "query: what is asked and answered",
  live: "live: what is said on the bus",
};

/* Seconds for one step of the dashes: the faster, the more comes. Steps, because each change begins the motion anew. */
function secondsAStep(perMinute: number): number {
  return 4 / 2 ** Math.min(4, Math.max(0, Math.floor(Math.log10(perMinute))));
}

function figureOf(link: FlowLink): string {
  if (link.broken) return "✕ broken";
  return link.perMinute === null ? "–" : `${number(link.perMinute)}/min`;
}

function LinkPath({ name, link, way }: { name: LinkName; link: FlowLink; way: Way }) {
  const moves = !link.broken && (link.perMinute ?? 0) > 0;
  return (
    <g class={`link link-${name} kind-${link.kind}${link.broken ? " broken" : ""}`} data-link={name}>
      <path class="way" d={way.d} />
      {moves && <path class="moving" d={way.d} style={{ animationDuration: `${secondsAStep(link.perMinute!)}s` }} />}
      <text x={way.label.x} y={way.label.y} text-anchor="middle">{name === "fallback" ? "the services instead" : figureOf(link)}</text>
    </g>
  );
}

function NodeBox({ name, node, at, size }: { name: NodeName; node: FlowNode; at: Place; size: Layout["node"] }) {
  return (
    <g class={`node node-${node.state}`} data-node={name} transform={`translate(${at.x} ${at.y})`}>
      <title>{clip([node.title, node.state, node.words].filter(Boolean).join(": "), 300)}</title>
      <rect x={-size.width / 2} y={-size.height / 2} width={size.width} height={size.height} rx="10" />
      <text class="title" text-anchor="middle" y="-6">{node.title.length * 8 > size.width ? node.title.replace(/^Home Assistant, /, "HA, ") : node.title}</text>
      <text class="word" text-anchor="middle" y="16">{SHAPES[node.state]} {node.state}</text>
    </g>
  );
}

/* The same in words, for those who do not see the picture. */
function InWords({ flow }: { flow: FlowData }) {
  const nodes = Object.values(flow.nodes).map((node) => `${node.title}: ${node.state}${node.words ? `, ${clip(node.words, 200)}` : ""}`);
  const links = Object.values(flow.links)
    .filter((link) => link.shown)
    .map((link) => `${flow.nodes[link.from].title} to ${flow.nodes[link.to].title}: ${link.broken ? "broken" : `${number(link.perMinute)} ${link.unit} a minute`}`);
  return <ul class="hidden">{[...nodes, ...links].map((line) => <li>{line}</li>)}</ul>;
}

export function Flow({ house }: { house: House }) {
  const services = house.services.byName.value;
  const writer = services.get("writer");
  const flow = flowOf({
    connection: house.connection.state.value,
    writer,
    query: services.get("query"),
    livePerMinute: house.services.heardPerMinute(nowMs.value),
    nowMs: nowMs.value,
  });
  const summary = summaryOf(flow, writer, house.alerts.list.value);
  const layout = narrow.value ? NARROW : WIDE;
  return (
    <section class="card" aria-label="How data flows">
      <p class={`summary summary-${summary.level}`}>
        <span role="status">{SHAPES[summary.level]} {clip(summary.words, 200)}</span> {summary.waiting}
      </p>
      <InWords flow={flow} />
      <svg class={`flow${paused.value ? " paused" : ""}`} viewBox={`0 0 ${layout.width} ${layout.height}`} aria-hidden="true">
        {(Object.keys(flow.links) as LinkName[]).filter((name) => flow.links[name].shown).map((name) => (
          <LinkPath key={name} name={name} link={flow.links[name]} way={layout.links[name]} />
        ))}
        {(Object.keys(flow.nodes) as NodeName[]).map((name) => (
          <NodeBox key={name} name={name} node={flow.nodes[name]} at={layout.nodes[name]} size={layout.node} />
        ))}
      </svg>
      <ul class="legend" aria-label="Kinds of links">
        {(Object.keys(KINDS) as LinkKind[]).map((kind) => (
          <li class={`kind-${kind}`}><svg viewBox="0 0 48 8" aria-hidden="true"><path d="M0 4H48" /></svg> {KINDS[kind]}</li>
        ))}
      </ul>
    </section>
  );
}
