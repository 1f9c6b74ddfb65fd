import { createBuilder } from "../graph/create.ts";
import type { Builder } from "../graph/builder.ts";
import { topologicalOrder } from "../graph/graph.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { sameShape } from "../graph/shape.ts";
import { again } from "./rewrite.ts";

/**
 * One product for many narrow ones with an operand in common: the last layers of heads that read the same tensor, the
 * gradients of their kernels, and what flows back from them. Three heads of one column each cost as much as one of sixteen.
 * Bodies of loops are left as they are.
 */
export function shareOperands(graph: Graph): Graph {
  const plan = planOf(graph);
  if (plan.size === 0) return graph;
  const g = createBuilder();
  const made = new Map<Node, Node>();
  const order = topologicalOrder(graph.outputs.values());
  const names = new Map(graph.inputs.map(({ name, node }) => [node, name]));
  const become = (node: Node): Node => {
    const found = made.get(node);
    if (found === undefined) throw new Error(`${node.operation} ${node.id} is read before it is made`);
    return found;
  };
  // Groups read inputs that come after their first member.
  for (const node of order) if (node.operation === "input") made.set(node, g.input(names.get(node)!, node.type));
  for (const node of order) {
    if (made.has(node)) continue;
    const entry = plan.get(node);
    if (entry === "inner") continue;
    const make = (): void => {
      if (entry) entry(g, become, (member, value) => made.set(member, value));
      else made.set(node, again(g, node, node.inputs.map(become)));
    };
    if (node.origin === undefined) make();
    else g.within(node.origin, make);
  }
  return g.finish(new Map([...graph.outputs].map(([name, node]) => [name, become(node)])));
}

/** Makes all members of a group at once. */
type Write = (g: Builder, become: (node: Node) => Node, define: (member: Node, value: Node) => void) => void;

/** What becomes of a node: it is written by its group, or nobody outside of its group reads it. */
type Plan = Map<Node, Write | "inner">;

/** Columns of a product that is narrow: fewer than kernels work on at once. */
const NARROW = 16;

function planOf(graph: Graph): Plan {
  const results = new Set(graph.outputs.values());
  const readers = new Map<Node, Node[]>();
  const order = topologicalOrder(results);
  for (const node of order) {
    for (const input of node.inputs) {
      const list = readers.get(input);
      if (list) list.push(node);
      else readers.set(input, [node]);
    }
  }
  const level: Level = {
    order,
    readers: (node) => readers.get(node) ?? [],
    isResult: (node) => results.has(node),
  };
  const plan: Plan = new Map();
  heads(level, plan);
  kernelGradients(level, plan);
  waysBack(level, plan);
  return plan;
}

interface Level {
  readonly order: readonly Node[];
  readonly readers: (node: Node) => readonly Node[];
  readonly isResult: (node: Node) => boolean;
}

/** x Wₖ + bₖ, for kernels and offsets that are inputs: x [W₁ W₂ …] + [b₁ b₂ …], cut into columns. */
function heads(level: Level, plan: Plan): void {
  const groups = new Groups<{ product: Node; end: Node; bias: Node | null }>();
  for (const product of level.order) {
    const kernel = narrowKernel(product, false);
    if (kernel === null) continue;
    const [sum] = level.readers(product);
    const alone = level.readers(product).length === 1 && !level.isResult(product) && sum.operation === "add";
    const other = alone ? sum.inputs[sum.inputs[0] === product ? 1 : 0] : undefined;
    const width = kernel.type.shape.slice(1);
    const bias = other?.operation === "input" && sameShape(other.type.shape, width) ? other : null;
    const end = bias ? sum : product;
    groups.add(`${product.inputs[0].id} ${bias !== null}`, { product, end, bias });
  }
  for (const members of groups.several()) {
    const { product } = members[0];
    const write: Write = (g, become, define) => {
      const kernels = members.map((member) => become(member.product.inputs[1]));
      const whole = g.matmul(become(product.inputs[0]), g.concat(kernels, 1));
      const offsets = members.flatMap(({ bias }) => (bias ? [become(bias)] : []));
      const sum = offsets.length > 0 ? g.add(whole, g.concat(offsets, 0)) : whole;
      cut(
        g,
        sum,
        members.map(({ end }) => end),
        sum.type.shape.length - 1,
        define,
      );
    };
    for (const { product: inner, end } of members) {
      if (end !== inner) plan.set(inner, "inner");
      plan.set(end, write);
    }
  }
}

/** xᵀ dₖ, where nothing goes on from there: [d₁ d₂ …]ᵀ x, cut into rows and turned. */
function kernelGradients(level: Level, plan: Plan): void {
  const groups = new Groups<Node>();
  for (const node of level.order) {
    const { transposeA, transposeB } = node.attributes;
    const isNarrow = node.operation === "matmul" && node.type.shape.length === 2 && node.type.shape[1] <= NARROW;
    if (!isNarrow || transposeA !== true || transposeB !== false) continue;
    if (level.isResult(node) && level.readers(node).length === 0) groups.add(String(node.inputs[0].id), node);
  }
  for (const members of groups.several()) {
    const last = members[members.length - 1];
    // In the order in which what flows back from them is joined, too.
    members.sort((a, b) => a.inputs[1].id - b.inputs[1].id);
    for (const member of members) plan.set(member, "inner");
    plan.set(last, (g, become, define) => {
      const slopes = g.concat(
        members.map((member) => become(member.inputs[1])),
        1,
      );
      const whole = g.matmul(slopes, become(last.inputs[0]), { transposeA: true });
      cut(g, whole, members, 0, (member, rows) => define(member, g.transpose(rows, [1, 0])));
    });
  }
}

/** Σ dₖ Wₖᵀ among the terms of a sum: [d₁ d₂ …] [W₁ W₂ …]ᵀ. */
function waysBack(level: Level, plan: Plan): void {
  const isTerm = (node: Node, sum: Node): boolean =>
    level.readers(node).length === 1 && !level.isResult(node) && sameShape(node.type.shape, sum.type.shape);
  for (const root of level.order) {
    if (root.operation !== "add" || plan.has(root)) continue;
    const isInside = level.readers(root).some((reader) => reader.operation === "add" && isTerm(root, reader));
    if (isInside) continue;
    const { inner, leaves } = termsOf(root, isTerm);
    const narrow = leaves
      .filter((leaf) => narrowKernel(leaf, true) !== null && isTerm(leaf, root))
      .sort((a, b) => a.inputs[0].id - b.inputs[0].id);
    if (narrow.length < 2) continue;
    for (const node of [...inner, ...narrow]) plan.set(node, "inner");
    plan.set(root, (g, become, define) => {
      const slopes = narrow.map((leaf) => become(leaf.inputs[0]));
      const kernels = narrow.map((leaf) => become(leaf.inputs[1]));
      const merged = g.matmul(g.concat(slopes, slopes[0].type.shape.length - 1), g.concat(kernels, 1), {
        transposeB: true,
      });
      const rest = leaves.filter((leaf) => !narrow.includes(leaf));
      define(
        root,
        rest.reduce((sum, leaf) => g.add(sum, become(leaf)), merged),
      );
    });
  }
}

/** The terms of a sum, and the sums inside it. */
function termsOf(root: Node, isTerm: (node: Node, sum: Node) => boolean): { inner: Node[]; leaves: Node[] } {
  const inner: Node[] = [];
  const leaves: Node[] = [];
  const pending = [...root.inputs].reverse();
  while (pending.length > 0) {
    const node = pending.pop()!;
    if (node.operation === "add" && isTerm(node, root)) {
      inner.push(node);
      pending.push(...[...node.inputs].reverse());
    } else leaves.push(node);
  }
  return { inner, leaves };
}

/** The kernel [rows, columns] of a product with an input of few columns; `turned`: of its transpose. */
function narrowKernel({ operation, inputs, attributes }: Node, turned: boolean): Node | null {
  if (operation !== "matmul" || attributes.transposeA !== false || attributes.transposeB !== turned) return null;
  const [, kernel] = inputs;
  return kernel.operation === "input" && kernel.type.shape.length === 2 && kernel.type.shape[1] <= NARROW
    ? kernel
    : null;
}

/** Cuts along an axis, in the members' order: each as long there as it has columns. */
function cut(
  g: Builder,
  whole: Node,
  members: readonly Node[],
  axis: number,
  define: (member: Node, value: Node) => void,
): void {
  let from = 0;
  for (const member of members) {
    const { shape } = member.type;
    const columns = shape[shape.length - 1];
    const begin = whole.type.shape.map((_, k) => (k === axis ? from : 0));
    const size = whole.type.shape.map((length, k) => (k === axis ? columns : length));
    define(member, g.slice(whole, begin, size));
    from += columns;
  }
}

/** Lists by key. */
class Groups<Member> {
  private readonly lists = new Map<string, Member[]>();

  add(key: string, member: Member): void {
    const list = this.lists.get(key);
    if (list) list.push(member);
    else this.lists.set(key, [member]);
  }

  several(): Member[][] {
    return [...this.lists.values()].filter((list) => list.length > 1);
  }
}
