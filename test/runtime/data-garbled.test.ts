import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { randomStream } from "../../compiler/random/index.ts";
import { readHead } from "../../runtime/data/heads.ts";
import { readTable } from "../../runtime/data/sources.ts";
import type { Table } from "../../runtime/data/table.ts";
import { floats, idx, npy, zip } from "./data-archives.ts";
import { folder, source } from "./data-fixtures.ts";

/**
 * Files that are cut off, overwritten or put together wrongly: each must give an error that names the file, or a table that is
 * sound. Where a checksum guards the file, the table must be the right one.
 */
const { path, write } = folder();
const random = randomStream(7, "garbled");
const ROUNDS = 200;

function mutated(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  switch (random.below(4)) {
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
    default:
      copy[random.below(copy.length)] ^= 1 << random.below(8);
      return copy;
  }
}

/** Every column has as many cells as the table has rows, and can be looked at. */
function assertSound(table: Table): void {
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

const arrays = {
  "x.npy": npy("<f4", [4, 3], floats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)),
  "label.npy": npy("|u1", [4], Buffer.of(0, 1, 2, 3)),
  "name.npy": npy("<U3", [4], Buffer.from(Uint32Array.from({ length: 12 }, (_, i) => 97 + i).buffer)),
};
const rows = Array.from({ length: 12 }, (_, i) => ({ a: i / 4, b: `w${i % 3}`, v: [i, i + 1], m: [[i], [2]] }));
const text = rows.map(({ a, b }) => `${a},"${b}",é`).join("\n");
const sentences = rows.map(({ b }, i) => `# kind = ${b}\nä\tO\n${b}\tB-x\n${i}\tO\n`).join("\n");
const files: readonly { word: string; name: string; bytes: Buffer; guarded: boolean }[] = [
  { word: "conll", name: "t.conll", bytes: Buffer.from(sentences), guarded: false },
  { word: "conll", name: "t.conll.gz", bytes: gzipSync(sentences), guarded: true },
  { word: "npz", name: "stored.npz", bytes: zip(arrays), guarded: true },
  { word: "npz", name: "deflated.npz", bytes: zip(arrays, true), guarded: true },
  {
    word: "idx",
    name: "x.idx",
    bytes: idx(0x0d, [4, 3], floats(...Array.from({ length: 12 }, (_, i) => i))),
    guarded: false,
  },
  { word: "idx", name: "packed.idx.gz", bytes: gzipSync(idx(8, [4, 3], Buffer.from("abcdefghijkl"))), guarded: true },
  { word: "csv", name: "t.csv", bytes: Buffer.from(`a,b,c\n${text}\n`), guarded: false },
  { word: "csv", name: "t.csv.gz", bytes: gzipSync(`a,b,c\n${text}\n`), guarded: true },
  { word: "json", name: "t.json", bytes: Buffer.from(JSON.stringify(rows)), guarded: false },
  {
    word: "jsonl",
    name: "t.jsonl",
    bytes: Buffer.from(rows.map((row) => JSON.stringify(row)).join("\n")),
    guarded: false,
  },
];

describe.each(files)("$name", ({ word, name, bytes, guarded }) => {
  const conll = { path: name, columns: ["words", "tag"], comments: ["kind"] };
  const of = source(word, word === "idx" ? { x: name } : word === "conll" ? conll : { path: name });

  it("is read when it is whole", async () => {
    write(name, bytes);
    const table = await readTable(of, path);
    assertSound(table);
    const head = await readHead(of, path);
    expect(head?.columns.map((column) => column.name)).toEqual([...table.columns.keys()]);
  });

  it(`gives an error that names it, or a sound table, ${ROUNDS} times`, async () => {
    write(name, bytes);
    const right = await readTable(of, path);
    let refused = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const bad = mutated(bytes);
      write(name, bad);
      try {
        const table = await readTable(of, path);
        assertSound(table);
        if (guarded) expect(table).toEqual(right);
      } catch (error) {
        if (!(error instanceof DiagnosticError)) throw error;
        refused++;
        expect(error.message).toContain(name);
      }
      if (round % 4 === 0)
        await readHead(of, path).catch((error: unknown) => expect(error).toBeInstanceOf(DiagnosticError));
    }
    expect(refused).toBeGreaterThan(ROUNDS / 10);
  });
});
