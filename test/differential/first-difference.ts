import { createBuilder } from "../../compiler/graph/create.ts";
import { elementCount, topologicalOrder, type Graph, type Node } from "../../compiler/graph/graph.ts";
import type { Engine, HostArray } from "../../runtime/engines/engine.ts";

/** An operation that two engines compute differently from the same operands. */
export interface Difference {
  readonly operation: string;
  /** Which part of the model it belongs to. */
  readonly origin: string | null;
  /** Types of operands and result: `f32[64, 32]`. */
  readonly types: string;
  readonly element: number;
  readonly found: number;
  readonly expected: number;
  /** The largest difference of an element, relative to the largest element of operands and result: sums may cancel. */
  readonly relative: number;
}

/**
 * Runs a graph node by node on two engines, each node from the values that `trusted` found for its operands, and gives the
 * first whose results lie further apart than `tolerance` (relative to the largest element of operands and result); null where there is none.
 */
export async function firstDifference(
  graph: Graph,
  inputs: Readonly<Record<string, HostArray>>,
  trusted: Engine,
  other: Engine,
  tolerance: number,
): Promise<Difference | null> {
  const known = new Map<Node, readonly HostArray[]>();
  for (const { name, node } of graph.inputs) known.set(node, [inputs[name]]);
  for (const node of topologicalOrder(graph.outputs.values())) {
    if (known.has(node)) continue;
    const from = node.inputs.map((input) => known.get(input)!);
    if (node.operation === "result") {
      known.set(node, [from[0][Number(node.attributes.index)]]);
      continue;
    }
    const alone = graphOfOne(node);
    const operands = Object.fromEntries(from.map(([values], k) => [`operand${k}`, values]));
    const expected = await run(trusted, alone, operands);
    known.set(node, expected);
    const found = await run(other, alone, operands);
    for (const [k, values] of expected.entries()) {
      const difference = compare(
        node,
        found[k],
        values,
        Math.max(...[values, ...from.flat()].map(largestOf)),
        tolerance,
      );
      if (difference) return difference;
    }
  }
  return null;
}

/** The node by itself, with an input for each operand and an output for each result. */
function graphOfOne(node: Node): Graph {
  const g = createBuilder();
  const operands = node.inputs.map(({ type }, k) => g.input(`operand${k}`, type));
  const made = g.apply(node.operation, operands, node.attributes);
  const results = node.results ? node.results.map((_, index) => g.apply("result", [made], { index })) : [made];
  return g.finish(Object.fromEntries(results.map((result, k) => [`result${k}`, result])));
}

async function run(engine: Engine, graph: Graph, values: Readonly<Record<string, HostArray>>): Promise<HostArray[]> {
  const program = await engine.prepare(graph);
  const inputs = Object.fromEntries(
    graph.inputs.map(({ name, node }) => {
      const buffer = engine.buffer(node.type);
      buffer.host.set(values[name]);
      buffer.upload();
      return [name, buffer];
    }),
  );
  const outputs = Object.fromEntries([...graph.outputs].map(([name, { type }]) => [name, engine.buffer(type)]));
  await program.bind(inputs, outputs)();
  for (const buffer of Object.values(outputs)) await buffer.download();
  await program.close();
  return Object.values(outputs).map(({ host }) => host);
}

function largestOf(values: HostArray): number {
  let largest = 0;
  for (const value of values) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  return largest;
}

function compare(
  node: Node,
  found: HostArray,
  expected: HostArray,
  largest: number,
  tolerance: number,
): Difference | null {
  let worst = { element: -1, relative: 0 };
  for (let element = 0; element < expected.length; element++) {
    const [a, b] = [found[element], expected[element]];
    if (Object.is(a, b) || a === b) continue;
    const relative = Math.abs(a - b) / Math.max(largest, Number.MIN_VALUE);
    if (!(relative <= worst.relative)) worst = { element, relative };
  }
  if (worst.relative <= tolerance) return null;
  return {
    operation: node.operation,
    origin: node.origin ?? null,
    types: typesOf(node),
    ...worst,
    found: found[worst.element],
    expected: expected[worst.element],
  };
}

/** `f32[8, 6], f32[6] -> f32[8, 6]` */
export function typesOf({ inputs, type }: Node): string {
  return `${inputs.map((input) => show(input.type)).join(", ")} -> ${show(type)}`;
}

function show({ element, shape }: Node["type"]): string {
  return elementCount(shape) === 1 && shape.length === 0 ? element : `${element}[${shape.join(", ")}]`;
}
