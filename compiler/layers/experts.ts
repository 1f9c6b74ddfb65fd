import type { Type } from "../ir/model.ts";
import {
  layer,
  ShapeProblem,
  type ChainWeights,
  type ConcreteType,
  type ParameterCall,
  type ParameterSpec,
} from "../registry/layer.ts";
import { bool, int, nameOf, number, type SettingRows } from "../registry/settings.ts";
import { needNumbers, showType } from "./types.ts";
import { channelsOf, forTasks } from "./per-task.ts";
import { denseParameters, forEachTask, startWord, under } from "./weights.ts";

/** Mixtures of experts. A gate reads the layer's input (its mean over positions, where it has any) and weighs the experts for each row. */

const expertChain = { min: 1, max: 1, named: "expert" } as const;
/** More experts than any mixture has. */
const max = 1000;
const experts = int({ min: 1, max }).positional().describe("How many experts.");
const gate = nameOf("tensor").optional().describe("Another tensor for the gates to read.");

/** Width of what the gates read: the tensor named by `gate`, or the input itself. */
const gateWidth = ({ inputs: [x, named] }: { readonly inputs: readonly ConcreteType[] }): number =>
  channelsOf(named ?? x);

/** A gate's kernel [in, experts], without a bias. */
function gateKernel(inputs: number, count: number): Readonly<Record<string, ParameterSpec>> {
  return under("gate", denseParameters(inputs, count, { bias: false }));
}

function expertResult(name: string, x: Type, chain: (argument: Type) => Type): Type {
  const result = chain(x);
  needNumbers(name, result);
  if (result.shape.length === 0)
    throw new ShapeProblem(`an expert gives ${showType(result)}: ${name} mixes vectors, sequences or images`);
  return result;
}

export const mmoe = layer({
  name: "mmoe",
  doc: "Multi-gate mixture of experts: for each task y_k = Σ_e q_ke f_e(x), with q_k = softmax(r · gate_k), r the input (its mean over positions) and no bias.",
  group: "sharing",
  aliases: ["MMoE", "MMOE", "moe", "mixture_of_experts"],
  source: "Ma et al., KDD 2018",
  operands: { min: 1, max: 1 },
  chains: expertChain,
  settings: { experts, gate },
  shape: ({ inputs: [x], chains: [chain] }) => forTasks(expertResult("mmoe", x, chain)),
  chainWeights: ({ settings }) => [{ name: "expert", task: null, stacked: settings.experts }],
  parameters: (call) => forEachTask(call.tasks, () => gateKernel(gateWidth(call), call.settings.experts)),
  example: "shared mixed = x -> mmoe(experts: 4, expert: dense(16) -> relu)",
});

export const omoe = layer({
  name: "omoe",
  doc: "One-gate mixture of experts: y = Σ_e q_e f_e(x), with q = softmax(r · gate), the same for every task.",
  group: "sharing",
  aliases: ["OMoE", "one_gate_moe"],
  source: "Ma et al., KDD 2018",
  operands: { min: 1, max: 1 },
  chains: expertChain,
  settings: { experts, gate },
  shape: ({ inputs: [x], chains: [chain] }) => expertResult("omoe", x, chain),
  chainWeights: ({ settings }) => [{ name: "expert", task: null, stacked: settings.experts }],
  parameters: (call) => gateKernel(gateWidth(call), call.settings.experts),
  example: "shared mixed = x -> omoe(experts: 4, expert: dense(16) -> relu)",
});

const shared = int({ min: 0, max }).describe("Experts that all tasks read.");
const own = int({ min: 0, max }).describe("Experts of each task's own.");

function needExperts(name: string, settings: { readonly shared: number; readonly own: number }): void {
  if (settings.shared + settings.own === 0)
    throw new ShapeProblem(`${name} has no experts`, { help: "write `shared: 2, own: 1`" });
}

/** Own experts of each task in order, then the shared ones. */
function ownAndShared(
  { own, shared }: { readonly shared: number; readonly own: number },
  tasks: readonly string[],
): ChainWeights[] {
  const sets = [
    ...tasks.map((task) => ({ name: `${task}.own`, task, stacked: own })),
    { name: "shared", task: null, stacked: shared },
  ];
  return sets.filter(({ stacked }) => stacked > 0);
}

export const cgc = layer({
  name: "cgc",
  doc: "Customised gate control: each task mixes its own experts and the shared ones, y_k = Σ_e q_ke S_ke with S_k = [own of k …, shared …].",
  group: "sharing",
  aliases: ["CGC", "customized_gate_control"],
  source: "Tang et al., RecSys 2020",
  operands: { min: 1, max: 1 },
  chains: expertChain,
  settings: { shared, own, gate },
  shape({ settings, inputs: [x], chains: [chain] }) {
    needExperts("cgc", settings);
    return forTasks(expertResult("cgc", x, chain));
  },
  chainWeights: ({ settings, tasks }) => ownAndShared(settings, tasks),
  parameters: (call) =>
    forEachTask(call.tasks, () => gateKernel(gateWidth(call), call.settings.own + call.settings.shared)),
  example: "shared mixed = x -> cgc(shared: 2, own: 1, expert: dense(16) -> relu)",
});

/** Width of what the gates of a level read: the layer's input, then the level before. */
function levelWidth<S extends SettingRows>({ inputs: [x], output, chains }: ParameterCall<S>, level: number): number {
  return channelsOf(chains?.[level]?.argument ?? (level === 0 ? x : output));
}

export const ple = layer({
  name: "ple",
  doc:
    "Progressive layered extraction: levels of own and shared experts. Own experts and gate of a task read its own tensor, shared experts and the shared gate the shared one; " +
    "a task's next tensor mixes [own …, shared …], the next shared one all experts of the level, and is not computed at the last level.",
  group: "sharing",
  aliases: ["PLE", "progressive_layered_extraction"],
  source: "Tang et al., RecSys 2020",
  mixesTasks: true,
  operands: { min: 1, max: 1 },
  chains: { ...expertChain, copies: "levels" },
  settings: { levels: int({ min: 1 }).positional().describe("How many levels."), shared, own },
  shape({ settings, inputs: [x], chains }) {
    needExperts("ple", settings);
    return forTasks(chains.reduce((type, chain) => expertResult("ple", type, chain), x));
  },
  chainWeights: ({ settings, tasks }) => ownAndShared(settings, tasks),
  parameters(call) {
    const { settings, tasks = [] } = call;
    const levels = Array.from({ length: settings.levels }, (_, level) => {
      const width = levelWidth(call, level);
      return under(`level_${level + 1}`, {
        ...forEachTask(tasks, () => gateKernel(width, settings.own + settings.shared)),
        ...(level + 1 < settings.levels &&
          under("shared", gateKernel(width, tasks.length * settings.own + settings.shared))),
      });
    });
    return Object.assign({}, ...levels);
  },
  example: "shared mixed = x -> ple(levels: 2, shared: 2, own: 1, expert: dense(16) -> relu)",
});

function selection(shape: readonly number[], limit: number): ParameterSpec {
  return { shape, start: startWord("uniform", { limit }), fanIn: shape[0], fanOut: shape[0], decay: false };
}

export const dselectK = layer({
  name: "dselect_k",
  doc:
    "Mixture in which each task picks k of the experts by a smooth step on learned bits: y_k = Σ_e q_ke f_e(x). " +
    "A small penalty on the entropy of the choice makes it settle; `per_example` lets the choice depend on the row.",
  group: "sharing",
  aliases: ["DSelectK", "dselect"],
  source: "2106.03760",
  operands: { min: 1, max: 1 },
  chains: expertChain,
  settings: {
    experts,
    k: int({ min: 1 }).default(1).describe("How many experts a task picks."),
    gamma: number({ above: 0 }).default(1).describe("Width of the smooth step."),
    entropy: number({ min: 0 }).default(1e-6).describe("Weight of the penalty on the entropy of the choice."),
    per_example: bool(false).describe("Computes the choice from the row instead of learning one for all."),
    gate,
  },
  shape({ settings, inputs: [x], chains: [chain] }) {
    if (settings.k > settings.experts)
      throw new ShapeProblem(`${settings.k} of ${settings.experts} experts cannot be picked`, {
        help: `\`k\` is at most ${settings.experts}`,
      });
    return forTasks(expertResult("dselect_k", x, chain));
  },
  chainWeights: ({ settings }) => [{ name: "expert", task: null, stacked: settings.experts }],
  parameters(call) {
    const { k, gamma, per_example } = call.settings;
    const bits = Math.ceil(Math.log2(call.settings.experts));
    const width = gateWidth(call);
    return forEachTask(call.tasks, () =>
      per_example
        ? {
            ...under("select", denseParameters(width, k * bits, { bias: false })),
            ...under("mix", denseParameters(width, k, { bias: false })),
          }
        : { select: selection([k, bits], gamma / 100), mix: selection([k], 0.05) },
    );
  },
  example: "shared mixed = x -> dselect_k(experts: 4, k: 2, expert: dense(16) -> relu)",
});
