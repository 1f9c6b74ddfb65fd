import { describe, expect, it } from "vitest";
import { balanceRows } from "../../compiler/balance/index.ts";
import { lossRows } from "../../compiler/losses/index.ts";
import { optimizerRows } from "../../compiler/optimizers/index.ts";
import type { RowBase, SettingKind, SettingRow } from "../../compiler/registry/settings.ts";
import { scheduleRows } from "../../compiler/schedules/index.ts";
import { startRows } from "../../compiler/starts/index.ts";
import type { Value } from "../../compiler/ir/model.ts";

/** The words of methods.md, table by table. */
const words = {
  loss: "cross_entropy binary_cross_entropy focal dice mse mae huber smooth_l1 log_cosh quantile cosine poisson ordinal iou giou crf distillation",
  optimizer: "sgd adam adamw rmsprop adagrad lion lamb",
  schedule: "constant cosine linear step exponential one_cycle inverse_sqrt plateau",
  start:
    "glorot_uniform glorot_normal he_uniform he_normal lecun_uniform lecun_normal normal uniform truncated constant zeros ones identity orthogonal",
  balance:
    "static random geometric scale_invariant uncertainty imtl_l dwa smooth_tchebycheff famo gradnorm excess mgda pcgrad gradvac cagrad nash fairgrad imtl_g imtl config aligned upgrad dualproj graddrop moco db metabalance sdmgrad modo",
};
const tables: Record<keyof typeof words, readonly (RowBase & { readonly table: string })[]> = {
  loss: lossRows,
  optimizer: optimizerRows,
  schedule: scheduleRows,
  start: startRows,
  balance: balanceRows,
};
const rows = Object.values(tables).flat();

function within(kind: { min?: number; max?: number; above?: number; below?: number }, value: number): boolean {
  const { min = -Infinity, max = Infinity, above = -Infinity, below = Infinity } = kind;
  return value >= min && value <= max && value > above && value < below;
}
/** Whether a checked value is one of a kind. */
function fits(kind: SettingKind, value: Value): boolean {
  switch (kind.kind) {
    case "int":
      return typeof value === "number" && Number.isInteger(value) && within(kind, value);
    case "number":
      return typeof value === "number" && within(kind, value);
    case "bool":
      return typeof value === "boolean";
    case "choice":
      return typeof value === "string" && kind.words.includes(value);
    case "either":
      return kind.of.some((one) => fits(one, value));
    case "list":
      return Array.isArray(value) && value.every((one) => fits(kind.of, one));
    case "string":
    case "path":
    case "name":
      return typeof value === "string";
    default:
      throw new Error(`no row of these tables has a ${kind.kind} as its default`);
  }
}

describe("the tables", () => {
  it.each(Object.entries(words))("%s has every word, once", (table, list) => {
    const names = Object.entries(tables).flatMap(([name, rows]) => (name === table ? rows.map((row) => row.name) : []));
    expect([...names].sort()).toEqual(list.split(" ").sort());
    const found = rows.filter((row) => row.table === table);
    expect(found.length).toBe(names.length);
  });

  it("other names lead to one word of a table", () => {
    for (const list of Object.values(tables)) {
      const names = list.flatMap((row) => [row.name, ...(row.aliases ?? [])]);
      expect(names.filter((name, k) => names.indexOf(name) !== k)).toEqual([]);
    }
  });

  it("know what other libraries say", () => {
    const lead = (alias: string) => rows.filter((row) => row.aliases?.includes(alias)).map((row) => row.name);
    const known: [string, string][] = [
      ["bce", "binary_cross_entropy"],
      ["BCEWithLogitsLoss", "binary_cross_entropy"],
      ["CrossEntropyLoss", "cross_entropy"],
      ["sparse_categorical_crossentropy", "cross_entropy"],
      ["MSELoss", "mse"],
      ["mean_absolute_error", "mae"],
      ["SmoothL1Loss", "smooth_l1"],
      ["AdamW", "adamw"],
      ["SGD", "sgd"],
      ["CosineAnnealingLR", "cosine"],
      ["StepLR", "step"],
      ["OneCycleLR", "one_cycle"],
      ["ReduceLROnPlateau", "plateau"],
      ["xavier_uniform", "glorot_uniform"],
      ["kaiming_normal", "he_normal"],
      ["PCGrad", "pcgrad"],
      ["rlw", "random"],
    ];
    for (const [alias, name] of known) expect(lead(alias)).toEqual([name]);
  });
});

describe.each(rows.map((row) => ({ row, name: `${row.table} ${row.name}` })))("$name", ({ row }) => {
  it("says what it is, in sentences", () => {
    expect(row.doc.length).toBeGreaterThan(10);
    expect(row.doc).toMatch(/^[A-Z0-9α-]/u);
    expect(row.doc).toMatch(/\.$/);
  });
  it("describes its settings, and their defaults are values of their kinds", () => {
    for (const [name, setting] of Object.entries(row.settings)) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(setting.doc, name).toMatch(/^\S.*\.$/u);
      if (setting.fallback !== undefined) {
        expect(setting.required).toBe(false);
        expect(fits(setting.kind, setting.fallback), `${name}: ${JSON.stringify(setting.fallback)}`).toBe(true);
      }
    }
  });
  it("has at most one setting that may stand without its name, and it is the first", () => {
    const settings: SettingRow<unknown>[] = Object.values(row.settings);
    const places = settings.flatMap((setting, k) => (setting.first ? [k] : []));
    expect(places.every((place) => place === 0)).toBe(true);
  });
});

describe("what is built can run, and only that", () => {
  it("losses", () => {
    for (const row of lossRows) {
      expect(row.built, row.name).toBe(row.parts !== undefined);
      expect(row.example, row.name).toMatch(new RegExp(`^loss: .*\\b${row.name}\\b`));
    }
    expect(lossRows.filter((row) => !row.positive).map((row) => row.name)).toEqual(["poisson"]);
    expect(lossRows.flatMap((row) => (row.built ? [] : [row.name]))).toEqual([]);
  });
  it("optimizers", () => {
    for (const row of optimizerRows) expect(row.built, row.name).toBe(row.update !== undefined);
    expect(optimizerRows.flatMap((row) => (row.built ? [] : [row.name]))).toEqual([]);
  });
  it("schedules and starts", () => {
    for (const row of scheduleRows)
      expect([row.name, row.built, row.factor !== undefined]).toEqual([row.name, true, true]);
    for (const row of startRows) expect([row.name, row.built, row.fill !== undefined]).toEqual([row.name, true, true]);
  });
  it("balance rules", () => {
    for (const row of balanceRows) {
      expect(row.built, row.name).toBe(row.lossRule !== undefined || row.gradientRule !== undefined);
      if (row.lossRule !== undefined) expect(row.family).toBe("loss");
      if (row.gradientRule !== undefined) expect(row.family).toBe("gradient");
      expect(row.settings.scale.fallback, row.name).toBe(row.scale);
    }
    const built = balanceRows.flatMap((row) => (row.built ? [row.name] : []));
    expect(built.sort()).toEqual("aligned config dwa imtl_g pcgrad random static uncertainty".split(" "));
  });
  it("rules in the paper's scale are those that are an objective, and config", () => {
    const paper = balanceRows.flatMap((row) => (row.scale === "paper" ? [row.name] : []));
    const objectives = [
      "static",
      "uncertainty",
      "imtl_l",
      "geometric",
      "scale_invariant",
      "smooth_tchebycheff",
      "config",
    ];
    expect(paper.sort()).toEqual(objectives.sort());
  });
});
