import type { BalanceRow } from "../registry/rows.ts";
import { choice, either, int, list, nameOf, number } from "../registry/settings.ts";
import type { SettingRows } from "../registry/settings.ts";

/** Settings that every rule takes beside its own; `scale` is what it has where none is written. */
function commonSettings<Scale extends "sum" | "mean" | "paper">(scale: Scale) {
  return {
    scale: choice("sum", "mean", "paper")
      .default(scale)
      .describe(
        "How long the step is. `sum`: α · T/Σ|α|, so that T equal gradients g give T·g, as the plain sum of the losses does; `mean`: α · (T/P)/Σ|α|, as their mean does; `paper`: α as the formula gives it. T tasks are live, P present.",
      ),
    every: int({ min: 1 }).default(1).describe("Solves at every n-th step only and keeps the weights in between."),
    smoothing: number({ min: 0, below: 1 })
      .default(0)
      .describe("a in α_k = a α_{k-1} + (1-a) α̂_k for each task; one that is absent keeps its own."),
    over: either(choice("shared"), list(nameOf("declaration")))
      .default("shared")
      .describe("Whose gradients are looked at: all that is shared, or the named declarations."),
    gradients: choice("parameters", "representation")
      .default("parameters")
      .describe(
        "Gradients with respect to shared parameters, or to the tensors where shared and own parts meet: much cheaper, an upper bound.",
      ),
    on_nonfinite: choice("stop", "skip")
      .default("stop")
      .describe(
        "What a loss that is not finite does: end the training, or count that task as absent for the step (ten such steps in a row end it too).",
      ),
  };
}
type Common = ReturnType<typeof commonSettings>;

/**
 * A row of the table of balance rules, with the settings that all of them take. `built` follows from `lossRule` and
 * `gradientRule`.
 */
export function balance<S extends SettingRows>(
  row: Omit<BalanceRow<S & Common>, "table" | "built" | "settings"> & { readonly settings: S },
): BalanceRow<S & Common> {
  return {
    ...row,
    settings: { ...row.settings, ...commonSettings(row.scale) },
    table: "balance",
    built: row.lossRule !== undefined || row.gradientRule !== undefined,
  };
}

/** Costs of a step, in words. */
export const cost = {
  one: "1 backward",
  oneAndForward: "1 backward + 1 forward",
  each: "T backwards",
  eachAndOne: "T + 1 backwards",
  eachWithRows: "T backwards + memory T×P",
  batches: "2–3 batches, T backwards each",
} as const;

/** Numbers above 0, from 0, and shares of a running average. */
export const positive = (fallback: number) => number({ above: 0 }).default(fallback);
export const notNegative = (fallback: number) => number({ min: 0 }).default(fallback);
export const share = (fallback: number) => number({ min: 0, below: 1 }).default(fallback);
