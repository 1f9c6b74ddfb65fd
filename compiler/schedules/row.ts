import type { ScheduleRow } from "../registry/rows.ts";
import { choice, int } from "../registry/settings.ts";
import type { SettingRows, SettingValues } from "../registry/settings.ts";

/** Where a schedule stands: step s of `total` and epoch, from 0 within its phase; how often the watched value stood still. */
export interface ScheduleTime {
  readonly step: number;
  readonly total: number;
  readonly epoch: number;
  readonly plateau: number;
}

export const warmup = int({ min: 0 })
  .default(0)
  .describe("Steps W in which the factor rises as (s + 1)/W, before the schedule proper begins.");

/** What an exponent counts. */
export const unit = choice("epoch", "step")
  .default("epoch")
  .describe("What is counted: epochs, or steps after the warm-up.");

export function counted(unit: "epoch" | "step", warmup: number, at: ScheduleTime): number {
  return unit === "epoch" ? at.epoch : at.step - warmup;
}

/** A row whose `after` is its factor once the warm-up, which all schedules share, is over. */
export function schedule<S extends SettingRows>(
  row: Omit<ScheduleRow<S>, "table" | "built" | "factor"> & {
    after(settings: SettingValues<S>, at: ScheduleTime): number;
    warmup(settings: SettingValues<S>): number;
  },
): ScheduleRow<S> {
  const { after, warmup, ...described } = row;
  return {
    ...described,
    table: "schedule",
    built: true,
    factor(settings, at) {
      const steps = warmup(settings);
      return at.step < steps ? (at.step + 1) / steps : after(settings, at);
    },
  };
}
