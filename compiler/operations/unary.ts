import { elementOf } from "../graph/attributes.ts";
import type { Builder } from "../graph/builder.ts";
import type { Node } from "../graph/graph.ts";
import { erf } from "./erf.ts";
import { expectElement, operation, type OperationRow } from "./operation.ts";

/** One operand, element by element. */

type Slope = (g: Builder, dy: Node, x: Node, y: Node) => Node;

function unary(name: string, doc: string, f: (x: number) => number, slope: Slope | null): OperationRow {
  return operation({
    name,
    doc,
    type: ([x]) => {
      expectElement(name, x, "f32");
      return x;
    },
    gradient: slope && ((g, node, dy) => [slope(g, dy, node.inputs[0], node)]),
    reference: ([x]) => ({ values: x.values.map(f), shape: x.shape }),
  });
}

/** Like `unary`, for integers too. */
function numeric(name: string, doc: string, f: (x: number) => number, slope: Slope | null): OperationRow {
  const row = unary(name, doc, f, slope);
  return {
    ...row,
    types: ([x]) => {
      expectElement(name, x, "f32", "i32");
      return [x];
    },
  };
}

export const neg = numeric(
  "neg",
  "-x.",
  (x) => -x,
  (g, dy) => g.neg(dy),
);
export const exp = unary("exp", "e^x.", Math.exp, (g, dy, _x, y) => g.mul(dy, y));
export const expm1 = unary("expm1", "e^x - 1, exact near 0.", Math.expm1, (g, dy, _x, y) =>
  g.mul(dy, g.add(y, g.constant(1))),
);
export const log = unary("log", "Natural logarithm.", Math.log, (g, dy, x) => g.div(dy, x));
export const log1p = unary("log1p", "log(1 + x), exact near 0.", Math.log1p, (g, dy, x) =>
  g.div(dy, g.add(x, g.constant(1))),
);
export const sqrt = unary("sqrt", "Square root.", Math.sqrt, (g, dy, _x, y) => g.div(g.mul(dy, g.constant(0.5)), y));
export const reciprocal = unary(
  "reciprocal",
  "1 / x.",
  (x) => 1 / x,
  (g, dy, _x, y) => g.neg(g.mul(dy, g.square(y))),
);
export const square = numeric(
  "square",
  "x².",
  (x) => x * x,
  (g, dy, x) => g.mul(dy, g.mul(x, g.constant(2))),
);
export const abs = numeric("abs", "|x|, slope 0 at 0.", Math.abs, (g, dy, x) => g.mul(dy, g.sign(x)));
export const sign = numeric("sign", "-1, 0 or 1.", Math.sign, null);
export const floor = unary("floor", "The largest whole number that is not above x.", Math.floor, null);
export const tanh = unary("tanh", "Hyperbolic tangent.", Math.tanh, (g, dy, _x, y) =>
  g.mul(dy, g.sub(g.constant(1), g.square(y))),
);
export const sigmoid = unary("sigmoid", "1 / (1 + e^-x).", logistic, (g, dy, _x, y) =>
  g.mul(dy, g.mul(y, g.sub(g.constant(1), y))),
);
export const softplus = unary(
  "softplus",
  "log(1 + e^x), overflow-free.",
  (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  (g, dy, x) => g.mul(dy, g.sigmoid(x)),
);
export const erfRow = unary("erf", "The error function.", erf, (g, dy, x) =>
  g.mul(dy, g.mul(g.exp(g.neg(g.square(x))), g.constant(2 / Math.sqrt(Math.PI)))),
);
/** Two casts are the cheapest mask there is: y is never below 0. */
export const relu = unary(
  "relu",
  "max(x, 0), slope 0 at 0.",
  (x) => (x < 0 ? 0 : x),
  (g, dy, _x, y) => g.mul(dy, g.cast(g.cast(y, "bool"), "f32")),
);

/** Without overflow on either side. */
function logistic(x: number): number {
  const small = Math.exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + small) : small / (1 + small);
}

export const not = operation({
  name: "not",
  doc: "True where x is false.",
  type: ([x]) => {
    expectElement("not", x, "bool");
    return x;
  },
  gradient: null,
  reference: ([x]) => ({ values: x.values.map((value) => 1 - value), shape: x.shape }),
});

export const cast = operation({
  name: "cast",
  doc: "Another element type (`element`): bool to f32 gives 0 and 1, f32 to i32 cuts off, a number to bool is x != 0.",
  type: ([x], attributes) => ({ element: elementOf(attributes, "element"), shape: x.shape }),
  gradient: null,
  reference: ([x], attributes) => {
    switch (elementOf(attributes, "element")) {
      case "f32":
        return x;
      case "i32":
        return { values: x.values.map(Math.trunc), shape: x.shape };
      case "bool":
        return { values: x.values.map((value) => (value === 0 ? 0 : 1)), shape: x.shape };
    }
  },
});
