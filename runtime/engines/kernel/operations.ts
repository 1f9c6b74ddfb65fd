import { numberOf, valuesOf } from "../../../compiler/graph/attributes.ts";
import type { Node } from "../../../compiler/graph/graph.ts";
import { code } from "./instructions.ts";

/** Bytes that leave a vector of four lanes on the stack; bool lanes are all ones or all zeros. */
export type Lanes = readonly number[];

const splat = (value: number): Lanes => [...code.f32Const(value), ...code.f32x4Splat];

const binary =
  (instruction: readonly number[]) =>
  (_node: Node, [a, b]: readonly Lanes[]): Lanes => [...a, ...b, ...instruction];

const unary =
  (instruction: readonly number[]) =>
  (_node: Node, [x]: readonly Lanes[]): Lanes => [...x, ...instruction];

const choose = (condition: Lanes, yes: Lanes, no: Lanes): Lanes => [...yes, ...no, ...condition, ...code.v128Bitselect];

/**
 * Operations that a vector program may hold, as lanes from the lanes of their operands. Every one rounds as float32
 * arithmetic does; nothing is contracted. An operand may be written several times: it only reads a local.
 */
export const laneOperations: Readonly<Record<string, (node: Node, operands: readonly Lanes[]) => Lanes>> = {
  add: binary(code.f32x4Add),
  sub: binary(code.f32x4Sub),
  mul: binary(code.f32x4Mul),
  div: binary(code.f32x4Div),
  maximum: binary(code.f32x4Max),
  minimum: binary(code.f32x4Min),
  greater: binary(code.f32x4Gt),
  greaterEqual: binary(code.f32x4Ge),
  equal: (node, operands) =>
    binary(node.inputs[0].type.element === "bool" ? code.i32x4Eq : code.f32x4Eq)(node, operands),
  and: binary(code.v128And),
  or: binary(code.v128Or),
  not: unary(code.v128Not),
  neg: unary(code.f32x4Neg),
  abs: unary(code.f32x4Abs),
  sqrt: unary(code.f32x4Sqrt),
  square: (_node, [x]) => [...x, ...x, ...code.f32x4Mul],
  reciprocal: (_node, [x]) => [...splat(1), ...x, ...code.f32x4Div],
  // Zeros and NaN stay what they are.
  sign: (_node, [x]) => {
    const negative = [...x, ...code.v128Const0, ...code.f32x4Lt];
    const positive = [...x, ...code.v128Const0, ...code.f32x4Gt];
    return choose(positive, splat(1), choose(negative, splat(-1), x));
  },
  relu: (_node, [x]) => [...x, ...code.v128Const0, ...code.f32x4Max],
  select: (_node, [condition, yes, no]) => choose(condition, yes, no),
  cast: (node, [x]) => {
    const from = node.inputs[0].type.element;
    const to = node.type.element;
    if (from === to) return x;
    if (from === "bool" && to === "f32") return [...x, ...splat(1), ...code.v128And];
    if (from === "f32" && to === "bool") return [...x, ...code.v128Const0, ...code.f32x4Ne];
    throw new Error(`a vector program cannot cast ${from} to ${to}`);
  },
  broadcast: (_node, [x]) => x,
  stopGradient: (_node, [x]) => x,
  scaleGradient: (_node, [x]) => x,
  constant: (node) => constantLanes(node, valuesOf(node.attributes, "values")),
  fill: (node) => constantLanes(node, [numberOf(node.attributes, "value")]),
};

function constantLanes(node: Node, values: ArrayLike<number>): Lanes {
  const value = values[0];
  for (let k = 1; k < values.length; k++) {
    if (values[k] !== value) throw new Error("a vector program knows scalars and vectors of one value only");
  }
  if (node.type.element === "bool") return value === 0 ? code.v128Const0 : [...code.v128Const0, ...code.v128Not];
  if (node.type.element === "i32") throw new Error("a vector program computes in f32 and bool");
  return splat(value);
}
