import { flagOf, graphOf } from "../graph/attributes.ts";
import type { Builder } from "../graph/builder.ts";
import { elementCount, topologicalOrder, type Graph, type Node } from "../graph/graph.ts";
import { inline } from "../graph/inline.ts";
import type { GradientCall } from "./operation.ts";
import { scanOutputs, scanParts } from "./scan-parts.ts";

/** How the cotangent of one input of the loop comes out of the stacked outputs of the backward loop. */
interface Collected {
  readonly input: number;
  readonly outputs: readonly Node[];
  readonly finish: (stacked: readonly Node[]) => Node;
}

/**
 * A loop the other way round: each step computes the forward step again from the carries that entered it, and carries the
 * cotangents of the carries. What an input that is the same at every step receives is stacked and summed after the loop.
 */
export function scanGradient(
  g: Builder,
  node: Node,
  dys: readonly (Node | null)[],
  { needs, differentiate }: GradientCall,
): (Node | null)[] {
  const body = graphOf(node.attributes, "body");
  const { initial, sequences, outside } = scanParts(node.inputs, node.attributes);
  const outputCount = scanOutputs(node.attributes);
  const dLast = dys.slice(0, initial.length);
  const dOutputs = dys.slice(initial.length, initial.length + outputCount);
  const dEntering = dys.slice(initial.length + outputCount);
  const entering = initial.map((_, k) => g.apply("result", [node], { index: initial.length + outputCount + k }));
  const names = bodyNames(node);
  const active = activeCarries(body, initial.length, names, needs);

  const seen = [...entering, ...sequences];
  const dSequences = [...dOutputs, ...active.map((k) => dEntering[k])];
  const collected: Collected[] = [];
  const back = g.scan(
    active.map((k) => dLast[k] ?? g.fill(0, initial[k].type.shape)),
    [...seen, ...dSequences.filter((dy) => dy !== null)],
    (dCarries, elements) => {
      const places = [...elements.slice(0, seen.length), ...outside];
      const results = inline(g, body, new Map(names.map((name, k) => [name, places[k]])));
      let next = seen.length;
      const received = dSequences.map((dy) => (dy === null ? null : elements[next++]));
      const seeds = [
        ...active.map((k, at) => ({ node: resultOf(results, `carry${k}`), cotangent: dCarries[at] })),
        ...dOutputs.flatMap((_, k) => {
          const cotangent = received[k];
          return cotangent ? [{ node: resultOf(results, `output${k}`), cotangent }] : [];
        }),
      ];
      const wanted = places.flatMap((_, k) => (k >= initial.length && needs[k] ? [k] : []));
      const found = differentiate(
        g,
        seeds,
        [...active, ...wanted].map((k) => places[k]),
      );
      wanted.forEach((input, at) => {
        const dy = found[active.length + at];
        if (dy !== null) collected.push(collect(g, input, dy, input >= seen.length));
      });
      const carries = active.map((k, at) => {
        const parts = [found[at], received[outputCount + at]].filter((part) => part !== null);
        return parts.length === 0 ? g.fill(0, initial[k].type.shape) : parts.reduce((a, b) => g.add(a, b));
      });
      return { carries, outputs: collected.flatMap(({ outputs }) => outputs) };
    },
    { reverse: !flagOf(node.attributes, "reverse") },
  );

  const cotangents: (Node | null)[] = node.inputs.map(() => null);
  active.forEach((k, at) => {
    if (needs[k]) cotangents[k] = back.carries[at];
  });
  let first = 0;
  for (const { input, outputs, finish } of collected) {
    cotangents[input] = finish(back.outputs.slice(first, first + outputs.length));
    first += outputs.length;
  }
  return cotangents;
}

/** Stacked for a sequence; for what is outside summed over the steps, where a product of matrices is one product of all steps. */
function collect(g: Builder, input: number, dy: Node, isOutside: boolean): Collected {
  if (!isOutside) return { input, outputs: [dy], finish: ([stacked]) => stacked };
  const { operation, inputs, attributes } = dy;
  const joins =
    operation === "matmul" &&
    flagOf(attributes, "transposeA") &&
    !flagOf(attributes, "transposeB") &&
    inputs.every((matrix) => matrix.type.shape.length === 2);
  if (!joins) return { input, outputs: [dy], finish: ([stacked]) => g.sum(stacked, [0]) };
  const rows = (x: Node): Node => g.reshape(x, [elementCount(x.type.shape.slice(0, 2)), x.type.shape[2]]);
  return { input, outputs: inputs, finish: ([a, b]) => g.matmul(rows(a), rows(b), { transposeA: true }) };
}

/** Name, inside the body, of each input of the loop. */
function bodyNames(node: Node): string[] {
  const { initial, sequences, outside } = scanParts(node.inputs, node.attributes);
  const numbered = (name: string, list: readonly Node[]): string[] => list.map((_, k) => `${name}${k}`);
  return [...numbered("carry", initial), ...numbered("element", sequences), ...numbered("outside", outside)];
}

function resultOf(results: ReadonlyMap<string, Node>, name: string): Node {
  const node = results.get(name);
  if (node === undefined) throw new Error(`the body of a scan has no result ${name}`);
  return node;
}

/**
 * Carries that depend, at some step, on an input whose cotangent is asked for. (An input that the body never reads may be
 * missing among its inputs.)
 */
function activeCarries(body: Graph, count: number, names: readonly string[], needs: readonly boolean[]): number[] {
  const order = topologicalOrder(body.outputs.values());
  const placeholders = new Map(body.inputs.map(({ name, node }) => [name, node]));
  const active = new Set(names.flatMap((name, k) => (needs[k] ? (placeholders.get(name) ?? []) : [])));
  const carries = names.slice(0, count).map((name) => ({ name, inside: placeholders.get(name) }));
  for (let before = -1; before !== active.size;) {
    before = active.size;
    for (const inner of order) if (inner.inputs.some((input) => active.has(input))) active.add(inner);
    for (const { name, inside } of carries)
      if (inside?.type.element === "f32" && active.has(resultOf(body.outputs, name))) active.add(inside);
  }
  return carries.flatMap(({ inside }, k) => (inside && active.has(inside) ? [k] : []));
}
