import { data } from "../../compiler/diagnostics/data.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import type { DataSection, Source } from "../../compiler/ir/model.ts";
import { permutation, randomStream } from "../../compiler/random/index.ts";
import type { RandomStream } from "../../compiler/registry/rows.ts";
import { keyAt } from "./cells.ts";
import { cellColumn } from "./columns.ts";
import type { Table } from "./table.ts";

export type PartName = "train" | "validation" | "test";

/** Rows of a table, in the table's order. */
export interface Rows {
  readonly table: Table;
  readonly rows: Int32Array<ArrayBuffer>;
}

/** Which rows are read. */
export interface Part {
  /** Their name in messages. */
  readonly label: string;
  /** Whether codes are learnt of them. */
  readonly training: boolean;
  /** Whether they were cut from other rows at random, so that rare values may well stand here alone. */
  readonly cut: boolean;
}

export function allRows(table: Table): Rows {
  return { table, rows: Int32Array.from({ length: table.rows }, (_, i) => i) };
}

/**
 * A section's parts. `tables` holds those that are read from files; the others are cut from them in the written order, each
 * with round(share × n) rows of the source's n rows, and never overlap. The random numbers are those of the seed and the
 * names of section and part. `strata` numbers the rows by a task's labels, from 0; -1 stands for rows without one.
 */
export function cutParts(
  section: DataSection,
  tables: ReadonlyMap<PartName, Table>,
  seed: number,
  strata: (task: string, table: Table) => Int32Array,
): ReadonlyMap<PartName, Rows> {
  /** What is left of each source, and how many rows it had. */
  const parts = new Map<PartName, { table: Table; rows: Int32Array<ArrayBuffer>; whole: number }>();
  for (const [name, table] of tables) parts.set(name, { ...allRows(table), whole: table.rows });
  const underWay: PartName[] = [];

  const cut = (name: PartName): void => {
    const source = section[name];
    if (parts.has(name) || source === null) return;
    const { share, of, stratify, group } = partSettings(source);
    const refuse = (problem: string): DiagnosticError =>
      new DiagnosticError([report(data.partOfNothing, { part: name, of, problem }, { span: source.span })]);
    if (!isPartName(of) || section[of] === null) throw refuse(`this data section has no \`${of}\``);
    if (of === name) throw refuse("it is that part itself");
    if (underWay.includes(of)) throw refuse("each would be cut from the other");
    underWay.push(name);
    cut(of);
    underWay.pop();
    const from = parts.get(of);
    if (from === undefined) throw refuse(`this data section has no \`${of}\``);
    if (stratify !== null && group !== null)
      throw new DiagnosticError([report(data.stratifyAndGroup, { part: name }, { span: source.span })]);

    const wanted = Math.round(share * from.whole);
    if (wanted >= from.rows.length)
      throw new DiagnosticError([report(data.nothingLeft, { part: name, of }, { span: source.span })]);
    const random = randomStream(seed, `data/${section.name ?? ""}/${name}`);
    const taken =
      group !== null
        ? takeGroups(from, group, wanted, random, source)
        : takeStrata(from.rows, stratify === null ? null : strata(stratify, from.table), wanted, random);
    const chosen = new Set(taken);
    if (chosen.size === 0) {
      const holes = { part: name, share, of, rows: from.whole, grouped: group !== null };
      throw new DiagnosticError([report(data.emptyPart, holes, { span: source.span })]);
    }
    if (chosen.size >= from.rows.length)
      throw new DiagnosticError([report(data.nothingLeft, { part: name, of }, { span: source.span })]);
    parts.set(of, { ...from, rows: from.rows.filter((row) => !chosen.has(row)) });
    const rows = from.rows.filter((row) => chosen.has(row));
    parts.set(name, { table: from.table, rows, whole: rows.length });
  };
  for (const name of section.order) cut(name);
  return parts;
}

interface PartSettings {
  readonly share: number;
  readonly of: string;
  readonly stratify: string | null;
  readonly group: string | null;
}

function partSettings(source: Source): PartSettings {
  const { share, of = "train", stratify = null, group = null } = source.settings;
  if (
    typeof share !== "number" ||
    typeof of !== "string" ||
    (typeof stratify !== "string" && stratify !== null) ||
    (typeof group !== "string" && group !== null)
  )
    throw new Error(`settings of a part were expected, not ${JSON.stringify(source.settings)}`);
  return { share, of, stratify, group };
}

function isPartName(name: string): name is PartName {
  return name === "train" || name === "validation" || name === "test";
}

/** `count` of the rows at random; of each stratum its share, so that the whole comes to `count` (largest remainders first). */
function takeStrata(
  rows: Int32Array,
  strata: Int32Array | null,
  count: number,
  random: RandomStream,
): readonly number[] {
  const groups = new Map<number, number[]>();
  for (const row of rows) {
    const stratum = strata === null ? 0 : strata[row];
    const members = groups.get(stratum);
    if (members === undefined) groups.set(stratum, [row]);
    else members.push(row);
  }
  const ordered = [...groups.entries()].sort(([a], [b]) => a - b).map(([, members]) => members);
  const quotas = ordered.map((members) => (count * members.length) / rows.length);
  const sizes = quotas.map(Math.floor);
  const left = count - sizes.reduce((sum, size) => sum + size, 0);
  quotas
    .map((quota, i) => ({ i, remainder: quota - sizes[i] }))
    .sort((a, b) => b.remainder - a.remainder || a.i - b.i)
    .slice(0, left)
    .forEach(({ i }) => sizes[i]++);
  return ordered.flatMap((members, i) =>
    Array.from(permutation(random, members.length).subarray(0, sizes[i]), (k) => members[k]),
  );
}

/**
 * Whole groups in random order while they fit; then one more if that comes nearer to `count`. Rows without a group are one
 * group together, so that they never stand on both sides.
 */
function takeGroups(
  from: Rows,
  column: string,
  count: number,
  random: RandomStream,
  source: Source,
): readonly number[] {
  const cells = cellColumn(from.table, column, source.spans?.group ?? source.span);
  const members = new Map<string | number | null, number[]>();
  for (const row of from.rows) {
    const key = keyAt(cells, row);
    const rows = members.get(key);
    if (rows === undefined) members.set(key, [row]);
    else rows.push(row);
  }
  const groups = [...members.values()];
  const order = Array.from(permutation(random, groups.length), (i) => groups[i]);
  const taken: number[] = [];
  const passed: number[][] = [];
  for (const group of order) {
    if (taken.length + group.length <= count) for (const row of group) taken.push(row);
    else passed.push(group);
  }
  const smallest = passed.reduce<number[] | null>(
    (best, group) => (best === null || group.length < best.length ? group : best),
    null,
  );
  const short = count - taken.length;
  // A tie goes to the larger part, as in rounding; but something must be left.
  if (smallest !== null && smallest.length - short <= short && passed.length > 1)
    for (const row of smallest) taken.push(row);
  return taken;
}
