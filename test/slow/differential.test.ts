import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openSource } from "../../src/project/sources.ts";
import { allCases, sourceOfCase } from "../differential/cases.ts";
import { checkEverywhere, type Lengths, type Verdict } from "../differential/executors.ts";
import { checkRandom } from "../differential/random-programs.ts";
import { besideData, hasData, models } from "../programs/programs.ts";
import { seeds } from "../property/check.ts";

/**
 * The whole differential suite: the reference interpreter, onnx, TensorFlow.js in plain JavaScript and generated modules train
 * the same models from the same weights, and every loss and weight of every step agrees to 1e-5 between each two of them: all
 * programs and examples that train, every row by itself, and 200 random programs.
 */
const STEPS = 20;

/** What is taken where a step takes seconds in plain JavaScript: batches of four rows, five steps, fewer on the interpreter where they take more. */
const heavy: Readonly<Record<string, Lengths>> = {
  adult_mmoe: { steps: 5 },
  omniglot: { steps: 5, referenceSteps: 2 },
  "multi-mnist": { steps: 5 },
  fashion_mtan: { steps: 5, referenceSteps: 2 },
  snips: { steps: 5, referenceSteps: 2 },
  tox21: { steps: 5, referenceSteps: 2 },
  treebank: { steps: 5, referenceSteps: 2 },
};

const folder = besideData();
const files = [
  ...readdirSync("examples").map((name) => ({ name, file: `examples/${name}/${name}.mtl`, present: true })),
  ...models.map(({ name }) => ({ name, file: join(folder, `${name}.mtl`), present: hasData })),
];

describe("programs", () => {
  const refused: string[] = [];
  const trained: string[] = [];

  it.for(files)("$name of $file", async ({ name, file, present }, { skip }) => {
    skip(!present, "its data are not here");
    const lengths = heavy[name] ?? { steps: STEPS };
    const verdict = await checkEverywhere(openSource(file, name in heavy ? ["train.batch=4"] : []), lengths);
    console.log(`${name}: ${saying(verdict)}`);
    if (verdict.outcome === "refused") {
      refused.push(name);
      expect(verdict.lines.every((line) => line.startsWith("MTL7001"))).toBe(true);
      return;
    }
    trained.push(name);
    expect(["same", "soft"]).toContain(verdict.outcome);
    expect(verdict.steps).toBe(lengths.steps);
    expect(verdict.referenceSteps).toBe(lengths.referenceSteps ?? lengths.steps);
  });

  it("train, but for words that no engine can run yet", () => {
    console.log(`${trained.length} programs and examples on all executors; not yet: ${refused.join(", ") || "none"}`);
    expect(trained.length).toBeGreaterThan(refused.length);
  });
});

describe("rows by themselves", () => {
  const outcomes: string[] = [];

  it.each(allCases().map((each) => [each.row, each.name, each] as const))("%s: %s", async (row, name, each) => {
    const verdict = await checkEverywhere(sourceOfCase(each), { steps: STEPS });
    outcomes.push(verdict.outcome);
    if (verdict.outcome !== "same") console.log(`${row}: ${name}: ${saying(verdict)}`);
    expect(["same", "soft"]).toContain(verdict.outcome);
    expect(verdict.diverged).toBe(false);
    // A phase that stops early may end before.
    if (!/stop/.test(`${row} ${name}`)) expect(verdict.steps).toBe(STEPS);
  });

  it("are hardly ever at the mercy of rounding", () => {
    const soft = outcomes.filter((outcome) => outcome === "soft").length;
    console.log(`${outcomes.length} cases of rows, ${soft} of them soft`);
    expect(soft).toBeLessThan(outcomes.length / 50);
  });
});

describe("random programs", () => {
  const [first] = seeds(1);
  const WANTED = 200;

  it(`${WANTED} from seed ${first} on`, async () => {
    const counts = new Map([["no module", 0]]);
    const count = (key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
    let trained = 0;
    let seed = first;
    for (; trained < WANTED; seed++) {
      const verdict = await checkRandom(seed, STEPS);
      if (verdict.outcome === "refused" || verdict.outcome === "no module") {
        for (const line of new Set(verdict.lines))
          count(`${verdict.outcome}: ${line.replace(/`train \w+`/, "a phase")}`);
        continue;
      }
      trained += 1;
      count(verdict.outcome);
      if (verdict.diverged) count("of those, ended by what is not finite");
      if (verdict.idle.length > 0) count("of those, with weights that have no true gradient");
      if (verdict.outcome === "soft") console.log(`seed ${seed}: ${saying(verdict)}`);
    }
    console.log(
      [`seeds ${first} to ${seed - 1}`, ...[...counts].map(([what, times]) => `${times} ${what}`)].join("\n  "),
    );
    expect(counts.get("same") ?? 0).toBeGreaterThan(0.85 * WANTED);
    // Whatever trains can be written as a module.
    expect(counts.get("no module")).toBe(0);
  });
});

function saying({ outcome, lines, idle, steps, referenceSteps }: Verdict): string {
  const unread = idle.length > 0 ? [`without a true gradient: ${idle.join(", ")}`] : [];
  return [`${outcome}, ${steps} steps, ${referenceSteps} on the interpreter`, ...lines, ...unread].join("\n    ");
}
