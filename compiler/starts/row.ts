import type { StartRow } from "../registry/rows.ts";
import type { SettingRows } from "../registry/settings.ts";

/** A row of the table of initial values; `built` follows from `fill`. */
export function start<S extends SettingRows>(row: Omit<StartRow<S>, "table" | "built">): StartRow<S> {
  return { ...row, table: "start", built: row.fill !== undefined };
}
