import { either, nameOf, number, string } from "../registry/settings.ts";
import { loss, weightedSum } from "./row.ts";

export const distillation = loss({
  name: "distillation",
  doc: "Learns another model's or task's probabilities: T² KL(softmax(teacher/T) ‖ softmax(z/T)), mean over the rows that have an answer. The teacher is another task of the file, declared above, or the same task of a trained run, whose network sees the same rows through codes and scales of its own; no gradient reaches it.",
  kinds: ["class"],
  wants: "logits",
  positive: true,
  settings: {
    temperature: number({ above: 0 }).positional().default(2).describe("T: how soft both distributions are made."),
    of: either(string(), nameOf("task")).describe(
      "The teacher: another task, or in quotes a trained run (its folder or its `model.safetensors`, seen from the file's folder).",
    ),
  },
  source: "1503.02531",
  aliases: [
    "distill",
    "distillation_loss",
    "KLDivLoss",
    "kl_div",
    "KLDivergence",
    "kl_divergence",
    "knowledge_distillation",
  ],
  parts(g, { settings: { temperature }, prediction, teacher, weight }) {
    if (!teacher) throw new Error("distillation needs its teacher's logits");
    const soft = g.constant(1 / temperature);
    const taught = g.logSoftmax(g.mul(g.stopGradient(teacher), soft));
    const learnt = g.logSoftmax(g.mul(prediction, soft));
    const each = g.sum(g.mul(g.exp(taught), g.sub(taught, learnt)), [-1]);
    // Rounding may take it below 0, which no divergence is.
    const whole = g.add(each, g.stopGradient(g.relu(g.neg(each))));
    return weightedSum(g, temperature === 1 ? whole : g.mul(whole, g.constant(temperature ** 2)), weight);
  },
  example: 'loss: cross_entropy + 0.5 * distillation(of: "runs/large-1")',
});
