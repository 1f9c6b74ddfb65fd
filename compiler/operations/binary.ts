import type { Builder } from "../graph/builder.ts";
import type { ElementType, Node } from "../graph/graph.ts";
import { broadcastShapes } from "../graph/shape.ts";
import { elementwise, sumTo } from "./broadcasting.ts";
import { expectElement, expectSameElement, operation, type OperationRow } from "./operation.ts";

/** Two or three operands that broadcast, element by element. */

/** Cotangents of the operands before they are summed to their shapes; only those asked for. */
type Slopes = (g: Builder, dy: Node, a: Node, b: Node, y: Node) => { a: () => Node; b: () => Node };

function binary(
  name: string,
  doc: string,
  elements: readonly ElementType[],
  f: (a: number, b: number) => number,
  slopes: Slopes,
): OperationRow {
  return operation({
    name,
    doc,
    type: (inputs) => {
      for (const input of inputs) expectElement(name, input, ...elements);
      expectSameElement(name, inputs);
      return { element: inputs[0].element, shape: shapeOf(name, inputs) };
    },
    gradient: (g, node, dy, needs) => {
      const [a, b] = node.inputs;
      const each = slopes(g, dy, a, b, node);
      return [needs[0] ? sumTo(g, each.a(), a.type.shape) : null, needs[1] ? sumTo(g, each.b(), b.type.shape) : null];
    },
    reference: (inputs) => elementwise(name, inputs, f),
  });
}

function comparison(
  name: string,
  doc: string,
  elements: readonly ElementType[],
  f: (a: number, b: number) => boolean,
): OperationRow {
  return operation({
    name,
    doc,
    type: (inputs) => {
      for (const input of inputs) expectElement(name, input, ...elements);
      expectSameElement(name, inputs);
      return { element: "bool", shape: shapeOf(name, inputs) };
    },
    gradient: null,
    reference: (inputs) => elementwise(name, inputs, (a, b) => (f(a, b) ? 1 : 0)),
  });
}

function shapeOf(name: string, inputs: readonly { shape: readonly number[] }[]): number[] {
  return broadcastShapes(
    name,
    inputs.map((input) => input.shape),
  );
}

const numbers = ["f32", "i32"] as const;

export const add = binary(
  "add",
  "a + b.",
  numbers,
  (a, b) => a + b,
  (_g, dy) => ({ a: () => dy, b: () => dy }),
);
export const sub = binary(
  "sub",
  "a - b.",
  numbers,
  (a, b) => a - b,
  (g, dy) => ({ a: () => dy, b: () => g.neg(dy) }),
);
export const mul = binary(
  "mul",
  "a · b.",
  numbers,
  (a, b) => a * b,
  (g, dy, a, b) => ({ a: () => g.mul(dy, b), b: () => g.mul(dy, a) }),
);
export const div = binary(
  "div",
  "a / b.",
  ["f32"],
  (a, b) => a / b,
  (g, dy, _a, b, y) => ({ a: () => g.div(dy, b), b: () => g.neg(g.mul(g.div(dy, b), y)) }),
);
/** The slope in b is 0 where a is not above 0, and the slope in a is 0 where b is 0: no 0 · infinity. */
export const pow = binary("pow", "a to the power b.", ["f32"], Math.pow, (g, dy, a, b, y) => {
  const zero = g.constant(0);
  const one = g.constant(1);
  return {
    a: () => {
      const lowered = g.select(g.equal(b, zero), one, g.sub(b, one));
      return g.mul(dy, g.mul(b, g.pow(a, lowered)));
    },
    b: () => g.mul(dy, g.mul(y, g.log(g.select(g.greater(a, zero), a, one)))),
  };
});
export const maximum = binary(
  "maximum",
  "The larger; at a tie the gradient goes to a.",
  numbers,
  (a, b) => (a >= b ? a : b),
  (g, dy, a, b) => chooses(g, dy, g.greaterEqual(a, b)),
);
export const minimum = binary(
  "minimum",
  "The smaller; at a tie the gradient goes to a.",
  numbers,
  (a, b) => (b >= a ? a : b),
  (g, dy, a, b) => chooses(g, dy, g.greaterEqual(b, a)),
);

function chooses(g: Builder, dy: Node, first: Node): { a: () => Node; b: () => Node } {
  return { a: () => g.mul(dy, g.cast(first, "f32")), b: () => g.mul(dy, g.cast(g.not(first), "f32")) };
}

export const greater = comparison("greater", "a > b.", numbers, (a, b) => a > b);
export const greaterEqual = comparison("greaterEqual", "a >= b.", numbers, (a, b) => a >= b);
export const equal = comparison("equal", "a = b.", ["f32", "i32", "bool"], (a, b) => a === b);
export const and = comparison("and", "Both.", ["bool"], (a, b) => a === 1 && b === 1);
export const or = comparison("or", "Either.", ["bool"], (a, b) => a === 1 || b === 1);

export const select = operation({
  name: "select",
  doc: "`condition ? a : b`; all three broadcast.",
  type: (inputs) => {
    const [condition, a, b] = inputs;
    expectElement("select", condition, "bool");
    expectSameElement("select", [a, b]);
    return { element: a.element, shape: shapeOf("select", inputs) };
  },
  gradient: (g, node, dy, needs) => {
    const [condition, a, b] = node.inputs;
    const zero = g.constant(0);
    return [
      null,
      needs[1] ? sumTo(g, g.select(condition, dy, zero), a.type.shape) : null,
      needs[2] ? sumTo(g, g.select(condition, zero, dy), b.type.shape) : null,
    ];
  },
  reference: (inputs) => elementwise("select", inputs, (condition, a, b) => (condition === 1 ? a : b)),
});
