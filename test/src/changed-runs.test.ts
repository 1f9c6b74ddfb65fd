import { createHash } from "node:crypto";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as Tfjs from "@tensorflow/tfjs";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { DiagnosticError, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { readNetwork } from "../../runtime/generated/files.ts";
import { load as loadHere, type RunFiles } from "../../src/browser.ts";
import { load } from "../../src/index.ts";
import { openSource } from "../../src/project/sources.ts";
import { runTraining } from "../../src/project/training.ts";
import { FlippedRun } from "../runtime/flipped-run.ts";
import { mtlc, type CommandResult } from "../slow/command.ts";

/** What was changed in a run's folder, or brought there from another, is told by every command that reads it. */

const tf: typeof Tfjs = createRequire(import.meta.url)("@tensorflow/tfjs");
const made = new FlippedRun();
const run = join(made.base, "copy");
const other = join(made.base, "other");
const asked = join(made.base, "asked.csv");
const path = (name: string): string => join(run, name);

beforeAll(async () => {
  await tf.setBackend("cpu");
  await made.make();
  await runTraining(openSource(made.file, ["train.seed=2"]), { run: other, engine: { threads: 1 } });
  writeFileSync(asked, "a,b,island\n1,2,n\n3,,s\n");
});
afterAll(() => made.remove());
beforeEach(() => {
  rmSync(run, { recursive: true, force: true });
  cpSync(made.run, run, { recursive: true });
});

interface Header {
  __metadata__?: Record<string, string>;
  [tensor: string]: unknown;
}
function parted(name: string): { header: Header; data: Buffer } {
  const bytes = readFileSync(path(name));
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  return { header: JSON.parse(bytes.toString("utf8", 8, start)), data: bytes.subarray(start) };
}
/** As another program writes it, which knows of no notes. */
function rewritten(name: string, notes?: Record<string, string>): void {
  const { header, data } = parted(name);
  const { __metadata__: _notes, ...tensors } = header;
  const text = Buffer.from(JSON.stringify(notes ? { __metadata__: notes, ...tensors } : tensors));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(path(name), Buffer.concat([length, text, data]));
}
function flip(name: string, at: number): void {
  const bytes = readFileSync(path(name));
  bytes[at < 0 ? bytes.length + at : at] ^= 4;
  writeFileSync(path(name), bytes);
}
function json(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path(name), "utf8"));
}

const commands: readonly [string, () => Promise<CommandResult>][] = [
  ["predict", () => mtlc("predict", run, asked)],
  ["evaluate", () => mtlc("evaluate", run, "--bootstrap", "0")],
  ["compile --to typescript", () => mtlc("compile", run, "--to", "typescript", "-o", "-")],
  ["compile --to onnx", () => mtlc("compile", run, "--to", "onnx", "-o", "-")],
  ["compile --to onnx --training", () => mtlc("compile", run, "--to", "onnx", "--training", "-o", "-")],
  ["train --resume", () => mtlc("train", made.file, "--resume", "--run", run, "--set", "train.epochs=2")],
];

const changes: readonly [string, string, () => void][] = [
  ["a bit of its weights", "MTL8609", () => flip("model.safetensors", -5)],
  [
    "a label of its codes",
    "MTL8609",
    () => writeFileSync(path("codes.json"), readFileSync(path("codes.json"), "utf8").replace('"e"', '"g"')),
  ],
  [
    "what its run.json says",
    "MTL8609",
    () => writeFileSync(path("run.json"), JSON.stringify({ ...json("run.json"), seed: 4 })),
  ],
  [
    "a layer of its model",
    "MTL8609",
    () => writeFileSync(path("imports/tail.mtl"), "block tail(x) { return x -> tanh }\n"),
  ],
];

describe.each(commands)("%s", (_, command) => {
  it.each(changes)("refuses a run in which %s was changed", async (_, code, change) => {
    change();
    const { code: left, err, out } = await command();
    expect({ left, out }).toEqual({ left: 1, out: "" });
    expect(err.match(/(error|warning)\[/g)).toEqual(["error["]);
    expect(err).toContain(`error[${code}] \`${run}`);
    expect(err).toContain("was changed after it was written");
    expect(err).toContain("bring back the file as it was written");
  });

  it("refuses files of another run", async () => {
    for (const name of ["model.safetensors", "codes.json", "run.json"]) {
      const whole = readFileSync(path(name));
      cpSync(join(other, name), path(name));
      const { code, err } = await command();
      expect(code, name).toBe(1);
      expect(err, name).toMatch(/error\[MTL8610\] `.*` is of another run than `.*`/);
      writeFileSync(path(name), whole);
    }
  });

  it("takes weights that another program wrote, with one warning that names them", async () => {
    rewritten("model.safetensors", { format: "pt" });
    const { code, err } = await command();
    expect(code, err).toBe(0);
    expect(err.match(/(error|warning)\[/g)).toEqual(["warning["]);
    expect(err).toContain(`warning[MTL8611] \`${path("model.safetensors")}\` carries no checksum`);
  });
});

it("--resume refuses a state in which a bit, or the place where training stood, was changed", async () => {
  const resume = commands[commands.length - 1][1];
  flip("state.safetensors", -5);
  expect((await resume()).err).toContain(`error[MTL8609] \`${path("state.safetensors")}\` was changed`);
  cpSync(join(made.run, "state.safetensors"), path("state.safetensors"));
  const bytes = readFileSync(path("state.safetensors"));
  const at = bytes.indexOf('\\"phaseStep\\":') + '\\"phaseStep\\":'.length;
  flip("state.safetensors", at);
  expect((await resume()).err).toContain("its `checksum` is not that of its header");
});

it("files say what the format says: the hash of their bytes, one id, and the codes that belong to them", () => {
  const ids = new Set([json("run.json").run, json("codes.json").run]);
  for (const name of ["model.safetensors", "state.safetensors"]) {
    const { header, data } = parted(name);
    const { sha256, run: id, codes } = header.__metadata__ ?? {};
    expect(sha256).toBe(createHash("sha256").update(data).digest("hex"));
    expect(codes).toBe(json("codes.json").checksum);
    ids.add(id);
  }
  expect(ids.size).toBe(1);
  expect([...ids][0]).toMatch(/^[0-9a-f]{32}$/);
  expect(json("run.json").checksum).toMatch(/^[0-9a-f]{64}$/);
});

it("codes that go with no weights are refused, their own checksum or not", async () => {
  const { checksum: _checksum, run: _run, ...codes } = json("codes.json");
  const others = JSON.stringify(codes).replace('"e"', '"g"');
  writeFileSync(path("codes.json"), others);
  expect((await mtlc("predict", run, asked)).err).toContain(
    `error[MTL8610] \`${path("model.safetensors")}\` belongs to other codes than those in \`${path("codes.json")}\``,
  );
});

it("a model that was changed on purpose is read where run.json has lost its checksum", async () => {
  writeFileSync(path("model.mtl"), readFileSync(path("model.mtl"), "utf8").replace("batch: 6", "batch: 5"));
  expect((await mtlc("predict", run, asked)).code).toBe(1);
  const { checksum: _checksum, ...info } = json("run.json");
  writeFileSync(path("run.json"), JSON.stringify(info));
  const { code, err } = await mtlc("predict", run, asked);
  expect(code).toBe(0);
  expect(err).toContain(`warning[MTL8611] \`${path("run.json")}\` carries no checksum`);
});

it("texts whose line ends a checkout has turned are the same", async () => {
  writeFileSync(path("model.mtl"), readFileSync(path("model.mtl"), "utf8").replaceAll("\n", "\r\n"));
  writeFileSync(path("codes.json"), JSON.stringify(Object.fromEntries(Object.entries(json("codes.json")).reverse())));
  expect((await mtlc("predict", run, asked)).err).toBe("");
});

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  const problem: unknown = await work.catch((error: unknown) => error);
  return problem instanceof DiagnosticError ? problem.diagnostics.map(({ code }) => code).join() : String(problem);
};

describe("the library", () => {
  it("refuses them, and has a warning where there is nothing to tell by", async () => {
    const told: string[] = [];
    const options = { onWarning: ({ code }: Diagnostic) => void told.push(code) };
    await (await load(run, options)).close();
    expect(told).toEqual([]);
    rewritten("model.safetensors");
    await (await load(run, options)).close();
    expect(told).toEqual(["MTL8611"]);
    cpSync(join(made.run, "model.safetensors"), path("model.safetensors"));
    flip("model.safetensors", -1);
    expect(await codeOf(load(run))).toBe("MTL8609");
  });

  it("for browsers does so by the files that it is given", async () => {
    const given = (): RunFiles => ({
      "model.mtl": readFileSync(path("model.mtl"), "utf8"),
      "codes.json": json("codes.json"),
      "model.safetensors": readFileSync(path("model.safetensors")),
    });
    const read = (): string => readFileSync(path("imports/tail.mtl"), "utf8");
    const told: string[] = [];
    const open = (change: Partial<Record<keyof RunFiles, unknown>> = {}) =>
      loadHere({ ...given(), ...change } as RunFiles, {
        tf,
        read,
        onWarning: ({ message }) => void told.push(message),
      });
    const warned = async (change: Partial<Record<keyof RunFiles, unknown>>): Promise<readonly string[]> => {
      await (await open(change)).close();
      return told.splice(0);
    };
    const info = json("run.json");
    expect(await warned({})).toEqual([]);
    expect(await warned({ "run.json": info })).toEqual([]);
    rewritten("model.safetensors");
    expect(await warned({})).toEqual(["`model.safetensors` carries no checksum: changes go unnoticed"]);
    cpSync(join(made.run, "model.safetensors"), path("model.safetensors"));
    const model = given()["model.mtl"].replace("batch: 6", "batch: 5");
    expect(await codeOf(open({ "model.mtl": model }))).not.toBe("MTL8609");
    expect(await codeOf(open({ "model.mtl": model, "run.json": JSON.stringify(info) }))).toBe("MTL8609");
    expect(await codeOf(open({ "run.json": { ...info, seed: 9 } }))).toBe("MTL8609");
    expect(await codeOf(open({ "codes.json": { ...json("codes.json"), run: "another" } }))).toBe("MTL8610");
    flip("model.safetensors", -1);
    expect(await codeOf(open())).toBe("MTL8609");
  });

  it("of generated modules does so, and warns on the console", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    try {
      await readNetwork(run);
      expect(warn).not.toHaveBeenCalled();
      rewritten("model.safetensors");
      await readNetwork(run);
      expect(warn.mock.calls).toEqual([
        [`MTL8611 \`${path("model.safetensors")}\` carries no checksum: changes go unnoticed`],
      ]);
    } finally {
      warn.mockRestore();
    }
    cpSync(join(made.run, "model.safetensors"), path("model.safetensors"));
    flip("model.safetensors", -1);
    await expect(readNetwork(run)).rejects.toThrow("MTL8609");
  });
});
