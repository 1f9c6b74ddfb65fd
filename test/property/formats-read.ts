import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { BoundData } from "../../runtime/data/data.ts";
import { prepare } from "../../src/project/prepare.ts";
import { folderOf, sourceOf } from "../runtime/small-training.ts";
import { formats, randomTable, written, type Format, type Meaning, type Meanings } from "./formats.ts";

/** A table means the same in every format, and what it means follows from the table itself. */

const body = `model Formats
input number: f32 { fill: 0 }
input heavy: f32
input truth: category
input key: category
input code: category
input text: tokens(2) { from: "word" }
input word: category
shared h = concat(number, heavy, truth -> embed(2), key -> embed(2), code -> embed(2), text -> embed(2) -> mean_pool, word -> embed(2))
task which: class { head: h -> dense, target: "key" }
task sort: class { head: h -> dense, target: "truth" }
task yes: flag { head: h -> dense, target: "truth" }
task amount: real { head: h -> dense, target: "number", row_weight: "heavy" }
train { epochs: 1 }
`;

export function programOf(format: Format): string {
  const [word, file] = format === "module" ? ["module", "./rows.mjs"] : [format, `rows.${format}`];
  return `${body}data { train: ${word}("${file}") }`;
}

export function fileOf(format: Format): string {
  return format === "module" ? "rows.mjs" : `rows.${format}`;
}

/** A folder with the table in every format. */
export function filesOf(table: Meanings, seed: number): string {
  const folder = folderOf({});
  for (const format of formats) writeFileSync(join(folder, fileOf(format)), written(table, format, seed));
  return folder;
}

async function bound(format: Format, folder: string): Promise<BoundData> {
  const source = sourceOf(programOf(format), {});
  return (await prepare({ ...source, folder, file: join(folder, "model.mtl") })).data;
}

export async function checkFormats(seed: number): Promise<void> {
  const table = randomTable(seed);
  const folder = filesOf(table, seed);
  for (const format of formats) {
    const { codes, sections } = await bound(format, folder);
    const { inputs, targets } = sections[0].train;
    const place = `seed ${seed}, ${format}`;
    const category = (name: string): void => {
      const values = meaningsIn(table[name]);
      expect(codes.inputs[name].categories, `${place}: ${name}`).toEqual(values);
      expect([...inputs[name]], `${place}: ${name}`).toEqual(
        table[name].map((cell) => (cell === null ? 0 : values.indexOf(asCell(cell)) + 1)),
      );
    };
    for (const name of ["truth", "key", "code", "word"]) category(name);
    expect([...inputs.number], place).toEqual(table.number.map((cell) => Number(cell?.value ?? 0)));
    expect([...inputs.heavy], place).toEqual(table.heavy.map((cell) => (cell?.value ? 1 : 0)));
    expect([...targets.yes.values], place).toEqual(table.truth.map((cell) => (cell?.value ? 1 : 0)));
    expect([...targets.yes.weight], place).toEqual(table.truth.map((cell) => (cell === null ? 0 : 1)));
    expect(codes.tasks.sort.labels, place).toEqual(meaningsIn(table.truth));
    expect(codes.tasks.which.labels, place).toEqual(meaningsIn(table.key));
    expect([...targets.amount.weight], place).toEqual(
      table.number.map((cell, row) => (cell !== null && table.heavy[row]?.value ? 1 : 0)),
    );
    const tokens = codes.inputs.text.tokens ?? [];
    const firsts = [...inputs.text].filter((_, k) => k % 2 === 0);
    expect(firsts.map((code) => tokens[code])).toEqual(
      table.word.map((cell) => (cell === null ? "<padding>" : /[\p{L}\p{N}_]+|[^\s]/u.exec(String(cell.value))?.[0])),
    );
  }
}

type Cell = string | number | boolean;

/** A cell as codes hold it: long keys and digits to the letter are texts. */
function asCell({ kind, value }: Meaning): Cell {
  if (kind === "key") return value > 9007199254740991n ? String(value) : Number(value);
  return value;
}

/** Each value once: as numbers where all read as numbers, else by code point. */
function meaningsIn(cells: readonly (Meaning | null)[]): Cell[] {
  const values = [...new Set(cells.flatMap((cell) => (cell === null ? [] : [asCell(cell)])))];
  const isNumeric = values.every((value) => typeof value !== "string" || /^\+?\d+$/.test(value));
  const number = (value: Cell): number => (isNumeric ? Number(value) : 0);
  const points = (value: Cell): string =>
    [...String(value)].map((c) => c.codePointAt(0)!.toString(16).padStart(6, "0")).join();
  return values.sort((a, b) => number(a) - number(b) || (points(a) < points(b) ? -1 : 1));
}
