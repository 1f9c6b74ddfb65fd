import { elementCount } from "../../graph/graph.ts";
import type { Graph, Node } from "../../graph/graph.ts";
import type { Attributes } from "../../graph/attributes.ts";
import { arranged, CHANNELS_FIRST, identity, isIdentity, moves, sameOrder } from "./orders.ts";
import type { Order } from "./orders.ts";

/** A node as it is kept in memory. `node.type` has the shape in memory. */
export interface Laid {
  readonly node: Node;
  readonly order: Order;
}

/** What an operation becomes where its operands may be kept in any order. */
export type LayoutRule = (laying: Laying, node: Node) => Laid;

/** A graph while its nodes are laid out. */
export class Laying {
  private nextId = 0;
  private readonly laid = new Map<Node, Laid>();
  private readonly turned = new Map<string, Node>();
  /** Lays out the body of a loop. */
  readonly body: (graph: Graph) => Graph;

  constructor(body: (graph: Graph) => Graph) {
    this.body = body;
  }

  set(node: Node, laid: Laid): void {
    this.laid.set(node, laid);
  }

  get(node: Node): Laid {
    const laid = this.laid.get(node);
    if (laid === undefined) throw new Error(`${node.operation} ${node.id} is read before it is laid out`);
    return laid;
  }

  make(
    origin: Node,
    operation: string,
    inputs: readonly Node[],
    attributes: Attributes,
    shape: readonly number[],
  ): Node {
    const { results } = origin;
    return {
      id: this.nextId++,
      operation,
      inputs,
      attributes,
      type: { element: origin.type.element, shape },
      ...(results !== undefined && { results }),
      ...(origin.origin !== undefined && { origin: origin.origin }),
    };
  }

  /** The same operation on other operands, its result in `order`. */
  again(node: Node, inputs: readonly Node[], order: Order, attributes: Attributes = node.attributes): Laid {
    return { node: this.make(node, node.operation, inputs, attributes, arranged(node.type.shape, order)), order };
  }

  /** A node in the order that is asked for; a transposition is made once. */
  in(node: Node, order: Order): Node {
    return this.turn(this.get(node), order);
  }

  /** A node as it is meant. */
  plain(node: Node): Node {
    return this.in(node, identity(node.type.shape.length));
  }

  /** An operand of a broadcasting operation whose result has this order: of the same rank, unless it may stay smaller. */
  operand(node: Node, order: Order): Node {
    const { shape } = node.type;
    if (shape.length === order.length) return this.in(node, order);
    const smaller = this.plain(node);
    if (shape.length === 0 || isIdentity(order)) return smaller;
    const stretched = [...new Array<number>(order.length - shape.length).fill(1), ...shape];
    const key = `${smaller.id} to ${order.length}`;
    const raised = this.once(key, () => this.reshape(smaller, stretched));
    return this.turn({ node: raised, order: identity(order.length) }, order);
  }

  private turn({ node, order }: Laid, wanted: Order): Node {
    if (sameOrder(order, wanted)) return node;
    const meant = identity(order.length).map((axis) => node.type.shape[order.indexOf(axis)]);
    // The same memory may be meant in several orders: which one it is decides what has to be moved.
    return this.once(`${node.id} from ${order.join()} to ${wanted.join()}`, () => {
      const shape = arranged(meant, wanted);
      if (!moves(meant, order, wanted)) return this.reshape(node, shape);
      const permutation = wanted.map((axis) => order.indexOf(axis));
      return this.make(single(node), "transpose", [node], { permutation }, shape);
    });
  }

  private reshape(node: Node, shape: readonly number[]): Node {
    const source = node.operation === "reshape" ? node.inputs[0] : node;
    return this.make(single(node), "reshape", [source], { shape }, shape);
  }

  private once(key: string, make: () => Node): Node {
    const known = this.turned.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.turned.set(key, made);
    return made;
  }
}

/** A node as the pattern of one with a single result. */
function single(node: Node): Node {
  return { ...node, results: undefined };
}

/** The order that costs the fewest moved elements for operands of a result of this rank; images stay channels-first. */
export function cheapestOrder(laying: Laying, operands: readonly Node[], rank: number): Order {
  const full = operands.filter((operand) => operand.type.shape.length === rank);
  const orders = full.map((operand) => laying.get(operand).order);
  const candidates = [
    ...orders.filter((order) => rank === 4 && sameOrder(order, CHANNELS_FIRST)),
    identity(rank),
    ...orders,
  ];
  const cost = (order: Order): number =>
    full.reduce((sum, operand, k) => {
      const { shape } = operand.type;
      return sum + (moves(shape, orders[k], order) ? elementCount(shape) : 0);
    }, 0);
  return candidates.reduce((best, order) => (cost(order) < cost(best) ? order : best));
}
