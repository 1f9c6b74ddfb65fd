import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { transform } from "esbuild";
import * as ort from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectSameAnswers } from "./expect-same-answers.ts";
import { cases, exported } from "./exported.ts";

/** Exported graphs, run by the loader that is written beside them, answer as `mtlc predict` does. */
let base = "";
beforeAll(() => {
  base = mkdtempSync("node_modules/.export-");
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

interface Loader {
  open(
    runtime: unknown,
    file: string,
  ): Promise<{ predict(rows: readonly unknown[]): Promise<unknown[]>; close(): Promise<void> }>;
}

/** Imports the loader's text as a program would. */
async function imported(text: string): Promise<Loader> {
  const { code } = await transform(text, { loader: "ts", format: "esm" });
  const path = join(mkdtempSync(join(base, "loader-")), "loader.mjs");
  writeFileSync(path, code);
  return import(pathToFileURL(path).href);
}

describe.each(cases)("$name", (example) => {
  it("is answered by its loader as by mtlc", async () => {
    const { loader, answers, file } = await exported(example, base);
    const network = await (await imported(loader)).open(ort, file);
    const found = await network.predict(example.rows);
    await network.close();
    expect(found).toHaveLength(answers.length);
    answers.forEach((answer, row) => expectSameAnswers(found[row], answer, `row ${row + 1}`));
  });
});
