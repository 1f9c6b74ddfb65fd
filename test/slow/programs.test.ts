import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readSafetensors } from "../../runtime/run/safetensors.ts";
import { sound } from "./command.ts";
import { missed, trained } from "../programs/figures.ts";
import { besideData, hasData, programs } from "../programs/programs.ts";

/** Whole programs: those that can be trained reach their figures with one seed (the long suite has three), all pass `check` and `describe`. */

const folder = besideData();

describe.skipIf(!hasData)("whole programs", () => {
  let runs: string;
  beforeAll(() => {
    runs = mkdtempSync(join(tmpdir(), "mtlc-runs-"));
  });
  afterAll(() => rmSync(runs, { recursive: true, force: true }));

  test.each(["penguins", "energy", "omniglot", "two_phases", "snips", "treebank"])(
    "%s reaches its figures",
    async (name) => {
      expect(missed(name, [await trained(join(folder, `${name}.mtl`), join(runs, name))])).toEqual([]);
    },
  );

  // Two of its ten epochs, of two minutes: enough to see that its twelve tasks learn.
  test("tox21 is on its way", async () => {
    const split = await trained(join(folder, "tox21.mtl"), join(runs, "tox21"), "--set", "train.epochs=2");
    const values = Object.values(split).map(({ auc }) => auc);
    expect(values.length).toBe(12);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    console.log(`tox21: mean auc ${mean.toFixed(4)} after two epochs`);
    expect(mean).toBeGreaterThan(0.7);
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

  test.each(programs.map(({ name }) => name))("%s passes check and describe", async (name) => {
    const file = join(folder, `${name}.mtl`);
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
