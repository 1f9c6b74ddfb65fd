import { absent, call } from "./expression.ts";
import type { TfjsEntry } from "./spelling.ts";

/** Composites: those that TensorFlow.js has, and those that it has no function for. All work along the last axis. */
export const composites = {
  softmax: (_node, [x]) => call("softmax", x),
  logSoftmax: (_node, [x]) => call("logSoftmax", x),
  logSumExp: (_node, [x]) => call("logSumExp", x, -1),
  softmaxCrossEntropy: "decomposed",
  /** Unweighted, not smoothed and not reduced: the loss of every element. */
  sigmoidCrossEntropy: (_node, [logits, targets]) =>
    call("losses.sigmoidCrossEntropy", targets, logits, absent, 0, { kind: "member", of: "Reduction", name: "NONE" }),
  layerNorm: "decomposed",
  gelu: "decomposed",
} satisfies Record<string, TfjsEntry>;
