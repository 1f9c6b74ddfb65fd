import { describe, expect, it } from "vitest";
import type { Builder } from "../../compiler/graph/builder.ts";
import { createBuilder } from "../../compiler/graph/create.ts";
import type { Node } from "../../compiler/graph/graph.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import { operationRows } from "../../compiler/operations/index.ts";
import type { OperationSample } from "./operation-sample.ts";
import { operationSamples } from "./operation-samples.ts";

/** Values written by hand, by another formula, or from tables. */

function run(make: (g: Builder) => Node): number[] {
  const g = createBuilder();
  return [...evaluate(g.finish({ y: make(g) }), {}).y];
}

function close(actual: readonly number[], expected: readonly number[], digits = 12): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => expect(actual[i]).toBeCloseTo(value, digits));
}

const matrix = (g: Builder, rows: readonly (readonly number[])[]): Node =>
  g.constant(rows.flat(), { element: "f32", shape: [rows.length, rows[0].length] });
const whole = (g: Builder, values: readonly number[], shape = [values.length]): Node =>
  g.constant(values, { element: "i32", shape });
/** 1, 2, 3 … as an image [1, height, width, channels]. */
const image = (g: Builder, height: number, width: number, channels = 1): Node =>
  g.constant(
    Array.from({ length: height * width * channels }, (_, i) => i + 1),
    { element: "f32", shape: [1, height, width, channels] },
  );

describe("element by element", () => {
  it("follows tables of the error function", () => {
    close(
      run((g) => g.erf(g.constant([0, 0.5, 1, 2, 3, 3.5, 5, -1, 40]))),
      [
        0, 0.5204998778130465, 0.8427007929497149, 0.9953222650189527, 0.9999779095030014, 0.9999992569016276,
        0.9999999999984626, -0.8427007929497149, 1,
      ],
      14,
    );
  });
  it("does not overflow", () => {
    close(
      run((g) => g.softplus(g.constant([-1000, -40, 0, 40, 1000]))),
      [0, 4.248354255291589e-18, Math.LN2, 40, 1000],
      14,
    );
    close(
      run((g) => g.sigmoid(g.constant([-1000, 0, 1000]))),
      [0, 0.5, 1],
    );
    close(
      run((g) => g.sigmoidCrossEntropy(g.constant([-1000, 1000, -1000, 1000, 0]), g.constant([0, 1, 1, 0, 0.3]))),
      [0, 0, 1000, 1000, Math.LN2],
    );
  });
  it("keeps small numbers where 1 + x would lose them", () => {
    const [expm1, log1p] = run((g) => g.concat([g.expm1(g.constant([1e-12])), g.log1p(g.constant([1e-12]))], 0));
    expect(expm1 / 1e-12).toBeCloseTo(1, 11);
    expect(log1p / 1e-12).toBeCloseTo(1, 11);
  });
  it("relu, sign, floor and casts at the borders", () => {
    close(
      run((g) => g.relu(g.constant([-1, 0, 2]))),
      [0, 0, 2],
    );
    close(
      run((g) => g.sign(g.constant([-3, 0, 2]))),
      [-1, 0, 1],
    );
    close(
      run((g) => g.floor(g.constant([-1.5, 2.7]))),
      [-2, 2],
    );
    close(
      run((g) => g.cast(g.constant([-1.7, 2.9]), "i32")),
      [-1, 2],
    );
    close(
      run((g) => g.cast(g.constant([-0.1, 0, 3]), "bool")),
      [1, 0, 1],
    );
  });
  it("gelu of 1 and -1, exactly and by tanh", () => {
    close(
      run((g) => g.gelu(g.constant([1, -1]))),
      [0.8413447460685429, -0.15865525393145707],
    );
    close(
      run((g) => g.gelu(g.constant([1]), true)),
      [0.5 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * 1.044715))],
    );
  });
});

describe("broadcasting", () => {
  it("aligns from the right and stretches size 1", () => {
    const rows = (g: Builder): Node => matrix(g, [[1], [2]]);
    close(
      run((g) => g.add(rows(g), g.constant([10, 20, 30]))),
      [11, 21, 31, 12, 22, 32],
    );
    close(
      run((g) => g.select(g.greater(rows(g), g.constant(1)), g.constant([1, 2]), g.constant(0))),
      [0, 0, 1, 2],
    );
    close(
      run((g) => g.broadcast(rows(g), [2, 2, 2])),
      [1, 1, 2, 2, 1, 1, 2, 2],
    );
  });
  it("refuses shapes that do not meet, naming the operation", () => {
    expect(() => run((g) => g.add(g.fill(1, [2]), g.fill(1, [3])))).toThrow("add: shapes [2] and [3] do not broadcast");
    expect(() => run((g) => g.mul(g.fill(1, [2]), g.iota(2)))).toThrow("mul: elements");
  });
});

describe("reductions", () => {
  const x = (g: Builder): Node =>
    matrix(g, [
      [1, 5, 2],
      [4, 0, 4],
    ]);
  it("over rows, columns and everything", () => {
    close(
      run((g) => g.sum(x(g), [1])),
      [8, 8],
    );
    close(
      run((g) => g.mean(x(g), [0])),
      [2.5, 2.5, 3],
    );
    close(
      run((g) => g.max(x(g))),
      [5],
    );
    close(
      run((g) => g.min(x(g), [-1])),
      [1, 0],
    );
  });
  it("argmax takes the first of equals", () => {
    close(
      run((g) => g.argmax(x(g), 1)),
      [1, 0],
    );
  });
});

describe("places", () => {
  const x = (g: Builder): Node =>
    matrix(g, [
      [1, 2, 3],
      [4, 5, 6],
    ]);
  it("transposes, slices, pads, reverses and joins", () => {
    close(
      run((g) => g.transpose(x(g), [1, 0])),
      [1, 4, 2, 5, 3, 6],
    );
    close(
      run((g) => g.slice(x(g), [0, 0], [2, 3], [1, 2])),
      [1, 3, 4, 6],
    );
    close(
      run((g) => g.slice(x(g), [1, 1], [1, 2])),
      [5, 6],
    );
    close(
      run((g) => g.pad(g.constant([1, 2]), [1], [2], 9)),
      [9, 1, 2, 9, 9],
    );
    close(
      run((g) => g.reverse(x(g), 1)),
      [3, 2, 1, 6, 5, 4],
    );
    close(
      run((g) => g.concat([x(g), matrix(g, [[7], [8]])], 1)),
      [1, 2, 3, 7, 4, 5, 6, 8],
    );
  });
  it("gathers, scatters, picks and places by index", () => {
    close(
      run((g) => g.gather(x(g), whole(g, [1, 0, 1]))),
      [4, 5, 6, 1, 2, 3, 4, 5, 6],
    );
    close(
      run((g) => g.scatterAdd(whole(g, [1, 1]), x(g), 3)),
      [0, 0, 0, 5, 7, 9, 0, 0, 0],
    );
    close(
      run((g) => g.pick(x(g), whole(g, [2, 0]))),
      [3, 4],
    );
    close(
      run((g) => g.place(g.constant([7, 8]), whole(g, [2, 0]), 3)),
      [0, 0, 7, 8, 0, 0],
    );
  });
  it("refuses an index out of range", () => {
    expect(() => run((g) => g.gather(x(g), whole(g, [2])))).toThrow("gather: index 2 of 2");
    expect(() => run((g) => g.pick(x(g), whole(g, [0, -1])))).toThrow("pick: index -1 of 3");
  });
});

describe("matmul", () => {
  const a = [
    [1, 2, 3],
    [4, 5, 6],
  ];
  const b = [
    [1, 0],
    [0, 2],
    [1, 1],
  ];
  const turned = (rows: readonly (readonly number[])[]): number[][] => rows[0].map((_, j) => rows.map((row) => row[j]));
  it("is rows times columns, however the operands are stored", () => {
    for (const transposeA of [false, true])
      for (const transposeB of [false, true])
        close(
          run((g) =>
            g.matmul(matrix(g, transposeA ? turned(a) : a), matrix(g, transposeB ? turned(b) : b), {
              transposeA,
              transposeB,
            }),
          ),
          [4, 7, 10, 16],
        );
  });
  it("broadcasts leading axes", () => {
    close(
      run((g) => g.matmul(g.reshape(g.constant([1, 2, 3, 4]), [2, 1, 2]), matrix(g, [[1], [10]]))),
      [21, 43],
    );
  });
});

describe("images", () => {
  const plain = { strides: [1, 1], dilations: [1, 1], padding: [0, 0, 0, 0], groups: 1 } as const;
  const ones = (g: Builder, height: number, width: number, channels = 1, filters = 1): Node =>
    g.fill(1, [height, width, channels, filters]);
  it("convolves without turning the kernel", () => {
    const kernel = (g: Builder): Node => g.reshape(g.constant([1, 0, 0, 10]), [2, 2, 1, 1]);
    close(
      run((g) => g.conv2d(image(g, 3, 3), kernel(g), plain)),
      [51, 62, 84, 95],
    );
  });
  it("pads, strides and dilates", () => {
    close(
      run((g) => g.conv2d(image(g, 3, 3), ones(g, 2, 2), { ...plain, strides: [2, 2], padding: [1, 0, 0, 1] })),
      [3, 3, 24, 15],
    );
    close(
      run((g) => g.conv2d(image(g, 3, 3), ones(g, 2, 2), { ...plain, dilations: [2, 2] })),
      [1 + 3 + 7 + 9],
    );
    close(
      run((g) => g.conv2d(image(g, 2, 3), ones(g, 2, 2), { ...plain, dilations: [1, 2] })),
      [1 + 3 + 4 + 6],
    );
  });
  it("keeps groups apart", () => {
    const kernel = (g: Builder): Node => g.reshape(g.constant([1, 10]), [1, 1, 1, 2]);
    close(
      run((g) => g.conv2d(image(g, 1, 2, 2), kernel(g), { ...plain, groups: 2 })),
      [1, 20, 3, 40],
    );
    const four = (g: Builder): Node => g.reshape(g.constant([1, 10, 100, 1000]), [1, 1, 1, 4]);
    close(
      run((g) => g.conv2d(image(g, 1, 1, 2), four(g), { ...plain, groups: 2 })),
      [1, 10, 200, 2000],
    );
  });
  it("pools, padding never wins and counts 0 in sums", () => {
    const pool = { window: [2, 2], strides: [2, 2], padding: [1, 0, 0, 1] } as const;
    close(
      run((g) => g.maxPool2d(g.neg(image(g, 3, 3)), pool)),
      [-1, -3, -4, -6],
    );
    close(
      run((g) => g.sumPool2d(image(g, 3, 3), pool)),
      [3, 3, 24, 15],
    );
  });
  it("gives a tied window's gradient to its first element", () => {
    const pool = { window: [1, 2], strides: [1, 1], padding: [0, 0, 0, 0] } as const;
    const x = (g: Builder): Node => g.fill(5, [1, 1, 3, 1]);
    const dy = (g: Builder): Node => g.reshape(g.constant([1, 10]), [1, 1, 2, 1]);
    close(
      run((g) => g.maxPool2dGradient(x(g), dy(g), pool)),
      [1, 10, 0],
    );
  });
});

describe("softmax family", () => {
  it("gives probabilities that add to 1, for huge logits too", () => {
    const third = (g: Builder): Node => g.softmax(g.constant([1e4, 1e4, 1e4]));
    close(run(third), [1 / 3, 1 / 3, 1 / 3]);
    close(
      run((g) => g.logSumExp(g.constant([Math.log(2), Math.log(3), Math.log(5)]))),
      [Math.log(10)],
    );
    close(
      run((g) => g.logSoftmax(g.constant([0, Math.log(3)]))),
      [-Math.log(4), Math.log(3) - Math.log(4)],
    );
    close(
      run((g) => g.softmaxCrossEntropy(matrix(g, [[-1e4, 1e4]]), whole(g, [0]))),
      [2e4],
    );
  });
  it("normalizes a layer by hand", () => {
    close(
      run((g) => g.layerNorm(g.constant([1, 3]), g.constant([2, 2]), g.constant([10, 20]), 3)),
      [10 - 1, 20 + 1],
    );
  });
});

describe("composites", () => {
  const composites = Object.entries(operationSamples).flatMap(([name, samples]) => {
    const decomposition = Object.entries(operationRows).find(([key]) => key === name)?.[1].decomposition;
    return decomposition ? samples.map((sample) => ({ name, sample, decomposition })) : [];
  });
  const build = (g: Builder, sample: OperationSample): Node[] =>
    Object.entries(sample.inputs).map(([name, { type }]) => g.input(name, type));

  it.each(composites)("$name is its decomposition: $sample.label", ({ name, sample, decomposition }) => {
    const g = createBuilder();
    const nodes = build(g, sample);
    const whole = sample.build(g, Object.fromEntries(Object.keys(sample.inputs).map((key, k) => [key, nodes[k]])));
    expect(whole.operation).toBe(name);
    const parts = decomposition(g, whole.inputs, whole.attributes);
    expect(parts.type).toEqual(whole.type);
    const values = Object.fromEntries(Object.entries(sample.inputs).map(([key, input]) => [key, input.values]));
    const found = evaluate(g.finish({ whole, parts }), values);
    close([...found.parts], [...found.whole], 10);
  });
});
