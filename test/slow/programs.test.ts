import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readSafetensors } from "../../runtime/run/safetensors.ts";
import { sound } from "./command.ts";
import { figuresOf, folder, present, reaches } from "./figures.ts";

/** The programs of the design folder: those that can be trained reach their figures, all pass `check` and `describe`. */

if (!present) console.warn(`The acceptance programs are skipped: there is no ${folder}.`);

const trained = ["penguins", "energy", "omniglot", "two_phases"];
const seeds = [1, 2, 3];

describe.skipIf(!present)(`programs of ${folder}${present ? "" : " (absent)"}`, () => {
  let runs: string;
  beforeAll(() => {
    runs = mkdtempSync(join(tmpdir(), "mtlc-programs-"));
  });
  afterAll(() => rmSync(runs, { recursive: true, force: true }));

  test.each(trained)("%s reaches its figures over three seeds", async (program) => {
    const results: Record<string, Record<string, number>>[] = [];
    for (const seed of seeds) {
      const run = join(runs, `${program}-${seed}`);
      const file = join(folder, `${program}.mtl`);
      const out = await sound("train", file, "--seed", String(seed), "--run", run, "--format", "json");
      results.push(JSON.parse(out).splits.test);
    }
    const short = figuresOf(program).flatMap(({ task, metric, bound, pytorch }) => {
      const values = results.map((result) => result[task][metric]);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const text = `${program}: ${task} ${metric} ${mean.toFixed(4)} (${values.map((value) => value.toFixed(3)).join(", ")})`;
      console.log(`${text}; must reach ${bound}, plain PyTorch ${pytorch}`);
      return reaches(metric, mean, bound) ? [] : [`${text} does not reach ${bound}`];
    });
    expect(short).toEqual([]);
  });

  test("two_phases leaves a frozen trunk as it is, to the bit", async () => {
    const file = join(folder, "two_phases.mtl");
    const weightsAt = async (name: string, ...set: string[]): Promise<ReadonlyMap<string, Float32Array>> => {
      const run = join(runs, name);
      await sound("train", file, "--run", run, "--seed", "4", ...set);
      const weights = join(run, "model.safetensors");
      const { tensors } = readSafetensors(readFileSync(weights), weights);
      return new Map([...tensors].map(([tensor, { data }]) => [tensor, data]));
    };
    const initial = await weightsAt("initial", "--set", "train.epochs=0");
    const before = await weightsAt("before", "--set", "train.finish.epochs=0");
    const after = await weightsAt("after");
    const isTrunk = (name: string): boolean => name.startsWith("trunk.");
    const changed = (a: typeof initial, b: typeof initial): string[] =>
      [...a].flatMap(([name, values]) =>
        Buffer.from(values.buffer, values.byteOffset, values.byteLength).equals(
          Buffer.from(b.get(name)!.buffer, b.get(name)!.byteOffset, b.get(name)!.byteLength),
        )
          ? []
          : [name],
      );
    const trunk = [...after.keys()].filter(isTrunk);
    expect(trunk.length).toBe(8);
    // `together` moves all of it, `finish` the heads alone.
    expect(changed(initial, before).filter(isTrunk).sort()).toEqual(trunk.sort());
    expect(changed(before, after).sort()).toEqual([...after.keys()].filter((name) => !isTrunk(name)).sort());
  });

  const files = present ? readdirSync(folder).filter((name) => name.endsWith(".mtl")) : [];
  test.each(files)("%s passes check and describe", async (name) => {
    const file = join(folder, name);
    const { diagnostics } = JSON.parse(await sound("check", file, "--format", "json"));
    const errors = diagnostics.filter(({ severity }: { severity: string }) => severity === "error");
    expect(errors).toEqual([]);
    // A library has no network to describe.
    if (!/^model /m.test(readFileSync(file, "utf8"))) return;
    const { schema, parameters } = JSON.parse(await sound("describe", file, "--format", "json"));
    expect(schema).toBe(1);
    expect(parameters.shared).toBeGreaterThan(0);
  });
});
