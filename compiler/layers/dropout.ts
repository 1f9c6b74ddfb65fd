import { layer } from "../registry/layer.ts";
import { number } from "../registry/settings.ts";
import { axisNames, needNumbers, resultType } from "./types.ts";

/** Leaves numbers out at random while training. */
export const dropout = layer({
  name: "dropout",
  doc: "In training each number becomes 0 with chance p and is divided by 1 - p otherwise; elsewhere it passes unchanged.",
  group: "norms",
  aliases: ["Dropout"],
  source: "Srivastava et al., JMLR 15 (2014)",
  operands: { min: 1, max: 1 },
  settings: { p: number({ min: 0, below: 1 }).positional().describe("Chance of being left out.") },
  shape({ inputs: [x] }) {
    needNumbers("dropout", x);
    return resultType([x], x.shape, axisNames(x));
  },
  forward(g, { settings: { p }, inputs: [x] }) {
    if (!g.training || p === 0) return x;
    const kept = g.greaterEqual(g.random("keep", x.type.shape), g.constant(p));
    return g.mul(x, g.mul(g.cast(kept, "f32"), g.constant(1 / (1 - p))));
  },
  example: "shared trunk = x -> dense(32) -> relu -> dropout(0.2)",
});
