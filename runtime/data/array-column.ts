import { numberText } from "../../compiler/words/cells.ts";
import type { EmptyMarks } from "../../compiler/words/cells.ts";
import type { Column, NumberArray, Origin } from "./table.ts";

/** A typed array as a column: [rows × elements] with `shape` for one cell; one number a cell becomes a column of numbers. */
export function arrayColumn(
  values: NumberArray,
  shape: readonly number[],
  origin: Origin,
  missing: EmptyMarks,
): Column {
  const kept =
    missing.size === 0
      ? values
      : Float64Array.from(values, (v) => (missing.has(v) || missing.has(numberText(v)) ? NaN : v));
  return shape.length > 0
    ? { kind: "array", shape, values: kept, origin }
    : { kind: "number", values: kept instanceof Float64Array ? kept : Float64Array.from(kept), decimals: null, origin };
}
