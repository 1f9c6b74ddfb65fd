import { npy, zip } from "../runtime/data-archives.ts";
import { Draw } from "./draw.ts";

/** One random table, written in every format, each cell in one of the spellings that the format has for it. */

export const formats = ["csv", "tsv", "json", "jsonl", "npz", "module"] as const;
export type Format = (typeof formats)[number];

/** What a cell means; null where it is empty. A `key` is a whole number of any length, a `code` digits to the letter. */
export type Meaning =
  | { readonly kind: "word" | "code"; readonly value: string }
  | { readonly kind: "truth"; readonly value: boolean }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "key"; readonly value: bigint };
export type Meanings = Readonly<Record<string, readonly (Meaning | null)[]>>;

const words = ["elm", "Fir", "blåbær", "two words", "x,y", 'a "b"', "0x10", "1_000", "yes", "-"];
const codes = ["007", "+7", "0000", "1.5.1"];
const keys = [7n, 8n, 9007199254740991n, 9007199254740992n, 9007199254740993n, 12345678901234567891n];
/** Of 64 bits with a sign too. */
const few = keys.slice(0, 5);

export function randomTable(seed: number): Meanings {
  const draw = new Draw(seed, "formats");
  const rows = draw.between(6, 14);
  const column = (meaning: () => Meaning, empty: number): (Meaning | null)[] =>
    Array.from({ length: rows }, (_, row) => (row > 1 && draw.chance(empty) ? null : meaning()));
  const truth = (): Meaning => ({ kind: "truth", value: draw.chance(0.5) });
  const number = (): Meaning => ({ kind: "number", value: draw.between(-640, 640) / draw.pick([1, 64]) });
  const known = draw.chance(0.5) ? keys : few;
  const gaps = draw.pick([0, 0.3]);
  return {
    word: column(() => ({ kind: "word", value: draw.pick(words) }), gaps),
    truth: column(truth, gaps),
    heavy: column(truth, 0),
    number: column(number, gaps),
    key: column(() => ({ kind: "key", value: draw.pick(known) }), gaps),
    code: column(
      () =>
        draw.chance(0.5) ? { kind: "code", value: draw.pick(codes) } : { kind: "number", value: draw.pick([7, 8, 0]) },
      gaps,
    ),
  };
}

export function written(table: Meanings, format: Format, seed: number): string | Uint8Array {
  const draw = new Draw(seed, `${format} spelling`);
  const names = Object.keys(table);
  const rows = Array.from({ length: table.word.length }, (_, row) => names.map((name) => table[name][row]));
  switch (format) {
    case "csv":
    case "tsv": {
      const mark = format === "csv" ? "," : "\t";
      return [names.join(mark), ...rows.map((cells) => cells.map((cell) => inText(draw, cell)).join(mark)), ""].join(
        "\n",
      );
    }
    case "json":
    case "jsonl": {
      const objects = rows.map((cells) => `{${cells.flatMap((cell, k) => inJson(draw, names[k], cell)).join(",")}}`);
      return format === "json" ? `[${objects.join(",\n")}]` : objects.join("\n");
    }
    case "module": {
      const objects = rows.map(
        (cells) => `{${names.map((name, k) => `${name}: ${inCode(draw, cells[k])}`).join(",")}}`,
      );
      return `export default () => [${objects.join(",\n")}];`;
    }
    case "npz":
      return zip(Object.fromEntries(names.map((name) => [`${name}.npy`, array(table[name], draw)])));
  }
}

function inText(draw: Draw, cell: Meaning | null): string {
  const text = textOf(draw, cell);
  const padded = draw.chance(0.2) ? ` ${text} ` : text;
  return /[",]/.test(text) || draw.chance(0.2) ? `"${padded.replaceAll('"', '""')}"` : padded;
}

/** In letters. */
function textOf(draw: Draw, cell: Meaning | null): string {
  if (cell === null) return draw.pick(["", "NaN", "nan"]);
  switch (cell.kind) {
    case "truth":
      return draw.pick(cell.value ? ["True", "true", "TRUE"] : ["False", "false", "FALSE"]);
    case "number":
      return draw.pick([String(cell.value), cell.value.toFixed(8), cell.value.toExponential()]);
    default:
      return String(cell.value);
  }
}

function inJson(draw: Draw, name: string, cell: Meaning | null): string[] {
  if (cell === null) return draw.pick([[], [`"${name}":null`], [`"${name}":""`], [`"${name}":NaN`]]);
  const isLetters = cell.kind === "word" || cell.kind === "code" || draw.chance(0.2);
  const value = isLetters ? JSON.stringify(textOf(draw, cell)) : String(cell.value);
  return [`"${name}":${value}`];
}

function inCode(draw: Draw, cell: Meaning | null): string {
  if (cell === null) return draw.pick(["null", "undefined", "NaN", '" "']);
  if (cell.kind === "key") return draw.chance(0.8) ? `${cell.value}n` : `"${cell.value}"`;
  return cell.kind === "word" || cell.kind === "code" ? JSON.stringify(cell.value) : String(cell.value);
}

function array(cells: readonly (Meaning | null)[], draw: Draw): Buffer {
  const every = (kind: Meaning["kind"]): boolean => cells.every((cell) => cell?.kind === kind);
  if (every("truth"))
    return npy(
      "|b1",
      [cells.length],
      Uint8Array.from(cells, (cell) => (cell?.value ? 1 : 0)),
    );
  if (cells.every((cell) => cell === null || cell.kind === "number"))
    return npy("<f8", [cells.length], bytesOf(Float64Array.from(cells, (cell) => Number(cell?.value ?? NaN))));
  if (every("key")) {
    const values = cells.map((cell) => BigInt(cell?.value ?? 0));
    return values.some((value) => value > 2n ** 63n)
      ? npy("<u8", [cells.length], bytesOf(BigUint64Array.from(values)))
      : npy("<i8", [cells.length], bytesOf(BigInt64Array.from(values)));
  }
  const texts = cells.map((cell) => [...textOf(draw, cell)]);
  const width = Math.max(1, ...texts.map((text) => text.length));
  const points = texts.flatMap((text) => Array.from({ length: width }, (_, k) => text[k]?.codePointAt(0) ?? 0));
  return npy(`<U${width}`, [cells.length], bytesOf(Uint32Array.from(points)));
}

function bytesOf(values: { readonly buffer: ArrayBuffer }): Uint8Array {
  return new Uint8Array(values.buffer);
}
