/* Whether what came has the shape that its message should have. A table says for each member what it must be;
 * members that the table does not name are passed over (docs/topics.md: fields may be added). */

export type Kind = "text" | "number" | "integer" | "boolean" | "time" | "counts" | "list" | "object";

export interface Member {
  kind: Kind;
  required?: true;
  nullable?: true;
  words?: readonly string[]; /* the only texts there may be */
}

export type Table<T> = { [K in keyof T]-?: Member };
export type Checked<T> = { ok: true; value: T } | { ok: false; words: string };

const isObject = (v: unknown): v is Record<string, unknown> => typeof v === "object" && v !== null && !Array.isArray(v);

const KINDS: Record<Kind, { is(v: unknown): boolean; words: string }> = {
  text: { is: (v) => typeof v === "string", words: "a text" },
  number: { is: (v) => typeof v === "number" && Number.isFinite(v), words: "a number" },
  integer: { is: (v) => typeof v === "number" && Number.isInteger(v), words: "a whole number" },
  boolean: { is: (v) => typeof v === "boolean", words: "true or false" },
  time: { is: (v) => typeof v === "string" && Number.isFinite(Date.parse(v)), words: "a time" },
  counts: { is: (v) => isObject(v) && Object.values(v).every((n) => typeof n === "number"), words: "numbers by name" },
  list: { is: Array.isArray, words: "a list" },
  object: { is: isObject, words: "an object" },
};

function fault(name: string, member: Member, value: unknown): string | null {
  if (value === undefined || value === null) {
    if (value === null && member.nullable) return null;
    return member.required ? `"${name}" is missing` : null;
  }
  if (!KINDS[member.kind].is(value)) return `"${name}" is not ${KINDS[member.kind].words}`;
  if (member.words && !member.words.includes(value as string)) return `"${name}" is none of ${member.words.join(", ")}`;
  return null;
}

export function check<T>(table: Table<T>, value: unknown): Checked<T> {
  if (!isObject(value)) return { ok: false, words: "not an object" };
  for (const [name, member] of Object.entries(table) as [string, Member][]) {
    const words = fault(name, member, value[name]);
    if (words) return { ok: false, words };
  }
  return { ok: true, value: withoutNulls(table, value) as T };
}

/* What is null where null says nothing was left out, so that who reads it has one case to think of. */
function withoutNulls<T>(table: Table<T>, value: Record<string, unknown>): Record<string, unknown> {
  const members = table as Record<string, Member | undefined>;
  const isLeftOut = ([name, member]: [string, unknown]) => member === null && members[name] && !members[name].nullable;
  const all = Object.entries(value);
  return all.some(isLeftOut) ? Object.fromEntries(all.filter((one) => !isLeftOut(one))) : value;
}

/* The same for each of a list; how many were left out is told. */
export function checkList<T>(table: Table<T>, list: unknown): { items: T[]; bad: number } {
  if (!Array.isArray(list)) return { items: [], bad: list === undefined ? 0 : 1 };
  const items = list.map((item) => check(table, item)).filter((c) => c.ok);
  return { items: items.map((c) => c.value), bad: list.length - items.length };
}
