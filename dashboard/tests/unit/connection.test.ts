import assert from "node:assert/strict";
import { test } from "node:test";
import { Asker, AskError } from "../../src/bus/ask";
import { Connection, filterMatches, TIMES } from "../../src/bus/connection";
import { encode, PacketReader, type Packet } from "../../src/bus/packets";
import { until } from "./until";

/* A websocket whose other end is the test. */
class Socket {
  static made: Socket[] = [];
  static OPEN = 1;
  static last = () => Socket.made.at(-1)!;
  readyState = 1;
  onopen = () => {};
  onclose = () => {};
  onmessage = (_: { data: ArrayBuffer }) => {};
  readonly heard: Packet[] = [];
  private readonly reader = new PacketReader();

  constructor(readonly url: string) {
    Socket.made.push(this);
  }

  send(bytes: Uint8Array): void {
    this.heard.push(...this.reader.read(bytes));
  }

  close(): void {
    this.readyState = 3;
  }

  says(bytes: Uint8Array): void {
    this.onmessage({ data: bytes.slice().buffer as ArrayBuffer });
  }

  breaks(): void {
    this.readyState = 3;
    this.onclose();
  }

  of(type: string): Packet[] {
    return this.heard.filter((packet) => packet.type === type);
  }
}
globalThis.WebSocket = Socket as unknown as typeof WebSocket;

const SHORT: typeof TIMES = { pingMs: 10, unansweredMs: 30, connectMs: 40, backoffLeastMs: 5, backoffMostMs: 10 };
const LOGIN = { user: "ada", password: "secret" };
const CONNACK = (reason: number) => Uint8Array.of(0x20, 3, 0, reason, 0);
const PUBACK = (id: number, reason: number) => Uint8Array.of(0x40, 4, id >> 8, id & 255, reason, 0);
const PINGRESP = Uint8Array.of(0xd0, 0);

/* Times that do not come within a test, unless it is given others. */
function opened(times = { ...TIMES, backoffLeastMs: 5, backoffMostMs: 10 }) {
  Socket.made = [];
  const connection = new Connection("ws://broker/mqtt", times);
  connection.connect(LOGIN);
  Socket.last().onopen();
  return connection;
}

function online(times?: typeof TIMES) {
  const connection = opened(times);
  Socket.last().says(CONNACK(0));
  assert.equal(connection.state.value.phase, "online");
  return connection;
}

test("each connection has an id of its own", () => {
  const logins = [1, 2].map(() => {
    opened().close();
    return Socket.last().of("connect")[0] as Packet & { client_id: string };
  });
  assert.notEqual(logins[0]!.client_id, logins[1]!.client_id);
});

test("a wrong password is said as such and not tried again", async () => {
  for (const reason of [0x86, 0x87]) {
    const connection = opened(SHORT);
    Socket.last().says(CONNACK(reason));
    assert.equal(connection.state.value.phase, "refused");
    assert.match(connection.state.value.words, /password is wrong/);
    Socket.last().onclose();
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(Socket.made.length, 1);
    assert.equal(connection.state.value.phase, "refused");
  }
});

test("it comes back by itself and subscribes again", async () => {
  const connection = online();
  const heard: string[] = [];
  connection.subscribe("a/+", (message) => heard.push(message.topic));
  assert.equal(Socket.last().of("subscribe").length, 1);
  Socket.last().breaks();
  assert.equal(connection.state.value.phase, "waiting");
  assert.ok(connection.state.value.retryAtMs! > 0);
  await until(() => Socket.made.length === 2);
  Socket.last().onopen();
  Socket.last().says(CONNACK(0));
  assert.equal(Socket.last().of("subscribe").length, 1);
  Socket.last().says(encode("publish", { topic: "a/b", payload: "1", qos: 0 }));
  Socket.last().says(encode("publish", { topic: "b", payload: "1", qos: 0 }));
  assert.deepEqual(heard, ["a/b"]);
  assert.equal(connection.session, 2);
  connection.close();
});

test("it waits longer each time, up to a bound, and anew after it was online", () => {
  const times = { ...TIMES, backoffLeastMs: 100, backoffMostMs: 1000 };
  const connection = opened(times);
  const waits: number[] = [];
  for (let i = 0; i < 12; i++) {
    const before = Date.now();
    Socket.last().breaks();
    waits.push(connection.state.value.retryAtMs! - before);
    connection.retry();
  }
  assert.ok(waits.every((wait, i) => wait >= 100 && wait <= 100 + Math.min(1000, 100 * 2 ** i) + 5), String(waits));
  Socket.last().onopen();
  Socket.last().says(CONNACK(0));
  const before = Date.now();
  Socket.last().breaks();
  assert.ok(connection.state.value.retryAtMs! - before <= 205);
  connection.close();
});

test("retry tries at once what waits, and asks a broker that stands", () => {
  const connection = online({ ...TIMES, backoffLeastMs: 60_000 });
  const pings = Socket.last().of("pingreq").length;
  connection.retry();
  assert.equal(Socket.made.length, 1);
  assert.equal(Socket.last().of("pingreq").length, pings + 1);
  Socket.last().breaks();
  assert.equal(Socket.made.length, 1);
  connection.retry();
  assert.equal(Socket.made.length, 2);
  assert.equal(connection.state.value.phase, "connecting");
  connection.retry();
  assert.equal(Socket.made.length, 2, "one that is at it is left alone");
  connection.close();
});

test("a broker that does not answer, or no more, is taken for gone", async () => {
  const never = opened(SHORT);
  await until(() => Socket.made.length > 1);
  assert.match(never.state.value.words, /does not answer/);
  never.close();

  const silent = online(SHORT);
  await until(() => silent.state.value.phase === "waiting");
  assert.match(silent.state.value.words, /says nothing/);
  silent.close();
});

test("a broker that answers its pings stays, however late our timers are", async () => {
  const connection = online({ ...SHORT, unansweredMs: 15 });
  const socket = Socket.last();
  let answered = 0;
  const end = Date.now() + 150;
  await until(() => {
    for (; answered < socket.of("pingreq").length; answered++) socket.says(PINGRESP);
    return Date.now() > end;
  });
  assert.equal(connection.state.value.phase, "online");
  assert.ok(answered > 5);
  connection.close();
});

test("what is not MQTT ends the connection, and only that", async () => {
  const connection = online();
  Socket.last().says(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff, 0xff));
  assert.equal(connection.state.value.phase, "waiting");
  await until(() => Socket.made.length === 2);
  connection.close();
});

test("what a socket says after it was given up counts for nothing", () => {
  const connection = online({ ...TIMES, backoffLeastMs: 60_000 });
  const old = Socket.last();
  old.breaks();
  connection.retry();
  old.says(CONNACK(0));
  old.breaks();
  assert.equal(connection.state.value.phase, "connecting");
  connection.close();
});

test("each message is told what became of it", async () => {
  const connection = online();
  const outcomes = [0, 0x10, 0x87].map((reason) => {
    const outcome = connection.publish("a", "1", {});
    Socket.last().says(PUBACK(Socket.last().of("publish").at(-1)!.pkt_id!, reason));
    return outcome;
  });
  const lost = connection.publish("a", "1", {});
  Socket.last().breaks();
  assert.deepEqual(await Promise.all([...outcomes, lost]), ["taken", "nobody", "forbidden", "lost"]);
  assert.equal(await connection.publish("a", "1", {}), "lost");
  connection.close();
});

test("the end of what was retained is told once a connection", async () => {
  const connection = online({ ...TIMES, backoffLeastMs: 5, backoffMostMs: 10 });
  let settled = 0;
  connection.onSettled(() => settled++);
  const { heard } = Socket.last();
  assert.equal(heard.at(-1)!.type, "pingreq", "asked behind the subscriptions");
  Socket.last().says(PINGRESP);
  Socket.last().says(PINGRESP);
  assert.equal(settled, 1);
  Socket.last().breaks();
  await until(() => Socket.made.length === 2);
  Socket.last().onopen();
  Socket.last().says(CONNACK(0));
  Socket.last().says(PINGRESP);
  assert.equal(settled, 2);
  connection.close();
});

test("closed is closed", async () => {
  const connection = online(SHORT);
  connection.close();
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.equal(Socket.made.length, 1);
  assert.equal(connection.state.value.phase, "off");
});

test("filters match as MQTT 5.0, 4.7 says", () => {
  const good = [["#", "a"], ["a/#", "a"], ["a/#", "a/b/c"], ["a/+", "a/b"], ["+/b", "a/b"], ["a/+", "a/"], ["$SYS/#", "$SYS/x"]];
  const bad = [["a", "a/b"], ["a/+", "a"], ["a/+", "a/b/c"], ["#", "$SYS/x"], ["+/x", "$SYS/x"], ["a/b", "a"]];
  for (const [filter, topic] of good) assert.ok(filterMatches(filter!, topic!), `${filter} ${topic}`);
  for (const [filter, topic] of bad) assert.ok(!filterMatches(filter!, topic!), `${filter} ${topic}`);
});

interface Asked {
  answers(text: string, type?: string): void;
  acknowledged(reason: number): void;
  result: Promise<string>;
}

/* A question and the broker's end of it; the result is the answer's JSON, or the error's code and words. */
function asked(connection: Connection, asker: Asker): Asked {
  const result = asker.ask("stats", { period: "1h" }).then(JSON.stringify, (error: AskError) => `${error.code}: ${error.message}`);
  const packet = Socket.last().of("publish").at(-1)!;
  const { response_topic, correlation_data } = packet.props!;
  assert.equal(connection.state.value.phase, "online");
  return {
    result,
    acknowledged: (reason) => Socket.last().says(PUBACK(packet.pkt_id!, reason)),
    answers: (payload, content_type = "application/json") =>
      Socket.last().says(encode("publish", { topic: response_topic, payload, qos: 0, props: { correlation_data, content_type } })),
  };
}

test("a question gets its own answer, an error its words, and whoever may not ask is told", async () => {
  const connection = online();
  const asker = new Asker(connection, "hearthline");
  const [first, second] = [asked(connection, asker), asked(connection, asker)];
  second.answers('{"n": 2}');
  first.answers('{"n": 1}');
  assert.deepEqual(await Promise.all([first.result, second.result]), ['{"n":1}', '{"n":2}']);

  const refused = asked(connection, asker);
  refused.answers('{"error": {"code": "busy", "message": "too much"}}');
  assert.equal(await refused.result, "busy: too much");

  for (const garbage of ["", "{", "null", "[1", "7"]) {
    const bad = asked(connection, asker);
    bad.answers(garbage);
    assert.match(await bad.result, /^unreadable: /, garbage);
  }
  for (const [reason, words] of [[0x87, /^forbidden: .*may look/], [0x10, /^nobody: /]] as const) {
    const told = asked(connection, asker);
    told.acknowledged(reason);
    assert.match(await told.result, words);
  }
  const taken = asked(connection, asker);
  taken.acknowledged(0);
  const cut = asked(connection, asker);
  Socket.last().breaks();
  for (const lost of [taken, cut]) assert.match(await lost.result, /^offline: /);
  connection.close();
});
