import type { Builder } from "../graph/builder.ts";
import type { Node } from "../graph/graph.ts";
import type { UpdateCall } from "../registry/rows.ts";
import { bool } from "../registry/settings.ts";
import type { SettingRows } from "../registry/settings.ts";
import { decayOf, decaySettings, moments, optimizer, rate } from "./row.ts";

const amsgrad = bool(false).describe("Divides by the largest squared average so far.");

interface AdamSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly amsgrad: boolean;
}

/** What the host knows of a step: rate over 1 - β₁ᵗ, and 1 over √(1 - β₂ᵗ). */
function corrections({ beta1, beta2 }: { beta1: number; beta2: number }, t: number, rate: number) {
  return { step_size: rate / (1 - beta1 ** t), root_correction: 1 / Math.sqrt(1 - beta2 ** t) };
}

/** `old · share + (1 - share) · next` */
export function runningMean(g: Builder, share: number, old: Node, next: Node): Node {
  return g.add(g.mul(g.constant(share), old), g.mul(g.constant(1 - share), next));
}

function adamStep(
  g: Builder,
  settings: AdamSettings,
  call: Pick<UpdateCall<SettingRows>, "state" | "scalars">,
  start: Node,
  gradient: Node,
) {
  const first = runningMean(g, settings.beta1, call.state.first, gradient);
  const second = runningMean(g, settings.beta2, call.state.second, g.square(gradient));
  const largest = settings.amsgrad ? g.maximum(call.state.largest, second) : second;
  const spread = g.add(g.mul(g.sqrt(largest), call.scalars.root_correction), g.constant(settings.epsilon));
  const state: Record<string, Node> = settings.amsgrad ? { first, second, largest } : { first, second };
  return { parameter: g.sub(start, g.mul(call.scalars.step_size, g.div(first, spread))), state };
}

const adamState = ({ amsgrad }: { amsgrad: boolean }): readonly string[] =>
  amsgrad ? ["first", "second", "largest"] : ["first", "second"];

export const adam = optimizer({
  name: "adam",
  doc: "Adam: steps of the running mean of gradients over the root of their running mean square. g += λp; m = β₁m + (1-β₁)g; v = β₂v + (1-β₂)g²; p -= rate · (m/(1-β₁ᵗ)) / (√(v/(1-β₂ᵗ)) + ε). t counts the steps of each parameter.",
  settings: {
    rate: rate(1e-3),
    ...moments(1e-8),
    ...decaySettings(0, "λ: adds λ times the parameter to its gradient; adamw decays the parameter itself."),
    amsgrad,
  },
  source: "1412.6980",
  aliases: ["Adam", "nadam", "adamax", "amsgrad"],
  state: adamState,
  scalars: (settings, { t, rate, decay }) => ({
    ...corrections(settings, t, rate),
    weight_decay: decayOf(settings, decay),
  }),
  update(g, call) {
    const { parameter, gradient, settings, scalars } = call;
    const decayed = settings.weight_decay > 0 ? g.add(gradient, g.mul(scalars.weight_decay, parameter)) : gradient;
    return adamStep(g, settings, call, parameter, decayed);
  },
});

export const adamw = optimizer({
  name: "adamw",
  doc: "Adam with decoupled weight decay: first p -= rate · λp, then adam's step without λ.",
  settings: {
    rate: rate(1e-3),
    ...moments(1e-8),
    ...decaySettings(1e-2, "λ: every step shrinks the parameter by rate · λ of itself."),
    amsgrad,
  },
  source: "1711.05101",
  aliases: ["AdamW"],
  state: adamState,
  scalars: (settings, { t, rate, decay }) => ({
    ...corrections(settings, t, rate),
    shrink: rate * decayOf(settings, decay),
  }),
  update(g, call) {
    const { parameter, settings, scalars } = call;
    const start = settings.weight_decay > 0 ? g.sub(parameter, g.mul(scalars.shrink, parameter)) : parameter;
    return adamStep(g, settings, call, start, call.gradient);
  },
});
