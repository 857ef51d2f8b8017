/* What is believed of what comes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { originalOf } from "../../src/house/original";
import { check } from "../../src/messages/check";
import { LIVE, REJECTED, SERVICE_METRICS } from "../../src/messages/messages";

const TIME = "2026-11-21T10:00:00Z";

test("null is told apart from nothing only where it means something", () => {
  const live = check(LIVE, { service: "writer", time: TIME, events_total: null, last_write_ms: null, further: null });
  assert.deepEqual(live, { ok: true, value: { service: "writer", time: TIME, last_write_ms: null, further: null } });
  assert.deepEqual(check(SERVICE_METRICS, { service: null, time: TIME }), { ok: false, words: '"service" is missing' });
});

test("a rejected message whose original is null has none", () => {
  const rejected = check(REJECTED, { reason: "r", words: "w", topic: "t", time: TIME, payload: null, payload_base64: null, line: null });
  assert.ok(rejected.ok);
  assert.equal(originalOf(rejected.value).kind, "none");
  assert.equal(rejected.value.line, undefined);
});
