import { floats, npy, zip } from "../runtime/data-archives.ts";
import { Draw } from "./draw.ts";

/** Small random models with files of rows for them, good and bad: cells, columns, shapes, lengths, formats. */

export interface DataProgram {
  readonly text: string;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
}

type Row = Record<string, unknown>;
interface Part {
  /** Lines of the model; `name` is the declaration's. */
  readonly declare: (name: string, key: string) => string;
  readonly cell: (draw: Draw, row: { readonly tokens: number }) => unknown;
  /** Columns that the one cell is, where it is an array that may also be spread. */
  readonly width?: number;
  readonly lists?: true;
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
const slot = task(
  "class[words]",
  (draw, { tokens: count }) => Array.from({ length: count }, () => draw.pick(["A", "B"])),
  { lists: true },
);

/** Cells that belong nowhere, or not everywhere. */
const strange: readonly unknown[] = [
  ...["?", "", "1,000", "2024-01-05", "seven", "true", "1e999", null, 7, -1, 0.5, 1e300, true],
  ...[[1], [1, 2], [1, 2, 3], [[1, 2]], ["a"], ["a", "b"], []],
];

const formats = ["csv", "semicolons", "tsv", "json", "jsonl", "npz"] as const;
type Format = (typeof formats)[number];

export function randomTables(seed: number): DataProgram {
  const draw = new Draw(seed, "tables");
  const format = draw.pick(formats);
  const isFlat = format === "csv" || format === "semicolons" || format === "tsv";
  const withTokens = !isFlat && format !== "npz" && draw.chance(0.4);
  const columns: { name: string; part: Part; lines: string }[] = [];
  const add = (name: string, part: Part): void => {
    const spread = part.width !== undefined && (isFlat || draw.chance(0.3));
    const names = spread ? Array.from({ length: part.width ?? 0 }, (_, k) => `${name}_${k}`) : [name];
    const key = names.length === 1 ? `"${name}"` : `[${names.map((each) => `"${each}"`).join(", ")}]`;
    columns.push({ name, part: { ...part, ...(!spread && { width: undefined }) }, lines: part.declare(name, key) });
  };
  add("x", draw.pick(inputs));
  if (draw.chance(0.5)) add("z", draw.pick(inputs));
  if (withTokens) add("words", tokens);
  add("y", draw.pick(tasks));
  if (draw.chance(0.5)) add("q", draw.pick(tasks));
  if (withTokens) add("slot", slot);

  const count = draw.chance(0.3) ? 120 : 12;
  const row = (): Row => {
    const facts = { tokens: draw.between(1, 5) };
    return Object.fromEntries(
      columns.flatMap(({ name, part }): [string, unknown][] => {
        const cell = part.cell(draw, facts);
        return part.width === undefined || !Array.isArray(cell)
          ? [[name, cell]]
          : Array.from(cell, (each, k): [string, unknown] => [`${name}_${k}`, each]);
      }),
    );
  };
  const table = (rows: number): Row[] => spoiled(Array.from({ length: rows }, row), draw, format);
  const extension = format === "semicolons" ? "csv" : format;
  const source = (name: string): string =>
    format === "semicolons"
      ? `csv("${name}", separator: ";", decimal: ",")`
      : `${extension}("${name}"${draw.chance(0.2) ? ', missing: ["?"]' : ""})`;
  const stratified =
    columns.some(({ lines }) => /^task y: (?:class|flag|count|ordinal)\b(?!s)/.test(lines)) && draw.chance(0.3);
  const parts: string[] = [`train: ${source(`train.${extension}`)}`];
  const files: Record<string, string | Uint8Array> = { [`train.${extension}`]: written(table(count), format) };
  if (draw.chance(0.3)) parts.push(`test: part(0.2, of: train${stratified ? ", stratify: y" : ""})`);
  if (draw.chance(0.4)) {
    parts.push(`validation: ${source(`other.${extension}`)}`);
    files[`other.${extension}`] = written(table(6), format);
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
    ...columns.map(({ name, lines }) => lines.replace("HEAD", name === "slot" ? "words -> embed(2) -> dense" : head)),
    `train { epochs: 1${stop ? ", stop: early(patience: 1)" : ""} }`,
    `data { ${parts.join(", ")} }`,
  ].join("\n");
  return { text: draw.chance(0.15) ? text.replace('"y', '"yy') : text, files };
}

function flattened(name: string, lines: string): string {
  return lines.includes(": category") || lines.includes(": i32")
    ? `(${name} -> embed(2${lines.includes("i32") ? ", codes: 6" : ""}))`
    : name;
}

/** The rows with a slip or two, or none. */
function spoiled(rows: Row[], draw: Draw, format: Format): Row[] {
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
    () => (rows.length = format === "npz" ? 1 : 0),
  ];
  draw.pick(slips)();
  return rows;
}

function written(rows: readonly Row[], format: Format): string | Uint8Array {
  switch (format) {
    case "json":
      return JSON.stringify(rows);
    case "jsonl":
      return rows.map((row) => JSON.stringify(row)).join("\n");
    case "npz":
      return arrays(rows);
    default:
      return delimited(rows, format === "csv" ? "," : format === "tsv" ? "\t" : ";");
  }
}

function delimited(rows: readonly Row[], mark: string): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (value: unknown): string => {
    const plain =
      value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
    const text = mark === ";" && typeof value === "number" ? plain.replace(".", ",") : plain;
    return /[",;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [names.join(mark), ...rows.map((row) => names.map((name) => cell(row[name])).join(mark)), ""].join("\n");
}

/** Columns as arrays: numbers, or texts of one letter's width more than the longest. */
function arrays(rows: readonly Row[]): Uint8Array {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const files: Record<string, Uint8Array> = {};
  for (const name of names) {
    const cells = rows.map((row) => row[name]).filter((cell) => cell !== undefined);
    const first = cells.find((cell) => cell !== null);
    const shape = Array.isArray(first) ? [first.flat().length] : [];
    const flat = cells.flatMap((cell) => (Array.isArray(cell) ? cell.flat() : [cell]));
    if (flat.length !== cells.length * (shape[0] ?? 1) || flat.length === 0) continue;
    const isText = flat.some((each) => typeof each === "string");
    if (!isText)
      files[`${name}.npy`] = npy("<f4", [cells.length, ...shape], floats(...flat.map((each) => Number(each ?? NaN))));
    else {
      const body = Buffer.alloc(flat.length * 12 * 4);
      flat.forEach((each, at) =>
        [...String(each ?? "").slice(0, 12)].forEach((letter, k) =>
          body.writeUInt32LE(letter.codePointAt(0) ?? 0, (at * 12 + k) * 4),
        ),
      );
      files[`${name}.npy`] = npy("<U12", [cells.length, ...shape], body);
    }
  }
  return zip(files);
}
