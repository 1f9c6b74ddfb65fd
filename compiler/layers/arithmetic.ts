import type { Node } from "../graph/graph.ts";
import { layer, type LayerContext, type LayerRow } from "../registry/layer.ts";
import { either, list, number } from "../registry/settings.ts";
import { align, placed } from "./align.ts";
import { axisNames, needNumbers, resultType } from "./types.ts";

/** Arithmetic, element by element: a row each. Operators make `add` … `negate`; a number makes `constant`. */

function binary(
  name: string,
  doc: string,
  example: string,
  apply: (g: LayerContext, a: Node, b: Node) => Node,
): LayerRow {
  return layer({
    name,
    doc: `${doc} Element by element; axes are aligned from the right after the batch axis, token axes by name, and an axis of size 1 or a missing one is repeated.`,
    group: "arithmetic",
    callable: false,
    operands: { min: 2, max: 2 },
    settings: {},
    shape({ inputs: [a, b] }) {
      needNumbers(name, a, 0);
      needNumbers(name, b, 1);
      const { shape, axes } = align(a, b);
      return resultType([a, b], shape, axes);
    },
    forward(g, { inputs: [a, b], inputTypes: [typeOfA, typeOfB], outputType }) {
      const { places } = align(typeOfA, typeOfB);
      const rank = outputType.shape.length;
      return apply(g, placed(g, a, typeOfA, places[0], rank), placed(g, b, typeOfB, places[1], rank));
    },
    example,
  });
}

function unary(
  name: string,
  doc: string,
  aliases: readonly string[],
  apply: (g: LayerContext, x: Node) => Node,
  options: { readonly callable?: boolean; readonly example?: string } = {},
): LayerRow {
  return layer({
    name,
    doc,
    aliases,
    group: "arithmetic",
    callable: options.callable ?? true,
    operands: { min: 1, max: 1 },
    settings: {},
    shape({ inputs: [x] }) {
      needNumbers(name, x);
      return resultType([x], x.shape, axisNames(x));
    },
    forward: (g, { inputs: [x] }) => apply(g, x),
    example: options.example ?? `shared trunk = ${name}(x -> dense(16) -> softplus)`,
  });
}

const constant = layer({
  name: "constant",
  doc: "A number, or a list of numbers along the last axis, written in the file.",
  group: "arithmetic",
  callable: false,
  operands: { min: 0, max: 0 },
  settings: { value: either(number(), list(number())).describe("The number or numbers.") },
  shape: ({ settings: { value } }) => resultType([], typeof value === "number" ? [] : [value.length]),
  forward: (g, { settings: { value } }) =>
    typeof value === "number" ? g.constant(value) : g.constant(value, { element: "f32", shape: [value.length] }),
  example: "shared half = (x -> dense(16)) * 0.5",
});

export const arithmetic: readonly LayerRow[] = [
  constant,
  binary("add", "a + b.", "shared trunk = x + (x -> dense(8))", (g, a, b) => g.add(a, b)),
  binary("sub", "a - b.", "shared trunk = x - (x -> dense(8))", (g, a, b) => g.sub(a, b)),
  binary("mul", "a · b.", "shared trunk = x * (x -> dense(8) -> sigmoid)", (g, a, b) => g.mul(a, b)),
  binary("div", "a / b.", "shared trunk = x / (1 + abs(x))", (g, a, b) => g.div(a, b)),
  unary("negate", "-x.", [], (g, x) => g.neg(x), { callable: false, example: "shared trunk = -(x -> dense(16))" }),
  unary("square", "x².", ["pow2"], (g, x) => g.square(x)),
  unary("sqrt", "√x; the slope at 0 is not finite.", [], (g, x) => g.sqrt(x)),
  unary("exp", "e^x.", [], (g, x) => g.exp(x)),
  unary("log", "The natural logarithm of x.", ["ln"], (g, x) => g.log(x)),
  unary("abs", "|x|, with slope 0 at 0.", ["absolute"], (g, x) => g.abs(x)),
];
