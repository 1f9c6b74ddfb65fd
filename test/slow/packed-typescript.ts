import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { install, pack } from "./package.ts";

/** The packed package and TensorFlow.js as a user installs them, and what is tried with them. */

export const root = join(import.meta.dirname, "../..");
export const base = mkdtempSync(join(tmpdir(), "mtlc-typescript-"));
/** The package and TensorFlow.js. */
export const user = join(base, "user");
/** TensorFlow.js alone. */
export const alone = join(base, "alone");

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function run(folder: string, command: string, ...words: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(command, words, { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 28 });
  return { code: status, stdout, stderr };
}
export const mtlc = (...words: readonly string[]): Outcome =>
  run(user, process.execPath, "node_modules/mtlc/dist/mtlc.cjs", ...words);

export function sound({ code, stdout, stderr }: Outcome): string {
  expect(code, `${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

/** Runs a script of a folder; what it prints last is JSON. */
export function answers(folder: string, script: string, ...flags: readonly string[]): Record<string, unknown> {
  const path = join(folder, "script.mjs");
  writeFileSync(path, script);
  const last =
    sound(run(folder, process.execPath, ...flags, path))
      .trim()
      .split("\n")
      .at(-1) ?? "";
  const parsed: unknown = JSON.parse(last);
  return { ...(parsed as object) };
}

/** Numbers of an answer, in order. */
export function numbersIn(value: unknown): number[] {
  if (typeof value === "number") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

export function expectClose(found: unknown, wanted: unknown): void {
  const [a, b] = [numbersIn(found), numbersIn(wanted)];
  expect(a.length).toBe(b.length);
  expect(a.length).toBeGreaterThan(0);
  a.forEach((value, k) => expect(Math.abs(value - b[k]) / Math.max(1, Math.abs(b[k]))).toBeLessThan(1e-5));
}

export const birds = [
  { beak: [39.1, 18.7], flipper: 181, island: "Torgersen" },
  { beak: [null, 18.7], flipper: null, island: null },
  { beak: [50, 16.3], flipper: 230, island: "Biscoe" },
];
export const rows = birds.map(({ beak, flipper, island }) => ({
  "Beak Length (mm)": beak[0],
  "Beak Depth (mm)": beak[1],
  "Flipper Length (mm)": flipper,
  Island: island,
}));

/** Packs the package and installs it, before the tests of a file; takes all away after them. */
export function installed(): void {
  beforeAll(() => {
    for (const folder of [user, alone]) {
      mkdirSync(folder);
      writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
    }
    install(user, pack(base), "@tensorflow/tfjs");
    install(alone, "@tensorflow/tfjs");
    const data = readFileSync(join(root, "node_modules/vega-datasets/data/penguins.json"));
    const model = readFileSync(join(root, "examples/penguins/penguins.mtl"), "utf8");
    for (const folder of [user, alone]) writeFileSync(join(folder, "penguins.json"), data);
    writeFileSync(join(user, "penguins.mtl"), model.replace("npm:vega-datasets/data/penguins.json", "penguins.json"));
    writeFileSync(join(user, "rows.json"), JSON.stringify(rows));
  });
  afterAll(() => rmSync(base, { recursive: true, force: true }));
}

/** What TypeScript 7 says of files of a folder; nothing where all is well. */
export function typed(folder: string, names: readonly string[], flags: readonly string[]): string {
  const options = {
    noEmit: true,
    strict: true,
    target: "es2022",
    module: "nodenext",
    types: ["node"],
    // The declarations of TensorFlow.js do not check by themselves.
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    ...Object.fromEntries(flags.map((flag) => [flag, true])),
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: names }));
  return run(folder, process.execPath, join(root, "node_modules/typescript/bin/tsc"), "-p", ".").stdout;
}

/** Files that prettier would write otherwise. */
export function unformatted(folder: string, names: readonly string[]): string {
  const prettier = join(root, "node_modules/prettier/bin/prettier.cjs");
  const words = ["--check", "--no-config", "--print-width", "120", ...names];
  return run(folder, process.execPath, prettier, ...words).stderr;
}
