import { createHash } from "node:crypto";
import type { BoundData, RowSet } from "../data/data.ts";

/** What a run's rows were when it began: enough to tell, when it goes on, that they are the same, or what of them is not. */

/** By part (`train`, `validation`, `test`), the section's name before it where it has one. */
export type DataPrint = Readonly<Record<string, PartPrint>>;

export interface PartPrint {
  readonly rows: number;
  /** A hash of the encoded rows of each input, of the answers to each task, and of what each teacher says. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<string, string>>;
  readonly lessons: Readonly<Record<string, string>>;
}

export function printOf({ sections }: BoundData): DataPrint {
  const parts = sections.flatMap(({ name, train, validation, test }) =>
    Object.entries({ train, validation, test }).flatMap(([part, set]): [string, PartPrint][] =>
      set ? [[name === null ? part : `${name}.${part}`, partPrint(set)]] : [],
    ),
  );
  return Object.fromEntries(parts);
}

function partPrint({ rows, inputs, targets, lessons = {} }: RowSet): PartPrint {
  const each = <T>(of: Readonly<Record<string, T>>, arrays: (value: T) => readonly ArrayBufferView[]) =>
    Object.fromEntries(Object.entries(of).map(([name, value]) => [name, hashOf(arrays(value))]));
  return {
    rows,
    inputs: each(inputs, (values) => [values]),
    answers: each(targets, ({ values, weight }) => [values, weight]),
    lessons: each(lessons, (logits) => [logits]),
  };
}

/** Bytes that are hashed at once: a hash takes less than 2^31. */
const PIECE = 2 ** 28;

function hashOf(arrays: readonly ArrayBufferView[]): string {
  const hash = createHash("sha256");
  for (const { buffer, byteOffset, byteLength } of arrays)
    for (let at = 0; at < byteLength; at += PIECE)
      hash.update(new Uint8Array(buffer, byteOffset + at, Math.min(PIECE, byteLength - at)));
  return hash.digest("hex").slice(0, 16);
}

/** What differs, in a user's words; null where nothing does. */
export function changedSince(before: DataPrint, now: DataPrint): string | null {
  const changes = [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((part) => {
    const [old, found] = [before[part], now[part]];
    if (!old || !found) return [`there is ${found ? "now a" : "no"} part \`${part}\`${found ? "" : " any more"}`];
    if (old.rows !== found.rows) return [`\`${part}\` has ${found.rows} rows, and had ${old.rows}`];
    const things = [
      ...differing(old.inputs, found.inputs).map((name) => `\`${name}\``),
      ...differing(old.answers, found.answers).map((name) => `the answers to \`${name}\``),
      ...differing(old.lessons, found.lessons).map((key) => `what \`${key.slice(key.indexOf("/") + 1)}\` learns from`),
    ];
    return things.length === 0 ? [] : [`in \`${part}\` ${listed(things)} ${verbOf(things)} not the same`];
  });
  return changes.length === 0 ? null : changes.join("; ");
}

/** Answers are many. */
function verbOf(things: readonly string[]): string {
  return things.length === 1 && !things[0].startsWith("the answers") ? "is" : "are";
}

function differing(before: Readonly<Record<string, string>>, now: Readonly<Record<string, string>>): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((name) => before[name] !== now[name]);
}

/** "a, b and c"; of many the first four. */
function listed(things: readonly string[]): string {
  if (things.length > 5) return `${things.slice(0, 4).join(", ")} and ${things.length - 4} more`;
  return things.length < 2 ? things.join("") : `${things.slice(0, -1).join(", ")} and ${things[things.length - 1]}`;
}
