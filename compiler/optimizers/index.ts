import type { OptimizerRow } from "../registry/rows.ts";
import { adagrad } from "./adagrad.ts";
import { adam, adamw } from "./adam.ts";
import { lamb } from "./lamb.ts";
import { lion } from "./lion.ts";
import { rmsprop } from "./rmsprop.ts";
import { sgd } from "./sgd.ts";

/**
 * Optimizers in PyTorch's conventions. Each says once, in operations on flat vectors, what a step does; where the update
 * runs outside of a graph its kernel is made from that. Bias corrections and the like are scalars that the host computes
 * in 64-bit floats, a set for each segment of parameters that share step count, rate and decay.
 */
export const optimizerRows: readonly OptimizerRow[] = [sgd, adam, adamw, rmsprop, adagrad, lion, lamb];

export { decayAt } from "./average.ts";
export { clipFactor, clipValue } from "./clip.ts";
