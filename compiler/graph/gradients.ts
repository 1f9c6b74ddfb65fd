import { rowOf } from "../operations/index.ts";
import { numberOf } from "./attributes.ts";
import { TypeProblem, type Builder } from "./builder.ts";
import { topologicalOrder, type Node } from "./graph.ts";
import { sameShape, showShape } from "./shape.ts";
import { total } from "./total.ts";

/** A result, and what multiplies its derivative. */
export interface Seed {
  readonly node: Node;
  /** Of the type of `node`; null: ones. */
  readonly cotangent: Node | null;
}

/**
 * Reverse-mode gradients: for each of `wrt`, the sum over `outputs` of cotangent · d output / d wrt, or null where no output
 * depends on it (`stopGradient`, integers and conditions let nothing through). Only nodes between `wrt` and `outputs`
 * are walked. Made of operations that have gradients: apply it again for higher orders. Each node made belongs to the
 * origin of the forward node it comes from.
 */
export function gradients(g: Builder, outputs: readonly Seed[], wrt: readonly Node[]): (Node | null)[] {
  return walk(g, outputs, wrt, false);
}

/** The same where `wrt` are taken as independent of each other: nothing flows through one of them to another. */
function partialDerivatives(g: Builder, outputs: readonly Seed[], wrt: readonly Node[]): (Node | null)[] {
  return walk(g, outputs, wrt, true);
}

function walk(g: Builder, outputs: readonly Seed[], wrt: readonly Node[], independent: boolean): (Node | null)[] {
  const targets = new Set(wrt.filter((node) => node.type.element === "f32"));
  const order = between(outputs, targets, independent);
  const active = new Set(order);
  /** Of each node's results, the cotangents from its users. */
  const parts = new Map<Node, Node[][]>();
  const contribute = (node: Node, index: number, cotangent: Node): void => {
    const all = parts.get(node) ?? [];
    parts.set(node, all);
    (all[index] ??= []).push(cotangent);
  };
  for (const { node, cotangent } of outputs) {
    if (!active.has(node)) continue;
    if (cotangent !== null && !sameShape(cotangent.type.shape, node.type.shape))
      throw new TypeProblem(
        "gradients",
        `cotangent ${showShape(cotangent.type.shape)} of a result ${showShape(node.type.shape)}`,
      );
    contribute(node, 0, cotangent ?? g.fill(1, node.type.shape));
  }

  const found = new Map<Node, Node>();
  for (const node of order.reverse()) {
    const received = parts.get(node);
    if (received === undefined) continue;
    parts.delete(node);
    const differentiate = (): void => {
      const dys = (node.results ?? [node.type]).map((_, k) => (received[k] ? total(g, received[k]) : null));
      const [dy] = dys;
      if (targets.has(node) && dy !== null) found.set(node, dy);
      if (independent && targets.has(node)) return;
      if (node.operation === "result") {
        if (dy !== null) contribute(node.inputs[0], numberOf(node.attributes, "index"), dy);
        return;
      }
      const needs = node.inputs.map((input) => active.has(input));
      if (!needs.includes(true)) return;
      const { gradient } = rowOf(node.operation);
      const cotangents = gradient?.(g, node, dys, { needs, differentiate: partialDerivatives }) ?? [];
      cotangents.forEach((cotangent, k) => {
        if (needs[k] && cotangent !== null) contribute(node.inputs[k], 0, cotangent);
      });
    };
    if (node.origin === undefined) differentiate();
    else g.within(node.origin, differentiate);
  }
  return wrt.map((node) => found.get(node) ?? null);
}

/** Nodes on a way from `targets` to `outputs`, inputs before users. */
function between(outputs: readonly Seed[], targets: ReadonlySet<Node>, independent: boolean): Node[] {
  const roots = outputs.map(({ node }) => node);
  const order = independent ? orderDownTo(roots, targets) : topologicalOrder(roots);
  const active = new Set<Node>();
  for (const node of order) {
    const through =
      passes(node) && !(independent && targets.has(node)) && node.inputs.some((input) => active.has(input));
    if (through || targets.has(node)) active.add(node);
  }
  return [...active];
}

/** Whether a gradient can pass from a node to its inputs. */
function passes(node: Node): boolean {
  if (node.operation === "input") return false;
  if (node.operation === "result") return node.type.element === "f32";
  if (rowOf(node.operation).gradient === null) return false;
  return node.results !== undefined || node.type.element === "f32";
}

/** Topological order of what the roots need, without looking below `leaves`. */
function orderDownTo(roots: readonly Node[], leaves: ReadonlySet<Node>): Node[] {
  const seen = new Set<Node>();
  const pending = [...roots];
  while (pending.length > 0) {
    const node = pending.pop()!;
    if (seen.has(node)) continue;
    seen.add(node);
    if (!leaves.has(node)) pending.push(...node.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** For each of `wrt`, whether the gradient of `output` can reach it. */
export function reaches(output: Node, wrt: readonly Node[]): boolean[] {
  const seen = new Set<Node>();
  const pending = [output];
  while (pending.length > 0) {
    const node = pending.pop()!;
    if (seen.has(node)) continue;
    seen.add(node);
    if (passes(node)) pending.push(...node.inputs);
  }
  return wrt.map((node) => node.type.element === "f32" && seen.has(node));
}
