import { ownOf } from "../../compiler/ir/own.ts";
import type { Codes } from "../data/data.ts";
import type { Tensor, TensorFlow } from "./tensors.ts";

/** How a task's answers become those of its target: y · factor + shift. */
export function targetScale(
  tf: TensorFlow,
  codes: Codes,
  task: string,
): { readonly shift: Tensor; readonly factor: Tensor } {
  const { shift, factor } = ownOf(codes.tasks, task)?.scale ?? { shift: [0], factor: [1] };
  return { shift: tf.tensor([...shift]), factor: tf.tensor([...factor]) };
}
