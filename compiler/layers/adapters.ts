import type { Type } from "../ir/model.ts";
import { layer, ShapeProblem, type ParameterSpec } from "../registry/layer.ts";
import { bool, int, nameOf, number } from "../registry/settings.ts";
import { elementCount } from "../graph/graph.ts";
import { needChannels } from "./norms.ts";
import { channelsOf, forTasks } from "./per-task.ts";
import { axisNames, needNumbers, needSequence, resultType, sameShape, showType } from "./types.ts";
import { denseParameters, forEachTask, startWord, under, vector } from "./weights.ts";

/** Small parts that bend a shared tensor to a task or to another tensor. */

export const adapter = layer({
  name: "adapter",
  doc: "A small detour for each task: h + up(relu(down(h))), down to `rank` and up again. up starts at 0, so that it starts as the identity.",
  group: "sharing",
  aliases: ["Adapter", "bottleneck_adapter"],
  source: "1902.00751",
  operands: { min: 1, max: 1 },
  settings: { rank: int({ min: 1 }).positional().default(16).describe("Width of the detour.") },
  shape({ inputs: [x] }) {
    needChannels("adapter", x);
    return forTasks(resultType([x], x.shape, axisNames(x)));
  },
  parameters({ settings: { rank }, inputs: [x], tasks }) {
    const width = channelsOf(x);
    return forEachTask(tasks, () => ({
      ...under("down", denseParameters(width, rank)),
      ...under("up", denseParameters(rank, width, { start: startWord("zeros") })),
    }));
  },
  work: ({ settings: { rank }, inputs: [x], tasks = [] }) => 2 * tasks.length * elementCount(x.shape) * rank,
  example: "shared bent = x -> dense(16) -> relu -> adapter(4)",
});

export const lora = layer({
  name: "lora",
  doc:
    "A dense layer for all tasks and a correction of low rank for each: x · K + b + (alpha / rank) · x · A_k · B_k. " +
    "B starts at 0; `freeze` holds K and b still.",
  group: "sharing",
  aliases: ["LoRA", "low_rank"],
  source: "2106.09685",
  operands: { min: 1, max: 1 },
  chains: { min: 1, max: 1 },
  settings: {
    rank: int({ min: 1 }).default(4).describe("Rank of the corrections."),
    alpha: number({ above: 0 }).optional().describe("Strength of the corrections; `rank` where it is left out."),
    freeze: bool(false).describe("Holds the dense layer itself still."),
  },
  shape({ inputs: [x], chains: [chain] }) {
    needNumbers("lora", x);
    return forTasks(chain(x));
  },
  parameters({ settings: { rank }, inputs: [x], output, tasks }) {
    const [inputs, outputs] = [channelsOf(x), channelsOf(output)];
    return forEachTask(tasks, () => ({
      a: denseParameters(inputs, rank, { start: startWord("he_uniform") }).kernel,
      b: denseParameters(rank, outputs, { start: startWord("zeros") }).kernel,
    }));
  },
  work: ({ settings: { rank }, inputs: [x], output, tasks = [] }) =>
    tasks.length * rank * (elementCount(x.shape) + elementCount(output.shape)),
  example: "shared bent = x -> lora(dense(16), rank: 2)",
});

/** A dense layer that starts as 0 for every input. */
function silent(inputs: number, outputs: number): Readonly<Record<string, ParameterSpec>> {
  return denseParameters(inputs, outputs, { start: startWord("zeros") });
}

export const film = layer({
  name: "film",
  doc:
    "Scales and shifts the channels: for each task scale_k ⊙ h + offset_k, starting at 1 and 0; with `condition: c`, once for all tasks, (1 + dense(c)) ⊙ h + dense(c), " +
    "both dense layers starting at 0.",
  group: "sharing",
  aliases: ["FiLM", "conditional_scale"],
  source: "1709.07871",
  operands: { min: 1, max: 1 },
  settings: {
    condition: nameOf("tensor").optional().describe("A vector that decides how channels are scaled and shifted."),
  },
  shape({ settings, inputs: [x, condition] }) {
    needChannels("film", x);
    if (settings.condition === null) return forTasks(resultType([x], x.shape, axisNames(x)));
    if (condition && condition.shape.length > 1)
      throw new ShapeProblem(`the condition is ${showType(condition)}: film reads one vector an example`, {
        operand: 1,
        help: "pool it first: `mean_pool`",
      });
    return resultType(condition ? [x, condition] : [x], x.shape, axisNames(x));
  },
  parameters({ inputs: [x, condition], tasks }) {
    const width = channelsOf(x);
    if (!condition) return forEachTask(tasks, () => ({ scale: vector(width, 1), offset: vector(width, 0) }));
    const inputs = channelsOf(condition);
    return { ...under("scale", silent(inputs, width)), ...under("offset", silent(inputs, width)) };
  },
  example: "shared bent = x -> dense(16) -> relu -> film",
});

function needEqual(name: string, a: Type, b: Type): void {
  if (sameShape(a, b)) return;
  throw new ShapeProblem(`this is ${showType(b)} beside ${showType(a)}: ${name} needs tensors of one shape`, {
    operand: 1,
    help: "a `dense` brings one to the width of the other",
  });
}

export const gate = layer({
  name: "gate",
  doc: "A learned mixture of two tensors of one shape: g = σ(dense([a ; b])), then g ⊙ a + (1 - g) ⊙ b.",
  group: "sharing",
  aliases: ["Gate", "gated_fusion", "highway"],
  operands: { min: 2, max: 2 },
  settings: {},
  shape({ inputs: [a, b] }) {
    needChannels("gate", a);
    needNumbers("gate", b, 1);
    needEqual("gate", a, b);
    return resultType([a, b], a.shape, axisNames(a));
  },
  parameters: ({ inputs: [a] }) => denseParameters(2 * channelsOf(a), channelsOf(a)),
  forward(g, { inputs: [a, b], parameters: { kernel, bias } }) {
    const share = g.sigmoid(g.add(g.matmul(g.concat([a, b], -1), kernel), bias));
    return g.add(b, g.mul(share, g.sub(a, b)));
  },
  work: ({ inputs: [a] }) => 2 * elementCount(a.shape) * channelsOf(a),
  example: "shared fused = gate(x -> dense(16), image -> mean_pool -> dense(16))",
});

export const aitm = layer({
  name: "aitm",
  doc:
    "Adaptive information transfer between tasks in a row: from p, what the earlier task tells, and q, the later task's own tensor, " +
    "z = Σ over u in (p, q) of softmax(⟨u · key, u · query⟩ / √width) u · value, without biases.",
  group: "sharing",
  aliases: ["AITM", "information_transfer"],
  source: "2105.08489",
  operands: { min: 2, max: 2 },
  settings: {
    calibration: number({ min: 0 })
      .default(0.6)
      .describe("Weight of the penalty mean max(later - earlier, 0) on the two tasks' probabilities."),
  },
  shape({ inputs: [p, q] }) {
    [p, q].forEach((input, operand) => needNumbers("aitm", input, operand));
    if (q.shape.length !== 1) needSequence("aitm", q, 1);
    needEqual("aitm", p, q);
    return resultType([p, q], q.shape, axisNames(q));
  },
  parameters({ inputs: [p] }) {
    const width = channelsOf(p);
    const square = denseParameters(width, width, { bias: false });
    return { ...under("key", square), ...under("query", square), ...under("value", square) };
  },
  work: ({ inputs: [p] }) => 6 * elementCount(p.shape) * channelsOf(p),
  example: [
    "shared early = x -> dense(16) -> relu",
    "shared late = aitm(early -> dense(16) -> relu, x -> dense(16) -> relu)",
  ].join("\n"),
});
