import { elementCount, topologicalOrder, type Graph, type Node } from "../../graph/graph.ts";
import { flagOf, graphOf, numberOf, numbersOf, valuesOf } from "../../graph/attributes.ts";
import { scanOutputs, scanParts } from "../../operations/scan-parts.ts";
import { foldConstants } from "../../passes/constants.ts";
import { commonSubexpressions } from "../../passes/common-subexpressions.ts";
import { again, rewrite } from "../../passes/rewrite.ts";
import { simplifyForward } from "../../passes/simplify.ts";
import { number, shape as sizes, type Argument, type Expression, type Operand } from "../tfjs/expression.ts";
import { spelledOut } from "../tfjs/index.ts";
import { apart } from "./apart.ts";
import { gradientFactor, opaque, spellDifferentiable } from "./column.ts";
import type { Body, CallTerm, Loop, Statement, Term, TermArgument } from "./term.ts";

export interface BodyOptions {
  /** Names of inputs that gradients are asked for: what decides about them is marked where it is used. */
  readonly differentiable: (name: string) => boolean;
}

/** A graph as terms of TensorFlow.js, for source whose gradients TensorFlow.js computes. */
export function bodyOf(graph: Graph, options: BodyOptions): Body {
  return apart(new Writer(readable(graph), options).body());
}

/** The same graph with fewer nodes to read. */
function readable(graph: Graph): Graph {
  const passes = [
    spelledOut,
    simplifyForward,
    countedFills,
    simplifyForward,
    foldConstants,
    means,
    commonSubexpressions,
  ];
  return passes.reduce((before, pass) => pass(before), graph);
}

/** Sums of equal numbers are products: of rows that all are real, for one. */
function countedFills(graph: Graph): Graph {
  return rewrite(graph, () => (g, node, inputs) => {
    const [x] = inputs;
    if (node.operation !== "sum" || x.operation !== "fill") return again(g, node, inputs);
    const value = numberOf(x.attributes, "value") * reducedCount(node);
    return node.type.shape.length === 0 ? g.constant(value) : g.fill(value, node.type.shape);
  });
}

/** A sum over the number of what it adds is a mean. */
function means(graph: Graph): Graph {
  return rewrite(graph, () => (g, node, inputs) => {
    const [x, count] = inputs;
    const isMean =
      node.operation === "div" &&
      x.operation === "sum" &&
      count.operation === "constant" &&
      count.type.shape.length === 0 &&
      valuesOf(count.attributes, "values")[0] === reducedCount(x);
    return isMean ? g.apply("mean", x.inputs, x.attributes) : again(g, node, inputs);
  });
}

/** Elements that a reduction makes one of. */
function reducedCount({ inputs: [x], attributes }: Node): number {
  return elementCount(numbersOf(attributes, "axes").map((axis) => x.type.shape[axis]));
}

class Writer {
  private readonly graph: Graph;
  private readonly options: BodyOptions;
  private statements: Statement[] = [];
  private readonly terms = new Map<Node, Term>();
  private readonly uses = new Map<Node, number>();
  private readonly readers = new Map<Node, Node[]>();
  private readonly moved = new Set<Node>();
  /** Results of loops, by the loop. */
  private readonly results = new Map<Node, readonly Term[]>();
  private count = 0;

  constructor(graph: Graph, options: BodyOptions) {
    this.graph = graph;
    this.options = options;
  }

  body(): Body {
    const names = new Map(this.graph.inputs.map(({ name, node }) => [node, name]));
    this.write(this.graph, (node) => {
      const name = names.get(node);
      if (name === undefined) throw new Error(`input ${node.id} has no name`);
      if (this.options.differentiable(name)) this.moved.add(node);
      const given: Term = { kind: "given", name, shape: node.type.shape };
      // What a chain gives is computed where it stands.
      const isOften = name.startsWith("chain/") && (this.uses.get(node) ?? 0) > 1;
      return isOften ? this.name(given, "chain", node.type.shape) : given;
    });
    const results = new Map([...this.graph.outputs].map(([name, node]) => [name, this.termOf(node)]));
    return { statements: this.statements, results };
  }

  /** Writes what the results of a graph need; `input` says what stands for one of its inputs. */
  private write(graph: Graph, input: (node: Node) => Term): void {
    const order = topologicalOrder(graph.outputs.values());
    for (const node of [...order.flatMap(({ inputs }) => inputs), ...graph.outputs.values()])
      this.uses.set(node, (this.uses.get(node) ?? 0) + 1);
    for (const node of order)
      for (const input of node.inputs) this.readers.set(input, [...(this.readers.get(input) ?? []), node]);
    for (const node of order) {
      if (this.terms.has(node)) continue;
      if (node.operation === "input") {
        this.terms.set(node, input(node));
        continue;
      }
      const isMoved = node.inputs.some((each) => this.moved.has(each));
      if (isMoved && !opaque.has(node.operation)) this.moved.add(node);
      if (node.operation === "scan") this.loop(node, readResults(order, node));
      else this.terms.set(node, this.kept(node, this.written(node, isMoved)));
    }
  }

  private loop(node: Node, read: ReadonlySet<number>): void {
    const body = graphOf(node.attributes, "body");
    const parts = scanParts(node.inputs, node.attributes);
    const initial = parts.initial.map((each) => this.termOf(each));
    const sequences = parts.sequences.map((each) => ({ element: this.id(), term: this.termOf(each) }));
    // What every round reads is computed before the first.
    const outside = parts.outside.map((each) => {
      const term = this.termOf(each);
      return term.kind === "call" ? this.name(term, each.operation, each.type.shape) : term;
    });
    const carries = parts.initial.map(({ type }): Term => ({ kind: "named", id: this.id(), shape: type.shape }));
    const placeholders = new Map(body.inputs.map(({ name, node: inside }) => [inside, name]));
    for (const [inside, name] of placeholders) {
      const [, kind, k] = /^(carry|element|outside)(\d+)$/.exec(name) ?? [];
      const from = kind === "carry" ? parts.initial : kind === "element" ? parts.sequences : parts.outside;
      if (this.moved.has(from[Number(k)])) this.moved.add(inside);
      // A carry is moved by whatever moves the loop.
      if (kind === "carry" && node.inputs.some((each) => this.moved.has(each))) this.moved.add(inside);
    }
    const before = this.statements;
    this.statements = [];
    this.write(body, (inside) => {
      const [, kind, k] = /^(carry|element|outside)(\d+)$/.exec(placeholders.get(inside) ?? "") ?? [];
      if (kind === "carry") return carries[Number(k)];
      if (kind === "element") return { kind: "named", id: sequences[Number(k)].element, shape: inside.type.shape };
      return outside[Number(k)];
    });
    const result = (name: string): Term => {
      const inside = body.outputs.get(name);
      if (!inside) throw new Error(`the body of a loop has no result ${name}`);
      return this.termOf(inside);
    };
    const outputs = Array.from({ length: scanOutputs(node.attributes) }, (_, k) => ({
      id: this.id(),
      term: result(`output${k}`),
    }));
    const loop: Loop = {
      kind: "loop",
      reverse: flagOf(node.attributes, "reverse"),
      sequences,
      length: parts.sequences[0]?.type.shape[0] ?? 0,
      carries: carries.map((carry, k) => ({ id: idOf(carry), initial: initial[k], next: result(`carry${k}`) })),
      lists: outputs.filter((_, k) => read.has(carries.length + k)),
      body: this.statements,
    };
    this.statements = [...before, loop];
    const types = node.results ?? [node.type];
    this.results.set(node, [
      ...carries,
      ...outputs.map(({ id }, k): Term => {
        const list: Term = { kind: "named", id, shape: null };
        return {
          kind: "call",
          name: "stack",
          own: false,
          arguments: [list, number(0)],
          shape: types[carries.length + k].shape,
        };
      }),
    ]);
  }

  private id(): string {
    return `v${this.count++}`;
  }

  private termOf(node: Node): Term {
    const term = this.terms.get(node);
    if (!term) throw new Error(`${node.operation} ${node.id} is read before it is made`);
    return term;
  }

  /** A constant of its own where the term is read more than once and is more than a name. */
  private kept(node: Node, term: Term): Term {
    if (term.kind !== "call" || (this.uses.get(node) ?? 0) < 2) return term;
    return this.name(term, node.operation, node.type.shape);
  }

  private name(term: Term, operation: string, shape: readonly number[] | null): Term {
    const id = this.id();
    this.statements.push({ kind: "constant", id, term, operation });
    return { kind: "named", id, shape };
  }

  private written(node: Node, isMoved: boolean): Term {
    if (node.operation === "result") {
      const results = this.results.get(node.inputs[0]);
      const index = numberOf(node.attributes, "index");
      if (!results || !(index in results)) throw new Error("a loop is asked for what only its gradient reads");
      return results[index];
    }
    const operands = node.inputs.map((input) => this.termOf(input));
    const { shape } = node.type;
    if (node.operation === "stopGradient" && isMoved) return { ...own("stopGradient", operands), shape };
    if (isMoved && (node.operation === "max" || node.operation === "min") && this.flowsOn(node))
      return { ...firstOf(node, operands[0]), shape };
    if (isMoved && node.operation === "abs") return { ...own("magnitude", operands), shape };
    if (isMoved && isOfTexts(node)) return { ...own("rowsOf", operands), shape };
    if (node.operation === "scaleGradient")
      return { ...own("scaleGradient", [...operands, number(gradientFactor(node))]), shape };
    const numbered = node.inputs.map(({ type }, index): Operand => ({
      kind: "operand",
      index,
      element: type.element,
      shape: type.shape,
    }));
    const expression = spellDifferentiable(node, numbered);
    const term = this.expression(expression, {
      operands,
      operation: node.operation,
      shared: sharedIn(expression),
      seen: new Map(),
    });
    const result = term.kind === "call" ? { ...reshapedOnce(term), shape } : term;
    return opaque.has(node.operation) && isMoved ? { ...own("stopGradient", [result]), shape } : result;
  }

  /** Whether some reader of a node hands a gradient back to it. */
  private flowsOn(node: Node): boolean {
    return (
      this.readers.get(node)?.some(({ operation }) => operation !== "stopGradient" && !opaque.has(operation)) ?? true
    );
  }

  /** An expression with the terms of its operands; what stands in it twice is named. */
  private expression(expression: Expression, spelling: Spelling): Term {
    const known = spelling.seen.get(expression);
    if (known) return known;
    const term = this.spelled(expression, spelling);
    if (term.kind !== "call" || !spelling.shared.has(expression)) return term;
    const named = this.name(term, spelling.operation, null);
    spelling.seen.set(expression, named);
    return named;
  }

  private spelled(expression: Expression, spelling: Spelling): Term {
    switch (expression.kind) {
      case "operand":
        return spelling.operands[expression.index];
      case "constant":
        return expression;
      case "kernel":
        throw new Error(`the kernel ${expression.name} belongs to gradients`);
      case "call": {
        const list = expression.arguments.map((argument): TermArgument => {
          switch (argument.kind) {
            case "operand":
            case "constant":
            case "call":
            case "kernel":
              return this.expression(argument, spelling);
            case "tensors":
              return {
                kind: "tensors",
                items: argument.items.map((item) => this.expression(item, spelling)),
              };
            default:
              return argument;
          }
        });
        return reshapedOnce({ kind: "call", name: expression.name, own: false, arguments: list, shape: null });
      }
      default:
        return expression satisfies never;
    }
  }
}

/** An operation's expression on its way to a term. */
interface Spelling {
  readonly operands: readonly Term[];
  readonly operation: string;
  /** Parts that stand in more than one place. */
  readonly shared: ReadonlySet<Expression>;
  readonly seen: Map<Expression, Term>;
}

function sharedIn(whole: Expression): ReadonlySet<Expression> {
  const seen = new Set<Expression>();
  const shared = new Set<Expression>();
  const visit = (part: Expression): void => {
    if (seen.has(part)) {
      shared.add(part);
      return;
    }
    seen.add(part);
    if (part.kind !== "call") return;
    for (const argument of part.arguments) {
      if (argument.kind === "tensors") argument.items.forEach(visit);
      else if (isExpression(argument)) visit(argument);
    }
  };
  visit(whole);
  return shared;
}

function isExpression(argument: Argument): argument is Expression {
  return ["operand", "constant", "call", "kernel"].includes(argument.kind);
}

/** Whether a table is asked for the words of texts: such have many rows. */
function isOfTexts({ operation, inputs }: Node): boolean {
  return operation === "gather" && inputs[1].type.shape.length > 1;
}

/** The largest of equals that comes first has the gradient; where the smallest is asked for, signs are turned. */
function firstOf({ operation, attributes, inputs: [x] }: Node, operand: Term): CallTerm {
  const turned = (term: Term): Term =>
    operation === "max" ? term : { kind: "call", name: "neg", own: false, arguments: [term], shape: null };
  const axes = [...numbersOf(attributes, "axes")].sort((a, b) => b - a);
  const reduced = axes.reduce<Term>(
    (term, axis) => ({ ...own("largest", [term, number(axis)]), shape: null }),
    turned(operand),
  );
  const kept = flagOf(attributes, "keep") ? x.type.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)) : null;
  const result = turned(reduced);
  if (kept === null && result.kind === "call") return result;
  return { kind: "call", name: "reshape", own: false, arguments: [result, sizes(kept ?? [])], shape: null };
}

/** A reshaped tensor that is reshaped again. */
function reshapedOnce(term: CallTerm): CallTerm {
  const [inner, ...to] = term.arguments;
  if (term.name !== "reshape" || inner.kind !== "call" || inner.name !== "reshape" || inner.own) return term;
  return reshapedOnce({ ...term, arguments: [inner.arguments[0], ...to] });
}

/** Which results of a loop somebody reads. */
function readResults(order: readonly Node[], loop: Node): ReadonlySet<number> {
  const users = order.filter(({ inputs }) => inputs.includes(loop));
  return new Set(users.map((user) => numberOf(user.attributes, "index")));
}

function idOf(term: Term): string {
  if (term.kind !== "named") throw new Error("a carry has no name");
  return term.id;
}

function own(name: string, list: readonly TermArgument[]): Omit<Extract<Term, { kind: "call" }>, "shape"> {
  return { kind: "call", name, own: true, arguments: list };
}
