import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { DataDescription } from "../../runtime/generated/description.ts";
import { readNetwork } from "../../runtime/generated/files.ts";
import { encodeExamples } from "../../runtime/generated/rows.ts";

/** What callers of a generated module hand over: examples, and folders of networks. */

const folder = mkdtempSync(join(tmpdir(), "mtlc-networks-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const data: DataDescription = {
  inputs: { beak: { kind: "numbers", from: ["length", "depth"] } },
  tasks: { mass: { kind: "real" } },
  rows: { train: { source: "csv", path: "rows.csv" } },
};
const codes = { schema: 1, inputs: { beak: {} }, tasks: { mass: {} } } as const;
const encode = (...examples: object[]) => encodeExamples(data, codes, examples);

describe("examples", () => {
  it("may be none", () => {
    expect(encode().rows).toBe(0);
    expect(encode({ beak: [1, 2] }).inputs.beak).toEqual(Float32Array.of(1, 2));
  });

  it("are refused where a list is too short, too long, or none, by number and name", () => {
    expect(() => encode({ beak: [1, 2] }, { beak: [1] })).toThrow(
      "`beak` of example 2 is a list of 2 numbers, and 1 were given",
    );
    expect(() => encode({ beak: [1, 2, 3] })).toThrow("`beak` of example 1 is a list of 2 numbers, and 3 were given");
    expect(() => encode({ beak: 3 })).toThrow("`beak` of example 1 is a list of 2 numbers, and no list was given");
  });
});

describe("what is no example", () => {
  it.each(["null", "3", '"x"', "[1, 2]"])("as %s is refused by its number", (wrong) => {
    const examples: object[] = JSON.parse(`[{ "beak": [1, 2] }, ${wrong}]`);
    expect(() => encode(...examples)).toThrow("example 2 is no object with the values of inputs");
  });

  it.each(["null", '{ "beak": [1, 2] }'])("as %s in place of a list is refused", (wrong) => {
    const examples: object[] = JSON.parse(wrong);
    expect(() => encodeExamples(data, codes, examples)).toThrow("examples come in a list");
  });
});

describe("a folder of a network", () => {
  it("that is not there, is a file, or lacks one of its files is named, with what belongs there", async () => {
    const wanted = "leaves codes.json and model.safetensors in a folder";
    const [nowhere, file, empty, half] = ["nowhere", "file", "empty", "half"].map((name) => join(folder, name));
    writeFileSync(file, "");
    for (const made of [empty, half]) mkdirSync(made);
    writeFileSync(join(half, "codes.json"), JSON.stringify(codes));
    for (const [path, problem] of [
      [nowhere, "it is not there"],
      [file, "it is a file"],
      [empty, "it has no codes.json"],
      [half, "it has no model.safetensors"],
    ]) {
      const refused = readNetwork(path);
      await expect(refused).rejects.toThrow(`\`${path}\` holds no network: ${problem}`);
      await expect(refused).rejects.toThrow(wanted);
    }
  });

  it.each(["{", "[]", '{"schema":1}'])("whose codes.json holds %s is refused by its name", async (text) => {
    writeFileSync(join(folder, "codes.json"), text);
    await expect(readNetwork(folder)).rejects.toThrow("codes.json does not hold what a network has learnt");
  });
});
