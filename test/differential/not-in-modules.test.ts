import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DiagnosticError, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { ModelSource } from "../../src/project/sources.ts";
import { sourceOf } from "../runtime/small-training.ts";
import { moduleText } from "./generated.ts";

/** What training knows and a generated module cannot hold: each named by MTL7004, and no more than these. */
const heads = `model M
input x: f32[2]
task teacher: class(3) { head: x -> dense }
`;
const data = 'data { train: jsonl("rows.jsonl") }\n';
const pupil = (of: string): string => `task pupil: class(3) { head: x -> dense, loss: distillation(of: ${of}) }\n`;

const cannot: Readonly<Record<string, string>> = {
  "a loss that learns from a run": `${heads}${pupil('"runs/large-1"')}${data}`,
};

/** Refused before, on every target, since nothing can be trained by them yet. */
const unbuilt: Readonly<Record<string, string>> = {
  "several data sections": `${heads}data a { train: jsonl("rows.jsonl") }\ndata b { train: jsonl("rows.jsonl") }\n`,
  "`sampling`": `${heads}train { sampling: every }\n${data}`,
};

/** What no row of ours brings about: sizes that no source could tell. */
const nets = ["a network with sizes that only the data tell"];

async function refused(source: ModelSource): Promise<readonly Diagnostic[]> {
  try {
    await moduleText(source);
    return [];
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return error.diagnostics;
  }
}
const refusal = async (source: ModelSource): Promise<string[]> =>
  (await refused(source)).map(({ code, message }) => `${code} ${message}`);

const sourceFor = (text: string): ModelSource => sourceOf(text, { "rows.jsonl": "" });

test.each(Object.entries(cannot))("%s is named", async (what, text) => {
  expect(await refusal(sourceFor(text))).toEqual([`MTL7004 TypeScript cannot be made of ${what} yet`]);
});

test.each(Object.entries(cannot))("%s is shown where it stands, with what can be done", async (_, text) => {
  const [{ span, help }] = await refused(sourceFor(text));
  expect(span && text.slice(span.start, span.end)).toBe('distillation(of: "runs/large-1")');
  expect(help).toContain("--to onnx");
});

test.each(Object.entries(unbuilt))("%s cannot be trained at all yet", async (_, text) => {
  const lines = await refusal(sourceFor(text));
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.filter((line) => !line.startsWith("MTL7001"))).toEqual([]);
});

test("the list is whole", () => {
  const folder = "compiler/emit/typescript";
  const named = readdirSync(folder).flatMap((file) =>
    [...readFileSync(join(folder, file), "utf8").matchAll(/new Unsupported\("([^"]+)"/g)].map(([, what]) => what),
  );
  console.log(`MTL7004, ${Object.keys(cannot).length} in all: ${Object.keys(cannot).join("; ")}`);
  expect(named.sort()).toEqual([...Object.keys(cannot), ...Object.keys(unbuilt), ...nets].sort());
});
