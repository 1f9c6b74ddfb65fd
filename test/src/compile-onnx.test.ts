import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { transform } from "esbuild";
import * as ort from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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

/** Numbers agree to 1e-5 (relative above 1); everything else is equal. */
function expectSame(found: unknown, expected: unknown, where: string): void {
  if (typeof expected === "number" && typeof found === "number") {
    expect(Math.abs(found - expected), `${where}: ${found}, expected ${expected}`).toBeLessThanOrEqual(
      1e-5 * Math.max(1, Math.abs(expected)),
    );
  } else if (typeof expected === "object" && expected !== null && typeof found === "object" && found !== null) {
    const others = new Map<string, unknown>(Object.entries(found));
    expect([...others.keys()], where).toEqual(Object.keys(expected));
    for (const [key, value] of Object.entries(expected)) expectSame(others.get(key), value, `${where}.${key}`);
  } else expect(found, where).toEqual(expected);
}

describe.each(cases)("$name", (example) => {
  it("is answered by its loader as by mtlc", async () => {
    const { loader, answers, file } = await exported(example, base);
    const network = await (await imported(loader)).open(ort, file);
    const found = await network.predict(example.rows);
    await network.close();
    expect(found).toHaveLength(answers.length);
    answers.forEach((answer, row) => expectSame(found[row], answer, `row ${row + 1}`));
  });
});
