import type { Type } from "../ir/model.ts";
import { isKnown } from "../ir/size.ts";
import { layer, ShapeProblem, type ConcreteType, type ParameterSpec } from "../registry/layer.ts";
import { choice, number, word } from "../registry/settings.ts";
import { axisNames, needNumbers, resultType, sameShape, showType } from "./types.ts";
import { denseParameters, forEachTask, offset, startWord, vector } from "./weights.ts";

/** Soft sharing: copies of a network for every task, and units that join them. */

/** The type as a tensor that exists once for every task that reads it. */
export function forTasks(type: Type): Type {
  return { ...type, perTask: true };
}

/** The type that one task's copy sees. */
function ofOneTask({ perTask: _, ...type }: Type): Type {
  return type;
}

function needTasks(name: string, type: Type): void {
  needNumbers(name, type);
  if (type.perTask) return;
  throw new ShapeProblem(`this is one tensor for all tasks, and ${name} mixes the tasks' own`, {
    operand: 0,
    help: "`per_task(dense(32) -> relu)` makes a copy for every task",
  });
}

export const channelsOf = (type: Pick<ConcreteType, "shape">): number => type.shape[type.shape.length - 1] ?? 1;

export const perTask = layer({
  name: "per_task",
  doc:
    "A copy of a chain for every task, with weights of its own: y_k = f_k(x), or f_k(x_k) of a per-task tensor. " +
    "`tie` draws the copies' kernels together by a penalty.",
  group: "sharing",
  aliases: ["task_specific", "for_each_task", "towers"],
  operands: { min: 1, max: 1 },
  chains: { min: 1, max: 1 },
  settings: {
    tie: word("tie")
      .optional()
      .describe("A penalty on the distance between the copies: `l2(1e-3)`, `l1(1e-3)`, `trace(1e-3)`."),
    start: choice("own", "equal")
      .default("own")
      .describe("Each copy draws its own start, or all take the first one's."),
  },
  shape: ({ inputs: [x], chains: [chain] }) => forTasks(chain(ofOneTask(x))),
  chainWeights: ({ tasks }) => tasks.map((task) => ({ name: task, task, stacked: null })),
  example: "shared low = x -> per_task(dense(16) -> relu, tie: l2(1e-3))",
});

/** A square matrix with `own` on its diagonal and the rest shared by the others, each entry repeated. */
function stitchValues(size: number, repeats: number): Float32Array {
  const other = size > 1 ? 0.1 / (size - 1) : 0;
  return Float32Array.from({ length: size * size * repeats }, (_, at) => {
    const cell = Math.floor(at / repeats);
    return Math.floor(cell / size) === cell % size ? 0.9 : other;
  });
}

function stitch(size: number, channels: number | null, rate: number): ParameterSpec {
  return {
    shape: channels === null ? [size, size] : [size, size, channels],
    start: startWord("zeros"),
    values: () => stitchValues(size, channels ?? 1),
    fanIn: size,
    fanOut: size,
    decay: false,
    rateFactor: rate,
  };
}

const rate = number({ above: 0 }).default(10).describe("Multiplies the optimizer's rate for the mixing weights.");

export const crossStitch = layer({
  name: "cross_stitch",
  doc:
    "Mixes the tasks' tensors: y_i = Σ_j A_ij x_j, with one matrix A [tasks, tasks] or one for each channel. " +
    "A starts with 0.9 on its diagonal and 0.1 shared by the others; it has no weight decay.",
  group: "sharing",
  aliases: ["CrossStitch", "stitch"],
  source: "1604.03539",
  mixesTasks: true,
  operands: { min: 1, max: 1 },
  settings: { per: choice("layer", "channel").default("layer").describe("One matrix, or one for each channel."), rate },
  shape({ inputs: [x] }) {
    needTasks("cross_stitch", x);
    return resultType([x], x.shape, axisNames(x));
  },
  parameters: ({ settings, inputs: [x], tasks = [] }) => ({
    matrix: stitch(tasks.length, settings.per === "channel" ? channelsOf(x) : null, settings.rate),
  }),
  example: "shared low = x -> per_task(dense(16) -> relu) -> cross_stitch",
});

export const sluice = layer({
  name: "sluice",
  doc:
    "Stages with a copy for every task. After every stage but the last each task's tensor is halved on its channels, the 2 · tasks halves are mixed by a learned matrix, " +
    "and the result is a learned sum of the task's stages, which must have equal shapes. A penalty keeps the halves of each kernel apart.",
  group: "sharing",
  aliases: ["SluiceNetwork"],
  source: "1705.08142",
  mixesTasks: true,
  operands: { min: 1, max: 1 },
  chains: { min: 2, max: Number.POSITIVE_INFINITY, named: "stages" },
  settings: {
    orthogonal: number({ min: 0 })
      .default(0.01)
      .describe("Weight of the penalty Σ ‖W₁ᵀW₂‖² over the column halves of kernels."),
    rate,
  },
  shape({ inputs: [x], chains }) {
    const results: Type[] = [];
    for (const chain of chains) {
      const result = chain(results[results.length - 1] ?? ofOneTask(x));
      const width = result.shape[result.shape.length - 1];
      if (!isKnown(width) || width % 2 !== 0)
        throw new ShapeProblem(
          `a stage gives ${showType(result)}: sluice halves the channels, so their number must be even`,
        );
      if (results.length > 0 && !sameShape(results[0], result))
        throw new ShapeProblem(
          `one stage gives ${showType(results[0])}, another ${showType(result)}: sluice adds them up, so they must be equal`,
        );
      results.push(result);
    }
    return forTasks(results[results.length - 1]);
  },
  chainWeights: ({ tasks }) => tasks.map((task) => ({ name: task, task, stacked: null })),
  parameters({ settings, chains = [], tasks = [] }) {
    const mixes = chains
      .slice(0, -1)
      .map((_, level) => [`mix_${level + 1}`, stitch(2 * tasks.length, null, settings.rate)]);
    const stages = chains.length;
    return {
      ...Object.fromEntries(mixes),
      ...forEachTask(tasks, () => ({
        levels: { ...vector(stages, 0), start: startWord("constant", { value: 1 / stages }) },
      })),
    };
  },
  example: "shared low = x -> sluice(stages: [dense(16) -> relu, dense(16) -> relu])",
});

/** Blocks of the identity below each other: 0.9 for the task's own channels, 0.1 shared by the others'. */
function fusionValues(task: number, tasks: number, channels: number): Float32Array {
  const other = tasks > 1 ? 0.1 / (tasks - 1) : 0;
  const values = new Float32Array(tasks * channels * channels);
  for (let block = 0; block < tasks; block++)
    for (let channel = 0; channel < channels; channel++)
      values[(block * channels + channel) * channels + channel] = block === task ? 0.9 : other;
  return values;
}

export const nddr = layer({
  name: "nddr",
  doc:
    "Joins the tasks' tensors and fuses them for each task: y_k = concat_j(x_j) · kernel_k + bias_k, kernel_k [tasks · channels, channels]. " +
    "It starts with 0.9 of the task's own tensor and 0.1 shared by the others.",
  group: "sharing",
  aliases: ["NDDR", "nddr_cnn"],
  source: "1801.08297",
  mixesTasks: true,
  operands: { min: 1, max: 1 },
  settings: {},
  shape({ inputs: [x] }) {
    needTasks("nddr", x);
    return resultType([x], x.shape, axisNames(x));
  },
  parameters({ inputs: [x], tasks = [] }) {
    const channels = channelsOf(x);
    return forEachTask(tasks, (task) => ({
      kernel: {
        ...denseParameters(tasks.length * channels, channels).kernel,
        values: () => fusionValues(tasks.indexOf(task), tasks.length, channels),
      },
      bias: offset(channels),
    }));
  },
  work: ({ inputs: [x], tasks = [] }) =>
    x.shape.reduce((product, size) => product * size, 1) * tasks.length * tasks.length * channelsOf(x),
  example: "shared low = x -> per_task(dense(16) -> relu) -> nddr",
});

export const mixLevels = layer({
  name: "mix_levels",
  doc: "For each task a learned mixture of several tensors of one shape: Σ_l softmax(mix_k)_l z_l. mix starts at 0: equal parts.",
  group: "sharing",
  aliases: ["ScalarMix", "scalar_mix", "layer_mixture"],
  source: "1802.05365",
  operands: { min: 2, max: Number.POSITIVE_INFINITY },
  settings: {},
  shape({ inputs }) {
    inputs.forEach((input, operand) => {
      needNumbers("mix_levels", input, operand);
      if (!sameShape(inputs[0], input))
        throw new ShapeProblem(
          `this is ${showType(input)} beside ${showType(inputs[0])}: mix_levels adds them up, so they must be equal`,
          {
            operand,
            help: "a `dense` brings them to one width",
          },
        );
    });
    return forTasks(resultType(inputs, inputs[0].shape, axisNames(inputs[0])));
  },
  parameters: ({ inputs, tasks }) => forEachTask(tasks, () => ({ mix: vector(inputs.length, 0) })),
  example:
    "shared first = x -> dense(16) -> relu\nshared second = first -> dense(16) -> relu\nshared levels = mix_levels(first, second)",
});
