import { elementCount } from "../graph/graph.ts";
import type { ParameterSpec } from "../registry/layer.ts";
import type { RandomStream, StartRow } from "../registry/rows.ts";
import { start } from "./row.ts";
import { truncatedNormal } from "./truncated.ts";

type Spec = Pick<ParameterSpec, "shape" | "fanIn" | "fanOut">;

export function fillFrom(spec: Spec, draw: () => number): Float32Array {
  const values = new Float32Array(elementCount(spec.shape));
  for (let i = 0; i < values.length; i++) values[i] = draw();
  return values;
}
export function uniformWithin(spec: Spec, limit: number, random: RandomStream): Float32Array {
  return fillFrom(spec, () => (2 * random.uniform() - 1) * limit);
}

/** The uniform and the normal start of one rule for the variance. */
function family(
  name: string,
  rule: { says: string; bound: string; because: string; source: string; aliases: readonly string[] },
  variance: (spec: Spec) => number,
): StartRow[] {
  return [
    start({
      name: `${name}_uniform`,
      doc: `Uniform within ±√(${rule.bound}), so that the variance is ${rule.says}. ${rule.because}`,
      settings: {},
      source: rule.source,
      aliases: rule.aliases.map((alias) => `${alias}_uniform`),
      fill: (_, spec, random) => uniformWithin(spec, Math.sqrt(3 * variance(spec)), random),
    }),
    start({
      name: `${name}_normal`,
      doc: `Normal with variance ${rule.says}, cut at two standard deviations. ${rule.because}`,
      settings: {},
      source: rule.source,
      aliases: rule.aliases.map((alias) => `${alias}_normal`),
      fill: (_, spec, random) => fillFrom(spec, () => truncatedNormal(Math.sqrt(variance(spec)), random)),
    }),
  ];
}

/** Starts whose spread follows from how many numbers meet in a unit: fan_in of its inputs, fan_out of its outputs. */
export const fanRows: readonly StartRow[] = [
  ...family(
    "glorot",
    {
      says: "2/(fan_in + fan_out)",
      bound: "6/(fan_in + fan_out)",
      because:
        "Keeps the size of signals and of gradients alike through tanh-like layers; the start of every kernel here.",
      source: "Understanding the difficulty of training deep feedforward neural networks (Glorot and Bengio, 2010)",
      aliases: ["xavier"],
    },
    ({ fanIn, fanOut }) => 2 / (fanIn + fanOut),
  ),
  ...family(
    "he",
    {
      says: "2/fan_in",
      bound: "6/fan_in",
      because: "Makes up for the half of the signal that relu drops; for deep stacks without norms.",
      source: "1502.01852",
      aliases: ["kaiming"],
    },
    ({ fanIn }) => 2 / fanIn,
  ),
  ...family(
    "lecun",
    {
      says: "1/fan_in",
      bound: "3/fan_in",
      because: "Keeps the variance of signals through linear layers.",
      source: "Efficient BackProp (LeCun, Bottou, Orr and Müller, 1998)",
      aliases: [],
    },
    ({ fanIn }) => 1 / fanIn,
  ),
];
