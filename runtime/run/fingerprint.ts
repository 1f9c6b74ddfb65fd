import type { BoundData, RowSet } from "../data/data.ts";
import { digest } from "./digest.ts";

/** What a run's rows were when it began: enough to tell, when it goes on, that they are the same, or what of them is not. */

export interface DataPrint {
  /** By name (`train`, `validation`, `test`), the section's name before it where it has one. */
  readonly parts: Readonly<Record<string, PartPrint>>;
  /** A hash of each run that is learnt from: of its network, not of what that says, which another engine rounds otherwise. */
  readonly teachers: Readonly<Record<string, string>>;
}

export interface PartPrint {
  readonly rows: number;
  /** A hash of the encoded rows of each input, and of the answers to each task. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<string, string>>;
}

/** `teachers`: by name, all that a run's network is made of. */
export function printOf(
  { sections }: BoundData,
  teachers: Readonly<Record<string, readonly ArrayBufferView[]>> = {},
): DataPrint {
  const parts = sections.flatMap(({ name, train, validation, test }) =>
    Object.entries({ train, validation, test }).flatMap(([part, set]): [string, PartPrint][] =>
      set ? [[name === null ? part : `${name}.${part}`, partPrint(set)]] : [],
    ),
  );
  return { parts: Object.fromEntries(parts), teachers: hashes(teachers, (arrays) => arrays) };
}

function partPrint({ rows, inputs, targets }: RowSet): PartPrint {
  return {
    rows,
    inputs: hashes(inputs, (values) => [values]),
    answers: hashes(targets, ({ values, weight }) => [values, weight]),
  };
}

/** Digits of a hash that are kept. */
const DIGITS = 16;

function hashes<T>(
  of: Readonly<Record<string, T>>,
  arrays: (value: T) => readonly ArrayBufferView[],
): Record<string, string> {
  return Object.fromEntries(Object.entries(of).map(([name, value]) => [name, digest(arrays(value)).slice(0, DIGITS)]));
}

/** What differs, in a user's words; null where nothing does. */
export function changedSince(before: DataPrint, now: DataPrint): string | null {
  const changes = [...new Set([...Object.keys(before.parts), ...Object.keys(now.parts)])].flatMap((part) => {
    const [old, found] = [before.parts[part], now.parts[part]];
    if (!old || !found) return [`there is ${found ? "now a" : "no"} part \`${part}\`${found ? "" : " any more"}`];
    if (old.rows !== found.rows) return [`\`${part}\` has ${found.rows} rows, and had ${old.rows}`];
    const things = [
      ...differing(old.inputs, found.inputs).map((name) => `\`${name}\``),
      ...differing(old.answers, found.answers).map((name) => `the answers to \`${name}\``),
    ];
    return things.length === 0 ? [] : [`in \`${part}\` ${listed(things)} ${verbOf(things)} not the same`];
  });
  const taught = differing(before.teachers, now.teachers).map(
    (name) => `\`${name}\`, which it learns from, is another run`,
  );
  return changes.length + taught.length === 0 ? null : [...changes, ...taught].join("; ");
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
