import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { emptyLooking, readsAsThen, type EmptyWords } from "./empty-words.ts";
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
  /** What to do where all of these cells are numbers but for how they are written, and about empty ones; null where they are not. */
  readonly remedy: string | null;
  /** Whether some of them do not look like empty cells. */
  readonly others: boolean;
  /** What to do about those that look like empty cells; null where none does. */
  readonly empty: string | null;
}

interface Group {
  first: Omit<BadCell, "more" | "columns" | "remedy" | "empty" | "others">;
  count: number;
  readonly columns: Set<string>;
  readonly marks: Marks;
  readonly empty: Set<string>;
  others: boolean;
  report: (bad: BadCell) => Diagnostic;
}

/** Who cannot read a cell, and what it is to them. */
export interface Trouble {
  readonly reader: string;
  readonly matter: "answer" | "code" | "empty" | "number" | "range" | "weight" | "whole";
}

/** Gathers cells that cannot be read: one diagnostic for all with the same trouble, at the first of them. */
export class BadCells {
  readonly #groups = new Map<string, Group>();
  readonly #empty: EmptyWords;
  /** Who each cell is told of: whatever else reads it, it is one slip. */
  readonly #readers = new Map<string, string>();

  constructor(empty: EmptyWords) {
    this.#empty = empty;
  }

  add(
    { reader, matter }: Trouble,
    name: string,
    column: Column,
    row: number,
    report: (bad: BadCell) => Diagnostic,
  ): void {
    const place = placeOf(column, row);
    // What an empty cell becomes is for each input to say.
    if (matter !== "empty" && !this.#isFirst(reader, `${place.row}\n${name}\n${place.file}`)) return;
    const key = `${reader} ${matter}\n${place.file}`;
    const cell = cellText(column, row) ?? "";
    const group = this.#groups.get(key);
    const marks = group?.marks ?? new Marks();
    const empty = group?.empty ?? new Set<string>();
    const looksEmpty = emptyLooking([cell], "values").length > 0;
    if (looksEmpty) {
      empty.add(cell);
      this.#empty.add([cell]);
    } else marks.add(cell);
    if (group !== undefined) {
      group.count++;
      group.others ||= !looksEmpty;
      group.columns.add(name);
      if (place.row >= group.first.row) return;
    }
    const first = { ...place, column: name, cell: shortened(cell) };
    this.#groups.set(key, {
      first,
      count: group?.count ?? 1,
      columns: group?.columns ?? new Set([name]),
      marks,
      empty,
      others: group?.others ?? !looksEmpty,
      report,
    });
  }

  #isFirst(reader: string, cell: string): boolean {
    const first = this.#readers.get(cell) ?? reader;
    this.#readers.set(cell, first);
    return first === reader;
  }

  diagnostics(trained = false): readonly Diagnostic[] {
    return [...this.#groups.values()].map((group) =>
      group.report({
        ...group.first,
        more: group.count - 1,
        columns: group.columns.size,
        ...this.#remedies(group, trained),
      }),
    );
  }

  #remedies({ marks, others, empty: words }: Group, trained: boolean): Pick<BadCell, "remedy" | "empty" | "others"> {
    const empty = words.size === 0 ? null : this.#empty.remedy([...words]);
    const marked = marks.remedy(trained);
    const all = [marked, empty].filter((one) => one !== null);
    return { remedy: others && marked === null ? null : all.join("; "), empty, others };
  }

  /** The same where nothing is learnt any more: what the model's text says cannot be changed, so the rows must be. */
  inTrainedWords(): readonly Diagnostic[] {
    const mend = `${readsAsThen}: mend the cell, or leave its row out`;
    const remedies = [...this.#groups.values()].map(({ marks }) => marks.remedy(true));
    return this.diagnostics(true).map((each, k) => ({ ...each, help: each.help === remedies[k] ? each.help : mend }));
  }
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
