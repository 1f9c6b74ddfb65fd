import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the programs of the design folder must reach, as its README says. */

export const folder = "../shared/design/programs";
export const present = existsSync(join(folder, "README.md"));

/** What a figure must reach on the test part, and what the same program written in PyTorch reaches. */
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

export function reaches(metric: string, value: number, bound: number): boolean {
  return downward.has(metric) ? value <= bound : value >= bound;
}

/** The figures of a program as the table of the folder's README states them. */
export function figuresOf(program: string): Figure[] {
  const lines = readFileSync(join(folder, "README.md"), "utf8").split("\n");
  const line = lines.find((text) => new RegExp(`^\\| ${program}\\b`).test(text));
  if (line === undefined) throw new Error(`${folder}/README.md has no row for ${program}`);
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
