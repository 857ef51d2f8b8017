/* Questions to the query service (docs/requests.md), as any client would ask them. */
import type { Connection, Message } from "./connection";
import { decodePayload } from "../messages/payload";

/* A question that was not answered with what it asked for. The codes are those of docs/requests.md, and four of our own. */
export class AskError extends Error {
  constructor(
    readonly code: string | "offline" | "forbidden" | "nobody" | "unreadable",
    message: string,
  ) {
    super(message);
  }
}

/* What went wrong, for a person. */
export function wordsOf(error: unknown): string {
  return error instanceof AskError ? error.message : "The answer cannot be shown";
}

const DEADLINE_S = 8;
const STIR = { eachMs: 5, times: 400 }; /* the broker is kept awake for two seconds; what takes longer does not wait for it */
const WORDS = {
  nobody: "The query service is not there",
  forbidden: "This user may look, but not ask or change that",
  lost: "The connection to the broker was lost",
} as const;

interface Waiting {
  resolve(answer: Record<string, unknown>): void;
  reject(error: AskError): void;
}

export class Asker {
  private readonly waiting = new Map<string, Waiting>();
  private readonly responseTopic: string;
  private stirring: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly root: string,
  ) {
    const mine = [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
    this.responseTopic = `${root}/response/dashboard/${mine}`;
    connection.subscribe(this.responseTopic, (message) => this.answered(message));
    /* Answers are not kept for whoever was away. */
    connection.state.subscribe(({ phase }) => {
      if (phase === "online") return;
      for (const { reject } of this.waiting.values()) reject(new AskError("offline", WORDS.lost));
    });
  }

  async ask(endpoint: string, request: object = {}): Promise<Record<string, unknown>> {
    const id = crypto.getRandomValues(new Uint32Array(4)).join("-");
    let timer: ReturnType<typeof setTimeout> | undefined;
    const answer = new Promise<Record<string, unknown>>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      timer = setTimeout(() => reject(new AskError("timeout", `No answer within ${DEADLINE_S} s`)), DEADLINE_S * 1000);
    });
    const outcome = this.connection.publish(`${this.root}/request/${endpoint}`, JSON.stringify(request), {
      content_type: "application/json",
      response_topic: this.responseTopic,
      correlation_data: new TextEncoder().encode(id),
      message_expiry_interval: DEADLINE_S,
    });
    this.stir();
    void outcome.then((became) => {
      if (became === "taken") return;
      this.waiting.get(id)?.reject(new AskError(became === "lost" ? "offline" : became, WORDS[became]));
    });
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
      this.waiting.delete(id);
      if (this.waiting.size === 0) clearInterval(this.stirring);
    }
  }

  private stir(): void {
    let times = 0;
    clearInterval(this.stirring);
    this.stirring = setInterval(() => {
      this.connection.stir();
      if (++times === STIR.times) clearInterval(this.stirring);
    }, STIR.eachMs);
  }

  private answered(message: Message): void {
    const id = new TextDecoder().decode(message.properties.correlation_data);
    const waiting = this.waiting.get(id);
    if (!waiting) return; /* too late, or not ours */
    const value = decodePayload(message.payload, message.properties.content_type);
    if (!value.ok || typeof value.value !== "object" || value.value === null) {
      waiting.reject(new AskError("unreadable", "The answer cannot be read"));
      return;
    }
    const answer = value.value as Record<string, unknown>;
    const error = answer["error"] as { code?: unknown; message?: unknown } | undefined;
    if (error) waiting.reject(new AskError(String(error.code), String(error.message)));
    else waiting.resolve(answer);
  }
}
