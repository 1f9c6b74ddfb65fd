import { choice, int, list, nameOf, number } from "../registry/settings.ts";
import type { BalanceRow } from "../registry/rows.ts";
import type { SettingRows } from "../registry/settings.ts";

/** What every balance rule may be told beside its own settings; a setting of the rule itself comes before one of these. */
export function balanceSettings(row: BalanceRow): SettingRows {
  return {
    ...row.settings,
    scale: choice("sum", "mean", "paper")
      .default(row.scale)
      .describe(
        "`sum`: equal gradients give what the plain sum of the losses does; `mean`: their mean; `paper`: as the formula gives it.",
      ),
    every: int({ min: 1 }).default(1).describe("Weights are found anew at every n-th step and kept in between."),
    smoothing: number({ min: 0, below: 1 })
      .default(0)
      .describe("a: weights become a × the former + (1 - a) × the new ones, task by task."),
    ...(row.settings.over
      ? {}
      : {
          over: list(nameOf("declaration"))
            .optional()
            .describe("Named parts whose gradients are looked at; everything shared where left out."),
        }),
    gradients: choice("parameters", "representation")
      .default("parameters")
      .describe(
        "`representation` takes gradients at the tensors where shared and own parts meet: much cheaper, and an approximation.",
      ),
    on_nonfinite: choice("stop", "skip")
      .default("stop")
      .describe("What a loss that is NaN or infinite does: stop the run, or leave the task out of the step."),
  };
}
