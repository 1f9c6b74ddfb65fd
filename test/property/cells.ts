import type { TaskKind } from "../../compiler/ir/model.ts";
import type { Draw } from "./draw.ts";

/** Cells of the data of random programs. */

/** Labels of classes that are learnt. */
export const labels = ["elm", "fir", "oak"] as const;
/** Codes of a learnt category: its words, and 0 for what was never seen. */
export const words = ["blue", "green", "red"] as const;

export type Cell = (draw: Draw, row: RowFacts) => unknown;
/** What the cells of one row must agree in: how many tokens each text has. */
export interface RowFacts {
  readonly lengths: Readonly<Record<string, number>>;
}

export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

export function array(shape: readonly number[], cell: () => unknown): unknown {
  const [size, ...rest] = shape;
  return size === undefined ? cell() : Array.from({ length: size }, () => array(rest, cell));
}

/** An answer as a cell: nested lists along axes. */
export function answerCell(draw: Draw, kind: TaskKind, { lengths }: RowFacts): unknown {
  const along = kind.shape.map((size, index) => {
    const axis = kind.axes?.[index] ?? null;
    return axis === null ? Number(size) : lengths[axis];
  });
  return array(kind.word === "flags" ? [...along, Number(kind.size)] : along, () => answer(draw, kind));
}

function answer(draw: Draw, kind: TaskKind): unknown {
  switch (kind.word) {
    case "class":
    case "ordinal":
      return draw.pick<unknown>(
        kind.learnt ? labels : (kind.labels ?? Array.from({ length: Number(kind.size) }, (_, k) => k)),
      );
    case "flag":
    case "flags":
      return draw.below(2);
    case "count":
      return draw.below(6);
    case "real":
      return round(draw.normal());
    default:
      return kind.word satisfies never;
  }
}
