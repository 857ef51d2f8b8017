/* The original of a rejected message, fit to be looked at: text as it is, bytes as a dump in hex. */
import type { Rejected } from "../messages/messages";

export interface Original {
  kind: "text" | "bytes" | "none";
  text: string;
  shown: number; /* characters of a text, else bytes */
  whole: boolean; /* that is all of it */
}

const MOST_CHARACTERS = 8192;
const MOST_BYTES = 1024;
const A_LINE = 16;

/* 00000010  68 65 6c 6c 6f                                   |hello| */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += A_LINE) {
    const part = [...bytes.subarray(at, at + A_LINE)];
    const hex = part.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${at.toString(16).padStart(8, "0")}  ${hex.padEnd(A_LINE * 3)} |${text}|`);
  }
  return lines.join("\n");
}

function bytesOf(base64: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  } catch {
    return null;
  }
}

export function originalOf(rejected: Rejected): Original {
  const { payload, payload_base64: base64, cut } = rejected;
  const bytes = base64 === undefined ? null : bytesOf(base64);
  if (bytes) {
    const shown = Math.min(bytes.length, MOST_BYTES);
    return { kind: "bytes", text: hexDump(bytes.subarray(0, shown)), shown, whole: !cut && shown === bytes.length };
  }
  if (payload === undefined) return { kind: "none", text: "", shown: 0, whole: true };
  const shown = Math.min(payload.length, MOST_CHARACTERS);
  return { kind: "text", text: payload.slice(0, shown), shown, whole: !cut && shown === payload.length };
}
