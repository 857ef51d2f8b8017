/* MQTT 5 packets as bytes. The codec is u8-mqtt-packet; what it is given is always one whole
 * packet, because its own way of joining pieces waits for ever after a packet that came in two. */
import { mqtt_opts_v5, mqtt_pkt_ctx } from "u8-mqtt-packet";

export interface Properties {
  content_type?: string;
  correlation_data?: Uint8Array;
  message_expiry_interval?: number;
  response_topic?: string;
}

/* A packet that came; which members there are depends on its type (MQTT 5.0, chapter 3). */
export interface Packet {
  type: "connack" | "publish" | "puback" | "suback" | "unsuback" | "pingresp" | "disconnect" | string;
  reason?: number;
  answers?: number[];
  pkt_id?: number;
  topic: string;
  payload: Uint8Array;
  retain?: boolean;
  qos?: number;
  props?: Properties | null;
}

const codec = mqtt_pkt_ctx(5, mqtt_opts_v5);

export function encode(type: string, packet: object | null): Uint8Array {
  return codec.encode_pkt(type, packet);
}

function decode(bytes: Uint8Array, headerBytes: number): Packet {
  const body = headerBytes === bytes.length ? null : bytes.subarray(headerBytes);
  const packet = codec.decode_pkt(bytes[0]!, body) as Packet;
  if (packet.reason !== undefined) packet.reason = Number(packet.reason);
  if (packet.answers) packet.answers = packet.answers.map(Number);
  return packet;
}

/* Length of the packet that `bytes` begins with and of its header; null as long as it cannot be told
 * (MQTT 5.0, 1.5.5). Throws on a length of more than four bytes: this is not MQTT then. */
function packetLength(bytes: Uint8Array): { header: number; whole: number } | null {
  let length = 0;
  for (let i = 1; i <= 4; i++) {
    const byte = bytes[i];
    if (byte === undefined) return null;
    length += (byte & 0x7f) * 128 ** (i - 1);
    if (byte < 0x80) return { header: i + 1, whole: i + 1 + length };
  }
  throw new Error("the broker sent what is not MQTT");
}

/* Makes packets of the pieces that a websocket delivers: a piece may hold many packets, or a part of one. */
export class PacketReader {
  private rest: Uint8Array = new Uint8Array(0);

  read(piece: Uint8Array): Packet[] {
    let bytes = piece;
    if (this.rest.length > 0) {
      bytes = new Uint8Array(this.rest.length + piece.length);
      bytes.set(this.rest);
      bytes.set(piece, this.rest.length);
    }
    const packets: Packet[] = [];
    for (;;) {
      const length = bytes.length > 0 ? packetLength(bytes) : null;
      if (length === null || length.whole > bytes.length) break;
      packets.push(decode(bytes.subarray(0, length.whole), length.header));
      bytes = bytes.subarray(length.whole);
    }
    this.rest = bytes;
    return packets;
  }
}
