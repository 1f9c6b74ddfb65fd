import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { mtlc, sound } from "../slow/command.ts";

const folder = mkdtempSync(join(tmpdir(), "mtlc-page-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** 0.0.0 when run from source. */
const withoutVersion = (text: string): string => text.replace(/(Written by mtlc )[\d.]+\d/, "$1");

it("docs/onnx.md shows the loader of the penguins in full, as it is written", { timeout: 60_000 }, async () => {
  const page = readFileSync("docs/onnx.md", "utf8");
  const [, shown] = /```ts loader\n([^]*?)```/.exec(page) ?? [];
  const run = join(folder, "penguins-1");
  await sound("train", "examples/penguins/penguins.mtl", "--set", "train.epochs=1", "--run", run);
  const graph = join(folder, "penguins.onnx");
  await sound("compile", run, "--to", "onnx", "-o", graph, "--js");
  expect(withoutVersion(shown)).toBe(withoutVersion(readFileSync(`${graph}.ts`, "utf8")));

  // What `npm init` writes.
  writeFileSync(join(folder, "package.json"), '{ "type": "commonjs" }');
  execFileSync(process.execPath, ["--check", `${graph}.mjs`]);

  const same = ["compile", run, "--to", "onnx", "-o", graph, "--js", "--check"];
  expect(await mtlc(...same)).toMatchObject({ code: 0, err: "" });
  const other = await mtlc(...same, "--batch", "2");
  expect(other.code).toBe(1);
  expect(other.err).toContain(`Not up to date: ${graph}, ${graph}.ts`);
  expect(other.err).toContain(`--to onnx -o ${graph} --batch 2 --js\n`);
});

it.each([
  [["penguins.mtl"], 1, "is no run folder"],
  [["examples/penguins/penguins.mtl"], 2, "`mtlc train examples/penguins/penguins.mtl` makes one"],
  [["examples", "-o", "model.ts"], 2, "a graph's name ends in .onnx, unlike `model.ts`"],
  [["examples", "-o", "-", "--js"], 2, "`--js` is about files"],
  [["examples", "--training", "--js"], 2, "a training step has none"],
  [["examples", "--training", "--batch", "2"], 2, "the run's own with `--training`"],
  [["examples", "--batch", "1000000000"], 2, "`--batch` is at most 1048576, not `1000000000`"],
  [["examples", "--standalone"], 2, "`--standalone` belongs to `--to typescript`"],
])("mtlc compile --to onnx %j is told what is wrong", async (words, code, message) => {
  const outcome = await mtlc("compile", ...words, "--to", "onnx");
  expect(outcome.code).toBe(code);
  expect(outcome.err).toContain(message);
});
