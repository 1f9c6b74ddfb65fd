import { elementOf } from "../../graph/attributes.ts";
import { call, dtype, type FunctionName } from "./expression.ts";
import type { TfjsSpelling } from "./spelling.ts";

/** An operation that TensorFlow.js has, perhaps under another name. */
const plain =
  (name: FunctionName): TfjsSpelling =>
  (_node, operands) =>
    call(name, ...operands);

export const unary = {
  neg: plain("neg"),
  exp: plain("exp"),
  expm1: plain("expm1"),
  log: plain("log"),
  log1p: plain("log1p"),
  sqrt: plain("sqrt"),
  reciprocal: plain("reciprocal"),
  square: plain("square"),
  abs: plain("abs"),
  sign: plain("sign"),
  floor: plain("floor"),
  tanh: plain("tanh"),
  sigmoid: plain("sigmoid"),
  softplus: plain("softplus"),
  erf: plain("erf"),
  relu: plain("relu"),
  not: plain("logicalNot"),
  cast: ({ attributes }, [x]) => call("cast", x, dtype(elementOf(attributes, "element"))),
} satisfies Record<string, TfjsSpelling>;

export const binary = {
  add: plain("add"),
  sub: plain("sub"),
  mul: plain("mul"),
  div: plain("div"),
  pow: plain("pow"),
  maximum: plain("maximum"),
  minimum: plain("minimum"),
  greater: plain("greater"),
  greaterEqual: plain("greaterEqual"),
  equal: plain("equal"),
  and: plain("logicalAnd"),
  or: plain("logicalOr"),
  select: plain("where"),
} satisfies Record<string, TfjsSpelling>;

/** Identities that act on the way back only. */
export const gradientControl = {
  stopGradient: (_node, [x]) => x,
  scaleGradient: (_node, [x]) => x,
} satisfies Record<string, TfjsSpelling>;
