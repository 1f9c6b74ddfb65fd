import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { openSource } from "../../src/project/sources.ts";
import { runTraining } from "../../src/project/training.ts";
import { csv, numbersFrom } from "./small-training.ts";

/** A run goes on with the rows that it began with, or says what became of them. */

const base = mkdtempSync(join(tmpdir(), "mtlc-changed-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const text = `model Changed
input a: f32 { scale: standard }
input word: category
task size: real { head: concat(a, word -> embed(3)) -> dense(4) -> tanh -> dense, row_weight: "trust" }
task kind: class { head: a -> dense }
train { epochs: 3, batch: 8 }
data { train: csv("rows.csv"), validation: part(0.25, of: train) }
`;

interface Rows {
  a: (number | null)[];
  word: string[];
  size: (number | null)[];
  kind: string[];
  trust: number[];
}

function rowsOf(): Rows {
  const number = numbersFrom(3);
  const each = <T>(make: (k: number) => T): T[] => Array.from({ length: 40 }, (_, k) => make(k));
  return {
    a: each(number),
    word: each((k) => "xyz"[k % 3]),
    size: each((k) => (k % 9 === 4 ? null : number())),
    kind: each((k) => "pq"[k % 2]),
    trust: each(() => 1),
  };
}

let folder = "";
beforeEach(async () => {
  folder = mkdtempSync(join(base, "run-"));
  writeFileSync(join(folder, "model.mtl"), text);
  write(() => undefined);
  let steps = 0;
  const hooks = { onStep: () => void steps++, interrupted: () => steps === 2 };
  await runTraining(openSource(join(folder, "model.mtl")), { run: join(folder, "run"), hooks });
});

function write(change: (rows: Rows) => void): void {
  const rows = rowsOf();
  change(rows);
  writeFileSync(join(folder, "rows.csv"), csv({ ...rows }));
}

/** What is said of the change; null where the run goes on. */
async function resumed(set: readonly string[] = []): Promise<string | null> {
  try {
    await runTraining(openSource(join(folder, "model.mtl"), set), { run: join(folder, "run"), resume: true });
    return null;
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    const [{ code, message }] = error.diagnostics;
    expect(code).toBe("MTL8607");
    return message.slice(message.indexOf("began: ") + "began: ".length);
  }
}

describe("a run whose data has changed", () => {
  it("goes on where it has not, and as often as it is asked to", async () => {
    write(({ word }) => word.reverse().reverse());
    expect(await resumed()).toBeNull();
    expect(await resumed(["train.epochs=4"])).toBeNull();
  });

  const cases: readonly [string, (rows: Rows) => void, RegExp][] = [
    [
      "rows more",
      (rows) => {
        rows.a.push(0.5);
        rows.word.push("x");
        rows.size.push(1);
        rows.kind.push("p");
        rows.trust.push(1);
      },
      /^`train` has 31 rows, and had 30; in `validation` .* are not the same$/,
    ],
    ["one number of an input", (rows) => void (rows.a[0] = 0.123), /^in `(train|validation)` `a` is not the same$/],
    ["one word", (rows) => void (rows.word[5] = "x"), /^in `(train|validation)` `word` is not the same$/],
    [
      "one answer",
      (rows) => void (rows.size[0] = 9),
      /^in `(train|validation)` the answers to `size` are not the same$/,
    ],
    ["an answer that is gone", (rows) => void (rows.size[0] = null), /the answers to `size` are not the same$/],
    ["a weight", (rows) => void (rows.trust[7] = 2), /the answers to `size` are not the same$/],
    [
      "two rows that changed places",
      (rows) => {
        for (const list of [rows.a, rows.word, rows.size, rows.kind] as unknown[][])
          [list[0], list[1]] = [list[1], list[0]];
      },
      /`a`.* are not the same/,
    ],
    ["a label", (rows) => void (rows.kind[3] = "p"), /the answers to `kind` are not the same$/],
  ];
  it.each(cases)("says so: %s", async (_, change, expected) => {
    write(change);
    expect(await resumed()).toMatch(expected);
  });

  it("a run that never noted its data goes on", async () => {
    const path = join(folder, "run", "run.json");
    const { data, checksum: _checksum, ...info } = JSON.parse(readFileSync(path, "utf8"));
    expect(Object.keys(data.parts)).toEqual(["train", "validation"]);
    writeFileSync(path, JSON.stringify(info));
    write((rows) => void (rows.a[0] = 0.123));
    expect(await resumed()).toBeNull();
  });
});
