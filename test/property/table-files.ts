import { floats, idx, npy, zip } from "../runtime/data-archives.ts";
import type { Draw } from "./draw.ts";

/** Rows of a random table as files of each format, and the source that reads them. */

export type Row = Record<string, unknown>;
export type Files = Readonly<Record<string, string | Uint8Array>>;
export interface Written {
  readonly source: string;
  readonly files: Files;
}

/** What a join may be told to join on, and no table has. */
export const noKey = "key";

export const flatFormats = ["csv", "semicolons", "tsv"] as const;
export const formats = [...flatFormats, "json", "jsonl", "npz", "idx", "conll"] as const;
export type Format = (typeof formats)[number];

/** `lists`: names of the columns whose cells are lists along the tokens of their row. */
export function written(
  rows: readonly Row[],
  name: string,
  format: Format,
  lists: ReadonlySet<string>,
  draw: Draw,
): Written {
  const missing = draw.chance(0.2) ? ', missing: ["?"]' : "";
  const one = (file: string, content: string | Uint8Array, settings = missing, word: string = format): Written => ({
    source: `${word}("${file}"${settings})`,
    files: { [file]: content },
  });
  switch (format) {
    case "json":
      return one(`${name}.json`, JSON.stringify(rows));
    case "jsonl":
      return one(`${name}.jsonl`, rows.map((row) => JSON.stringify(row)).join("\n"));
    case "npz":
      return one(`${name}.npz`, arrays(rows));
    case "csv":
      return one(`${name}.csv`, delimited(rows, ","));
    case "tsv":
      return one(`${name}.tsv`, delimited(rows, "\t"));
    case "semicolons":
      return one(`${name}.csv`, delimited(rows, ";"), ', separator: ";", decimal: ","', "csv");
    case "idx": {
      const names = namesOf(rows);
      const all = (names.length > 0 ? names : ["x"]).map((column) => ({
        column,
        file: `${name}-${column}.idx`,
        bytes: idxOf(rows, column),
      }));
      const source = `idx(${all.map(({ column, file }) => `${column}: "${file}"`).join(", ")})`;
      return { source, files: Object.fromEntries(all.map(({ file, bytes }) => [file, bytes])) };
    }
    case "conll": {
      const names = namesOf(rows);
      const found = names.filter((column) => lists.has(column));
      const along = found.length > 0 ? found : ["words"];
      const said = names.filter((column) => !lists.has(column));
      const settings = `, columns: [${along.map(quoted).join(", ")}], comments: [${said.map(quoted).join(", ")}]`;
      return one(`${name}.conll`, sentences(rows, along, said), settings);
    }
  }
}

/** A table in two files, joined by a key or side by side; `slip` decides what is wrong with them. */
export function together(
  rows: readonly Row[],
  name: string,
  [left, right]: readonly [Format, Format],
  word: "join" | "beside",
  lists: ReadonlySet<string>,
  draw: Draw,
): Written {
  const names = namesOf(rows);
  const cut = draw.between(1, Math.max(1, names.length - 1));
  const some = (row: Row, own: readonly string[]): Row =>
    Object.fromEntries(own.flatMap((column) => (column in row ? [[column, row[column]] as const] : [])));
  const key = (row: number): Row => (word === "join" ? { id: draw.chance(0.02) ? null : `k${row}` } : {});
  const lefts = rows.map((row, k) => ({ ...key(k), ...some(row, names.slice(0, cut)) }));
  const rights = rows.map((row, k) => ({ ...key(k), ...some(row, names.slice(cut)) }));
  const slip = draw.below(8);
  if (slip === 0) rights.pop();
  if (slip === 1) rights.push({ ...rights[0] });
  if (slip === 2) rights.forEach((row, k) => Object.assign(row, { [names[0]]: lefts[k][names[0]] }));
  if (slip === 3) rights.reverse();
  const files = [written(lefts, `${name}-a`, left, lists, draw), written(rights, `${name}-b`, right, lists, draw)];
  const on = word === "join" ? `, on: "${draw.chance(0.05) ? noKey : "id"}"` : "";
  return {
    source: `${word}(${files.map(({ source }) => source).join(", ")}${on})`,
    files: { ...files[0].files, ...files[1].files },
  };
}

function namesOf(rows: readonly Row[]): string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

function quoted(name: string): string {
  return JSON.stringify(name);
}

function delimited(rows: readonly Row[], mark: string): string {
  const names = namesOf(rows);
  const cell = (value: unknown): string => {
    const plain =
      value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
    const text = mark === ";" && typeof value === "number" ? plain.replace(".", ",") : plain;
    return /[",;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [names.join(mark), ...rows.map((row) => names.map((name) => cell(row[name])).join(mark)), ""].join("\n");
}

function sentences(rows: readonly Row[], along: readonly string[], said: readonly string[]): string {
  const word = (value: unknown): string => (value === null || value === undefined ? "" : String(value));
  return rows
    .map((row) => {
      const lists = along.map((name) => (Array.isArray(row[name]) ? row[name] : [row[name]]));
      const length = Math.max(0, ...lists.map((list) => list.length));
      const notes = said.flatMap((name) => (name in row ? [`# ${name} = ${word(row[name])}`] : []));
      const lines = Array.from({ length }, (_, k) => lists.map((list) => word(list[k])).join("\t"));
      return [...notes, ...lines].join("\n");
    })
    .join("\n\n");
}

/** The cells of a column that a file of arrays holds, flat, and the shape of one. */
function cellsOf(rows: readonly Row[], name: string): { shape: number[]; count: number; flat: unknown[] } | null {
  const cells = rows.map((row) => row[name]).filter((cell) => cell !== undefined);
  const first = cells.find((cell) => cell !== null);
  const shape = Array.isArray(first) ? [first.flat().length] : [];
  const flat = cells.flatMap((cell) => (Array.isArray(cell) ? cell.flat() : [cell]));
  return flat.length !== cells.length * (shape[0] ?? 1) || flat.length === 0
    ? null
    : { shape, count: cells.length, flat };
}

const numberOf = (each: unknown): number => Number(each ?? NaN);

function idxOf(rows: readonly Row[], name: string): Uint8Array {
  const { shape, count, flat } = cellsOf(rows, name) ?? { shape: [], count: rows.length, flat: rows.map(() => 0) };
  const body = Buffer.alloc(4 * flat.length);
  flat.forEach((each, k) => body.writeFloatBE(numberOf(each), 4 * k));
  return idx(0x0d, [count, ...shape], body);
}

/** Columns as arrays: numbers, or texts of one letter's width more than the longest. */
function arrays(rows: readonly Row[]): Uint8Array {
  const files: Record<string, Uint8Array> = {};
  for (const name of namesOf(rows)) {
    const found = cellsOf(rows, name);
    if (found === null) continue;
    const { shape, count, flat } = found;
    if (!flat.some((each) => typeof each === "string"))
      files[`${name}.npy`] = npy("<f4", [count, ...shape], floats(...flat.map(numberOf)));
    else {
      const body = Buffer.alloc(flat.length * 12 * 4);
      flat.forEach((each, at) =>
        [...String(each ?? "").slice(0, 12)].forEach((letter, k) =>
          body.writeUInt32LE(letter.codePointAt(0) ?? 0, (at * 12 + k) * 4),
        ),
      );
      files[`${name}.npy`] = npy("<U12", [count, ...shape], body);
    }
  }
  return zip(files);
}
