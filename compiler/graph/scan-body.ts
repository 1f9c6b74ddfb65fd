import type { ScanStep } from "./builder.ts";
import type { Graph, GraphInput, Node } from "./graph.ts";

/** What a body needs of the world: every node of it becomes an input of the loop, except constants, which stay inside. */
export interface ClosedBody {
  readonly body: Graph;
  /** Nodes behind `outside0 …`. */
  readonly outside: readonly Node[];
}

/**
 * Closes the body of a loop over its placeholders. What does not depend on them is the same at every step and is left outside,
 * wherever it was made.
 * @param first no node with a smaller id was made by the body.
 * @param remake makes `node` again, or a placeholder for it, from other inputs.
 */
export function closeBody(
  first: number,
  placeholders: readonly Node[],
  step: ScanStep,
  remake: (node: Pick<Node, "operation" | "attributes" | "type" | "results" | "origin">, from: readonly Node[]) => Node,
): ClosedBody {
  const results = [...step.carries, ...step.outputs];
  const inside = insideNodes(first, placeholders, results);
  const replaced = new Map<Node, Node>();
  const outside: Node[] = [];
  const bring = (node: Node): Node => {
    const known = replaced.get(node);
    if (known !== undefined) return known;
    if (inside.has(node) || node.operation === "constant" || node.operation === "fill" || node.operation === "iota")
      return node;
    const name = `outside${outside.length}`;
    const placeholder = remake({ operation: "input", attributes: { name }, type: node.type, origin: node.origin }, []);
    outside.push(node);
    replaced.set(node, placeholder);
    return placeholder;
  };
  for (const node of inside) {
    const from = node.inputs.map(bring);
    if (from.some((input, k) => input !== node.inputs[k])) replaced.set(node, remake(node, from));
  }
  const names = [...step.carries.map((_, k) => `carry${k}`), ...step.outputs.map((_, k) => `output${k}`)];
  const outputs = new Map(names.map((name, k) => [name, bring(results[k])]));
  const inputs: GraphInput[] = placeholders.map((node) => ({ name: String(node.attributes.name), node }));
  outside.forEach((node, k) => inputs.push({ name: `outside${k}`, node: bring(node) }));
  return { body: { inputs, outputs }, outside };
}

/** Nodes among those made by the body that depend on a placeholder, inputs before users. */
function insideNodes(first: number, placeholders: readonly Node[], results: readonly Node[]): ReadonlySet<Node> {
  const inside = new Set<Node>(placeholders);
  const made = new Set<Node>();
  const pending = [...results];
  while (pending.length > 0) {
    const node = pending.pop()!;
    if (node.id < first || made.has(node)) continue;
    made.add(node);
    pending.push(...node.inputs);
  }
  for (const node of [...made].sort((a, b) => a.id - b.id))
    if (node.inputs.some((input) => inside.has(input))) inside.add(node);
  return inside;
}
