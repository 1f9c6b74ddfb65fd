import { either, nameOf, number, string } from "../registry/settings.ts";
import { loss } from "./row.ts";

export const crf = loss({
  name: "crf",
  doc: "Conditional random field over the labels of a sequence: log Σ_paths e^score - log Σ_{paths that agree with the labels} e^score, where a path's score is start + transitions + emissions + end; summed over sequences and divided by the number of present labels. The head gives the emissions; transitions, start and end are trained along and begin at 0. It forbids tag sequences that never occur; predictions are the best path (Viterbi).",
  kinds: ["class"],
  wants: "logits",
  positive: true,
  settings: {},
  source: "Conditional random fields (Lafferty, McCallum and Pereira, 2001)",
  aliases: ["CRF", "linear_chain_crf", "crf_loss"],
  fits: (kind) =>
    kind.axes?.some((axis) => axis !== null) ? null : "it needs a class along a token axis, such as class(17)[words]",
  example: "loss: crf",
});

export const distillation = loss({
  name: "distillation",
  doc: "Learns another model's or task's probabilities: T² KL(softmax(teacher/T) ‖ softmax(z/T)), mean over rows.",
  kinds: ["class"],
  wants: "logits",
  positive: true,
  settings: {
    temperature: number({ above: 0 }).positional().default(2).describe("T: how soft both distributions are made."),
    of: either(string(), nameOf("task")).describe("The teacher: a model file or another task."),
  },
  source: "1503.02531",
  aliases: ["KLDivLoss", "kl_div", "KLDivergence", "kl_divergence", "knowledge_distillation"],
  example: 'loss: cross_entropy + 0.5 * distillation(of: "teacher.safetensors")',
});
