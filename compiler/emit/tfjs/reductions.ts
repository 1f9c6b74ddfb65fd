import { flagOf, numberOf, numbersOf } from "../../graph/attributes.ts";
import type { Node } from "../../graph/graph.ts";
import { call, flag, numbers, type Expression, type FunctionName, type Operand } from "./expression.ts";
import type { TfjsSpelling } from "./spelling.ts";

/** `tf.sum(x)` over everything, `tf.sum(x, [0])` over some axes, `tf.sum(x, [0], true)` to keep them. */
const over =
  (name: FunctionName): TfjsSpelling =>
  ({ attributes }: Node, [x]: readonly Operand[]): Expression => {
    const axes = numbersOf(attributes, "axes");
    const keep = flagOf(attributes, "keep");
    if (axes.length === 0) return x;
    if (!keep && axes.length === x.shape.length) return call(name, x);
    return call(name, x, numbers(axes), ...(keep ? [flag(true)] : []));
  };

export const reductions = {
  sum: over("sum"),
  mean: over("mean"),
  max: over("max"),
  min: over("min"),
  argmax: ({ attributes }, [x]) => call("argMax", x, numberOf(attributes, "axis")),
} satisfies Record<string, TfjsSpelling>;
