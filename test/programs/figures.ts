import { readFileSync } from "node:fs";
import { join } from "node:path";
import { registry } from "../../compiler/registry/index.ts";
import { compileSource, openSource } from "../../src/project/sources.ts";
import { sound } from "../slow/command.ts";
import { folder } from "./programs.ts";

/** What the programs must reach on their test parts, as the README of their folder says, and what they do reach. */

/** What a figure must reach, and what the same program written in PyTorch reaches. */
export interface Figure {
  /** A task's name, or `mean` of all. */
  readonly task: string;
  readonly metric: string;
  readonly bound: number;
  readonly pytorch: string;
}

const metrics: Readonly<Record<string, string>> = {
  accuracy: "accuracy",
  "R²": "r2",
  mae: "mae",
  AUC: "auc",
  "span F1": "span_f1",
};
const downward = new Set(["mae"]);

function reaches(metric: string, value: number, bound: number): boolean {
  return downward.has(metric) ? value <= bound : value >= bound;
}

/** The figures of a program as the table of the README states them. */
export function figuresOf(program: string): Figure[] {
  const lines = readFileSync(join(folder, "README.md"), "utf8").split("\n");
  const line = lines.find((text) => new RegExp(`^\\| ${program}\\b`).test(text));
  if (line === undefined) throw new Error(`the README of the programs has no row for ${program}`);
  const [, , , bounds, reached] = line.split("|").map((cell) => cell.trim());
  const pytorch = reached.split(", ");
  return bounds
    .split(";")[0]
    .split(", ")
    .map((text, index) => {
      const [, task, word, number] = /^(\w+) (.+) (\d*\.\d+)$/.exec(text) ?? [];
      if (number === undefined || !Object.hasOwn(metrics, word)) throw new Error(`not a figure: ${text}`);
      return { task, metric: metrics[word], bound: Number(number), pytorch: pytorch[index] ?? "" };
    });
}

type Split = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Metrics on the test part after training a file. A balance rule that cannot run yet is left at `static`. */
export async function trained(file: string, run: string, ...options: readonly string[]): Promise<Split> {
  const { model } = compileSource(openSource(file));
  const rules = model?.phases.flatMap(({ balance }) => balance) ?? [];
  const isBuilt = rules.every(({ word }) => registry.balance.get(word)?.built);
  const balance = isBuilt ? [] : ["--set", "train.balance=static"];
  return JSON.parse(await sound("train", file, "--run", run, "--format", "json", ...balance, ...options)).splits.test;
}

function valueOf(split: Split, { task, metric }: Figure): number {
  return mean(task === "mean" ? Object.values(split).map((each) => each[metric]) : [split[task][metric]]);
}
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Prints every figure, the mean of some runs, beside its bound; returns those that are missed. */
export function missed(program: string, splits: readonly Split[]): string[] {
  return figuresOf(program).flatMap((figure) => {
    const values = splits.map((split) => valueOf(split, figure));
    const { task, metric, bound, pytorch } = figure;
    const text = `${program}: ${task} ${metric} ${mean(values).toFixed(4)} (${values.map((value) => value.toFixed(3)).join(", ")})`;
    console.log(`${text}; must reach ${bound}, plain PyTorch ${pytorch}`);
    return reaches(metric, mean(values), bound) ? [] : [`${text} does not reach ${bound}`];
  });
}
