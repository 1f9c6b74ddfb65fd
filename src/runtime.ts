/**
 * What generated modules lean on, `import * as mtlc from "mtlc/runtime"`: data, random numbers, start values, schedules,
 * rules on gradients, metrics and files. It is handed TensorFlow.js by the module and imports none itself. What stands here
 * is described in `docs/typescript.md`, and stays as it is for modules that were written by earlier versions.
 */

// Data, in and out.
export type { DataDescription } from "../runtime/generated/description.ts";
export { encodeExamples, readRows, sizesOf, type ReadRows, type Rows, type Sizes } from "../runtime/generated/rows.ts";
export {
  batchesOf,
  countSteps,
  presentOnly,
  stepsOf,
  tensorsOf,
  withoutTask,
  type Batch,
  type Target,
} from "../runtime/generated/batches.ts";
export { classWeights, positiveWeights } from "../runtime/generated/class-weights.ts";
export { targetScale } from "../runtime/generated/target-scale.ts";
export { overRows, type ClassAnswer, type Evaluation, type Loss, type Nested } from "../runtime/generated/results.ts";
export type { Cell } from "../compiler/ir/model.ts";
export type { Codes } from "../runtime/data/data.ts";
export type { FlagAnswer, OrdinalAnswer } from "../runtime/train/answers.ts";

// Weights: how they start, how they are kept.
export {
  copies,
  kernel,
  layers,
  ones,
  ownLayers,
  statistic,
  stretches,
  table,
  weight,
  zeros,
  type Variables,
  type Weight,
} from "../runtime/generated/weights.ts";
export { createWeights, trainedScalars, type WeightSource } from "../runtime/generated/network.ts";
export { readNetwork, readWeights, saveNetwork, unpackWeights } from "../runtime/generated/files.ts";
export { positionWaves } from "../runtime/generated/positions.ts";
export { together } from "../runtime/generated/together.ts";
export type { Tensor, Tensors } from "../runtime/generated/tensors.ts";

// Training.
export { Optimizer } from "../runtime/generated/optimizer.ts";
export { Balance, combineGradients } from "../runtime/generated/balance.ts";
export { Training, type Draw } from "../runtime/generated/training.ts";
export { accumulate } from "../runtime/generated/accumulate.ts";
export { schedule, type Numbers } from "../runtime/generated/rules.ts";
export { EarlyStopping, Plateau } from "../runtime/generated/stopping.ts";
export {
  gradientRows,
  readStep,
  type At,
  type EpochEvent,
  type ReadingOptions,
  type StepEvent,
  type StepResult,
  type TrainOptions,
} from "../runtime/generated/step.ts";
export type { ListeningOptions } from "../runtime/generated/warnings.ts";
