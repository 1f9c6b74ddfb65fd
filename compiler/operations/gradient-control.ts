import { numberOf } from "../graph/attributes.ts";
import { expectElement, operation } from "./operation.ts";

/** Identities that act on the way back. */

export const stopGradient = operation({
  name: "stopGradient",
  doc: "Identity; no gradient passes.",
  type: ([x]) => x,
  gradient: null,
  reference: ([x]) => x,
});

export const scaleGradient = operation({
  name: "scaleGradient",
  doc: "Identity; the gradient is multiplied by `factor` (-λ: gradient reversal, arXiv 1505.07818).",
  type: ([x]) => {
    expectElement("scaleGradient", x, "f32");
    return x;
  },
  gradient: (g, node, dy) => [g.mul(dy, g.constant(numberOf(node.attributes, "factor")))],
  reference: ([x]) => x,
});
