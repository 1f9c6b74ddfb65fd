import { describe, expect, it } from "vitest";
import type { Value } from "../../compiler/ir/model.ts";
import { layerRows } from "../../compiler/layers/index.ts";
import type { LayerRow } from "../../compiler/registry/layer.ts";
import { runLayer, type LayerCase, type LayerInput } from "./layer-harness.ts";

/** Rows that only fill a batch, padding, randomness and running statistics, on numbers small enough to check by hand. */

function rowOf(name: string): LayerRow {
  const row = layerRows.find((candidate) => candidate.name === name);
  if (!row) throw new Error(`there is no layer ${name}`);
  return row;
}

/** [batch, 3 words, channels], with padding that must not matter. */
function words(values: readonly (readonly (readonly number[])[])[]): LayerInput {
  return {
    type: { element: "f32", shape: [3, values[0][0].length], axes: ["words", null] },
    values: values.flat(2),
  };
}
function vectors(values: readonly (readonly number[])[]): LayerInput {
  return { type: { element: "f32", shape: [values[0].length] }, values: values.flat() };
}

function run(
  name: string,
  inputs: readonly LayerInput[],
  batch: number,
  settings: Readonly<Record<string, Value>> = {},
  rest: Partial<LayerCase> = {},
) {
  return runLayer({ row: rowOf(name), inputs, batch, settings, ...rest });
}

const two = [
  [
    [1, 8],
    [3, 2],
    [99, 99],
  ],
  [
    [-99, -99],
    [-99, -99],
    [-99, -99],
  ],
];
const masks = { words: [1, 1, 0, 0, 0, 0] };

describe("padding", () => {
  it.each([
    ["mean_pool", {}, [2, 5, 0, 0]],
    ["max_pool", {}, [3, 8, 0, 0]],
    ["mean", {}, [3.5, 0]],
    ["mean", { axis: "words" }, [2, 5, 0, 0]],
    ["sum", {}, [14, 0]],
    ["first", {}, [1, 8, 0, 0]],
    ["flatten", {}, [1, 8, 3, 2, 0, 0, 0, 0, 0, 0, 0, 0]],
    ["reshape", { sizes: [2, 3] }, [1, 8, 3, 2, 0, 0, 0, 0, 0, 0, 0, 0]],
  ])("%s with %j", (name, settings, expected) => {
    // + 0 makes 0 of -0.
    const output = [...run(name, [words(two)], 2, settings, { masks }).output].map((value) => value + 0);
    expect(output).toEqual(expected);
  });

  it.each([
    ["lstm", { width: 2 }],
    ["lstm", { width: 2, bidirectional: true }],
    ["lstm", { width: 2, bidirectional: true, return: "last" }],
    ["gru", { width: 2, bidirectional: true }],
    ["gru", { width: 2, bidirectional: true, return: "last" }],
    ["simple_rnn", { width: 2, bidirectional: true }],
    ["simple_rnn", { width: 2, bidirectional: true, return: "last" }],
    ["attention", { heads: 1 }],
    ["transformer", { layers: 2, heads: 2, hidden: 3 }],
    ["attention_pool", {}],
    ["add_positions", {}],
  ])("%s with %j sees what it sees of the shorter sequence alone", (name, settings) => {
    const [real] = two;
    const long = run(name, [words([real])], 1, settings, { masks: { words: [1, 1, 0] } });
    const alone: LayerInput = { type: { element: "f32", shape: [2, 2] }, values: real.slice(0, 2).flat() };
    const short = run(name, [alone], 1, settings);
    short.output.forEach((value, at) => expect(long.output[at]).toBeCloseTo(value, 12));
  });

  it.each(["lstm", "gru", "simple_rnn"])("%s gives 0 there, and 0 for an empty sequence", (name) => {
    const both = { width: 2, bidirectional: true };
    const sequence = [...run(name, [words(two)], 2, both, { masks }).output];
    expect(sequence.slice(8).map((value) => value + 0)).toEqual(new Array(16).fill(0));
    const last = [...run(name, [words(two)], 2, { ...both, return: "last" }, { masks }).output];
    expect(last.slice(4).map((value) => value + 0)).toEqual([0, 0, 0, 0]);
    expect(last.slice(0, 4)).toEqual([...sequence.slice(4, 6), ...sequence.slice(2, 4)]);
  });

  it("causal attention does not look ahead", () => {
    const [real] = two;
    const early = (causal: boolean, third: number): number[] => {
      const changed = [...real.slice(0, 2), [third, third]];
      const full = { masks: { words: [1, 1, 1] } };
      return [...run("attention", [words([changed])], 1, { heads: 1, causal }, full).output].slice(0, 4);
    };
    expect(early(true, 1)).toEqual(early(true, 5));
    expect(early(false, 1)).not.toEqual(early(false, 5));
  });

  it("attention_pool gives 0 for an empty sequence", () => {
    expect([...run("attention_pool", [words(two)], 2, {}, { masks }).output].slice(2)).toEqual([0, 0]);
  });

  it("no gradient reaches a padded place through pooling", () => {
    for (const name of ["mean_pool", "max_pool", "sum", "flatten"]) {
      const [gradient] = run(name, [words(two)], 2, {}, { masks }).inputGradients;
      expect([...(gradient ?? [])].slice(4), name).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    }
  });

  it("conv1d reads zeros there", () => {
    const x = words([[[1], [2], [9]]]);
    const values = { kernel: [1, 1, 1], bias: [0] };
    const result = run("conv1d", [x], 1, { filters: 1, kernel: 3 }, { masks: { words: [1, 1, 0] }, values });
    expect([...result.output]).toEqual([3, 3, 2]);
  });

  it("softmax along a token axis gives it nothing", () => {
    const x: LayerInput = { type: { element: "f32", shape: [3], axes: ["words"] }, values: [1, 1, 50, 7, 7, 7] };
    const output = run("softmax", [x], 2, {}, { masks }).output;
    [0.5, 0.5, 0, 0, 0, 0].forEach((share, at) => expect(output[at]).toBeCloseTo(share, 12));
  });

  it("group_norm leaves it out of its statistics", () => {
    const [real, empty] = two;
    const values = { scale: [1, 1], offset: [0, 0] };
    const long = run("group_norm", [words([real, empty])], 2, { groups: 1 }, { masks, values }).output;
    const short: LayerInput = { type: { element: "f32", shape: [2, 2] }, values: real.slice(0, 2).flat() };
    const alone = run("group_norm", [short], 1, { groups: 1 }, { values }).output;
    alone.forEach((value, at) => expect(long[at]).toBeCloseTo(value, 12));
  });
});

describe("batch_norm", () => {
  const values = { scale: [2, -1], offset: [0.5, 1], mean: [10, 20], variance: [1, 4] };
  const real = [
    [1, 8],
    [3, 2],
  ];

  it("does not count rows that only fill the batch", () => {
    const filled = run(
      "batch_norm",
      [vectors([...real, [99, 99]])],
      3,
      {},
      { training: true, rows: [1, 1, 0], values },
    );
    const alone = run("batch_norm", [vectors(real)], 2, {}, { training: true, values });
    alone.output.forEach((value, at) => expect(filled.output[at]).toBeCloseTo(value, 12));
    expect(filled.nextStates).toEqual(alone.nextStates);
  });

  it("keeps nine tenths of its running statistics and divides the variance by n - 1", () => {
    const { nextStates } = run(
      "batch_norm",
      [vectors([...real, [99, 99]])],
      3,
      {},
      { training: true, rows: [1, 1, 0], values },
    );
    // Means 2 and 5, squared deviations 2 and 18 over n - 1 = 1.
    [9 + 0.2, 18 + 0.5].forEach((mean, at) => expect(nextStates.mean[at]).toBeCloseTo(mean, 12));
    [0.9 + 0.2, 3.6 + 1.8].forEach((variance, at) => expect(nextStates.variance[at]).toBeCloseTo(variance, 12));
  });

  it("counts real positions of token axes", () => {
    const tokens = run("batch_norm", [words(two)], 2, {}, { training: true, masks, values });
    const rows = run("batch_norm", [vectors(real)], 2, {}, { training: true, values });
    rows.output.forEach((value, at) => expect(tokens.output[at]).toBeCloseTo(value, 12));
    for (const name of ["mean", "variance"])
      rows.nextStates[name].forEach((value, at) => expect(tokens.nextStates[name][at]).toBeCloseTo(value, 12));
  });

  it("lives through a batch of one row, and of none", () => {
    const one = run("batch_norm", [vectors(real)], 2, {}, { training: true, rows: [0, 1], values });
    // A single value has no variance: the running statistics stay what they were.
    expect([...one.nextStates.mean, ...one.nextStates.variance]).toEqual([10, 20, 1, 4]);
    const none = run("batch_norm", [vectors(real)], 2, {}, { training: true, rows: [0, 0], values });
    expect([...none.nextStates.mean, ...none.nextStates.variance]).toEqual([10, 20, 1, 4]);
    expect([...none.output].every(Number.isFinite)).toBe(true);
  });

  it("uses running statistics elsewhere, and leaves them", () => {
    const { output, nextStates } = run("batch_norm", [vectors(real)], 2, { epsilon: 1e-5 }, { values });
    expect(output[0]).toBeCloseTo((2 * (1 - 10)) / Math.sqrt(1 + 1e-5) + 0.5, 12);
    expect(output[1]).toBeCloseTo((-1 * (8 - 20)) / Math.sqrt(4 + 1e-5) + 1, 12);
    expect(nextStates).toEqual({});
  });
});

describe("dropout", () => {
  const x = vectors([[1, 2, 4]]);
  const random = { keep: [0.1, 0.3, 0.9] };

  it("leaves out what is drawn below p and scales the rest", () => {
    expect([...run("dropout", [x], 1, { p: 0.3 }, { training: true, random }).output]).toEqual([0, 2 / 0.7, 4 / 0.7]);
    expect([...(run("dropout", [x], 1, { p: 0.3 }, { training: true, random }).inputGradients[0] ?? [])]).toEqual([
      0,
      1 / 0.7,
      1 / 0.7,
    ]);
  });

  it("passes everything in evaluation", () => {
    expect([...run("dropout", [x], 1, { p: 0.3 }, { random }).output]).toEqual([1, 2, 4]);
  });
});

describe("gradients changed on purpose", () => {
  const x = vectors([[1, 2]]);
  it("stop_gradient lets none through", () => {
    const { output, inputGradients } = run("stop_gradient", [x], 1);
    expect([...output]).toEqual([1, 2]);
    expect([...(inputGradients[0] ?? [])]).toEqual([0, 0]);
  });
  it("reverse_gradient turns it", () => {
    const { output, inputGradients } = run("reverse_gradient", [x], 1, { strength: 0.5 });
    expect([...output]).toEqual([1, 2]);
    expect([...(inputGradients[0] ?? [])]).toEqual([-0.5, -0.5]);
  });
});

describe("prediction", () => {
  const predict = (kind: string, values: readonly number[], rest: Partial<LayerCase> = {}): number[] => [
    ...run("prediction", [vectors([values])], 1, { task: "answer" }, { kind, ...rest }).output,
  ];
  it("undoes the scale of a real", () => {
    expect(predict("real", [-1, 2], { scale: { shift: [100], factor: [10] } })).toEqual([90, 120]);
    expect(predict("real", [-1, 2], { scale: { shift: [100, 7], factor: [10, 2] } })).toEqual([90, 11]);
    expect(predict("real", [-1, 2])).toEqual([-1, 2]);
  });
  it("makes chances of logits", () => {
    expect(predict("class", [Math.log(3), 0])[0]).toBeCloseTo(0.75, 12);
    expect(predict("flag", [Math.log(3)])[0]).toBeCloseTo(0.75, 12);
    expect(predict("count", [Math.log(3)])[0]).toBeCloseTo(3, 12);
  });
  it("gives the chance that an ordinal lies above each level", () => {
    const [first, second] = predict("ordinal", [Math.log(3), 0]);
    expect(first).toBeCloseTo(0.75, 12);
    expect(second).toBeCloseTo(0.375, 12);
  });
});

describe("arithmetic", () => {
  it("aligns token axes by name", () => {
    const each: LayerInput = { type: { element: "f32", shape: [3], axes: ["words"] }, values: [1, 10, 100] };
    const x = words([
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ]);
    expect([...run("mul", [each, x], 1).output]).toEqual([1, 2, 30, 40, 500, 600]);
    expect([...run("sub", [x, each], 1).output]).toEqual([0, 1, -7, -6, -95, -94]);
  });
  it("meets numbers without a batch axis", () => {
    const half: LayerInput = { type: { element: "f32", shape: [], batch: false }, values: [2] };
    expect([
      ...run(
        "div",
        [
          half,
          vectors([
            [4, 8],
            [1, 2],
          ]),
        ],
        2,
      ).output,
    ]).toEqual([0.5, 0.25, 2, 1]);
    const list: LayerInput = { type: { element: "f32", shape: [2], batch: false }, values: [1, 10] };
    expect([
      ...run(
        "add",
        [
          vectors([
            [4, 8],
            [1, 2],
          ]),
          list,
        ],
        2,
      ).output,
    ]).toEqual([5, 18, 2, 12]);
  });
});
