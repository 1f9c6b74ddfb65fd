import type { MetricRow } from "../registry/rows.ts";
import type { SettingRows } from "../registry/settings.ts";

/** A row of the table of metrics; `built` follows from `compute`. */
export function metric<S extends SettingRows>(row: Omit<MetricRow<S>, "table" | "built">): MetricRow<S> {
  return { ...row, table: "metric", built: row.compute !== undefined };
}

/** Of those that are defined; null where none is. */
export function meanOf(values: readonly (number | null)[]): number | null {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (value === null) continue;
    sum += value;
    count++;
  }
  return count > 0 ? sum / count : null;
}
