import type { Cell, Model, Source } from "../../compiler/ir/model.ts";
import { cellsOf } from "./source-settings.ts";

/** Words by which files say that nothing is known, and what to write so that they are read so. */

/** As programs write them. Whatever else is spelt like these is a word: `na`, `none`, `Null Island`. */
const ofPrograms: ReadonlySet<string> = new Set([
  ...["NA", "N/A", "n/a", "N.A.", "n.a.", "#N/A", "#NA", "#N/A N/A", "<NA>", "NaT", "-NaN", "-nan", "nan%", "None"],
  ...["null", "Null", "NULL", "(null)", "<null>", "<NULL>", "<none>", "<None>", "\\N", "undefined"],
  ...["1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN", "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!"],
]);
const marks = /^(?:\?+|[-\u2010-\u2015]+|\.+|…)$/u;
/** What may be a label among labels, and is no "no" to a question. */
const unanswered = /^(?:unknown|missing|unspecified|undefined|no answer|(?:not|un) ?(?:known|available|applicable))$/iu;
const hasLetter = /[\p{L}\p{N}]/u;

/**
 * The words that look like empty cells. Marks count where words stand beside them: a set of marks (`+`, `-`; `.` `,` `!`) means
 * itself. `answers` are those of a yes/no question, `tags` stand along a text, where a mark is the tag of a mark.
 */
export function emptyLooking(words: readonly string[], among: "values" | "answers" | "tags"): readonly string[] {
  const marked = among !== "tags" && words.every((word) => hasLetter.test(word) || marks.test(word));
  return words.filter(
    (word) => ofPrograms.has(word) || (marked && marks.test(word)) || (among === "answers" && unanswered.test(word)),
  );
}

/**
 * The words of a model's rows that look like empty cells. A source has one list of what is empty, so the remedy for some of them
 * lists all that were found.
 */
export class EmptyWords {
  readonly #sources: readonly Source[];
  readonly #found = new Set<string>();
  readonly #isTrained: boolean;

  /** `isTrained`: what the model's text says of cells cannot be changed any more. */
  constructor({ data }: Pick<Model, "data">, isTrained: boolean) {
    this.#isTrained = isTrained;
    this.#sources = data.flatMap(({ train, validation, test }) =>
      [train, validation, test].flatMap((source) => (source === null ? [] : tablesOf(source))),
    );
  }

  add(words: Iterable<string>): void {
    for (const word of words) this.#found.add(word);
  }

  /** What to do about some of them. */
  remedy(words: readonly string[]): string {
    this.add(words);
    const sorted = [...words].sort();
    const said = sorted.map((word) => JSON.stringify(word)).join(", ");
    const look = sorted.length === 1 ? "looks like an empty cell" : "look like empty cells";
    if (this.#isTrained) return `${said} ${look}: leave such cells empty; ${readsAsThen}`;
    const where = this.#sources.length > 1 ? "each source" : "the source";
    return `${said} ${look}: list ${sorted.length === 1 ? "it" : "them"} in ${where}, \`missing: ${this.#list()}\``;
  }

  /** With what the file lists already. */
  #list(): string {
    const listed = this.#sources.flatMap(({ settings: { missing } }) => cellsOf(missing ?? []));
    return listOf([...new Set([...listed, ...[...this.#found].sort()])]);
  }
}

/** Why cells must be mended, and not the model. */
export const readsAsThen = "the network is trained, and reads cells as it did then";

/** The sources that read a file. */
function tablesOf(source: Source): readonly Source[] {
  if (source.word === "part") return [];
  return source.operands.length === 0 ? [source] : source.operands.flatMap(tablesOf);
}

/** As a file writes a list: `["NA", 7]`. */
export function listOf(cells: readonly Cell[]): string {
  return `[${cells.map((cell) => JSON.stringify(cell)).join(", ")}]`;
}
