import { gzipSync } from "node:zlib";
import { expect } from "vitest";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/ir/model.ts";
import type { RandomStream } from "../../compiler/registry/rows.ts";
import { readHead } from "../../runtime/data/heads.ts";
import { readTable } from "../../runtime/data/sources.ts";
import type { Table } from "../../runtime/data/table.ts";
import { floats, idx, npy, zip } from "./data-archives.ts";
import { accidentIn } from "../compiler/accidents.ts";
import { source } from "./data-fixtures.ts";

/** Files of every format that data comes in, and what may happen to them on their way. */

export interface DataFile {
  readonly name: string;
  readonly of: Source;
  readonly bytes: Buffer;
  /** A checksum guards what the file holds: a changed one is refused, or reads as the right table. */
  readonly guarded: boolean;
}

const arrays = {
  "x.npy": npy("<f4", [4, 3], floats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)),
  "label.npy": npy("|u1", [4], Buffer.of(0, 1, 2, 3)),
  "name.npy": npy("<U3", [4], Buffer.from(Uint32Array.from({ length: 12 }, (_, i) => 97 + i).buffer)),
};
const rows = Array.from({ length: 12 }, (_, i) => ({ a: i / 4, b: `w${i % 3}`, v: [i, i + 1], m: [[i], [2]] }));
const cells = (mark: string): string => rows.map(({ a, b }) => `${a}${mark}"${b}"${mark}é`).join("\n");
const sentences = "# intent = play\nsome\tO\nmusic\tB-what\n\n# intent = stop\nquiet\tO\nplease\tO\nnow\tB-when\n\n";
const conll = (name: string): Source =>
  source("conll", { path: name, columns: ["words", "slot"], comments: ["intent"] });

function file(word: string, name: string, bytes: Buffer, guarded = false): DataFile {
  return {
    name,
    of: word === "conll" ? conll(name) : source(word, word === "idx" ? { x: name } : { path: name }),
    bytes,
    guarded,
  };
}

export const dataFiles: readonly DataFile[] = [
  file("npz", "stored.npz", zip(arrays), true),
  file("npz", "deflated.npz", zip(arrays, true), true),
  file("idx", "x.idx", idx(0x0d, [4, 3], floats(...Array.from({ length: 12 }, (_, i) => i)))),
  file("idx", "packed.idx.gz", gzipSync(idx(8, [4, 3], Buffer.from("abcdefghijkl"))), true),
  file("csv", "t.csv", Buffer.from(`a,b,c\n${cells(",")}\n`)),
  file("csv", "t.csv.gz", gzipSync(`a,b,c\n${cells(",")}\n`), true),
  file("tsv", "t.tsv", Buffer.from(`a\tb\tc\n${cells("\t")}\n`)),
  file("json", "t.json", Buffer.from(JSON.stringify(rows))),
  file("json", "t.json.gz", gzipSync(JSON.stringify(rows)), true),
  file("jsonl", "t.jsonl", Buffer.from(rows.map((row) => JSON.stringify(row)).join("\n"))),
  file("conll", "t.conll", Buffer.from(sentences)),
  file("conll", "t.conll.gz", gzipSync(sentences), true),
];

/** Bytes that are cut off, overwritten, doubled, left out or put elsewhere. */
export function mutated(random: RandomStream, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  switch (random.below(6)) {
    case 0:
      return copy.subarray(0, random.below(copy.length));
    case 1:
      for (let i = 0; i <= random.below(4); i++) copy[random.below(copy.length)] = random.below(256);
      return copy;
    case 2: {
      // A stretch doubled or left out.
      const [from, to] = [random.below(copy.length), random.below(copy.length)].sort((a, b) => a - b);
      return random.below(2) === 0
        ? Buffer.concat([copy.subarray(0, to), copy.subarray(from)])
        : Buffer.concat([copy.subarray(0, from), copy.subarray(to)]);
    }
    case 3: {
      // Numbers, of bytes or of digits, that claim as much as they can.
      const at = random.below(copy.length);
      copy.fill(random.below(2) === 0 ? 0xff : 0x39, at, Math.min(copy.length, at + 1 + random.below(8)));
      return copy;
    }
    case 4: {
      const at = random.below(copy.length);
      const marks = ["\0", '"', ",", "\n", "[", "{", "}", "]", "\u{FEFF}", "é", "1e999", "-", "\r", "\t"];
      return Buffer.concat([copy.subarray(0, at), Buffer.from(marks[random.below(marks.length)]), copy.subarray(at)]);
    }
    default:
      copy[random.below(copy.length)] ^= 1 << random.below(8);
      return copy;
  }
}

/** Every column has as many cells as the table has rows, and can be looked at. */
export function assertSound(table: Table): void {
  expect(table.rows).toBeGreaterThan(0);
  for (const column of table.columns.values()) {
    switch (column.kind) {
      case "number":
        expect(column.values.length).toBe(table.rows);
        break;
      case "text":
        expect(column.codes.length).toBe(table.rows);
        expect(column.codes.every((code) => code >= -1 && code < column.words.length)).toBe(true);
        break;
      case "array":
        expect(column.values.length).toBe(table.rows * column.shape.reduce((a, b) => a * b, 1));
        break;
      case "list":
        expect(column.lists.length).toBe(table.rows);
    }
  }
}

/**
 * Reads a file with something wrong in it, whole or only its head. Throws where it neither gives a sound table nor a diagnostic that
 * names the file; true where it was refused.
 */
export async function readGarbled(
  { name, of, guarded, bytes }: DataFile,
  folder: string,
  right: Table,
  head: boolean,
): Promise<boolean> {
  try {
    if (head) return (await readHead(of, folder)) === null;
    const table = await readTable(of, folder);
    assertSound(table);
    if (guarded) expect(table).toEqual(right);
    return false;
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    expect(error.message).toContain(name);
    const written = bytes.toString("latin1");
    expect(error.diagnostics.map((each) => accidentIn(each, written)).filter((each) => each !== null)).toEqual([]);
    return true;
  }
}
