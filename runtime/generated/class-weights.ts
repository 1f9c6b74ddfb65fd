import { ownOf } from "../../compiler/ir/own.ts";
import { positiveWeights as positive } from "../../compiler/losses/binary-cross-entropy.ts";
import { classWeights as ofClasses } from "../../compiler/losses/cross-entropy.ts";
import type { Codes } from "../data/data.ts";
import type { Tensor, TensorFlow } from "./tensors.ts";

/** A weight for each label: the rarer it is among the training rows, the more. */
export function classWeights(tf: TensorFlow, codes: Codes, task: string): Tensor {
  const counts = countsOf(codes, task);
  return tf.tensor([...ofClasses("balanced", counts.length, counts)]);
}

/** How much more a yes weighs than a no, for each flag: as many times as there are more of the other. */
export function positiveWeights(tf: TensorFlow, codes: Codes, task: string): Tensor {
  return tf.tensor(positive("balanced", countsOf(codes, task)));
}

function countsOf({ tasks }: Codes, task: string): readonly number[] {
  const counts = ownOf(tasks, task)?.counts;
  if (!counts) throw new Error(`the training rows have not told how often each answer to ${task} occurs`);
  return counts;
}
