import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { bindData, encodeRows } from "../../runtime/data/bind.ts";
import { tableOfRows } from "../../runtime/data/given-rows.ts";
import { binding, json, names, x, y } from "./data-bound.ts";
import { failures, input, model, section, source, task } from "./data-fixtures.ts";

const { path, write, bind, messages } = binding();

describe("inputs", () => {
  it("scales a number by mean and standard deviation of the population, on training rows", async () => {
    const standard = input("x", "f32", { scale: "standard" });
    const { sections, codes } = await bind([standard], [y], {
      train: [2, 4, 4, 4, 5, 5, 7, 9].map((value) => ({ x: value, y: 0 })),
      test: [
        { x: 9, y: 1000 },
        { x: 1, y: 0 },
      ],
    });
    // The textbook's numbers: mean 5, standard deviation 2.
    expect(codes.inputs.x).toEqual({ scale: { shift: [5], factor: [2] } });
    expect([...sections[0].train.inputs.x]).toEqual([-1.5, -0.5, -0.5, -0.5, 0, 0, 1, 2]);
    expect([...(sections[0].test?.inputs.x ?? [])]).toEqual([2, -2]);
  });

  it("scales vectors column by column, tensors as a whole, and divides a constant by 1", async () => {
    const vector = input("v", "f32", { shape: [3], from: names("a", "b", "c"), scale: "minmax" });
    const matrix = input("m", "f32", { shape: [2, 2], scale: "minmax" });
    const same = input("same", "f32", { scale: "standard" });
    const { sections, codes } = await bind([vector, matrix, same], [y], {
      train: [
        {
          a: 0,
          b: 10,
          c: 5,
          m: [
            [0, 1],
            [2, 4],
          ],
          same: 0.1,
          y: 1,
        },
        {
          a: 2,
          b: 30,
          c: 5,
          m: [
            [8, 8],
            [8, 8],
          ],
          same: 0.1,
          y: 1,
        },
        {
          a: 1,
          b: 15,
          c: 5,
          m: [
            [4, 4],
            [4, 4],
          ],
          same: 0.1,
          y: 1,
        },
      ],
    });
    expect(codes.inputs.v.scale).toEqual({ shift: [0, 10, 5], factor: [2, 20, 1] });
    expect(codes.inputs.m.scale).toEqual({ shift: [0], factor: [8] });
    expect(codes.inputs.same.scale).toEqual({ shift: [0.1], factor: [1] });
    const { train } = sections[0];
    expect([...train.inputs.v]).toEqual([0, 0, 0, 1, 1, 0, 0.5, 0.25, 0]);
    expect([...train.inputs.m]).toEqual([0, 0.125, 0.25, 0.5, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5]);
    expect([...train.inputs.same]).toEqual([0, 0, 0]);
  });

  it("fills empty cells with mean, median or a number, and scales what it filled in", async () => {
    const inputs = [
      input("mean", "f32", { from: names("a"), fill: "mean", scale: "standard" }),
      input("median", "f32", { shape: [2], from: names("a", "b"), fill: "median" }),
      input("nine", "f32", { from: names("a"), fill: 9, scale: "minmax" }),
    ];
    const { sections, codes } = await bind(inputs, [y], {
      train: [
        { a: 1, b: 8, y: 0 },
        { a: null, b: 2, y: 0 },
        { a: 3, b: 4, y: 0 },
        { a: 8, y: 0 },
      ],
      test: [{ a: null, b: null, y: 0 }],
    });
    expect(codes.inputs.mean.fill).toEqual([4]);
    expect(codes.inputs.median.fill).toEqual([3, 4]);
    expect(codes.inputs.nine).toEqual({ fill: [9], scale: { shift: [1], factor: [7] } });
    const { train } = sections[0];
    expect(train.inputs.mean[1]).toBe(0);
    expect([...train.inputs.median]).toEqual([1, 8, 3, 2, 3, 4, 8, 4]);
    expect(train.inputs.nine[1]).toBeCloseTo(8 / 7, 6);
  });

  it("codes categories: 0 is unseen or empty, then sorted", async () => {
    const inputs = [
      input("word", "category"),
      input("number", "category"),
      input("mixed", "category"),
      input("given", "category", { kind: { word: "category", values: ["b", "a"] } }),
    ];
    const { sections, codes, sizes } = await bind(inputs, [y], {
      train: [
        { word: "pear", number: 10, mixed: 10, given: "a", y: 0 },
        { word: "Apple", number: "9.0", mixed: "x", given: "b", y: 0 },
        { word: " pear ", number: 9, mixed: 9, given: "c", y: 0 },
        { word: null, number: 10, mixed: "10", given: "", y: 0 },
        { word: "äpfel", number: 9, mixed: "007", given: "a", y: 0 },
      ],
      test: [{ word: "plum", number: 11, mixed: 7, given: "b", y: 0 }],
    });
    expect(codes.inputs.word.categories).toEqual(["Apple", "pear", "äpfel"]);
    expect(codes.inputs.number.categories).toEqual([9, 10]);
    expect(codes.inputs.mixed.categories).toEqual(["007", 10, 9, "x"]);
    expect(sizes).toMatchObject({ "codes(word)": 4, "codes(number)": 3, "codes(given)": 3 });
    const { train, test } = sections[0];
    expect([...train.inputs.word]).toEqual([2, 1, 2, 0, 3]);
    expect([...train.inputs.number]).toEqual([2, 1, 1, 2, 1]);
    expect([...train.inputs.mixed]).toEqual([2, 4, 3, 2, 1]);
    expect([...train.inputs.given]).toEqual([2, 1, 0, 0, 2]);
    expect([test?.inputs.word[0], test?.inputs.number[0], test?.inputs.mixed[0], test?.inputs.given[0]]).toEqual([
      0, 0, 0, 1,
    ]);
  });

  it("sorts by code point, not by UTF-16 unit", async () => {
    const { codes } = await bind([input("c", "category")], [y], {
      train: ["\u{1f600}", "\u{ff5e}", "z"].map((c) => ({ c, y: 0 })),
    });
    expect(codes.inputs.c.categories).toEqual(["z", "\u{ff5e}", "\u{1f600}"]);
  });

  it("fits arrays up to axes of size 1, flat ones and ranges of columns row by row", async () => {
    const inputs = [
      input("image", "f32", { shape: [2, 2, 1] }),
      input("flat", "f32", { shape: [2, 2] }),
      input("range", "f32", { shape: [2, 2], from: { kind: "range", first: "p0", last: "p3" } }),
      input("both", "i32", { shape: [3], from: names("p0", "pair") }),
    ];
    const row = {
      p0: 1,
      p1: 2,
      p2: 3,
      p3: 4,
      image: [
        [1, 2],
        [3, 4],
      ],
      flat: [5, 6, 7, 8],
      pair: [8, 9],
      y: 1,
    };
    const { train } = (await bind(inputs, [y], { train: [row, row] })).sections[0];
    expect([...train.inputs.image]).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
    expect([...train.inputs.flat]).toEqual([5, 6, 7, 8, 5, 6, 7, 8]);
    expect([...train.inputs.range]).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
    expect(train.inputs.both).toEqual(Int32Array.of(1, 8, 9, 1, 8, 9));
  });

  it("says which columns do not fit", async () => {
    const train = [{ a: 1, b: 2, v: [1, 2, 3], w: ["a", "b"], y: 1 }];
    const of = (from: string[], shape: number[]) =>
      messages([input("x", "f32", { shape, from: names(...from) })], [y], { train });
    expect(await of(["a", "b"], [3])).toEqual([
      "input `x` wants `f32[3]`, but train.json gives 2 columns of single cells",
    ]);
    expect(await of(["v"], [2])).toEqual(["input `x` wants `f32[2]`, but train.json gives an array of 3 in each cell"]);
    expect(await of(["v"], [])).toEqual(["input `x` wants `f32`, but train.json gives an array of 3 in each cell"]);
    expect(await of(["w"], [2])).toEqual(["input `x` wants `f32[2]`, but train.json gives a list in each cell"]);
    expect(await messages([input("v", "category")], [y], { train })).toEqual([
      'column "v" of train.json holds an array of 3 in every cell, not one word or number',
    ]);
  });

  it("names bad cells by file, row and column, and counts their like over all parts", async () => {
    const found = await failures(() =>
      bind([x, input("n", "i32"), input("big", "f32")], [y], {
        train: [
          { x: 1, n: 1, big: 1, y: 1 },
          { x: "?", n: 1.5, big: 1e39, y: 1 },
          { x: null, n: 2, big: 1, y: 1 },
          { x: "n/a", n: -3e9, big: 1, y: 1 },
        ],
        test: [{ x: "?", n: 1, big: 1, y: "two" }],
      }),
    );
    expect(found.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'MTL8010 train.json row 2, column "x": "?" is not a number, and 1 more like it',
      'MTL8011 train.json row 3, column "x": the cell is empty (1 row of this column is)',
      'MTL8014 train.json row 2, column "n": 1.5 is not a whole number of 32 bits, and 1 more like it',
      'MTL8015 train.json row 2, column "big": 1e+39 is no number that 32 bits can hold',
      'MTL8010 test.json row 1, column "y": "two" is not a number',
      'MTL8010 test.json row 1, column "x": "?" is not a number',
    ]);
    expect(found[1].help).toContain("fill: mean");
  });

  it("refuses to fill with the mean of nothing", async () => {
    expect(await messages([input("x", "f32", { fill: "mean" })], [y], { train: [{ x: null, y: 1 }] })).toEqual([
      'column "x" is empty in every training row, so it has no mean',
    ]);
  });
});

describe("an input that no task reads", () => {
  const spare = input("spare", "f32", { fill: "mean", scale: "standard" });

  it("may be missing, and needs nothing to be filled with", async () => {
    write("few.json", JSON.stringify([{ x: 3, y: 1 }]));
    const data = section({ train: json("few.json") });
    const bound = await bindData(model([x, spare], [y], [data], { y: ["x"] }), { folder: path, seed: 1 });
    expect([...bound.sections[0].train.inputs.spare]).toEqual([0]);
  });

  it("is read where a penalty is computed from it", async () => {
    write("all.json", JSON.stringify([{ x: 3, spare: 4, y: 1 }]));
    const given = model([x, input("spare", "f32")], [y], [section({ train: json("all.json") })], { y: ["x"] });
    const penalized = { ...given, penalties: [{ name: "small", value: "spare" }] };
    const bound = await bindData(penalized, { folder: path, seed: 1 });
    expect([...bound.sections[0].train.inputs.spare]).toEqual([4]);
  });
});

describe("sections", () => {
  it("learns over all training rows together, and leaves out what a section does not read", async () => {
    write(
      "one.json",
      JSON.stringify([
        { x: 0, c: "a", y: 1 },
        { x: 2, c: "b", y: 2 },
      ]),
    );
    write("two.json", JSON.stringify([{ x: 10, z: "p", y: 5 }]));
    const c = input("c", "category");
    const scaled = input("x", "f32", { scale: "minmax" });
    const z = task("z", { word: "class" });
    const bound = await bindData(
      model(
        [scaled, c],
        [y, z],
        [
          section({ name: "one", train: json("one.json"), tasks: ["y"] }),
          section({ name: "two", train: json("two.json"), tasks: ["z"] }),
        ],
        { y: ["x", "c"], z: ["x"] },
      ),
      { folder: path, seed: 1 },
    );
    expect(bound.codes.inputs.x.scale).toEqual({ shift: [0], factor: [10] });
    expect(bound.codes.inputs.c.categories).toEqual(["a", "b"]);
    const [one, two] = bound.sections;
    expect([one.tasks, two.tasks]).toEqual([["y"], ["z"]]);
    expect(Object.keys(two.train.targets)).toEqual(["z"]);
    expect([...two.train.inputs.c]).toEqual([0]);
    expect(two.train.inputs.x[0]).toBe(1);
  });

  it("takes a column that a source lacks for missing answers", async () => {
    write("one.json", JSON.stringify([{ x: 0, y: 1 }]));
    write("two.json", JSON.stringify([{ x: 1, z: 3 }]));
    const both = [section({ name: "one", train: json("one.json") }), section({ name: "two", train: json("two.json") })];
    const bound = await bindData(model([x], [y, task("z", { word: "real" })], both), { folder: path, seed: 1 });
    expect(bound.sections.map(({ tasks }) => tasks)).toEqual([["y"], ["z"]]);
  });

  it("learns nothing from rows that were cut off", async () => {
    write("all.json", JSON.stringify(Array.from({ length: 50 }, (_, i) => ({ x: i, c: `c${i}`, y: i }))));
    const data = section({ train: json("all.json"), test: source("part", { share: 0.4, of: "train" }) });
    const inputs = [input("x", "f32", { scale: "minmax" }), input("c", "category")];
    const { sections, codes } = await bindData(model(inputs, [y], [data]), { folder: path, seed: 4 });
    const [{ train, test }] = sections;
    expect(codes.inputs.c.categories).toHaveLength(30);
    expect([...(test?.inputs.c ?? [])]).toEqual(new Array(20).fill(0));
    const left = [...train.targets.y.values];
    expect(codes.inputs.x.scale).toEqual({
      shift: [Math.min(...left)],
      factor: [Math.max(...left) - Math.min(...left)],
    });
  });

  it("takes codes that were learnt before as they are", async () => {
    const inputs = [input("x", "f32", { scale: "standard" }), input("c", "category")];
    const rows = {
      train: [
        { x: 0, c: "a", y: 1 },
        { x: 4, c: "b", y: 3 },
      ],
    };
    const { codes } = await bind(inputs, [y], rows);
    const data = section({ train: json("train.json") });
    write("train.json", JSON.stringify([{ x: 100, c: "b", y: 1 }]));
    const again = await bindData(model(inputs, [y], [data]), { folder: path, seed: 1, codes });
    expect(again.codes).toBe(codes);
    expect([again.sections[0].train.inputs.x[0], again.sections[0].train.inputs.c[0]]).toEqual([49, 2]);
  });
});

describe("new rows", () => {
  it("are encoded with what was learnt; inputs must be there, targets need not", async () => {
    const inputs = [input("x", "f32", { scale: "standard", fill: "mean" }), input("c", "category")];
    const tasks = [task("y", { word: "class" }), task("z", { word: "real" }, { scale: "standard" })];
    const made = model(inputs, tasks, [section({ train: json("train.json") })]);
    const { codes } = await bind(inputs, tasks, {
      train: [
        { x: 0, c: "a", y: "p", z: 1 },
        { x: 4, c: "b", y: "q", z: 3 },
      ],
    });
    const table = tableOfRows([
      { x: 4, c: "b", y: "q" },
      { x: null, c: "new", y: "r" },
    ]);
    const warnings: Diagnostic[] = [];
    const rows = encodeRows(made, codes, table, { onWarning: (warning) => warnings.push(warning) });
    expect(rows.rows).toBe(2);
    expect([...rows.inputs.x]).toEqual([1, 0]);
    expect([...rows.inputs.c]).toEqual([2, 0]);
    expect(rows.targets.y).toEqual({ values: Int32Array.of(1, 0), weight: Float32Array.of(1, 0) });
    expect([...rows.targets.z.weight]).toEqual([0, 0]);
    expect(warnings.map(({ code }) => code)).toEqual(["MTL8070", "MTL8040", "MTL8049"]);
    expect(encodeRows(made, codes, table, { targets: false }).targets).toEqual({});
    const [absent] = await failures(() => encodeRows(made, codes, tableOfRows([{ x: 1 }])));
    expect(absent.message).toBe('rows has no column "c"');
  });
});
