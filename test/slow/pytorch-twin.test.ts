import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readSafetensors } from "../../runtime/run/safetensors.ts";
import { sound } from "./command.ts";
import { pythonWithTorch } from "./pytorch/python.ts";
import { distilledRows, imageRows, projectedRows, sentenceRows, tableRows, uncertainRows } from "./pytorch/rows.ts";

/**
 * Programs written a second time by hand in PyTorch, beside `mtlc train --log steps`: from our initial weights, on the same
 * rows in the same order. What dropout or shuffling would draw cannot be compared and is left out.
 */

const TOLERANCE = 1e-3;
interface Twin {
  readonly rows: () => string;
  readonly file: string;
  readonly steps: number;
  /** A program that is trained first: what the twin learns from. */
  readonly teacher?: string;
}
const twins = {
  table: { rows: tableRows, file: "table.csv", steps: 50 },
  uncertain: { rows: uncertainRows, file: "uncertain.csv", steps: 54 },
  projected: { rows: projectedRows, file: "projected.csv", steps: 54 },
  images: { rows: imageRows, file: "images.csv", steps: 50 },
  sentences: { rows: sentenceRows, file: "sentences.conll", steps: 54 },
  distilled: { rows: distilledRows, file: "distilled.csv", steps: 60, teacher: "distilled-teacher" },
} satisfies Record<string, Twin>;
type Name = keyof typeof twins;
const names = Object.keys(twins) as Name[];

interface Step {
  readonly losses: Readonly<Record<string, number>>;
  readonly weights: Readonly<Record<string, number>>;
  readonly rate: number;
}

interface Trained {
  readonly steps: readonly Step[];
  readonly weights: Readonly<Record<string, readonly number[]>>;
}

const python = await pythonWithTorch();
if (python.path === null) console.warn(`The PyTorch twins are skipped. ${python.reason}`);

const away = (a: number, b: number): number => Math.abs(a - b) / Math.max(1, Math.abs(b));

const here = fileURLToPath(new URL("pytorch", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "mtlc-twins-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Trains a program on its rows in file order; resolves to the run's folder. */
async function train(name: Name, run: string, ...options: readonly string[]): Promise<string> {
  const { teacher }: Twin = twins[name];
  if (teacher !== undefined && !existsSync(join(folder, teacher))) {
    copyFileSync(join(here, `${teacher}.mtl`), join(folder, `${teacher}.mtl`));
    writeFileSync(join(folder, twins[name].file), twins[name].rows());
    await sound("train", join(folder, `${teacher}.mtl`), "--run", join(folder, teacher));
  }
  const file = join(folder, `${name}.mtl`);
  copyFileSync(join(here, `${name}.mtl`), file);
  writeFileSync(join(folder, twins[name].file), twins[name].rows());
  const at = join(folder, `${name}-${run}`);
  await sound("train", file, "--run", at, "--set", "train.shuffle=false", "--seed", "5", ...options);
  return at;
}

function weightsOf(run: string): ReadonlyMap<string, Float32Array> {
  const file = join(run, "model.safetensors");
  return new Map([...readSafetensors(readFileSync(file), file).tensors].map(([name, { data }]) => [name, data]));
}

describe.skipIf(python.path === null)(`PyTorch twins${python.path === null ? ` (${python.reason})` : ""}`, () => {
  const ours = new Map<Name, Trained>();
  const theirs = new Map<Name, Trained>();

  beforeAll(async () => {
    for (const name of names) ours.set(name, await trainOurs(name));
    const arguments_ = names.map((name) => `${name}=${join(folder, `${name}-initial`)}`);
    const script = join(here, "run.py");
    await promisify(execFile)(python.path ?? "", ["-B", script, ...arguments_], { timeout: 300_000 });
    for (const name of names) {
      theirs.set(name, JSON.parse(readFileSync(join(folder, `${name}-initial`, "twin.json"), "utf8")));
    }
  });

  async function trainOurs(name: Name): Promise<Trained> {
    const initial = await train(name, "initial", "--set", "train.epochs=0");
    writeFileSync(join(initial, twins[name].file), twins[name].rows());
    const run = await train(name, "run", "--log", "steps");
    const lines = readFileSync(join(run, "steps.jsonl"), "utf8").trim().split("\n");
    const weights = [...weightsOf(run)].map(([tensor, values]) => [tensor, Array.from(values)]);
    return { steps: lines.map((line) => JSON.parse(line)), weights: Object.fromEntries(weights) };
  }

  describe.each(names)("%s", (name) => {
    test("losses, weights and rates of every step agree", () => {
      const [a, b] = [ours.get(name)!.steps, theirs.get(name)!.steps];
      expect(a.length).toBe(twins[name].steps);
      expect(b.length).toBe(twins[name].steps);
      const differences: string[] = [];
      b.forEach((step, index) => {
        const compare = (what: string, x: number | undefined, y: number | undefined): void => {
          if (x === undefined || y === undefined || !(away(x, y) <= TOLERANCE))
            differences.push(`step ${index + 1} ${what}: ${x} here, ${y} in PyTorch`);
        };
        const mine = a[index];
        const tasks = new Set([...Object.keys(mine.losses), ...Object.keys(step.losses)]);
        for (const task of tasks) {
          compare(`loss of ${task}`, mine.losses[task], step.losses[task]);
          compare(`weight of ${task}`, mine.weights[task], step.weights[task]);
        }
        if (Math.abs(mine.rate - step.rate) > 1e-6 * Math.abs(step.rate) + 1e-12) {
          differences.push(`step ${index + 1} rate: ${mine.rate} here, ${step.rate} in PyTorch`);
        }
      });
      expect(differences).toEqual([]);
    });

    test("weights and running statistics at the end agree", () => {
      const [a, b] = [ours.get(name)!.weights, theirs.get(name)!.weights];
      expect(Object.keys(a).sort()).toEqual(Object.keys(b).sort());
      const differences = Object.entries(b).flatMap(([tensor, values]) => {
        expect(a[tensor].length, tensor).toBe(values.length);
        const most = Math.max(...values.map((value, k) => away(a[tensor][k], value)));
        return most <= TOLERANCE ? [] : [`${tensor}: ${most} apart`];
      });
      expect(differences).toEqual([]);
    });
  });

  test("training moved far enough to tell right from wrong", () => {
    for (const name of names) {
      const { steps } = ours.get(name)!;
      const [first] = steps;
      const moved = Object.keys(first.losses).map((task) => {
        const last = steps.findLast((step) => step.losses[task] !== undefined)!;
        return away(last.losses[task], first.losses[task]);
      });
      expect(Math.max(...moved), name).toBeGreaterThan(50 * TOLERANCE);
    }
  });
});

test("the head of a task that no batch knows stays as it is, to the bit", async () => {
  const initial = weightsOf(await train("table", "start", "--set", "train.epochs=0"));
  // The first two batches hold no answer for `rare`.
  const after = weightsOf(await train("table", "two-steps", "--set", "train.steps=2"));
  const same = [...after].filter(([name, values]) =>
    values.every((value, k) => Object.is(value, initial.get(name)![k])),
  );
  const rare = [...after.keys()].filter((name) => name.startsWith("rare."));
  expect(rare.length).toBe(7);
  expect(same.map(([name]) => name).sort()).toEqual(rare.sort());
});
