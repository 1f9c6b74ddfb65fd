import { registry } from "../../compiler/registry/index.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import type { StartRow } from "../../compiler/registry/rows.ts";
import type { Draw } from "../property/draw.ts";

/** The language with start weights that are moved by as little as rounding would: what then comes out otherwise shows little. */
export function shakenStarts(draw: Draw): Registry {
  return { ...registry, start: new Map([...registry.start].map(([name, row]) => [name, shaken(row, draw)])) };
}

function shaken(row: StartRow, draw: Draw): StartRow {
  const { fill } = row;
  if (!fill) return row;
  const moved = (value: number): number => value + draw.uniform(-1, 1) * Math.max(Math.abs(value), 0.01) * 2 ** -22;
  return { ...row, fill: (...given) => fill.apply(row, given).map(moved) };
}
