import { flagOf } from "../graph/attributes.ts";
import type { Builder } from "../graph/builder.ts";
import type { Node } from "../graph/graph.ts";
import { erf } from "./erf.ts";
import { expectElement, operation } from "./operation.ts";

/** u = x / √2 and 1 + erf(u), twice the distribution function of the standard normal; decomposition and gradient share them. */
function twicePhi(g: Builder, x: Node): { u: Node; doubled: Node } {
  const u = g.mul(x, g.constant(Math.SQRT1_2));
  return { u, doubled: g.add(g.erf(u), g.constant(1)) };
}

const slope = Math.sqrt(2 / Math.PI);
const cubic = 0.044715;

/** The argument of tanh in the approximation, and 1 + tanh of it halved. */
function approximatePhi(g: Builder, x: Node): { tanh: Node; phi: Node } {
  const polynomial = g.mul(x, g.add(g.mul(g.square(x), g.constant(slope * cubic)), g.constant(slope)));
  const tanh = g.tanh(polynomial);
  return { tanh, phi: g.add(g.mul(tanh, g.constant(0.5)), g.constant(0.5)) };
}

export const gelu = operation({
  name: "gelu",
  doc: "x Φ(x), exact by erf, or by tanh where `approximate` (arXiv 1606.08415).",
  type: ([x]) => {
    expectElement("gelu", x, "f32");
    return x;
  },
  gradient: (g, node, dy) => {
    const [x] = node.inputs;
    if (flagOf(node.attributes, "approximate")) {
      const { tanh, phi } = approximatePhi(g, x);
      const inner = g.add(g.mul(g.square(x), g.constant(1.5 * slope * cubic)), g.constant(0.5 * slope));
      const rise = g.mul(g.mul(x, g.sub(g.constant(1), g.square(tanh))), inner);
      return [g.mul(dy, g.add(phi, rise))];
    }
    // Φ + x φ, all of it twice; the half comes last, where a product that follows takes it in.
    const { u, doubled } = twicePhi(g, x);
    const density = g.mul(g.div(u, g.exp(g.square(u))), g.constant(2 / Math.sqrt(Math.PI)));
    return [g.mul(g.mul(dy, g.add(doubled, density)), g.constant(0.5))];
  },
  reference: ([x], attributes) => {
    const f = flagOf(attributes, "approximate")
      ? (z: number) => 0.5 * z * (1 + Math.tanh(slope * (z + cubic * z ** 3)))
      : (z: number) => 0.5 * z * (1 + erf(z * Math.SQRT1_2));
    return { values: x.values.map(f), shape: x.shape };
  },
  decomposition: (g, [x], attributes) =>
    flagOf(attributes, "approximate")
      ? g.mul(x, approximatePhi(g, x).phi)
      : g.mul(g.mul(x, twicePhi(g, x).doubled), g.constant(0.5)),
});
