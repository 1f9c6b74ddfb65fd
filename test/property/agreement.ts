import { numberOf } from "../../compiler/graph/attributes.ts";
import { topologicalOrder, type Graph, type Node } from "../../compiler/graph/graph.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import { rowOf } from "../../compiler/operations/index.ts";
import type { Tensor } from "../../compiler/operations/operation.ts";
import { optimize } from "../../compiler/passes/index.ts";
import type { Engine } from "../../runtime/engines/engine.ts";
import { runGraph } from "../runtime/run-graph.ts";
import type { Draw } from "./draw.ts";

/**
 * Whether an engine gives what the reference interpreter gives. An engine calculates in f32, so results may differ by
 * rounding; how much rounding can do to a result is measured: the reference is evaluated again with every calculated number
 * moved by as little as an f32 would be.
 */
export interface Agreement {
  /** What differs by more than rounding explains. */
  readonly problems: readonly string[];
  /** Outputs that rounding alone can move by more than 1e-4: they show little. */
  readonly soft: number;
  readonly outputs: number;
}

/** Largest difference that needs no explanation, as a share of the largest number of an output. */
const TOLERANCE = 1e-4;
const MOST_FLOAT = 3e38;
/** How often more than the measured effect of rounding an engine may differ by. */
const MARGIN = 16;

export async function compare(
  engine: Engine,
  graph: Graph,
  inputs: Readonly<Record<string, Float64Array>>,
  draw: Draw,
): Promise<Agreement> {
  const expected = evaluate(graph, inputs);
  const found = await runGraph(engine, optimize(graph).graph, inputs);
  const problems: string[] = [];
  let soft = 0;
  let rounded: Record<string, Float64Array>[] | null = null;
  for (const [name, values] of Object.entries(expected)) {
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      problems.push(`${name}[${wrong}] is ${values[wrong]} on the reference`);
      continue;
    }
    const scale = largest(values);
    if (scale > MOST_FLOAT) {
      // No f32 holds it: training would stop here, and both say that it should.
      soft += 1;
      continue;
    }
    const off = distance(values, found[name]);
    // What cancels to nothing, such as the slope of a key's bias, comes out as rounding alone.
    if (off <= TOLERANCE * scale || (scale < 1e-12 && off < 1e-6)) continue;
    rounded ??= [0, 1, 2].map(() => evaluateRounded(graph, inputs, draw));
    const moved = Math.max(...rounded.map((other) => distance(values, other[name])));
    if (off <= MARGIN * moved + 1e-7) soft += 1;
    else problems.push(`${name} differs by ${off} where it is up to ${scale} and rounding moves it by ${moved}`);
  }
  return { problems, soft, outputs: Object.keys(expected).length };
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let k = 0; k < values.length; k++) most = Math.max(most, Math.abs(values[k]));
  return most;
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = 0;
  for (let k = 0; k < a.length; k++) {
    const off = Math.abs(a[k] - b[k]);
    most = Number.isNaN(off) ? Number.POSITIVE_INFINITY : Math.max(most, off);
  }
  return most;
}

/** Operations that choose, move or copy numbers, or turn their sign: they round nothing. */
const exact: ReadonlySet<string> = new Set([
  ...["constant", "fill", "iota", "max", "min", "argmax", "maximum", "minimum", "relu", "abs", "neg", "sign"],
  ...["reshape", "transpose", "broadcast", "concat", "slice", "pad", "reverse", "gather", "pick", "place", "select"],
  ...["cast", "floor", "stopGradient", "maxPool2d", "maxPool2dPick", "scan"],
]);

/** Functions that engines approximate to so much of their range, not of their value: σ(-20) may come out as 0. */
const ofRange: ReadonlySet<string> = new Set(["sigmoid", "gelu", "sigmoidCrossEntropy"]);

/** The reference with every calculated number moved by up to one unit in the last place of an f32. */
export function evaluateRounded(
  graph: Graph,
  inputs: Readonly<Record<string, ArrayLike<number>>>,
  draw: Draw,
): Record<string, Float64Array> {
  const values = new Map<Node, readonly Tensor[]>();
  for (const { name, node } of graph.inputs)
    values.set(node, [{ values: Float64Array.from(inputs[name]), shape: node.type.shape }]);
  const resultsOf = (node: Node): readonly Tensor[] => {
    const given = node.inputs.map((input) => values.get(input)!);
    if (node.operation === "result") return [given[0][numberOf(node.attributes, "index")]];
    const tensors = rowOf(node.operation).reference(
      given.map(([tensor]) => tensor),
      node.attributes,
      (body, at) => evaluateRounded(body, at, draw),
    );
    if (exact.has(node.operation) || node.type.element !== "f32") return tensors;
    const range = ofRange.has(node.operation) ? 1 : 0;
    return tensors.map(({ values: numbers, shape }) => ({
      shape,
      values: numbers.map((value) => value + Math.max(Math.abs(value), range) * draw.uniform(-1, 1) * 2 ** -23),
    }));
  };
  for (const node of topologicalOrder(graph.outputs.values())) if (!values.has(node)) values.set(node, resultsOf(node));
  return Object.fromEntries([...graph.outputs].map(([name, node]) => [name, values.get(node)![0].values]));
}
