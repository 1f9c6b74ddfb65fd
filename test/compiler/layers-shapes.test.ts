import { describe, expect, it } from "vitest";
import type { Type, Value } from "../../compiler/ir/model.ts";
import { addSizes, unknownSize, type Size } from "../../compiler/ir/size.ts";
import { layerRows } from "../../compiler/layers/index.ts";
import { ShapeProblem, type ChainType, type ConcreteType, type LayerRow } from "../../compiler/registry/layer.ts";
import { settingsOf } from "./golden.ts";

/** Shape rules with named axes and unknown sizes, what they say to users, and the parameters of layers. */

function rowOf(name: string): LayerRow {
  const row = layerRows.find((candidate) => candidate.name === name);
  if (!row) throw new Error(`there is no layer ${name}`);
  return row;
}
const f32 = (...shape: Size[]): Type => ({ element: "f32", shape });
const along = (axis: string, ...shape: Size[]): Type => ({
  ...f32(...shape),
  axes: shape.map((_, index) => (index === 0 ? axis : null)),
});
const perTask = (type: Type): Type => ({ ...type, perTask: true });
const dense =
  (width: number): ChainType =>
  (type) => ({ ...type, shape: [...type.shape.slice(0, -1), width] });

function shape(
  name: string,
  inputs: readonly Type[],
  settings: Readonly<Record<string, Value>> = {},
  chains: readonly ChainType[] = [],
): Type {
  const row = rowOf(name);
  return row.shape({ settings: settingsOf(row, settings), inputs, chains, axes: { words: 50 } });
}

function problem(...call: Parameters<typeof shape>): ShapeProblem {
  try {
    shape(...call);
  } catch (error) {
    if (error instanceof ShapeProblem) return error;
    throw error;
  }
  throw new Error(`${call[0]} found nothing wrong`);
}

describe("shape rules", () => {
  it("keep token axes that keep their places", () => {
    const x = along("words", 50, 32);
    expect(shape("dense", [x], { width: 8 })).toEqual(along("words", 50, 8));
    expect(shape("conv1d", [x], { filters: 8, kernel: 3 })).toEqual(along("words", 50, 8));
    expect(shape("conv1d", [x], { filters: 8, kernel: 3, padding: "valid" })).toEqual(f32(48, 8));
    expect(shape("conv1d", [x], { filters: 8, kernel: 3, stride: 2 })).toEqual(f32(25, 8));
    expect(shape("lstm", [x], { width: 8, bidirectional: true })).toEqual(along("words", 50, 16));
    expect(shape("lstm", [x], { width: 8, return: "last" })).toEqual(f32(8));
    expect(shape("concat", [x, along("words", 50)])).toEqual(along("words", 50, 33));
    expect(shape("broadcast", [f32(4)], { along: "words" })).toEqual(along("words", 50, 4));
    expect(shape("mean_pool", [x])).toEqual(f32(32));
    expect(shape("add", [along("words", 50), x])).toEqual(x);
  });

  it("carry unknown sizes", () => {
    const labels = unknownSize("labels(intent)");
    expect(shape("concat", [f32(200), f32(labels)])).toEqual(f32(addSizes(labels, 200)));
    expect(shape("add", [f32(labels), f32(1)])).toEqual(f32(labels));
    expect(shape("flatten", [f32(2, labels)]).shape).toEqual([
      { terms: [{ unknowns: ["labels(intent)"], factor: 2 }] },
    ]);
    expect(shape("embed", [{ element: "i32", shape: [], codes: unknownSize("codes(island)") }], { width: 2 })).toEqual(
      f32(2),
    );
  });

  it("know what exists once for every task", () => {
    const x = f32(8);
    expect(shape("per_task", [x], {}, [dense(4)])).toEqual(perTask(f32(4)));
    expect(shape("cross_stitch", [perTask(x)])).toEqual(perTask(x));
    expect(shape("mmoe", [x], { experts: 3 }, [dense(4)])).toEqual(perTask(f32(4)));
    expect(shape("omoe", [x], { experts: 3 }, [dense(4)])).toEqual(f32(4));
    expect(shape("ple", [x], { levels: 2, shared: 1, own: 1 }, [dense(4), dense(4)])).toEqual(perTask(f32(4)));
    expect(shape("mtan", [x], { taps: "all" }, [dense(4), dense(6)])).toEqual(perTask(f32(10)));
    expect(shape("film", [x])).toEqual(perTask(x));
    expect(shape("film", [x, f32(3)], { condition: "where" })).toEqual(x);
    expect(shape("task_attention", [along("words", 50, 8)], { heads: 2 })).toEqual(perTask(f32(8)));
    expect(shape("concat", [x, perTask(f32(2))])).toEqual(perTask(f32(10)));
  });

  it("windows follow TensorFlow's formulas", () => {
    const image = f32(7, 6, 3);
    expect(shape("conv2d", [image], { filters: 4, kernel: [3, 3], stride: [2, 2] }).shape).toEqual([4, 3, 4]);
    expect(shape("conv2d", [image], { filters: 4, kernel: [3, 3], padding: "valid", dilation: [2, 1] }).shape).toEqual([
      3, 4, 4,
    ]);
    expect(shape("max_pool2d", [image], { size: [2, 2] }).shape).toEqual([3, 3, 3]);
    expect(shape("max_pool2d", [image], { size: [2, 2], padding: "same" }).shape).toEqual([4, 3, 3]);
    expect(shape("conv2d_transpose", [image], { filters: 4, kernel: [3, 3], stride: [2, 2] }).shape).toEqual([
      14, 12, 4,
    ]);
    expect(
      shape("conv2d_transpose", [image], { filters: 4, kernel: [3, 3], stride: [2, 2], padding: "valid" }).shape,
    ).toEqual([15, 13, 4]);
  });
});

describe("messages say what is wrong and what to write", () => {
  const codes: Type = { element: "i32", shape: [50], axes: ["words"], codes: 100 };
  it.each<[string, Parameters<typeof shape>, RegExp, RegExp, number | undefined]>([
    ["codes", ["dense", [codes], { width: 4 }], /\[_, 50\] of codes/, /embed\(8\)/, 0],
    ["numbers in embed", ["embed", [f32(4)], { width: 4 }], /looks codes up/, /dense\(4\)/, 0],
    [
      "codes without a count",
      ["embed", [{ element: "i32", shape: [3] }], { width: 4 }],
      /how many codes/,
      /codes: 100/,
      0,
    ],
    [
      "a matrix in conv2d",
      ["conv2d", [f32(8, 8)], { filters: 4, kernel: [3, 3] }],
      /\[height, width, channels\]/,
      /reshape\(\[8, 8, 1\]\)/,
      0,
    ],
    [
      "a window too large",
      ["conv2d", [f32(3, 8, 1)], { filters: 4, kernel: [5, 5], padding: "valid" }],
      /height is 3.*spans 5/,
      /padding: same/,
      0,
    ],
    [
      "a token tensor in concat",
      ["concat", [f32(32), along("words", 50, 64)]],
      /\[_, 50, 64\] beside \[_, 32\]/,
      /mean_pool.*\[_, 64\].*broadcast\(words\)/,
      1,
    ],
    [
      "an image in concat",
      ["concat", [f32(4, 4, 2), f32(32)]],
      /\[_, 32\] beside \[_, 4, 4, 2\]/,
      /mean_pool.*\[_, 2\].*flatten.*\[_, 32\]/,
      1,
    ],
    ["a residual of vectors", ["residual", [f32(16)], {}, [dense(8)]], /\[_, 16\].*\[_, 8\]/, /dense\(8\)/, 0],
    [
      "a residual of images",
      ["residual", [f32(8, 8, 3)], {}, [dense(16)]],
      /\[_, 8, 8, 3\].*\[_, 8, 8, 16\]/,
      /conv2d\(16, kernel: 1\)/,
      0,
    ],
    [
      "sizes that do not hold it",
      ["reshape", [f32(64)], { sizes: [8, 9] }],
      /64 numbers.*72/,
      /reshape\(\[8, 8\]\)/,
      0,
    ],
    [
      "sizes that do not meet",
      ["add", [f32(4, 16), f32(8)]],
      /\[_, 8\] beside \[_, 4, 16\].*16 does not meet 8/,
      /dense\(16\)/,
      1,
    ],
    [
      "two texts",
      ["mul", [along("words", 50, 8), along("title", 50, 8)]],
      /the axis words does not meet the axis title/,
      /cross_attention/,
      1,
    ],
    [
      "a token axis beside channels",
      ["add", [along("words", 50), f32(8)]],
      /axis words does not meet 8/,
      /broadcast\(words\)/,
      1,
    ],
    ["a vector in mean_pool", ["mean_pool", [f32(8)]], /there are none/, /leave it out/, 0],
    ["an axis that is not there", ["mean", [f32(8)], { axis: "words" }], /no axis words/, /0/, undefined],
    ["a vector in task_attention", ["task_attention", [f32(8)], { heads: 2 }], /nothing to attend over/, /per_task/, 0],
    [
      "heads that do not divide",
      ["attention", [along("words", 50, 30)], { heads: 4 }],
      /4 heads.*30/,
      /dense\(32\)/,
      0,
    ],
    ["one tensor for all in cross_stitch", ["cross_stitch", [f32(8)]], /one tensor for all tasks/, /per_task/, 0],
    ["groups that do not divide", ["group_norm", [f32(8)], { groups: 3 }], /3 groups/, /multiple/, 0],
    ["a channel that is not there", ["slice", [f32(8)], { to: 9 }], /no channel 8/, /at most 8/, 0],
    [
      "an unknown axis to broadcast along",
      ["broadcast", [f32(8)], { along: "title" }],
      /no token axis title/,
      /tokens/,
      undefined,
    ],
  ])("%s", (_, call, message, help, operand) => {
    const found = problem(...call);
    expect(found.message).toMatch(message);
    expect(found.help ?? "").toMatch(help);
    expect(found.operand).toBe(operand);
  });
});

const tasks = ["rating", "price"];

interface ParameterTry {
  readonly inputs: readonly ConcreteType[];
  readonly settings?: Readonly<Record<string, Value>>;
  readonly output?: readonly number[];
  readonly chains?: readonly { readonly argument: ConcreteType; readonly result: ConcreteType }[];
}
const numbers = (...sizes: number[]): ConcreteType => ({ element: "f32", shape: sizes });

function parametersOf(name: string, { inputs, settings = {}, output, chains }: ParameterTry) {
  const row = rowOf(name);
  return (
    row.parameters?.({
      settings: settingsOf(row, settings),
      inputs,
      output: output ? numbers(...output) : inputs[0],
      tasks,
      chains,
    }) ?? {}
  );
}
function shapes(name: string, call: ParameterTry): Record<string, readonly number[]> {
  return Object.fromEntries(Object.entries(parametersOf(name, call)).map(([key, spec]) => [key, spec.shape]));
}

describe("parameters", () => {
  it("of a recurrence in both directions", () => {
    expect(shapes("lstm", { inputs: [numbers(35, 100)], settings: { width: 64, bidirectional: true } })).toEqual({
      "forward.kernel": [100, 256],
      "forward.recurrent": [64, 256],
      "forward.bias": [256],
      "backward.kernel": [100, 256],
      "backward.recurrent": [64, 256],
      "backward.bias": [256],
    });
    expect(shapes("gru", { inputs: [numbers(35, 10)], settings: { width: 4 } })).toEqual({
      kernel: [10, 12],
      recurrent: [4, 12],
      bias: [12],
      recurrent_bias: [12],
    });
    const { bias } = parametersOf("lstm", { inputs: [numbers(35, 10)], settings: { width: 2 } });
    expect([...(bias.values?.() ?? [])]).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
  });

  it("of a transformer, named by where they stand", () => {
    const found = shapes("transformer", { inputs: [numbers(60, 64)], settings: { layers: 1, heads: 4, hidden: 128 } });
    expect(found["1.attention.query.kernel"]).toEqual([64, 64]);
    expect(found["1.norm_1.scale"]).toEqual([64]);
    expect(found["1.dense_1.kernel"]).toEqual([64, 128]);
    const count = Object.values(found).reduce((sum, sizes) => sum + sizes.reduce((a, b) => a * b, 1), 0);
    // Four dense 64 × 64, two dense of the layer, three norms.
    expect(count).toBe(4 * (64 * 64 + 64) + (64 * 128 + 128) + (128 * 64 + 64) + 3 * 128);
  });

  it("of an embedding: the padding row of tokens stays 0, a category's unseen code learns", () => {
    const tokens: ConcreteType = { element: "i32", shape: [50], axes: ["words"], codes: 100 };
    const category: ConcreteType = { element: "i32", shape: [], codes: 4 };
    expect(parametersOf("embed", { inputs: [tokens], settings: { width: 16 } }).table).toMatchObject({
      shape: [100, 16],
      zeroRows: [0],
      start: { word: "truncated", settings: { sd: 0.25 } },
      decay: true,
    });
    expect(parametersOf("embed", { inputs: [category], settings: { width: 2 } }).table.zeroRows).toBeUndefined();
  });

  it("of gates, once for every task", () => {
    expect(shapes("mmoe", { inputs: [numbers(28)], settings: { experts: 8 }, output: [16] })).toEqual({
      "rating.gate.kernel": [28, 8],
      "price.gate.kernel": [28, 8],
    });
    expect(parametersOf("mmoe", { inputs: [numbers(28)], settings: { experts: 8 } })["price.gate.kernel"].task).toBe(
      "price",
    );
    expect(shapes("omoe", { inputs: [numbers(28)], settings: { experts: 8 } })).toEqual({ "gate.kernel": [28, 8] });
    expect(shapes("ple", { inputs: [numbers(24)], settings: { levels: 2, shared: 2, own: 1 }, output: [16] })).toEqual({
      "level_1.rating.gate.kernel": [24, 3],
      "level_1.price.gate.kernel": [24, 3],
      "level_1.shared.gate.kernel": [24, 4],
      "level_2.rating.gate.kernel": [16, 3],
      "level_2.price.gate.kernel": [16, 3],
    });
  });

  it("of chains: which sets of weights there are, and whose", () => {
    const copies = (name: string, settings: Readonly<Record<string, Value>>) => {
      const row = rowOf(name);
      return row
        .chainWeights?.({ settings: settingsOf(row, settings), tasks, chain: 0 })
        .map(({ name, task, stacked }) => [name, task, stacked]);
    };
    expect(copies("per_task", {})).toEqual([
      ["rating", "rating", null],
      ["price", "price", null],
    ]);
    expect(copies("mmoe", { experts: 3 })).toEqual([["expert", null, 3]]);
    expect(copies("cgc", { shared: 1, own: 2 })).toEqual([
      ["rating.own", "rating", 2],
      ["price.own", "price", 2],
      ["shared", null, 1],
    ]);
    expect(copies("cgc", { shared: 0, own: 2 })).toHaveLength(2);
    expect(copies("mtan", {})).toBeUndefined();
  });

  it("of units that join tasks: 0.9 of the own", () => {
    const { matrix } = parametersOf("cross_stitch", { inputs: [numbers(32)] });
    expect(matrix).toMatchObject({ shape: [2, 2], decay: false, rateFactor: 10 });
    expect([...(matrix.values?.() ?? [])]).toEqual([0.9, 0.1, 0.1, 0.9].map(Math.fround));
    const channels = parametersOf("cross_stitch", { inputs: [numbers(3)], settings: { per: "channel" } }).matrix;
    expect(channels.shape).toEqual([2, 2, 3]);
    const fusion = parametersOf("nddr", { inputs: [numbers(2)] })["price.kernel"];
    expect(fusion.shape).toEqual([4, 2]);
    expect([...(fusion.values?.() ?? [])]).toEqual([0.1, 0, 0, 0.1, 0.9, 0, 0, 0.9].map(Math.fround));
  });

  it("of attention masks over stages", () => {
    const stages = [
      { argument: numbers(28, 28, 1), result: numbers(14, 14, 16) },
      { argument: numbers(14, 14, 16), result: numbers(7, 7, 32) },
    ];
    const found = shapes("mtan", { inputs: [numbers(28, 28, 1)], output: [7, 7, 32], chains: stages });
    expect(found["rating.mask_1.down.kernel"]).toEqual([16, 16]);
    expect(found["rating.carry_2.kernel"]).toEqual([3, 3, 16, 32]);
    expect(found["price.mask_2.down.kernel"]).toEqual([64, 32]);
    expect(found["price.mask_2.up.kernel"]).toEqual([32, 32]);
    expect(Object.keys(found)).toHaveLength(2 * 10);
  });

  it("of small parts", () => {
    expect(shapes("adapter", { inputs: [numbers(8)], settings: { rank: 2 } })).toMatchObject({
      "rating.down.kernel": [8, 2],
      "rating.up.kernel": [2, 8],
    });
    expect(shapes("lora", { inputs: [numbers(8)], settings: { rank: 2 }, output: [6] })).toMatchObject({
      "price.a": [8, 2],
      "price.b": [2, 6],
    });
    expect(shapes("film", { inputs: [numbers(8), numbers(3)], settings: { condition: "c" } })).toEqual({
      "scale.kernel": [3, 8],
      "scale.bias": [8],
      "offset.kernel": [3, 8],
      "offset.bias": [8],
    });
    expect(shapes("dselect_k", { inputs: [numbers(8)], settings: { experts: 5, k: 2 } })).toMatchObject({
      "rating.select": [2, 3],
      "rating.mix": [2],
    });
    expect(
      shapes("cross_attention", { inputs: [numbers(5, 8), numbers(9, 8)], settings: { heads: 2, gate: true } }).gate,
    ).toEqual([]);
  });
});
