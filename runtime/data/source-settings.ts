import type { Cell, Model, Source, Value } from "../../compiler/ir/model.ts";
import { emptyMarks, type EmptyMarks } from "../../compiler/words/cells.ts";
import type { CellMarks } from "./delimited.ts";

/** What a source is told of how its cells are written. */

/** What a source of rows of cells says of what stands between them. */
export function cellMarks({ word, settings: { separator, decimal } }: Source): CellMarks {
  return {
    separator: typeof separator === "string" ? separator : word === "tsv" ? "\t" : ",",
    ...(typeof decimal === "string" && { decimal }),
  };
}

/** How cells are written, where a network was trained on such files. */
export interface FileMarks extends Partial<CellMarks> {
  /** Further spellings of an empty cell. */
  readonly missing?: readonly Cell[];
}

/** The same as the source of the training rows says. */
export function fileMarks(source: Source): FileMarks {
  const [first] = source.operands;
  if (first !== undefined) return fileMarks(first);
  const { word, settings } = source;
  const { separator, decimal } = cellMarks(source);
  return { missing: cellsOf(settings.missing ?? []), ...(word === "csv" && { separator }), decimal };
}

/** Cells that a network reads as empty, besides those without a text: as in the files that it was trained on. */
export function marksOf({ data }: Pick<Model, "data">): readonly Cell[] {
  return data.length === 0 ? [] : (fileMarks(data[0].train).missing ?? []);
}

/** What a source says is an empty cell. */
export function emptyIn({ settings }: Source): EmptyMarks {
  return emptyMarks(cellsOf(settings.missing ?? []));
}

/** A setting that is a cell or a list of cells. */
export function cellsOf(value: Value): readonly Cell[] {
  if (isCell(value)) return [value];
  if (Array.isArray(value) && value.every(isCell)) return value;
  throw new Error(`cells were expected, not ${JSON.stringify(value)}`);
}

function isCell(value: unknown): value is Cell {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

export function textOf(value: Value | undefined): string {
  if (typeof value === "string") return value;
  throw new Error(`a text was expected, not ${JSON.stringify(value)}`);
}
