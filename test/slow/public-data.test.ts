import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { bindData } from "../../runtime/data/bind.ts";
import { readTable } from "../../runtime/data/sources.ts";
import { data, hasData } from "../programs/programs.ts";
import { names } from "../runtime/data-bound.ts";
import { input, model, section, source, task } from "../runtime/data-fixtures.ts";

/** Real data sets are read as their own documentation describes them. */

describe.skipIf(!hasData)("public data", () => {
  it("the census: 32,561 rows to train and 16,281 to test", async () => {
    const csv = (split: string) => source("csv", { path: "adult.csv.gz", only: { split }, missing: [] });
    const numbers = input("numbers", "f32", { shape: [2], from: names("age", "hours_per_week"), scale: "standard" });
    const income = task("income", { word: "flag" }, { positive: [">50K"] });
    const sections = section({
      train: csv("train"),
      validation: source("part", { share: 0.1, of: "train" }),
      test: csv("test"),
      order: ["train", "validation", "test"],
    });
    const bound = await bindData(model([numbers, input("workclass", "category")], [income], [sections]), {
      folder: join(data, "adult"),
      seed: 11,
    });
    const [{ train, validation, test }] = bound.sections;
    expect([train.rows, validation?.rows, test?.rows]).toEqual([32561 - 3256, 3256, 16281]);
    expect(bound.codes.inputs.workclass.categories).toHaveLength(8);
    // Its documentation: 23.6 % of the test rows earn more.
    const positives = Array.from(test?.targets.income.values ?? []).filter((value) => value === 1).length;
    expect(positives / 16281).toBeCloseTo(0.236, 2);
  });

  it("Fashion-MNIST: 10,000 images, a thousand of each kind", async () => {
    const files = { image: "t10k-images-idx3-ubyte.gz", label: "t10k-labels-idx1-ubyte.gz" };
    const table = await readTable(source("idx", files), join(data, "fashion-mnist-10k"));
    expect(table.rows).toBe(10_000);
    expect(table.columns.get("image")).toMatchObject({ kind: "array", shape: [28, 28] });
    const labels = table.columns.get("label");
    if (labels?.kind !== "number") expect.fail("labels are numbers");
    for (let digit = 0; digit < 10; digit++) expect(labels.values.filter((v) => v === digit)).toHaveLength(1000);
  });

  it("the restaurants: every rating finds its user and its place", async () => {
    const csv = (path: string) => source("csv", { path });
    const visits = source("join", { on: "user" }, [csv("ratings.csv"), csv("users.csv")]);
    const warnings: Diagnostic[] = [];
    const joined = source("join", { on: "place" }, [visits, csv("places.csv")]);
    const table = await readTable(joined, join(data, "restaurant-ratings"), (warning) => warnings.push(warning));
    expect(table.rows).toBe(1161);
    expect(table.columns.size).toBe(5 + 12 + 11);
    expect(warnings).toEqual([]);
  });
});
