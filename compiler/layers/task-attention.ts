import type { Type } from "../ir/model.ts";
import { addSizes } from "../ir/size.ts";
import { layer, ShapeProblem, type ConcreteType, type ParameterSpec } from "../registry/layer.ts";
import { choice, int } from "../registry/settings.ts";
import { attentionParameters, attentionWork, headsSetting, needHeads } from "./attention.ts";
import { channelsOf, forTasks } from "./per-task.ts";
import { axisNames, needNumbers, resultType, sameShape, showType } from "./types.ts";
import { denseParameters, forEachTask, startWord, under } from "./weights.ts";

/** Attention of each task over shared features. */

export const taskAttention = layer({
  name: "task_attention",
  doc: "Each task looks at the positions of a shared tensor with a learned query of its own, by attention with several heads: [_, 50, 64] gives [_, 64] for each task.",
  group: "sharing",
  aliases: ["TaskAttention", "task_query"],
  operands: { min: 1, max: 1 },
  settings: {
    heads: headsSetting.positional(),
    projections: choice("own", "shared")
      .default("own")
      .describe("Whether the dense layers of attention are each task's own."),
  },
  shape({ settings: { heads }, inputs: [x] }) {
    needNumbers("task_attention", x);
    if (x.shape.length < 2)
      throw new ShapeProblem(`this is ${showType(x)}: a vector has no positions, so there is nothing to attend over`, {
        operand: 0,
        help: "give it a sequence or an image, or use `per_task(dense(32))`",
      });
    needHeads("task_attention", x, heads);
    return forTasks(resultType([x], [x.shape[x.shape.length - 1]]));
  },
  parameters({ settings: { projections }, inputs: [x], tasks }) {
    const width = channelsOf(x);
    const query: ParameterSpec = {
      shape: [width],
      start: startWord("normal", { sd: 0.02 }),
      fanIn: width,
      fanOut: width,
      decay: false,
    };
    const attention = under("attention", attentionParameters(width));
    return {
      ...forEachTask(tasks, () => ({ query, ...(projections === "own" && attention) })),
      ...(projections === "shared" && attention),
    };
  },
  work({ inputs: [x], tasks = [] }) {
    const positions = x.shape.slice(0, -1).reduce((product, size) => product * size, 1);
    return tasks.length * attentionWork(1, positions, channelsOf(x));
  },
  example: "shared looked = words -> embed(16) -> task_attention(heads: 4)",
});

/** All but the channels are equal. */
function samePositions(a: Type, b: Type): boolean {
  return sameShape({ ...a, shape: a.shape.slice(0, -1) }, { ...b, shape: b.shape.slice(0, -1) });
}

/** A mask's two dense layers (1 × 1 convolutions on images): down to `hidden`, up to the width of the stage. */
function mask(inputs: number, hidden: number, width: number): Readonly<Record<string, ParameterSpec>> {
  return { ...under("down", denseParameters(inputs, hidden)), ...under("up", denseParameters(hidden, width)) };
}

/** What carries a masked stage to the next: dense, or a 3 × 3 convolution on images. */
function carry(from: ConcreteType, width: number): Readonly<Record<string, ParameterSpec>> {
  const inputs = channelsOf(from);
  if (from.shape.length !== 3) return denseParameters(inputs, width);
  return {
    kernel: {
      shape: [3, 3, inputs, width],
      start: startWord("glorot_uniform"),
      fanIn: 9 * inputs,
      fanOut: 9 * width,
      decay: true,
    },
    bias: denseParameters(inputs, width).bias,
  };
}

export const mtan = layer({
  name: "mtan",
  doc:
    "Multi-task attention network: shared stages p_l = s_l(p_(l-1)), and for each task a mask on every stage, a_l = M_l([p_l ; F_l(a_(l-1) ⊙ p_(l-1))]) " +
    "with M(u) = σ(dense(relu(dense(u)))). The result is the last a_l ⊙ p_l. Masks and carriers F_l are each task's own.",
  group: "sharing",
  aliases: ["MTAN"],
  source: "1803.10704",
  operands: { min: 1, max: 1 },
  chains: { min: 1, max: Number.POSITIVE_INFINITY, named: "stages" },
  settings: {
    hidden: int({ min: 1 }).optional().describe("Width inside the masks; the width of the stage where it is left out."),
    taps: choice("last", "all")
      .default("last")
      .describe("The last stage only, or all stages joined along the channels."),
  },
  shape({ settings: { taps }, inputs: [x], chains }) {
    const stages: Type[] = [];
    for (const chain of chains) {
      const stage = chain(stages[stages.length - 1] ?? x);
      needNumbers("mtan", stage);
      stages.push(stage);
    }
    const last = stages[stages.length - 1];
    if (taps === "last") return forTasks(last);
    const other = stages.find((stage) => !samePositions(stage, last));
    if (other)
      throw new ShapeProblem(
        `one stage gives ${showType(other)}, the last ${showType(last)}: \`taps: all\` joins them along the channels`,
        {
          help: "leave `taps` out, or let no stage change the size",
        },
      );
    const channels = addSizes(...stages.map((stage) => stage.shape[stage.shape.length - 1]));
    return forTasks(resultType([last], [...last.shape.slice(0, -1), channels], axisNames(last).slice(0, -1)));
  },
  parameters({ settings, output, chains, tasks }) {
    const stages = chains?.map((stage) => stage.result) ?? [output];
    return forEachTask(tasks, () =>
      Object.assign(
        {},
        ...stages.map((stage, index) => {
          const width = channelsOf(stage);
          const name = index + 1;
          return {
            ...under(`mask_${name}`, mask(index === 0 ? width : 2 * width, settings.hidden ?? width, width)),
            ...(index > 0 && under(`carry_${name}`, carry(stages[index - 1], width))),
          };
        }),
      ),
    );
  },
  example: "shared looked = x -> mtan(stages: [dense(16) -> relu, dense(16) -> relu])",
});
