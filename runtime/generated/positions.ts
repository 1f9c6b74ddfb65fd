import { waves } from "../../compiler/layers/waves.ts";
import type { Tensor, TensorFlow } from "./tensors.ts";

/** Waves that tell positions apart, [length, width]. */
export function positionWaves(tf: TensorFlow, [length, width]: readonly [length: number, width: number]): Tensor {
  return tf.tensor(Float32Array.from(waves(length, width)), [length, width]);
}
