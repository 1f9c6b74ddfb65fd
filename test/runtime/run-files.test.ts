import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { writeWhole } from "../../runtime/run/atomic.ts";
import { digest } from "../../runtime/run/digest.ts";
import { claimRunFolder, createRunFolder } from "../../runtime/run/folder.ts";
import { files } from "../../runtime/run/names.ts";
import { openRun } from "../../runtime/run/open-run.ts";
import { openLines } from "../../runtime/run/lines.ts";
import { readSafetensors, writeSafetensors, type Tensor } from "../../runtime/run/safetensors.ts";
import { keepLines } from "../../runtime/run/lines.ts";
import { writeJson, writeSources, writeState, writeWeights } from "../../runtime/run/writing.ts";
import { startOfRun } from "../../runtime/train/cursor.ts";

let base = "";
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "mtlc-run-"));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** The message of the diagnostic that `act` gives; any other end is a failure. */
function adviceOf(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics[0].help;
    throw error;
  }
  return expect.fail("it was not refused");
}

function refused(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics.map(({ message }) => message).join("\n");
    throw error;
  }
  return expect.fail("nothing was refused");
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

const tensors: ReadonlyMap<string, Tensor> = new Map([
  [
    "trunk.dense_1.kernel",
    { shape: [2, 3], data: Float32Array.from([1, -2.5, 3e-30, 4, Number.POSITIVE_INFINITY, -0]) },
  ],
  ["trunk.dense_1.bias", { shape: [3], data: Float32Array.from([0.1, 0.2, 0.3]) }],
  ["größe", { shape: [], data: Float32Array.from([7]) }],
  ["empty", { shape: [0, 4], data: new Float32Array(0) }],
]);
/** Of their bytes one after another, by another program. */
const HASH = "66fc7dbbc7309583c5e85f35fe8dd0f99f14aa2a253c037f537a52bb24e9d4f8";
const whole = writeSafetensors(tensors, { format: "mtlc" }, { digest });

/** A file of one tensor whose header is what the test says. */
function lying(header: unknown, bytes = 8, claimed?: bigint): Uint8Array {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(claimed ?? BigInt(Buffer.byteLength(text)));
  return Buffer.concat([length, Buffer.from(text), Buffer.alloc(bytes)]);
}
const entry = (fields: object) => ({ w: { dtype: "F32", shape: [2], data_offsets: [0, 8], ...fields } });

describe("safetensors", () => {
  test("what is written is read, to the bit", () => {
    const read = readSafetensors(whole, "m.safetensors");
    expect(read.metadata).toEqual({ format: "mtlc", sha256: HASH });
    expect([...read.tensors]).toEqual([...tensors]);
    expect(Object.is(read.tensors.get("trunk.dense_1.kernel")?.data[5], -0)).toBe(true);
  });

  test("the bytes are the format's", () => {
    const view = Buffer.from(whole);
    const length = Number(view.readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    const header = JSON.parse(view.toString("utf8", 8, 8 + length));
    expect(header).toEqual({
      __metadata__: { format: "mtlc", sha256: HASH },
      "trunk.dense_1.kernel": { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
      "trunk.dense_1.bias": { dtype: "F32", shape: [3], data_offsets: [24, 36] },
      größe: { dtype: "F32", shape: [], data_offsets: [36, 40] },
      empty: { dtype: "F32", shape: [0, 4], data_offsets: [40, 40] },
    });
    expect(view.readFloatLE(8 + length + 4)).toBe(-2.5);
    expect(view.length).toBe(8 + length + 40);
  });

  test("a file at an odd place of a larger buffer is read", () => {
    const shifted = new Uint8Array(whole.length + 3);
    shifted.set(whole, 3);
    expect(readSafetensors(shifted.subarray(3), "m").tensors.get("größe")?.data[0]).toBe(7);
  });

  test.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(0), /shorter than the eight bytes/],
    ["a header longer than the file", lying(entry({}), 8, 1_000n), /claims a header of 1000 bytes/],
    ["a header of 2^63 bytes", lying(entry({}), 8, 2n ** 63n), /claims a header/],
    ["a header that is no JSON", lying("{ w: 1 }"), /no JSON/],
    ["a header that is a list", lying("[]", 0), /no JSON object/],
    ["an entry that is a number", lying({ w: 1 }), /`w` is no JSON object/],
    ["another type", lying(entry({ dtype: "F64" })), /type F64/],
    ["no type", lying(entry({ dtype: undefined })), /tensor `w` has no type/],
    ["a shape of strings", lying(entry({ shape: ["2"] })), /no shape/],
    ["a negative size", lying(entry({ shape: [-2] })), /no shape/],
    ["half a size", lying(entry({ shape: [1.5] })), /no shape/],
    ["2^40 elements", lying(entry({ shape: [2 ** 20, 2 ** 20], data_offsets: [0, 2 ** 42] })), /claims bytes 0 to/],
    ["2^40 elements in eight bytes", lying(entry({ shape: [2 ** 40] })), /needs 4398046511104 bytes and claims 8/],
    [
      "more elements than can be counted",
      lying(entry({ shape: Array(40).fill(2 ** 50) })),
      /needs \S+ bytes and claims 8/,
    ],
    ["offsets of one", lying(entry({ data_offsets: [0] })), /no place/],
    ["offsets that run backwards", lying(entry({ shape: [0], data_offsets: [8, 0] })), /claims bytes 8 to 0/],
    ["offsets below 0", lying(entry({ data_offsets: [-8, 0] })), /no place/],
    ["offsets beyond the end", lying(entry({ data_offsets: [4, 12] })), /claims bytes 4 to 12, and 8 are there/],
    ["a shape that needs more bytes", lying(entry({ shape: [3] })), /needs 12 bytes and claims 8/],
    [
      "two tensors that overlap",
      lying({ ...entry({}), v: { dtype: "F32", shape: [1], data_offsets: [4, 8] } }),
      /do not begin/,
    ],
    ["a hole between tensors", lying({ ...entry({ shape: [1], data_offsets: [4, 8] }) }), /do not begin/],
    ["bytes that nothing claims", lying(entry({}), 12), /4 bytes belong to no tensor/],
    ["notes that are no text", lying({ __metadata__: { a: 1 }, ...entry({}) }), /`a` is no text/],
  ])("with %s is refused by name", (_, bytes, reason) => {
    const message = refused(() => readSafetensors(bytes, "runs/a-1/m.safetensors"));
    expect(message).toContain("`runs/a-1/m.safetensors`");
    expect(message).toMatch(reason);
  });

  test("cut off anywhere is refused", () => {
    for (let length = 0; length < whole.length; length++) {
      expect(refused(() => readSafetensors(whole.subarray(0, length), "m"))).toContain("`m`");
    }
  });

  test("garbled is refused, or read as tensors that are whole", () => {
    const seed = Date.now() % 1_000_000;
    console.log(`garbling safetensors with seed ${seed}`);
    let state = seed;
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    let refusals = 0;
    for (let round = 0; round < 600; round++) {
      const bytes = Uint8Array.from(whole);
      for (let edit = random(4); edit >= 0; edit--) {
        const digit = 48 + random(10);
        bytes[random(bytes.length)] = random(2) === 0 ? digit : random(256);
      }
      try {
        for (const { shape, data } of readSafetensors(bytes, "m.safetensors").tensors.values()) {
          expect(data.length).toBe(shape.reduce((product, size) => product * size, 1));
          expect(data.length).toBeLessThanOrEqual(whole.length / 4);
        }
      } catch (error) {
        if (!(error instanceof DiagnosticError)) throw new Error(`seed ${seed}, round ${round}`, { cause: error });
        expect(error.diagnostics[0].message).toContain("`m.safetensors`");
        refusals++;
      }
    }
    expect(refusals).toBeGreaterThan(200);
  });
});

describe("writing", () => {
  test("replaces a file whole and leaves nothing else", () => {
    const folder = mkdtempSync(join(base, "w-"));
    const path = join(folder, "a.json");
    writeWhole(path, "old");
    writeWhole(path, "new and longer");
    expect(readFileSync(path, "utf8")).toBe("new and longer");
    expect(readdirSync(folder)).toEqual(["a.json"]);
  });

  test.skipIf(!existsSync("/dev/full"))("on a full disk leaves the old file whole", () => {
    const folder = mkdtempSync(join(base, "f-"));
    const path = join(folder, "a.json");
    writeWhole(path, "old");
    symlinkSync("/dev/full", `${path}.${process.pid}.tmp`);
    expect(refused(() => writeWhole(path, "new"))).toBe(`\`${path}\` cannot be written: the disk is full`);
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["a.json"]);
  });

  test("into a folder that is not there says so", () => {
    const path = join(base, "nowhere", "a.json");
    expect(refused(() => writeWhole(path, "x"))).toBe(`\`${path}\` cannot be written: its folder does not exist`);
    expect(adviceOf(() => writeWhole(path, "x"))).toBe("make the folder first, or choose another place");
  });
});

describe("run folders", () => {
  test("are numbered by model, after the highest there is", () => {
    const runs = join(base, "runs");
    expect(createRunFolder(runs, "Penguins")).toBe(join(runs, "penguins-1"));
    expect(createRunFolder(runs, "Penguins")).toBe(join(runs, "penguins-2"));
    mkdirSync(join(runs, "penguins-9"));
    mkdirSync(join(runs, "penguins-old"));
    expect(createRunFolder(runs, "Penguins")).toBe(join(runs, "penguins-10"));
    expect(createRunFolder(runs, "Penguin")).toBe(join(runs, "penguin-1"));
  });

  test("cannot be made where a file stands", () => {
    const file = join(base, "file");
    writeFileSync(file, "");
    expect(refused(() => createRunFolder(file, "A"))).toContain("cannot be written");
  });

  test("named by the user must be empty", () => {
    const folder = join(base, "mine");
    for (let k = 0; k < 2; k++) claimRunFolder(folder).release();
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(join(folder, "note"), "");
    expect(refused(() => claimRunFolder(folder))).toContain("is not empty");
    expect(adviceOf(() => claimRunFolder(folder))).toBe("name a folder that is new or empty");
    writeFileSync(join(folder, files.info), "{}");
    expect(adviceOf(() => claimRunFolder(folder))).toBe(
      "`--resume` goes on with the run in it; for a new one name a folder that is new or empty",
    );
  });

  test("keep lines up to where a run goes on, and drop one that was cut off", () => {
    const folder = mkdtempSync(join(base, "h-"));
    const lines = openLines(folder, files.history);
    for (const epoch of [1, 2, 3]) lines.add({ epoch });
    lines.close();
    writeFileSync(join(folder, files.history), `${readFileSync(join(folder, files.history), "utf8")}{"epoch":`);
    keepLines(folder, files.history, ({ epoch }) => Number(epoch) <= 2);
    expect(readFileSync(join(folder, files.history), "utf8")).toBe('{"epoch":1}\n{"epoch":2}\n');
  });

  const info = {
    schema: 1,
    model: "Birds",
    version: "0.1.0",
    seed: 3,
    set: ["train.epochs"],
    engine: "onnx",
    device: "cpu",
    threads: 1,
    file: "birds.mtl",
    folder: "..",
    imports: {},
    finished: true,
    epochs: 2,
    steps: 20,
    seconds: 0.5,
  };
  const codes = {
    schema: 1,
    inputs: { beak: { scale: { shift: [1], factor: [2] }, fill: [0] }, island: { categories: ["a", 4, true] } },
    tasks: { species: { labels: ["x", "y"], counts: [3, 4] } },
  };
  const cursor = { ...startOfRun(), epoch: 2, best: { value: 0.5, epoch: 1 }, stepCounts: { "a.kernel": 20 } };

  const weights = new Map(
    [...tensors].map(([name, { shape, data }]) => [name, { shape, data: data.map((x) => Math.min(x, 8)) }]),
  );

  const marks = { run: "a1", codes: "" };

  function written(): string {
    const folder = mkdtempSync(join(base, "run-"));
    const texts = writeSources(folder, "model Birds", new Map([["../shared/blocks.mtl", "block b(x) { return x }"]]));
    writeJson(folder, files.info, { ...info, ...texts }, "a1");
    marks.codes = writeJson(folder, files.codes, codes, "a1");
    writeWeights(folder, weights, { ...marks, model: "Birds" });
    writeState(folder, { tensors: weights, cursor }, marks);
    return folder;
  }

  test("open as they were written", () => {
    const run = openRun(written());
    const inside = "imports/up/shared/blocks.mtl";
    const texts = { "model.mtl": hashOf("model Birds"), [inside]: hashOf("block b(x) { return x }") };
    expect(run.info).toEqual({ ...info, imports: { "../shared/blocks.mtl": inside }, texts });
    expect(run.codes).toEqual(codes);
    expect(run.text).toBe("model Birds");
    expect(run.read("../shared/blocks.mtl")).toBe("block b(x) { return x }");
    expect(run.read("constructor")).toBeNull();
    expect([...run.weights()]).toEqual([...weights]);
    expect(run.state().cursor).toEqual(cursor);
    expect([...run.state().tensors]).toEqual([...weights]);
  });

  test.each([files.info, files.codes, files.model, files.weights, files.state])("without %s are no runs", (file) => {
    const folder = written();
    rmSync(join(folder, file));
    expect(refused(() => openAll(folder))).toBe(`\`${folder}\` is no run folder: it holds no ${file}`);
  });

  test("with a folder where a file should be are refused by its name", () => {
    const folder = written();
    rmSync(join(folder, files.weights));
    mkdirSync(join(folder, files.weights));
    expect(refused(() => openAll(folder))).toContain(join(folder, files.weights));
  });

  test("that are not there are no runs", () => {
    expect(refused(() => openRun(join(base, "none")))).toContain("is no run folder: there is no such folder");
    expect(refused(() => openRun(join(base, "file")))).toContain("is no run folder: it is a file");
    const one = written();
    try {
      openRun(join(one, ".."));
    } catch (error) {
      const { diagnostics } = error as DiagnosticError;
      expect(diagnostics[0].help).toMatch(/^it holds runs, such as `.*run-/);
    }
  });

  test.each<[string, object]>([
    [files.info, { ...info, schema: 2 }],
    [files.info, { ...info, seed: "3" }],
    [files.info, { ...info, imports: { "a.mtl": 7 } }],
    [files.info, { ...info, finished: undefined }],
    [files.codes, { ...codes, inputs: { beak: 5 } }],
    [files.codes, { ...codes, inputs: { beak: { scale: { shift: [1], factor: [1, 2] } } } }],
    [files.codes, { ...codes, inputs: { beak: { fill: ["0"] } } }],
    [files.codes, { ...codes, tasks: { species: { labels: "xy" } } }],
  ])("with a lying %s are refused by its name", (file, content) => {
    const folder = written();
    writeJson(folder, file, content, "a1");
    expect(refused(() => openRun(folder))).toContain(join(folder, file));
  });

  test("name nothing outside themselves", () => {
    const folder = written();
    writeFileSync(join(base, "secret"), "secret");
    for (const place of ["../secret", join(base, "secret"), "imports/../../secret"]) {
      writeJson(folder, files.info, { ...info, imports: { "a.mtl": place } }, "a1");
      expect(refused(() => openRun(folder).read("a.mtl"))).toContain("outside the run folder");
    }
  });

  test("whose state does not say where training stood are refused", () => {
    const folder = written();
    const lies: Record<string, string>[] = [{}, { cursor: "{" }, { cursor: JSON.stringify({ ...cursor, step: -1 }) }];
    for (const notes of lies) {
      writeFileSync(join(folder, files.state), writeSafetensors(weights, notes, { digest }));
      expect(refused(() => openRun(folder).state())).toContain("where training stood");
    }
  });

  test("whose weights are no numbers are refused by the tensor's name", () => {
    const folder = written();
    writeWeights(folder, tensors, { ...marks, model: "Birds" });
    expect(refused(() => openRun(folder).weights())).toContain("tensor `trunk.dense_1.kernel` holds what is no number");
    writeState(folder, { tensors: new Map([["parameter/a", tensors.get("trunk.dense_1.kernel")!]]), cursor }, marks);
    expect(refused(() => openRun(folder).state())).toContain("tensor `parameter/a` holds what is no number");
    writeState(
      folder,
      {
        tensors: new Map([["optimizer/adam/second/a", tensors.get("trunk.dense_1.kernel")!]]),
        cursor,
      },
      marks,
    );
    expect(openRun(folder).state().cursor).toEqual(cursor);
  });

  test("cut off in any file are refused by its name", () => {
    const folder = written();
    for (const file of [files.info, files.codes, files.weights, files.state]) {
      const path = join(folder, file);
      const bytes = readFileSync(path);
      for (let length = 0; length < bytes.length - 1; length += 11) {
        writeFileSync(path, bytes.subarray(0, length));
        expect(refused(() => openAll(folder))).toContain(path);
      }
      writeFileSync(path, bytes);
    }
    openAll(folder);
  });

  function openAll(folder: string): void {
    const run = openRun(folder);
    run.weights();
    run.state();
  }
});
