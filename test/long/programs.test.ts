import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { missed, trained } from "../programs/figures.ts";
import { besideData, hasData } from "../programs/programs.ts";

/** Programs reach their figures over three seeds, each deciding the split as well as the weights. */

const seeds = [1, 2, 3];
const folder = besideData();

describe.skipIf(!hasData)("over three seeds", () => {
  let runs: string;
  beforeAll(() => {
    runs = mkdtempSync(join(tmpdir(), "mtlc-runs-"));
  });
  afterAll(() => rmSync(runs, { recursive: true, force: true }));

  test.each(["penguins", "energy", "omniglot", "two_phases", "snips", "treebank", "tox21"])("%s", async (name) => {
    const file = join(folder, `${name}.mtl`);
    const splits = [];
    for (const seed of seeds) splits.push(await trained(file, join(runs, `${name}-${seed}`), "--seed", String(seed)));
    expect(missed(name, splits)).toEqual([]);
  });
});
