import assert from "node:assert/strict";
import { test } from "node:test";
import { encode, PacketReader, type Packet } from "../../src/bus/packets";

const utf8 = new TextEncoder();

/* What a broker sends: made with our own encoder where it can, by hand (MQTT 5.0, chapter 3) where it cannot. */
function publish(topic: string, payload: string): Uint8Array {
  return encode("publish", { topic, payload, qos: 0, props: { content_type: "application/json" } });
}

const CONNACK = Uint8Array.of(0x20, 6, 0, 0, 3, 0x22, 0, 10); /* topic alias maximum 10 */
const CONNACK_BAD_PASSWORD = Uint8Array.of(0x20, 3, 0, 0x86, 0);
const PUBACK_NOT_AUTHORISED = Uint8Array.of(0x40, 4, 0, 7, 0x87, 0);
const PUBACK_SHORT = Uint8Array.of(0x40, 2, 0, 7);
const PINGRESP = Uint8Array.of(0xd0, 0);

function joined(...parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const shown = (payload: Uint8Array) => (payload.length > 99 ? `${payload.length} bytes` : new TextDecoder().decode(payload));
const told = (packets: Packet[]) =>
  packets.map((p) => (p.type === "publish" ? `${p.topic}=${shown(p.payload)}` : `${p.type} ${p.reason ?? "without reason"}`));

const LONG = "x".repeat(20_000); /* a length of three bytes */
const STREAM = joined(CONNACK, publish("a/b", "1"), PUBACK_NOT_AUTHORISED, PINGRESP, publish("c", LONG), PUBACK_SHORT, publish("d", ""));
const TOLD = ["connack 0", "a/b=1", "puback 135", "pingresp without reason", "c=20000 bytes", "puback without reason", "d="];

test("packets are told whole, however their bytes come in pieces", () => {
  assert.deepEqual(told(new PacketReader().read(STREAM)), TOLD);
  for (const size of [1, 2, 3, 5, 7, 64, 1000, 4096]) {
    const reader = new PacketReader();
    const heard: Packet[] = [];
    for (let at = 0; at < STREAM.length; at += size) heard.push(...reader.read(STREAM.slice(at, at + size)));
    assert.deepEqual(told(heard), TOLD, `in pieces of ${size} bytes`);
  }
});

test("a packet may be cut anywhere, and what follows it in the same piece is told with it", () => {
  const bytes = joined(publish("a/b", "first"), publish("c", "second"));
  for (let cut = 0; cut <= bytes.length; cut++) {
    const reader = new PacketReader();
    const heard = [...reader.read(bytes.slice(0, cut)), ...reader.read(bytes.slice(cut))];
    assert.deepEqual(told(heard), ["a/b=first", "c=second"], `cut at ${cut}`);
  }
});

test("a payload stays what it was when the next piece comes", () => {
  const reader = new PacketReader();
  const piece = joined(publish("a", "kept"), publish("b", "other").slice(0, 3));
  const [packet] = reader.read(piece);
  reader.read(publish("b", "other").slice(3));
  assert.equal(new TextDecoder().decode(packet!.payload), "kept");
});

test("reasons are numbers", () => {
  const [packet] = new PacketReader().read(CONNACK_BAD_PASSWORD);
  assert.equal(packet!.reason, 0x86);
  assert.equal(new PacketReader().read(PUBACK_NOT_AUTHORISED)[0]!.pkt_id, 7);
});

test("properties arrive: the answer to a question names it", () => {
  const correlation_data = utf8.encode("question-1");
  const [packet] = new PacketReader().read(encode("publish", { topic: "r", payload: "{}", qos: 0, props: { correlation_data } }));
  assert.equal(new TextDecoder().decode(packet!.props!.correlation_data), "question-1");
});

test("a length of more than four bytes is not MQTT", () => {
  assert.throws(() => new PacketReader().read(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff, 1)), /not MQTT/);
});
