import { graphOf, flagOf, numberOf } from "../../graph/attributes.ts";
import { topologicalOrder, type Graph, type Node } from "../../graph/graph.ts";
import { isOperationName, rowOf, type OperationName } from "../../operations/index.ts";
import { scanOutputs, scanParts } from "../../operations/scan-parts.ts";
import { again, rewrite } from "../../passes/rewrite.ts";
import type { Expression, Operand } from "./expression.ts";
import type { Loop, Statement, TfjsProgram, Value } from "./program.ts";
import { tfjsColumn } from "./spellings.ts";

/**
 * Writes a tensor graph as statements of TensorFlow.js: data that an engine evaluates and a printer writes as source.
 * `expression.ts` says what an expression is, `program.ts` what a program is, and `spellings.ts` holds the column, one entry
 * for each operation.
 */
export { tfjsColumn } from "./spellings.ts";
export type { TfjsEntry, TfjsSpelling } from "./spelling.ts";
export type * from "./expression.ts";
export type * from "./program.ts";
export { DTYPES } from "./expression.ts";

export function emitTfjs(graph: Graph): TfjsProgram {
  const whole = spelledOut(graph);
  const writer = new Writer();
  const inputs = whole.inputs.map(({ name, node }) => ({ name, value: writer.define(node), type: node.type }));
  const statements = writer.write(whole);
  const outputs = [...whole.outputs].map(([name, node]) => ({ name, value: writer.valueOf(node), type: node.type }));
  return { inputs, statements, outputs, values: writer.count };
}

/** The graph with composites that TensorFlow.js lacks written in other operations. */
export function spelledOut(graph: Graph): Graph {
  return rewrite(graph, () => (g, node, inputs) => {
    const decomposed = isOperationName(node.operation) && tfjsColumn[node.operation] === "decomposed";
    const decomposition = decomposed ? rowOf(node.operation).decomposition : null;
    return decomposition ? decomposition(g, inputs, node.attributes) : again(g, node, inputs);
  });
}

/** The expression of a node by its entry of the column, with operands numbered as the node's inputs. */
export function spell(node: Node, operation: OperationName): Expression {
  const entry = tfjsColumn[operation];
  if (typeof entry !== "function") throw new Error(`${operation} is ${entry}, and no expression`);
  const operands = node.inputs.map(({ type }, index): Operand => ({
    kind: "operand",
    index,
    element: type.element,
    shape: type.shape,
  }));
  return entry(node, operands);
}

class Writer {
  count = 0;
  private readonly values = new Map<Node, Value>();
  /** Results of loops, by the loop's node. */
  private readonly results = new Map<Node, readonly (Value | null)[]>();

  define(node: Node): Value {
    const value = this.count++;
    this.values.set(node, value);
    return value;
  }

  valueOf(node: Node): Value {
    const value = this.values.get(node);
    if (value === undefined) throw new Error(`${node.operation} ${node.id} is read before it is made`);
    return value;
  }

  write(graph: Graph): Statement[] {
    const statements: Statement[] = [];
    const order = topologicalOrder(graph.outputs.values());
    for (const node of order) {
      if (this.values.has(node)) continue;
      if (node.operation === "result") {
        const value = this.results.get(node.inputs[0])?.[numberOf(node.attributes, "index")];
        if (value === undefined || value === null) throw new Error("a result of no loop");
        this.values.set(node, value);
      } else if (node.operation === "scan") {
        statements.push(this.loop(node, readResults(order, node)));
      } else {
        if (!isOperationName(node.operation)) throw new Error(`${node.operation} has no TensorFlow.js spelling`);
        const operands = node.inputs.map((input) => this.valueOf(input));
        const expression = spell(node, node.operation);
        if (expression.kind === "operand") this.values.set(node, operands[expression.index]);
        else statements.push({ kind: "assignment", value: this.define(node), operands, expression, node });
      }
    }
    return statements;
  }

  private loop(node: Node, read: ReadonlySet<number>): Loop {
    const body = graphOf(node.attributes, "body");
    const { initial, sequences, outside } = scanParts(
      node.inputs.map((input) => this.valueOf(input)),
      node.attributes,
    );
    const placeholders = new Map(body.inputs.map((input) => [input.name, input.node]));
    const own = (name: string): Value => {
      const inside = placeholders.get(name);
      return inside ? this.define(inside) : this.count++;
    };
    const carried = initial.map((_, k) => own(`carry${k}`));
    const elements = sequences.map((_, k) => own(`element${k}`));
    outside.forEach((value, k) => {
      const inside = placeholders.get(`outside${k}`);
      if (inside) this.values.set(inside, value);
    });
    const statements = this.write(body);
    const bodyResult = (name: string): Value => {
      const inside = body.outputs.get(name);
      if (inside === undefined) throw new Error(`the body of a loop has no result ${name}`);
      return this.valueOf(inside);
    };
    const outputs = scanOutputs(node.attributes);
    const stackable = [...Array.from({ length: outputs }, (_, k) => bodyResult(`output${k}`)), ...carried];
    const results = Array.from({ length: initial.length + stackable.length }, (_, k) =>
      read.has(k) ? this.count++ : null,
    );
    this.results.set(node, results);
    // The node itself stands for its first result.
    if (results[0] !== null) this.values.set(node, results[0]);
    return {
      kind: "loop",
      length: node.inputs[initial.length].type.shape[0],
      reverse: flagOf(node.attributes, "reverse"),
      sequences: sequences.map((sequence, k) => ({ sequence, element: elements[k] })),
      carries: initial.map((first, k) => ({
        initial: first,
        inside: carried[k],
        next: bodyResult(`carry${k}`),
        result: results[k],
      })),
      stacked: stackable.flatMap((inside, k) => {
        const result = results[initial.length + k];
        return result === null ? [] : [{ inside, result }];
      }),
      body: statements,
      node,
    };
  }
}

/** Which results of a loop somebody reads: its first by the node itself, any by a `result`. */
function readResults(order: readonly Node[], loop: Node): ReadonlySet<number> {
  const users = order.filter(({ inputs }) => inputs.includes(loop));
  return new Set(users.map((user) => (user.operation === "result" ? numberOf(user.attributes, "index") : 0)));
}
