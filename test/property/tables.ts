import { Draw } from "./draw.ts";
import {
  flatFormats,
  formats,
  together,
  written,
  type Files,
  type Format,
  type Row,
  type Written,
} from "./table-files.ts";

/** Small random models with files of rows for them, good and bad: cells, columns, shapes, lengths, formats. */

export interface DataProgram {
  readonly text: string;
  readonly files: Files;
  readonly formats: readonly Format[];
}

interface Part {
  /** Lines of the model; `name` is the declaration's. */
  readonly declare: (name: string, key: string) => string;
  readonly cell: (draw: Draw, row: { readonly tokens: number }) => unknown;
  /** Columns that the one cell is, where it is an array that may also be spread. */
  readonly width?: number;
  /** Its cells are lists along tokens, a list each where they are spread. */
  readonly lists?: true;
  readonly head?: string;
}

const round = (value: number): number => Math.round(value * 100) / 100;
const numbers = (draw: Draw, count: number): number[] => Array.from({ length: count }, () => round(draw.normal()));

const inputs: readonly Part[] = [
  { declare: (name, from) => `input ${name}: f32 { from: ${from} }`, cell: (draw) => round(draw.normal()) },
  {
    declare: (name, from) => `input ${name}: f32 { from: ${from}, fill: mean, scale: standard }`,
    cell: (draw) => (draw.chance(0.2) ? null : round(draw.normal())),
  },
  { declare: (name, from) => `input ${name}: f32[2] { from: ${from} }`, cell: (draw) => numbers(draw, 2), width: 2 },
  { declare: (name, from) => `input ${name}: i32 { from: ${from} }`, cell: (draw) => draw.below(5) },
  { declare: (name, from) => `input ${name}: category { from: ${from} }`, cell: (draw) => draw.pick(["a", "b", "c"]) },
];
const tokens: Part = {
  declare: (name, from) => `input ${name}: tokens(4) { from: ${from} }`,
  cell: (draw, { tokens: count }) => Array.from({ length: count }, () => draw.pick(["red", "blue", "sky"])),
  lists: true,
};
const task = (kind: string, cell: Part["cell"], more: Partial<Part> = {}): Part => ({
  declare: (name, target) => `task ${name}: ${kind} { head: HEAD, target: ${target} }`,
  cell,
  ...more,
});
const tasks: readonly Part[] = [
  task("class", (draw) => draw.pick(["elm", "fir"])),
  task("class(3)", (draw) => draw.below(3)),
  task('class(["elm", "fir"])', (draw) => draw.pick(["elm", "fir"])),
  task("flag", (draw) => draw.below(2)),
  task("flags(2)", (draw) => [draw.below(2), draw.below(2)], { width: 2 }),
  task("real", (draw) => round(draw.normal())),
  task("real[2]", (draw) => numbers(draw, 2), { width: 2 }),
  task("count", (draw) => draw.below(4)),
  task("ordinal(3)", (draw) => draw.below(3)),
  task('ordinal(["low", "mid", "high"])', (draw) => draw.pick(["low", "mid", "high"])),
  task("ordinal([3, 1, 2])", (draw) => 1 + draw.below(3)),
];
const perToken =
  (one: (draw: Draw) => unknown): Part["cell"] =>
  (draw, { tokens: count }) =>
    Array.from({ length: count }, () => (draw.chance(0.03) ? null : one(draw)));
const pair =
  (one: (draw: Draw) => unknown) =>
  (draw: Draw): unknown[] => [one(draw), one(draw)];
const slots: readonly Part[] = [
  task(
    "class[words]",
    perToken((draw) => draw.pick(["A", "B"])),
    { lists: true },
  ),
  task(
    "flag[words]",
    perToken((draw) => draw.pick(["yes", "no"])),
    { lists: true },
  ),
  task("flags(2)[words]", perToken(pair((draw) => draw.below(2))), { lists: true, width: 2 }),
  task("real[words, 2]", perToken(pair((draw) => round(draw.normal()))), { lists: true, width: 2, head: "dense(2)" }),
];

/** Cells that belong nowhere, or not everywhere. */
const strange: readonly unknown[] = [
  ...["?", "", "1,000", "2024-01-05", "seven", "true", "1e999", null, 7, -1, 0.5, 1e300, true],
  ...[[1], [1, 2], [1, 2, 3], [[1, 2]], ["a"], ["a", "b"], [], [[1, 0], [1]], [[0, 1], null], [["a"]], [1, [2]]],
];

/** The formats of one table, or of the two that it is cut into. */
function formatsOf(draw: Draw): readonly [Format] | readonly [Format, Format] {
  const pick = (): Format => draw.pick(formats.filter((format) => format !== "conll"));
  return draw.chance(0.25) ? [pick(), pick()] : [draw.pick(formats)];
}

export function randomTables(seed: number): DataProgram {
  const draw = new Draw(seed, "tables");
  const chosen = formatsOf(draw);
  const has = (...some: readonly Format[]): boolean => chosen.some((format) => some.includes(format));
  const isFlat = has(...flatFormats, "conll");
  const withTokens = has("conll") || (!has(...flatFormats, "npz", "idx") && draw.chance(0.4));
  const columns: { name: string; part: Part; lines: string }[] = [];
  const add = (name: string, part: Part): void => {
    const spread = part.width !== undefined && (isFlat || draw.chance(part.lists ? 0.5 : 0.3));
    const names = spread ? Array.from({ length: part.width ?? 0 }, (_, k) => `${name}_${k}`) : [name];
    const key = names.length === 1 ? `"${name}"` : `[${names.map((each) => `"${each}"`).join(", ")}]`;
    columns.push({ name, part: { ...part, ...(!spread && { width: undefined }) }, lines: part.declare(name, key) });
  };
  add("x", draw.pick(inputs));
  if (draw.chance(0.5)) add("z", draw.pick(inputs));
  if (withTokens) add("words", tokens);
  add("y", draw.pick(tasks));
  if (draw.chance(0.5)) add("q", draw.pick(tasks));
  if (withTokens) add("slot", draw.pick(slots));

  const count = draw.chance(0.3) ? 120 : 12;
  const row = (): Row => {
    const facts = { tokens: draw.between(1, 5) };
    return Object.fromEntries(
      columns.flatMap(({ name, part }): [string, unknown][] => {
        const cell = part.cell(draw, facts);
        return part.width === undefined || !Array.isArray(cell)
          ? [[name, cell]]
          : Array.from({ length: part.width }, (_, k) => [`${name}_${k}`, placesOf(cell, k, part.lists === true)]);
      }),
    );
  };
  const lists = new Set(columns.flatMap(({ name, part }) => (part.lists ? [name, `${name}_0`, `${name}_1`] : [])));
  const word = draw.chance(0.5) ? "join" : "beside";
  const table = (rows: number, name: string): Written => {
    const all = spoiled(Array.from({ length: rows }, row), draw, has("npz", "idx"));
    const [first, second] = chosen;
    return second === undefined
      ? written(all, name, first, lists, draw)
      : together(all, name, [first, second], word, lists, draw);
  };
  const train = table(count, "train");
  const stratified =
    columns.some(({ lines }) => /^task y: (?:class|flag|count|ordinal)\b(?!s)/.test(lines)) && draw.chance(0.3);
  const parts: string[] = [`train: ${train.source}`];
  let { files } = train;
  if (draw.chance(0.3)) parts.push(`test: part(0.2, of: train${stratified ? ", stratify: y" : ""})`);
  if (draw.chance(0.4)) {
    const other = table(6, "other");
    parts.push(`validation: ${other.source}`);
    files = { ...files, ...other.files };
  }
  const stop = parts.length > 1 && draw.chance(0.3) && parts.at(-1)?.startsWith("validation") === true;
  const head = `${columns
    .filter(({ lines }) => lines.startsWith("input"))
    .map(({ name, lines }) =>
      lines.includes("tokens(") ? `(${name} -> embed(2) -> mean_pool)` : flattened(name, lines),
    )
    .reduce((left, right) => `concat(${left}, ${right})`)} -> dense`;
  const text = [
    "model D",
    ...columns.map(({ part, lines }) =>
      lines.replace("HEAD", part.lists ? `words -> embed(2) -> ${part.head ?? "dense"}` : head),
    ),
    `train { epochs: 1${stop ? ", stop: early(patience: 1)" : ""} }`,
    `data { ${parts.join(", ")} }`,
  ].join("\n");
  return { text: draw.chance(0.15) ? text.replace('"y', '"yy') : text, files, formats: chosen };
}

/** What one of several columns holds of a cell: a number, or one of each token's. */
function placesOf(cell: readonly unknown[], at: number, isList: boolean): unknown {
  return isList ? cell.map((each) => (Array.isArray(each) ? each[at] : null)) : cell[at];
}

function flattened(name: string, lines: string): string {
  return lines.includes(": category") || lines.includes(": i32")
    ? `(${name} -> embed(2${lines.includes("i32") ? ", codes: 6" : ""}))`
    : name;
}

/** The rows with a slip or two, or none. */
function spoiled(rows: Row[], draw: Draw, isArrays: boolean): Row[] {
  if (draw.chance(0.35)) return rows;
  const name = draw.pick(Object.keys(rows[0]));
  const some = (): Row[] => (draw.chance(0.5) ? rows : [draw.pick(rows)]);
  const slips: readonly (() => void)[] = [
    () => some().forEach((row) => (row[name] = draw.pick(strange))),
    () => rows.forEach((row) => delete row[name]),
    () => rows.forEach((row) => (row[name] = null)),
    () => rows.forEach((row) => (row[`${name}s`] = row[name])),
    () => rows.slice(0, Math.floor(rows.length * 0.9)).forEach((row) => delete row[name]),
    () => rows.slice(0, Math.floor(rows.length * 0.9)).forEach((row) => (row[name] = null)),
    () => rows.forEach((row) => (row[name] = [row[name]])),
    () => rows.forEach((row) => (row[name] = Array.isArray(row[name]) ? row[name].concat(row[name]) : row[name])),
    () => some().forEach((row) => (row[name] = Array.isArray(row[name]) ? row[name].slice(1) : row[name])),
    () => (rows.length = isArrays ? 1 : 0),
  ];
  draw.pick(slips)();
  return rows;
}
