import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { bindData } from "../../runtime/data/bind.ts";
import { failures, input, model, section, source, task } from "./data-fixtures.ts";

const rows = source("json", { path: "npm:vega-datasets/data/penguins.json", missing: ["."], only: {} });
const part = source("part", { share: 0.2, of: "train", stratify: "species", group: null });
const beak = input("beak", "f32", {
  shape: [2],
  from: { kind: "names", names: ["Beak Length (mm)", "Beak Depth (mm)"] },
  scale: "standard",
  fill: "mean",
});
const flipper = input("flipper", "f32", {
  from: { kind: "names", names: ["Flipper Length (mm)"] },
  scale: "standard",
  fill: "mean",
});
const island = input("island", "category", { from: { kind: "names", names: ["Island"] } });
const species = task("species", { word: "class" }, { target: { kind: "names", names: ["Species"] } });
const sex = task("sex", { word: "flag" }, { target: { kind: "names", names: ["Sex"] }, positive: ["FEMALE"] });
const mass = task("mass", { word: "real" }, { target: { kind: "names", names: ["Body Mass (g)"] }, scale: "standard" });
const penguins = model(
  [beak, flipper, island],
  [species, sex, mass],
  [section({ train: rows, test: part, validation: part, order: ["train", "test", "validation"] })],
);
const folder = import.meta.dirname;

describe("penguins", () => {
  it("binds 344 birds in three parts, with everything learnt on the training rows", async () => {
    const warnings: Diagnostic[] = [];
    const { sections, codes, sizes } = await bindData(penguins, {
      folder,
      seed: 1,
      onWarning: (w) => warnings.push(w),
    });
    const [{ train, validation, test, tasks }] = sections;
    expect([train.rows, validation?.rows, test?.rows]).toEqual([206, 69, 69]);
    expect(tasks).toEqual(["species", "sex", "mass"]);
    expect(warnings).toEqual([]);
    expect(sizes).toEqual({ "codes(island)": 4, "labels(species)": 3 });
    expect(codes.inputs.island.categories).toEqual(["Biscoe", "Dream", "Torgersen"]);
    expect(codes.tasks.species.labels).toEqual(["Adelie", "Chinstrap", "Gentoo"]);
    const counts = codes.tasks.species.counts ?? [];
    expect(counts.reduce((a, b) => a + b)).toBe(206);
    // 152, 68, 124 of 344 birds; each part keeps the mixture to within a row.
    expect(Math.abs(counts[0] - (206 * 152) / 344)).toBeLessThan(2);
    expect(Math.abs(counts[1] - (206 * 68) / 344)).toBeLessThan(2);

    // Scaled on the cells that are there; two birds were not measured at all.
    const column = Array.from({ length: 206 }, (_, i) => train.inputs.beak[2 * i]);
    expect(Math.abs(column.reduce((a, b) => a + b) / 206)).toBeLessThan(1e-6);
    expect(Math.sqrt(column.reduce((a, b) => a + b * b, 0) / 206)).toBeCloseTo(1, 1);
    const missing = [train, validation, test].map((set) => set?.targets.sex.weight.filter((w) => w === 0).length ?? 0);
    expect(missing.reduce((a, b) => a + b)).toBe(11);
  });

  it("says which cell is neither yes nor no, and how many are like it", async () => {
    const plain = model(
      [island],
      [task("sex", { word: "flag" }, { target: { kind: "names", names: ["Sex"] } })],
      [section({ train: source("json", { path: "npm:vega-datasets/data/penguins.json" }) })],
    );
    const [diagnostic, ...others] = await failures(() => bindData(plain, { folder, seed: 1 }));
    expect(others).toEqual([]);
    expect(diagnostic.message).toBe(
      'npm:vega-datasets/data/penguins.json row 1, column "Sex": "MALE" is not yes or no, and 333 more like it',
    );
    expect(diagnostic.help).toBe(
      'say which values mean yes: `positive: …`; "." looks like an empty cell: list it in the source, `missing: ["."]`',
    );
  });
});
