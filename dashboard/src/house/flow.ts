/* How data flows, as far as the page was told: the state of each part, and the figure on each way between them. */
import type { ConnectionState } from "../bus/connection";
import { serviceState, type Service, type ServiceState, type Total } from "./services";

export type NodeName = "sources" | "broker" | "writer" | "influxdb" | "query" | "dashboard";
export type LinkName = "publish" | "journal" | "write" | "read" | "fallback" | "answer" | "live";
export type LinkKind = "storage" | "query" | "live";

export interface FlowNode {
  title: string;
  state: ServiceState;
  words: string; /* what there is to say besides the state */
}

export interface FlowLink {
  kind: LinkKind;
  from: NodeName;
  to: NodeName;
  unit: string;
  perMinute: number | null; /* null: nobody told */
  broken: boolean;
  shown: boolean;
}

export interface Flow {
  nodes: Record<NodeName, FlowNode>;
  links: Record<LinkName, FlowLink>;
}

export interface FlowInput {
  connection: ConnectionState;
  writer: Service | undefined;
  query: Service | undefined;
  livePerMinute: number | null;
  nowMs: number;
}

const speaks = (one: Service | undefined, nowMs: number) =>
  one !== undefined && ["online", "degraded"].includes(serviceState(one, nowMs));

/* What either service says of InfluxDB counts, the worse first; what a silent service said does not. */
function influxdb({ writer, query, nowMs }: FlowInput): FlowNode {
  const title = "InfluxDB";
  const heard = [writer, query].filter((s) => s?.live?.influxdb !== undefined && speaks(s, nowMs)).map((s) => s!.live!);
  const bad = heard.find((live) => live.influxdb === "away" || live.influxdb === "fault");
  if (bad) return { title, state: bad.influxdb === "away" ? "offline" : "degraded", words: bad.influxdb_reason ?? "" };
  return { title, state: heard.some((live) => live.influxdb === "answering") ? "online" : "unknown", words: "" };
}

function service(title: string, one: Service | undefined, nowMs: number): FlowNode {
  if (!one) return { title, state: "unknown", words: "was not heard of" };
  return { title, state: serviceState(one, nowMs), words: one.status?.reason ?? "" };
}

function sources(perMinute: number | null): FlowNode {
  const state = perMinute === null ? "unknown" : perMinute > 0 ? "online" : "stale";
  return { title: "Home Assistant, devices", state, words: perMinute === 0 ? "nothing comes" : "" };
}

function nodesOf(input: FlowInput, perMinute: number | null): Flow["nodes"] {
  const { connection, writer, query, nowMs } = input;
  const nodes: Flow["nodes"] = {
    sources: sources(perMinute),
    broker: { title: "Broker", state: "online", words: "" },
    writer: service("Writer", writer, nowMs),
    influxdb: influxdb(input),
    query: service("Query service", query, nowMs),
    dashboard: { title: "This page", state: "online", words: "" },
  };
  if (connection.phase === "online") return nodes;
  /* Without the broker nothing is known, whatever was heard before. */
  for (const name of ["sources", "writer", "influxdb", "query"] as const) nodes[name] = { ...nodes[name], state: "unknown" };
  nodes.broker = { title: "Broker", state: "offline", words: connection.words };
  return nodes;
}

export function flowOf(input: FlowInput): Flow {
  const { writer, query, nowMs } = input;
  const heard = (one: Service | undefined) => input.connection.phase === "online" && speaks(one, nowMs);
  const rate = (one: Service | undefined, total: Total) => (heard(one) ? one!.rates[total].perMinute(nowMs) : null);
  const came = rate(writer, "events_total");
  const answered = rate(query, "events_total");
  const nodes = nodesOf(input, came);
  const fallback = query?.live?.source === "services-fallback";
  const link = (kind: LinkKind, from: NodeName, to: NodeName, unit: string, perMinute: number | null, broken: boolean) => ({
    kind, from, to, unit, perMinute: broken ? 0 : perMinute, broken, shown: true,
  });
  const off = (...names: NodeName[]) => names.some((name) => nodes[name].state === "offline");
  return {
    nodes,
    links: {
      publish: link("live", "sources", "broker", "messages", came, off("broker")),
      journal: link("storage", "broker", "writer", "messages", came, off("broker", "writer")),
      write: link("storage", "writer", "influxdb", "points", rate(writer, "points_stored"), off("writer", "influxdb")),
      read: link("query", "influxdb", "query", "answers", fallback ? 0 : answered, fallback || off("influxdb", "query")),
      fallback: { ...link("live", "writer", "query", "answers", answered, false), shown: fallback && !off("query") },
      answer: link("query", "query", "dashboard", "answers", answered, off("query", "broker")),
      live: link("live", "broker", "dashboard", "live messages", input.livePerMinute, off("broker")),
    },
  };
}
