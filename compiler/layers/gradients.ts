import { layer } from "../registry/layer.ts";
import { number } from "../registry/settings.ts";
import { axisNames, needNumbers, resultType } from "./types.ts";

/** Layers that change gradients only. */

export const stopGradient = layer({
  name: "stop_gradient",
  doc: "Passes values unchanged and no gradient: what lies before does not learn from what lies behind.",
  group: "gradients",
  aliases: ["detach", "StopGradient", "no_grad"],
  operands: { min: 1, max: 1 },
  stopsGradient: true,
  settings: {},
  shape: ({ inputs: [x] }) => resultType([x], x.shape, axisNames(x), x.element),
  forward: (g, { inputs: [x] }) => g.stopGradient(x),
  example: [
    "shared trunk = x -> dense(16) -> relu",
    "task first: real { head: trunk -> dense }",
    "task second: real { head: concat(trunk, first.output -> stop_gradient) -> dense }",
  ].join("\n"),
});

export const reverseGradient = layer({
  name: "reverse_gradient",
  doc: "Passes values unchanged and the gradient times -strength: what lies before learns to be useless for what lies behind.",
  group: "gradients",
  aliases: ["GradientReversal", "grl", "gradient_reversal"],
  source: "1409.7495",
  operands: { min: 1, max: 1 },
  settings: { strength: number({ min: 0 }).positional().default(1).describe("Factor of the turned gradient.") },
  shape({ inputs: [x] }) {
    needNumbers("reverse_gradient", x);
    return resultType([x], x.shape, axisNames(x));
  },
  forward: (g, { settings, inputs: [x] }) => g.scaleGradient(x, -settings.strength),
  example:
    "shared trunk = x -> dense(16) -> relu\ntask site: class(3) { head: trunk -> reverse_gradient(0.1) -> dense }",
});
