import { flagOf, numberOf } from "../../graph/attributes.ts";
import type { OnnxSpelling } from "./emission.ts";

/** Composites in the fused forms that ONNX has. All work along the last axis. */
export const composites = {
  softmax: (e, _node, [x]) => e.op("Softmax", [x], { axis: -1 }),
  logSoftmax: (e, _node, [x]) => e.op("LogSoftmax", [x], { axis: -1 }),
  logSumExp: (e, _node, [x]) => e.op("ReduceLogSumExp", [x, e.ints([-1])], { keepdims: 0 }),
  softmaxCrossEntropy: (e, node, [logits, labels]) => {
    const { shape } = node.type;
    const logarithms = e.op("LogSoftmax", [logits], { axis: -1 });
    const picked = e.op("GatherElements", [logarithms, e.reshape(labels, [...shape, 1])], { axis: -1 });
    return e.op("Neg", [e.reshape(picked, shape)]);
  },
  // The first part is 0 where the answer is right: the small logarithm, log(1 + e^-|z|), is all that stays.
  sigmoidCrossEntropy: (e, _node, [logits, targets]) => {
    const linear = e.op("Sub", [e.op("Relu", [logits]), e.op("Mul", [logits, targets])]);
    return e.op("Add", [linear, e.op("Softplus", [e.op("Neg", [e.op("Abs", [logits])])])]);
  },
  layerNorm: (e, node, operands) =>
    e.op("LayerNormalization", operands, { axis: -1, epsilon: { float: numberOf(node.attributes, "epsilon") } }),
  gelu: (e, node, [x]) => e.op("Gelu", [x], { approximate: flagOf(node.attributes, "approximate") ? "tanh" : "none" }),
} satisfies Record<string, OnnxSpelling>;

/** Identities that act on the way back only. */
export const gradientControl = {
  stopGradient: (_e, _node, [x]) => x,
  scaleGradient: (_e, _node, [x]) => x,
} satisfies Record<string, OnnxSpelling>;
