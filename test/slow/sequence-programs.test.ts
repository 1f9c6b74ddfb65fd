import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sound } from "./command.ts";
import { figuresOf, folder, present, reaches, type Figure } from "./figures.ts";

/**
 * The programs of the design folder that read sentences and letters, one run each with the file's own seed. Where the balance
 * rule of the file cannot run yet, a copy with `static` in its place is trained.
 */

if (!present) console.warn(`The programs of sentences are skipped: there is no ${folder}.`);

const programs = ["snips", "tox21", "treebank"];

/** The text with its data found from anywhere, and with `static` for a rule that is not built. */
function textOf(name: string): string {
  const data = resolve(folder, "../../data");
  const text = readFileSync(join(folder, `${name}.mtl`), "utf8");
  return text.replaceAll('"../../data', `"${data}`).replace(/balance:\s+upgrad/, "balance: static");
}

type Split = Record<string, Record<string, number>>;

function valueOf(split: Split, { task, metric }: Figure): number {
  const values = task === "mean" ? Object.values(split).map((each) => each[metric]) : [split[task][metric]];
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe.skipIf(!present)(`sentences of ${folder}${present ? "" : " (absent)"}`, () => {
  let runs: string;
  beforeAll(() => {
    runs = mkdtempSync(join(tmpdir(), "mtlc-sentences-"));
  });
  afterAll(() => rmSync(runs, { recursive: true, force: true }));

  test.each(programs)("%s reaches its figures", async (name) => {
    const file = join(runs, `${name}.mtl`);
    writeFileSync(file, textOf(name));
    const began = performance.now();
    const out = await sound("train", file, "--run", join(runs, name), "--format", "json");
    const seconds = (performance.now() - began) / 1000;
    const split: Split = JSON.parse(out).splits.test;
    const short = figuresOf(name).flatMap((figure) => {
      const value = valueOf(split, figure);
      const text = `${name}: ${figure.task} ${figure.metric} ${value.toFixed(4)}`;
      console.log(`${text}; must reach ${figure.bound}, plain PyTorch ${figure.pytorch}; ${seconds.toFixed(0)} s`);
      return reaches(figure.metric, value, figure.bound) ? [] : [`${text} does not reach ${figure.bound}`];
    });
    expect(short).toEqual([]);
  });
});
