import type { Emission, OnnxSpelling, Value } from "./emission.ts";

/** An operation that ONNX has under another name. */
const plain =
  (operation: string): OnnxSpelling =>
  (e, _node, inputs) =>
    e.op(operation, inputs);

/** onnxruntime has no kernel of this operation for bool: it is done on i32. */
function onIntegers(e: Emission, inputs: readonly Value[], write: (integers: readonly Value[]) => Value): Value {
  return e.cast(write(inputs.map((input) => e.cast(input, "i32"))), "bool");
}

export const unary = {
  neg: plain("Neg"),
  exp: plain("Exp"),
  /** tanh(x / 2) (e^x + 1): equal to e^x - 1 and exact near 0. */
  expm1: (e, _node, [x]) =>
    e.op("Mul", [e.op("Tanh", [e.op("Mul", [x, e.scalar(0.5)])]), e.op("Add", [e.op("Exp", [x]), e.scalar(1)])]),
  log: plain("Log"),
  /** x log(u) / (u - 1) with u = 1 + x, which mends what rounding u loses; x itself where u is 1. */
  log1p: (e, _node, [x]) => {
    const u = e.op("Add", [x, e.scalar(1)]);
    const rounded = e.op("Sub", [u, e.scalar(1)]);
    const same = e.op("Equal", [rounded, e.scalar(0)]);
    const factor = e.op("Div", [e.op("Log", [u]), e.op("Where", [same, e.scalar(1), rounded])]);
    return e.op("Where", [same, x, e.op("Mul", [x, factor])]);
  },
  sqrt: plain("Sqrt"),
  reciprocal: plain("Reciprocal"),
  square: (e, _node, [x]) => e.op("Mul", [x, x]),
  abs: plain("Abs"),
  sign: plain("Sign"),
  floor: (e, node, [x]) => (node.type.element === "f32" ? e.op("Floor", [x]) : x),
  tanh: plain("Tanh"),
  sigmoid: plain("Sigmoid"),
  softplus: plain("Softplus"),
  erf: plain("Erf"),
  relu: plain("Relu"),
  not: plain("Not"),
  cast: (e, node, [x]) => {
    const from = node.inputs[0].type.element;
    return from === node.type.element ? x : e.cast(x, node.type.element);
  },
} satisfies Record<string, OnnxSpelling>;

export const binary = {
  add: plain("Add"),
  sub: plain("Sub"),
  mul: plain("Mul"),
  div: plain("Div"),
  pow: plain("Pow"),
  maximum: plain("Max"),
  minimum: plain("Min"),
  greater: plain("Greater"),
  greaterEqual: plain("GreaterOrEqual"),
  equal: plain("Equal"),
  and: plain("And"),
  or: plain("Or"),
  select: (e, node, [condition, a, b]) =>
    node.type.element === "bool"
      ? onIntegers(e, [a, b], ([x, y]) => e.op("Where", [condition, x, y]))
      : e.op("Where", [condition, a, b]),
} satisfies Record<string, OnnxSpelling>;
