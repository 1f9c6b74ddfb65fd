import { diagnostic } from "./diagnostic.ts";

/** What a head gives and what its loss wants. */
export const heads = {
  endsInSoftmax: diagnostic<{ task: string; layer: string; loss: string }>({
    code: "MTL5020",
    name: "head-ends-in-softmax",
    severity: "error",
    message: ({ task, layer, loss }) => `the head of \`${task}\` ends in \`${layer}\`, and \`${loss}\` wants logits`,
    why: "Losses of classes and flags take logits and apply softmax or sigmoid themselves, in a form that does not overflow. A second one squeezes the gradients and trains badly without a word.",
    bad: `task digit: class(10) { head: x -> dense -> softmax }`,
    good: `task digit: class(10) { head: x -> dense }`,
    wrap: "model",
  }),
} as const;
