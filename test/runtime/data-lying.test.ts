import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Source } from "../../compiler/ir/model.ts";
import { readHead } from "../../runtime/data/heads.ts";
import { readTable } from "../../runtime/data/sources.ts";
import { floats, idx, npy, zip } from "./data-archives.ts";
import { failures, folder, source } from "./data-fixtures.ts";

/** Headers that claim what cannot be: refused by the file's name, at once, and before memory is taken for it. */
const { path, write } = folder();

const twelve = floats(...Array.from({ length: 12 }, (_, k) => k));
const array = (shape: string): Buffer => {
  const bytes = npy("<f4", [4, 3], twelve);
  const header = bytes.toString("latin1").replace(/\(4, 3,?\)/, `(${shape})`);
  const start = header.indexOf("{");
  const text = header.slice(start, header.length - twelve.length);
  const length = Buffer.alloc(2);
  length.writeUInt16LE(text.length);
  return Buffer.concat([bytes.subarray(0, 8), length, Buffer.from(text, "latin1"), twelve]);
};
const images = (...shape: number[]): Buffer => idx(0x0d, shape, twelve);
const most = 2 ** 32 - 1;

const archive = (shape: string, deflate = false): Buffer => zip({ "x.npy": array(shape) }, deflate);
/** An archive whose directory says that its entry has so many bytes unpacked. */
function swollen(size: number): Buffer {
  const bytes = zip({ "x.npy": npy("<f4", [4, 3], twelve) }, true);
  bytes.writeUInt32LE(size, bytes.lastIndexOf("PK\x01\x02") + 24);
  return bytes;
}

const cases: readonly [string, Source, Buffer, RegExp][] = [
  [
    "an idx of 2^40 numbers",
    source("idx", { x: "a.idx" }),
    images(2 ** 20, 2 ** 20),
    /a\.idx.*4398046511104 bytes are promised, 48/,
  ],
  [
    "an idx of more than can be counted",
    source("idx", { x: "b.idx" }),
    images(most, most, most, most),
    /b\.idx.*are promised, 48/,
  ],
  [
    "a packed idx of 2^40 numbers",
    source("idx", { x: "c.idx.gz" }),
    gzipSync(images(2 ** 20, 2 ** 20)),
    /c\.idx\.gz.*are promised, 48/,
  ],
  ["an idx of no numbers", source("idx", { x: "d.idx" }), images(12, 0), /d\.idx/],
  [
    "an npz of 2^40 numbers",
    source("npz", { path: "a.npz" }),
    archive("1099511627776,"),
    /a\.npz.*header promises 4398046511104 bytes, 48/,
  ],
  [
    "a packed npz of 2^40 rows of one",
    source("npz", { path: "b.npz" }),
    archive("1099511627776, 1", true),
    /b\.npz.*promises/,
  ],
  [
    "an npz of 2^80 numbers",
    source("npz", { path: "c.npz" }),
    archive("1099511627776, 1099511627776"),
    /c\.npz.*a shape that cannot be/,
  ],
  [
    "an npz of axes beyond any number",
    source("npz", { path: "d.npz" }),
    archive(`${"9".repeat(400)},`),
    /d\.npz.*a shape that cannot be/,
  ],
  ["an npz of negative axes", source("npz", { path: "e.npz" }), archive("-4, -3"), /e\.npz.*cannot be understood/],
  ["an npz of no numbers and 2^40 rows", source("npz", { path: "f.npz" }), archive("1099511627776, 0"), /f\.npz/],
  ["an npz that unpacks to 4 GB", source("npz", { path: "g.npz" }), swollen(2 ** 32 - 2), /g\.npz.*which cannot be/],
  ["an npz that unpacks to a byte more", source("npz", { path: "h.npz" }), swollen(177), /h\.npz/],
];

describe.each(cases)("%s", (_, of, bytes, message) => {
  it("is refused", async () => {
    const [name] = Object.values(of.settings);
    write(String(name), bytes);
    const before = process.memoryUsage().rss;
    const [{ message: said }] = await failures(() => readTable(of, path));
    expect(said).toMatch(message);
    // A head says the same, or shows what the header claims; either way it reads no further.
    await readHead(of, path).catch(() => undefined);
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  });
});
