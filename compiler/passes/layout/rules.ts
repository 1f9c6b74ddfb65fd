import { flagOf, graphOf, numberOf, numbersOf } from "../../graph/attributes.ts";
import type { OperationName } from "../../operations/index.ts";
import { cheapestOrder } from "./laying.ts";
import type { LayoutRule } from "./laying.ts";
import { arranged, CHANNELS_FIRST, identity, KERNEL, places, sameOrder, withoutAxes } from "./orders.ts";
import type { Order } from "./orders.ts";

/** Operands and result as they are meant. */
export const plain: LayoutRule = (laying, node) =>
  laying.again(
    node,
    node.inputs.map((input) => laying.plain(input)),
    identity(node.type.shape.length),
  );

/** Works in any order, as long as all operands share it. */
const elementwise: LayoutRule = (laying, node) => {
  const order = cheapestOrder(laying, node.inputs, node.type.shape.length);
  return laying.again(
    node,
    node.inputs.map((input) => laying.operand(input, order)),
    order,
  );
};

const reduction: LayoutRule = (laying, node) => {
  const { node: x, order } = laying.get(node.inputs[0]);
  const axes = numbersOf(node.attributes, "axes");
  const kept = flagOf(node.attributes, "keep") ? order : withoutAxes(order, axes);
  return laying.again(node, [x], kept, { ...node.attributes, axes: places(axes, order) });
};

/** Lists by axis among the attributes follow the operand's order. */
const byAxis =
  (...names: readonly string[]): LayoutRule =>
  (laying, node) => {
    const { node: x, order } = laying.get(node.inputs[0]);
    const lists = names.map((name) => [name, arranged(numbersOf(node.attributes, name), order)] as const);
    return laying.again(node, [x], order, { ...node.attributes, ...Object.fromEntries(lists) });
  };

/** A transposition moves nothing: the same memory is meant otherwise, until somebody wants an order. */
const transpose: LayoutRule = (laying, node) => {
  const { node: x, order } = laying.get(node.inputs[0]);
  const permutation = numbersOf(node.attributes, "permutation");
  return { node: x, order: order.map((axis) => permutation.indexOf(axis)) };
};

const broadcast: LayoutRule = (laying, node) => {
  const [x] = node.inputs;
  if (x.type.shape.length !== node.type.shape.length) return plain(laying, node);
  const { node: source, order } = laying.get(x);
  const shape = arranged(node.type.shape, order);
  return laying.again(node, [source], order, { ...node.attributes, shape });
};

const concat: LayoutRule = (laying, node) => {
  const order = cheapestOrder(laying, node.inputs, node.type.shape.length);
  const axis = order.indexOf(numberOf(node.attributes, "axis"));
  return laying.again(
    node,
    node.inputs.map((input) => laying.in(input, order)),
    order,
    { ...node.attributes, axis },
  );
};

const reverse: LayoutRule = (laying, node) => {
  const { node: x, order } = laying.get(node.inputs[0]);
  return laying.again(node, [x], order, { ...node.attributes, axis: order.indexOf(numberOf(node.attributes, "axis")) });
};

/** Products read an operand with its last two axes swapped as it lies. */
const matmul: LayoutRule = (laying, node) => {
  const operands = node.inputs.map((input) => {
    const { node: laid, order } = laying.get(input);
    const swapped = sameOrder(order, lastTwoSwapped(order.length));
    return { node: swapped ? laid : laying.plain(input), swapped };
  });
  const attributes = {
    ...node.attributes,
    transposeA: flagOf(node.attributes, "transposeA") !== operands[0].swapped,
    transposeB: flagOf(node.attributes, "transposeB") !== operands[1].swapped,
  };
  return laying.again(
    node,
    operands.map((operand) => operand.node),
    identity(node.type.shape.length),
    attributes,
  );
};

function lastTwoSwapped(rank: number): Order {
  return [...identity(rank - 2), rank - 1, rank - 2];
}

/** Images go in and come out channels-first. */
const imageTo =
  (orders: readonly Order[], result: Order): LayoutRule =>
  (laying, node) =>
    laying.again(
      node,
      node.inputs.map((input, k) => laying.in(input, orders[k])),
      result,
    );

const pooling = imageTo([CHANNELS_FIRST, CHANNELS_FIRST], CHANNELS_FIRST);

const scan: LayoutRule = (laying, node) => {
  const body = laying.body(graphOf(node.attributes, "body"));
  const laid = plain(laying, node);
  return { ...laid, node: { ...laid.node, attributes: { ...node.attributes, body } } };
};

/** How each operation behaves where its operands may lie in another order. */
export const layoutRules: Readonly<Record<OperationName, LayoutRule>> = {
  constant: plain,
  fill: plain,
  iota: plain,
  neg: elementwise,
  exp: elementwise,
  expm1: elementwise,
  log: elementwise,
  log1p: elementwise,
  sqrt: elementwise,
  reciprocal: elementwise,
  square: elementwise,
  abs: elementwise,
  sign: elementwise,
  floor: elementwise,
  tanh: elementwise,
  sigmoid: elementwise,
  softplus: elementwise,
  erf: elementwise,
  relu: elementwise,
  not: elementwise,
  cast: elementwise,
  gelu: elementwise,
  stopGradient: elementwise,
  scaleGradient: elementwise,
  add: elementwise,
  sub: elementwise,
  mul: elementwise,
  div: elementwise,
  pow: elementwise,
  maximum: elementwise,
  minimum: elementwise,
  greater: elementwise,
  greaterEqual: elementwise,
  equal: elementwise,
  and: elementwise,
  or: elementwise,
  select: elementwise,
  sigmoidCrossEntropy: elementwise,
  sum: reduction,
  mean: reduction,
  max: reduction,
  min: reduction,
  argmax: plain,
  reshape: plain,
  transpose,
  broadcast,
  concat,
  slice: byAxis("begin", "size", "strides"),
  pad: byAxis("before", "after"),
  reverse,
  gather: plain,
  scatterAdd: plain,
  pick: plain,
  place: plain,
  matmul,
  conv2d: imageTo([CHANNELS_FIRST, KERNEL], CHANNELS_FIRST),
  conv2dInputGradient: imageTo([CHANNELS_FIRST, KERNEL], CHANNELS_FIRST),
  conv2dKernelGradient: imageTo([CHANNELS_FIRST, CHANNELS_FIRST], identity(4)),
  maxPool2d: pooling,
  maxPool2dGradient: pooling,
  maxPool2dPick: pooling,
  sumPool2d: pooling,
  sumPool2dGradient: pooling,
  softmax: plain,
  logSoftmax: plain,
  logSumExp: plain,
  softmaxCrossEntropy: plain,
  layerNorm: plain,
  scan,
};
