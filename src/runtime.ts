/**
 * What generated modules lean on, `import * as mtlc from "mtlc/runtime"`: data, random numbers, start values, schedules,
 * rules on gradients, metrics and files. It is handed TensorFlow.js by the module and imports none itself.
 */
export * from "../runtime/generated/accumulate.ts";
export * from "../runtime/generated/balance.ts";
export * from "../runtime/generated/batches.ts";
export * from "../runtime/generated/class-weights.ts";
export * from "../runtime/generated/description.ts";
export * from "../runtime/generated/files.ts";
export * from "../runtime/generated/network.ts";
export * from "../runtime/generated/optimizer.ts";
export * from "../runtime/generated/positions.ts";
export * from "../runtime/generated/results.ts";
export * from "../runtime/generated/rows.ts";
export * from "../runtime/generated/rules.ts";
export * from "../runtime/generated/step.ts";
export * from "../runtime/generated/target-scale.ts";
export * from "../runtime/generated/stopping.ts";
export * from "../runtime/generated/tensors.ts";
export * from "../runtime/generated/training.ts";
export * from "../runtime/generated/weights.ts";
export type { Cell } from "../compiler/ir/model.ts";
export type { Codes } from "../runtime/data/data.ts";
export type { FlagAnswer, OrdinalAnswer } from "../runtime/train/answers.ts";
