import type { OptimizerRow } from "../registry/rows.ts";
import { choice, number } from "../registry/settings.ts";
import type { SettingRows } from "../registry/settings.ts";

/** A row of the table of optimizers; `built` follows from `update`. */
export function optimizer<S extends SettingRows>(row: Omit<OptimizerRow<S>, "table" | "built">): OptimizerRow<S> {
  return { ...row, table: "optimizer", built: row.update !== undefined };
}

/** The learning rate; PyTorch's default where there is one. */
export const rate = (fallback: number) =>
  number({ above: 0 }).positional().default(fallback).describe("Learning rate; the schedule and `rates` multiply it.");

/** Weight decay and where it acts. */
export const decaySettings = (fallback: number, meaning: string) => ({
  weight_decay: number({ min: 0 }).default(fallback).describe(meaning),
  decay: choice("kernels", "all")
    .default("kernels")
    .describe("Whether weight decay acts on kernels and embeddings only, or on every parameter."),
});

/** Weight decay of a step's segment: 0 where it does not apply. */
export function decayOf(
  settings: { readonly weight_decay: number; readonly decay: "kernels" | "all" },
  applies: boolean,
): number {
  return applies || settings.decay === "all" ? settings.weight_decay : 0;
}

const share = (fallback: number, of: string) =>
  number({ min: 0, below: 1 }).default(fallback).describe(`How much of the running average of ${of} stays at a step.`);

/** Settings of the adam family. */
export const moments = (epsilon: number) => ({
  beta1: share(0.9, "gradients"),
  beta2: share(0.999, "squared gradients"),
  epsilon: number({ above: 0 }).default(epsilon).describe("Added to the root, outside of it."),
});
