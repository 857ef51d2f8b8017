/* A payload as a value: JSON or msgpack, as on the whole bus (docs/topics.md). Nothing that came is trusted:
 * what cannot be read is said as such, with words, and never thrown. */
import { decode } from "@msgpack/msgpack";

export type Decoded = { ok: true; value: unknown } | { ok: false; words: string };

/* JSON begins with one of these; what else there is would be msgpack. */
const FIRST_OF_JSON = /^[\s{["\-0-9tfn]/;

export function decodePayload(payload: Uint8Array, contentType?: string): Decoded {
  if (payload.length === 0) return { ok: false, words: "empty" };
  const isJson = contentType === "application/json" || FIRST_OF_JSON.test(String.fromCharCode(payload[0]!));
  try {
    if (contentType !== "application/msgpack" && isJson)
      return { ok: true, value: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload)) };
    return { ok: true, value: decode(payload, { maxDepth: 32 } as object) };
  } catch (error) {
    return { ok: false, words: error instanceof Error ? error.message : "cannot be read" };
  }
}
