/* The house of the browser tests: real broker, InfluxDB, writer and query service (house_served.py). */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("house_served.py", import.meta.url));
export const PAGE = fileURLToPath(new URL("../../build/dashboard", import.meta.url));

export class House {
  /* Ready when it is there. `options` is what House of tests/e2e/house.py takes. */
  static async open(options = {}) {
    const house = new House();
    house.child = spawn("/usr/bin/python3", [SCRIPT], { stdio: ["pipe", "pipe", "inherit"] });
    house.answers = createInterface({ input: house.child.stdout })[Symbol.asyncIterator]();
    house.turn = Promise.resolve();
    Object.assign(house, await house.exchange({ query: "", page: PAGE, ...options }));
    return house;
  }

  /* One question at a time, each with its answer. */
  exchange(command) {
    const answered = this.turn.then(async () => {
      this.child.stdin.write(`${JSON.stringify(command)}\n`);
      const { value: line, done } = await this.answers.next();
      if (done) throw new Error("the house has ended");
      const { value, error } = JSON.parse(line);
      if (error) throw new Error(error);
      return value;
    });
    this.turn = answered.catch(() => {});
    return answered;
  }

  do(name, command = {}) {
    return this.exchange({ do: name, ...command });
  }

  /* Publishes with mosquitto_pub; an object goes as JSON. */
  publish(topic, payload, more = {}) {
    const text = typeof payload === "string" ? payload : JSON.stringify(payload);
    return this.do("publish", { topic, payload: text, ...more });
  }

  /* `name` is broker, influxd, writer or query. */
  async start(name) {
    this.pids = await this.do("start", { name });
  }

  end(name, how = "SIGTERM") {
    return this.do("end", { name, how });
  }

  /* The address of a view, with a login in the fragment as scripts/run prints it. */
  link(user = "dashboard", view = "", password = `${user}-password`) {
    const login = Buffer.from(`${user}:${password}`).toString("base64url");
    return `${this.page}#login=${login}${view ? `&${view}` : ""}`;
  }

  async close() {
    this.child.stdin.end();
    if (this.child.exitCode === null) await new Promise((resolve) => this.child.once("exit", resolve));
  }
}
