import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { Marks } from "./marks.ts";
import { cellText, placeOf } from "./table.ts";
import type { Column } from "./table.ts";

export interface BadCell {
  readonly file: string;
  /** From 1, in the file. */
  readonly row: number;
  readonly column: string;
  readonly cell: string;
  /** Further cells with the same trouble. */
  readonly more: number;
  /** Columns with the same trouble. */
  readonly columns: number;
  /** What to do where all of these cells are numbers but for how they are written; null where they are not. */
  readonly remedy: string | null;
}

interface Group {
  first: Omit<BadCell, "more" | "columns" | "remedy">;
  count: number;
  readonly columns: Set<string>;
  readonly marks: Marks;
  report: (bad: BadCell) => Diagnostic;
}

/** Gathers cells that cannot be read: one diagnostic for all with the same trouble, at the first of them. */
export class BadCells {
  readonly #groups = new Map<string, Group>();

  /** `trouble` names the kind of trouble and who has it. */
  add(trouble: string, name: string, column: Column, row: number, report: (bad: BadCell) => Diagnostic): void {
    const place = placeOf(column, row);
    const key = `${trouble}\n${place.file}`;
    const cell = cellText(column, row) ?? "";
    const group = this.#groups.get(key);
    const marks = group?.marks ?? new Marks();
    marks.add(cell);
    if (group !== undefined) {
      group.count++;
      group.columns.add(name);
      if (place.row >= group.first.row) return;
    }
    const first = { ...place, column: name, cell: shortened(cell) };
    this.#groups.set(key, {
      first,
      count: group?.count ?? 1,
      columns: group?.columns ?? new Set([name]),
      marks,
      report,
    });
  }

  diagnostics(trained = false): readonly Diagnostic[] {
    return [...this.#groups.values()].map(({ first, count, columns, marks, report }) =>
      report({ ...first, more: count - 1, columns: columns.size, remedy: marks.remedy(trained) }),
    );
  }

  /** The same where nothing is learnt any more: what the model's text says cannot be changed, so the rows must be. */
  inTrainedWords(): readonly Diagnostic[] {
    const mend = "the network is trained, and reads cells as it did then: mend the cell, or leave its row out";
    const remedies = [...this.#groups.values()].map(({ marks }) => marks.remedy(true));
    return this.diagnostics(true).map((each, k) => ({ ...each, help: each.help === remedies[k] ? each.help : mend }));
  }
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
