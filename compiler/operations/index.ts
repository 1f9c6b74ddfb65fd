/**
 * The vocabulary of the tensor graph: one row for each operation says its types, its gradient in other operations and its
 * reference meaning. Everything else (builder, gradients, interpreter, emitters) reads these rows. `docs/add-an-operation.md`
 * tells how to add one.
 */
import * as binary from "./binary.ts";
import { constant, fill, iota } from "./constants.ts";
import { conv2d, conv2dInputGradient, conv2dKernelGradient } from "./conv2d.ts";
import { gelu } from "./gelu.ts";
import { scaleGradient, stopGradient } from "./gradient-control.ts";
import { gather, pick, place, scatterAdd } from "./indexing.ts";
import { layerNorm } from "./layer-norm.ts";
import { matmul } from "./matmul.ts";
import type { OperationRow } from "./operation.ts";
import * as pool2d from "./pool2d.ts";
import { argmax, max, mean, min, sum } from "./reductions.ts";
import { scan } from "./scan.ts";
import { broadcast, concat, pad, reshape, reverse, slice, transpose } from "./shape.ts";
import { logSoftmax, logSumExp, sigmoidCrossEntropy, softmax, softmaxCrossEntropy } from "./softmax.ts";
import * as unary from "./unary.ts";

const { erfRow, ...otherUnary } = unary;

export const operationRows = {
  constant,
  fill,
  iota,
  ...otherUnary,
  erf: erfRow,
  ...binary,
  sum,
  mean,
  max,
  min,
  argmax,
  reshape,
  transpose,
  broadcast,
  concat,
  slice,
  pad,
  reverse,
  gather,
  scatterAdd,
  pick,
  place,
  matmul,
  conv2d,
  conv2dInputGradient,
  conv2dKernelGradient,
  maxPool2d: pool2d.maxPool2d,
  maxPool2dGradient: pool2d.maxPool2dGradient,
  maxPool2dPick: pool2d.maxPool2dPick,
  sumPool2d: pool2d.sumPool2d,
  sumPool2dGradient: pool2d.sumPool2dGradient,
  softmax,
  logSoftmax,
  logSumExp,
  softmaxCrossEntropy,
  sigmoidCrossEntropy,
  layerNorm,
  gelu,
  stopGradient,
  scaleGradient,
  scan,
} satisfies Record<string, OperationRow>;

/** Every operation of the graph. Beside these a node may be an `input` or one `result` of several. */
export type OperationName = keyof typeof operationRows;

export function isOperationName(name: string): name is OperationName {
  return Object.hasOwn(operationRows, name);
}

/** The row of a node's operation; inputs and results of others have none. */
export function rowOf(operation: string): OperationRow {
  if (!isOperationName(operation)) throw new Error(`no operation is called ${operation}`);
  return operationRows[operation];
}
