import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Task } from "../../compiler/ir/model.ts";
import { binding, names, type Rows, x, y } from "./data-bound.ts";
import { failures, input, task } from "./data-fixtures.ts";

const { bind, messages } = binding();

describe("targets", () => {
  const one = (kind: Task, values: readonly unknown[], others: Partial<Rows> = {}, warnings: Diagnostic[] = []) =>
    bind([x], [kind], { train: values.map((value) => ({ x: 1, y: value })), ...others }, warnings);
  const target = async (kind: Task, values: readonly unknown[]) =>
    (await one(kind, values)).sections[0].train.targets.y;

  it("learns the labels of a class, masks missing ones, and counts", async () => {
    const warnings: Diagnostic[] = [];
    const others = {
      test: [
        { x: 1, y: "ham" },
        { x: 1, y: "jam" },
        { x: 1, y: "eggs" },
      ],
    };
    const { sections, codes, sizes } = await one(
      task("y", { word: "class" }),
      ["spam", "ham", null, "spam", ""],
      others,
      warnings,
    );
    expect(codes.tasks.y).toEqual({ labels: ["ham", "spam"], counts: [1, 2] });
    expect(sizes).toEqual({ "labels(y)": 2 });
    expect(sections[0].train.targets.y).toEqual({
      values: Int32Array.of(1, 0, 0, 1, 0),
      weight: Float32Array.of(1, 1, 0, 1, 0),
    });
    expect(sections[0].test?.targets.y).toEqual({ values: Int32Array.of(0, 0, 0), weight: Float32Array.of(1, 0, 0) });
    expect(warnings.map(({ message }) => message)).toEqual([
      '2 answers for y in test are labels that no training row has ("jam" and 1 more): counted as missing',
    ]);
  });

  it("sorts labels as numbers if all are numbers", async () => {
    const { codes } = await one(task("y", { word: "class" }), [10, "9", 2, "10.0"]);
    expect(codes.tasks.y).toEqual({ labels: [2, 9, 10], counts: [1, 1, 2] });
  });

  it("reads class(n), written labels and ordinal(n), and names what is none of them", async () => {
    expect(await target(task("y", { word: "class", size: 3 }), [0, "2.0", 1])).toEqual({
      values: Int32Array.of(0, 2, 1),
      weight: Float32Array.of(1, 1, 1),
    });
    const written = task("y", { word: "class", size: 3, labels: ["a", 4, true] });
    expect((await target(written, ["4.0", "a", "TRUE"])).values).toEqual(Int32Array.of(1, 0, 2));
    expect((await target(task("y", { word: "ordinal", size: 3 }), [0, 2, null])).weight).toEqual(
      Float32Array.of(1, 1, 0),
    );

    const sizes = task("y", { word: "ordinal", size: 3, labels: ["low", "mid", "high"] });
    expect((await target(sizes, ["mid", " high", null, "low"])).values).toEqual(Int32Array.of(1, 2, 0, 0));
    const stars = task("y", { word: "ordinal", size: 3, labels: [5, 1, 3] });
    expect((await target(stars, [1, "5.0", 3])).values).toEqual(Int32Array.of(1, 0, 2));

    const bad = (kind: Task, values: readonly unknown[]) => failures(() => one(kind, values));
    const [five] = await bad(task("y", { word: "class", size: 5 }), [1, 5, 2, 5]);
    expect(five.message).toBe('train.json row 2, column "y": "5" is not one of 0 … 4, and 1 more like it');
    expect(five.help).toContain("write `class` to learn the labels");
    const [half] = await bad(task("y", { word: "ordinal", size: 3 }), [1, 1.5]);
    expect(half.message).toBe('train.json row 2, column "y": "1.5" is not one of 0 … 2');
    const [big] = await bad(sizes, ["low", "big"]);
    expect(big.message).toBe('train.json row 2, column "y": "big" is not one of "low", "mid", "high"');
    expect(big.help).toContain("add it to the levels, where it belongs in their order");
    const [jam] = await bad(task("y", { word: "class", size: 2, labels: ["ham", "spam"] }), ["ham", "jam"]);
    expect(jam.message).toBe('train.json row 2, column "y": "jam" is not one of "ham", "spam"');
  });

  it("reads flags with and without `positive`", async () => {
    const flag = task("y", { word: "flag" });
    const { codes, sections } = await one(flag, ["yes", "NO", true, false, 1, "0", null]);
    expect(sections[0].train.targets.y).toEqual({
      values: Float32Array.of(1, 0, 1, 0, 1, 0, 0),
      weight: Float32Array.of(1, 1, 1, 1, 1, 1, 0),
    });
    expect(codes.tasks.y.counts).toEqual([3, 3]);
    expect([...(await target(flag, [1, 0.0, 1])).values]).toEqual([1, 0, 1]);
    const even = task("y", { word: "flag" }, { positive: [0, 2, 4] });
    expect([...(await target(even, [0, 1, 2, 3, 4])).values]).toEqual([1, 0, 1, 0, 1]);
    const rich = task("y", { word: "flag" }, { positive: [">50K"] });
    expect(await target(rich, [" >50K", "<=50K", ""])).toEqual({
      values: Float32Array.of(1, 0, 0),
      weight: Float32Array.of(1, 1, 0),
    });
    const [two] = await failures(() => one(flag, [0, 1, 2, 2]));
    expect(two.message).toBe('train.json row 3, column "y": "2" is not yes or no, and 1 more like it');
    const warnings: Diagnostic[] = [];
    await one(task("y", { word: "flag" }, { positive: ["> 50K"] }), [">50K", "<=50K"], {}, warnings);
    expect(warnings.map(({ message }) => message)).toEqual([
      '1 of 2 answers for y in train differs from "> 50K" by case or blanks only: ">50K" (1); it is read as no',
    ]);
  });

  it("reads flags(n) from columns or an array, element by element", async () => {
    const kind = { word: "flags" as const, size: 2 };
    const columns = task("y", kind, { target: names("a", "b") });
    const { codes, sections } = await bind([x], [columns], {
      train: [
        { x: 1, a: 1, b: "no" },
        { x: 1, a: null, b: "yes" },
      ],
    });
    expect(sections[0].train.targets.y).toEqual({
      values: Float32Array.of(1, 0, 0, 1),
      weight: Float32Array.of(1, 1, 0, 1),
    });
    expect(codes.tasks.y.counts).toEqual([0, 1, 1, 1]);
    expect(
      await target(task("y", kind), [
        [1, 0],
        [null, 1],
      ]),
    ).toEqual({
      values: Float32Array.of(1, 0, 0, 1),
      weight: Float32Array.of(1, 1, 0, 1),
    });
  });

  it("scales real targets on the answers of training rows, and keeps places that are empty", async () => {
    const scaled = task("y", { word: "real" }, { scale: "standard" });
    const { sections, codes } = await one(scaled, [2, 4, 4, 4, null, 5, 5, 7, 9], { test: [{ x: 1, y: 9 }] });
    expect(codes.tasks.y.scale).toEqual({ shift: [5], factor: [2] });
    expect([...sections[0].train.targets.y.values]).toEqual([-1.5, -0.5, -0.5, -0.5, 0, 0, 0, 1, 2]);
    expect([...sections[0].train.targets.y.weight]).toEqual([1, 1, 1, 1, 0, 1, 1, 1, 1]);
    expect(sections[0].test?.targets.y.values[0]).toBe(2);

    const box = task("y", { word: "real", shape: [2] }, { target: names("a", "b"), scale: "minmax" });
    const both = await bind([x], [box], {
      train: [
        { x: 1, a: 0, b: 5 },
        { x: 1, a: 4 },
        { x: 1, a: 2, b: 15 },
      ],
    });
    expect(both.codes.tasks.y.scale).toEqual({ shift: [0, 5], factor: [4, 10] });
    expect(both.sections[0].train.targets.y).toEqual({
      values: Float32Array.of(0, 0, 1, 0, 0.5, 1),
      weight: Float32Array.of(1, 1, 1, 0, 1, 1),
    });
  });

  it("reads counts and maps of classes", async () => {
    const count = task("y", { word: "count" });
    expect((await target(count, [0, "3", 12])).values).toEqual(Float32Array.of(0, 3, 12));
    const [minus] = await failures(() => one(count, [1, -1, 2.5]));
    expect(minus.message).toBe('train.json row 2, column "y": -1 is not a count (0, 1, 2 …), and 1 more like it');
    const pixels = task("y", { word: "class", size: 3, shape: [2, 2] });
    expect(
      (
        await target(pixels, [
          [
            [0, 1],
            [2, 0],
          ],
          [
            [1, 1],
            [1, null],
          ],
        ])
      ).weight,
    ).toEqual(Float32Array.of(1, 1, 1, 1, 1, 1, 1, 0));
    const [outside] = await failures(() =>
      one(pixels, [
        [
          [0, 1],
          [3, 0],
        ],
      ]),
    );
    expect(outside.message).toContain("is not one of 0 … 2");
  });

  it("multiplies the weights of rows in, and refuses what is no weight", async () => {
    const heavy = task("y", { word: "real" }, { rowWeight: "w" });
    const rows = (weights: readonly unknown[]) => ({
      train: weights.map((w, i) => ({ x: 1, y: i === 1 ? null : i, w })),
    });
    const { sections } = await bind([x], [heavy], rows([2, 3, 0.5]));
    expect([...sections[0].train.targets.y.weight]).toEqual([2, 0, 0.5]);
    expect(await messages([x], [heavy], rows([1, -1, null]))).toEqual([
      'train.json row 2, column "w": "-1" is no weight of a row: a weight is a number of 0 or more that 32 bits can hold, and 1 more like it',
    ]);
  });

  it("wants targets and weights to be in some training source", async () => {
    const heavy = task("y", { word: "real" }, { rowWeight: "wait" });
    expect(await messages([x], [heavy], { train: [{ x: 1, y: 1, weight: 1 }] })).toEqual([
      'train.json has no column "wait"',
    ]);
    const [absent, ...others] = await failures(() =>
      bind([x], [task("yes", { word: "flag" })], { train: [{ x: 1, Yes: 0 }] }),
    );
    expect(others).toEqual([]);
    expect([absent.message, absent.help]).toEqual(['train.json has no column "yes"', 'did you mean "Yes"?']);
    expect(await messages([x], [y], { train: [{ x: 1, y: null }] })).toEqual(["no training row has an answer for y"]);
  });

  it("reports mistakes of several declarations in one go", async () => {
    const found = await messages([input("a", "f32"), input("b", "category")], [y], { train: [{ x: 1, y: 1 }] });
    expect(found).toEqual(['train.json has no column "a"', 'train.json has no column "b"']);
  });
});
