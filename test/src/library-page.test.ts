import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { afterAll, expect, it, vi } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "mtlc-page-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NUMBER = /-?\d+\.\d+/g;

it("docs/library.md shows what its program prints", async () => {
  const page = readFileSync("docs/library.md", "utf8");
  const [, program, shown] = /```ts program\n([^]*?)```\n+```text\n([^]*?)```/.exec(page) ?? [];
  const here = program.replace('from "mtlc"', `from ${JSON.stringify(pathToFileURL(resolve("src/index.ts")).href)}`);
  const run = join(folder, "birds");
  const file = resolve(folder, "program.ts");
  writeFileSync(file, here.replaceAll('"birds"', JSON.stringify(run)));
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...words: readonly unknown[]) => {
    lines.push(words.map((word) => (typeof word === "string" ? word : inspect(word))).join(" "));
  });
  await import(file).finally(() => log.mockRestore());

  const printed = `${lines.join("\n")}\n`.replaceAll(run, "birds");
  expect(printed.replace(NUMBER, "#")).toBe(shown.replace(NUMBER, "#"));
  // Other processors round otherwise.
  const numbers = (text: string): number[] => [...text.matchAll(NUMBER)].map(([number]) => Number(number));
  numbers(printed).forEach((value, k) => {
    const expected = numbers(shown)[k];
    expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-3 * Math.max(1, Math.abs(expected)));
  });
});
