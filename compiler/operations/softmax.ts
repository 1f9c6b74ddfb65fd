import type { Builder } from "../graph/builder.ts";
import type { Node, TensorType } from "../graph/graph.ts";
import { sameShape, showShape } from "../graph/shape.ts";
import { expect, expectElement, operation, type Tensor } from "./operation.ts";

/** The softmax family over the last axis. All subtract the largest element first. */

function vectors(name: string, x: TensorType): TensorType {
  expectElement(name, x, "f32");
  expect(name, x.shape.length > 0 && x.shape[x.shape.length - 1] > 0, () => `no last axis in ${showShape(x.shape)}`);
  return x;
}

/** The last axis as an axis of size 1, for what was reduced over it. */
function column(g: Builder, x: Node): Node {
  return g.reshape(x, [...x.type.shape, 1]);
}

function logNormalizers(x: Tensor): Float64Array {
  const n = x.shape[x.shape.length - 1];
  const values = new Float64Array(x.values.length / n);
  for (let row = 0; row < values.length; row++) {
    let largest = -Infinity;
    for (let k = 0; k < n; k++) largest = Math.max(largest, x.values[row * n + k]);
    let sum = 0;
    for (let k = 0; k < n; k++) sum += Math.exp(x.values[row * n + k] - largest);
    values[row] = largest + Math.log(sum);
  }
  return values;
}

function logProbabilities(x: Tensor): Tensor {
  const n = x.shape[x.shape.length - 1];
  const normalizers = logNormalizers(x);
  return { values: x.values.map((value, i) => value - normalizers[Math.floor(i / n)]), shape: x.shape };
}

export const softmax = operation({
  name: "softmax",
  doc: "e^x / Σ e^x over the last axis.",
  type: ([x]) => vectors("softmax", x),
  gradient: (g, node, dy) => {
    const weighted = g.mul(node, g.sub(dy, g.sum(g.mul(dy, node), [-1], true)));
    return [weighted];
  },
  reference: ([x]) => {
    const { values, shape } = logProbabilities(x);
    return { values: values.map(Math.exp), shape };
  },
  decomposition: (g, [x]) => {
    const raised = g.exp(g.sub(x, g.max(x, [-1], true)));
    return g.div(raised, g.sum(raised, [-1], true));
  },
});

export const logSoftmax = operation({
  name: "logSoftmax",
  doc: "x - log Σ e^x over the last axis.",
  type: ([x]) => vectors("logSoftmax", x),
  gradient: (g, node, dy) => [g.sub(dy, g.mul(g.exp(node), g.sum(dy, [-1], true)))],
  reference: ([x]) => logProbabilities(x),
  decomposition: (g, [x]) => {
    const shifted = g.sub(x, g.max(x, [-1], true));
    return g.sub(shifted, g.log(g.sum(g.exp(shifted), [-1], true)));
  },
});

export const logSumExp = operation({
  name: "logSumExp",
  doc: "log Σ e^x over the last axis, which is dropped.",
  type: ([x]) => ({ element: "f32", shape: vectors("logSumExp", x).shape.slice(0, -1) }),
  gradient: (g, node, dy) => [g.mul(g.softmax(node.inputs[0]), column(g, dy))],
  reference: ([x]) => ({ values: logNormalizers(x), shape: x.shape.slice(0, -1) }),
  decomposition: (g, [x]) => {
    const largest = g.max(x, [-1], true);
    const sum = g.log(g.sum(g.exp(g.sub(x, largest)), [-1], true));
    return g.reshape(g.add(largest, sum), x.type.shape.slice(0, -1));
  },
});

export const softmaxCrossEntropy = operation({
  name: "softmaxCrossEntropy",
  doc: "-log softmax(logits)[label]: logits [..., n], labels i32 [...] gives [...].",
  type: ([logits, labels]) => {
    vectors("softmaxCrossEntropy", logits);
    expectElement("softmaxCrossEntropy", labels, "i32");
    expect(
      "softmaxCrossEntropy",
      sameShape(logits.shape.slice(0, -1), labels.shape),
      () => `logits ${showShape(logits.shape)}, labels ${showShape(labels.shape)}`,
    );
    return { element: "f32", shape: labels.shape };
  },
  // The logarithms of the decomposition, so that forward and backward share them.
  gradient: (g, node, dy) => {
    const [logits, labels] = node.inputs;
    const n = logits.type.shape[logits.type.shape.length - 1];
    const probabilities = g.exp(g.logSoftmax(logits));
    return [g.sub(g.mul(probabilities, column(g, dy)), g.place(dy, labels, n)), null];
  },
  reference: ([logits, labels]) => {
    const n = logits.shape[logits.shape.length - 1];
    const { values } = logProbabilities(logits);
    labels.values.forEach((label) =>
      expect("softmaxCrossEntropy", Number.isInteger(label) && label >= 0 && label < n, () => `label ${label} of ${n}`),
    );
    return { values: labels.values.map((label, row) => -values[row * n + label]), shape: labels.shape };
  },
  decomposition: (g, [logits, labels]) => g.neg(g.pick(g.logSoftmax(logits), labels)),
});

export const sigmoidCrossEntropy = operation({
  name: "sigmoidCrossEntropy",
  doc: "max(z, 0) - z y + log(1 + e^-|z|), element by element; logits z and targets y of the same shape.",
  type: ([logits, targets]) => {
    expectElement("sigmoidCrossEntropy", logits, "f32");
    expectElement("sigmoidCrossEntropy", targets, "f32");
    expect(
      "sigmoidCrossEntropy",
      sameShape(logits.shape, targets.shape),
      () => `logits ${showShape(logits.shape)}, targets ${showShape(targets.shape)}`,
    );
    return logits;
  },
  gradient: (g, node, dy, needs) => {
    const [logits, targets] = node.inputs;
    return [needs[0] ? g.mul(dy, g.sub(g.sigmoid(logits), targets)) : null, needs[1] ? g.neg(g.mul(dy, logits)) : null];
  },
  reference: ([logits, targets]) => ({
    values: logits.values.map((z, i) => Math.max(z, 0) - z * targets.values[i] + Math.log1p(Math.exp(-Math.abs(z)))),
    shape: logits.shape,
  }),
  decomposition: (g, [logits, targets]) =>
    g.add(g.sub(g.relu(logits), g.mul(logits, targets)), g.log1p(g.exp(g.neg(g.abs(logits))))),
});
