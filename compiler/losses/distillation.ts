import { either, nameOf, number, string } from "../registry/settings.ts";
import { loss } from "./row.ts";

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
