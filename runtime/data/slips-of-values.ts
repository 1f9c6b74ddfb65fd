import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { report } from "../../compiler/diagnostics/diagnostic.ts";
import { slips } from "../../compiler/diagnostics/slips.ts";
import type { Cell, Input, Model, Task } from "../../compiler/ir/model.ts";
import type { BoundData } from "./data.ts";
import { emptyLooking, emptyRemedy } from "./empty-words.ts";
import { counted, spelledApart } from "./spelling.ts";

/** What is strange about the values that were learnt of a column: labels of a class, categories of an input. */

interface Learnt {
  readonly name: string;
  /** `answers for kind`, `cells of city`. */
  readonly cells: string;
  readonly values: "labels" | "categories";
  /** Text of a value in the order of `counts`. */
  readonly words: readonly Cell[];
  /** How often each occurs in the training rows. */
  readonly counts: readonly number[];
  readonly tags: boolean;
  readonly span: Task["span"];
  /** What to do where nearly every value occurs once. */
  readonly instead: string;
}

/** Fewer values than these may all be different. */
const FEW_VALUES = 10;
/** Values of so many cells are nearly as many as the cells. */
const NEARLY_ALL = 0.9;

export function tellStrangeLabels(
  model: Pick<Model, "data">,
  { name, kind, span }: Task,
  labels: readonly Cell[],
  counts: readonly number[],
  onWarning: (warning: Diagnostic) => void,
): void {
  const numbers = labels.every((label) => typeof label === "number");
  tellStrangeValues(
    model,
    {
      name,
      cells: `answers for ${name}`,
      values: "labels",
      words: labels,
      counts,
      tags: (kind.axes ?? []).some((axis) => axis !== null),
      span,
      instead: numbers
        ? `to predict numbers, write \`task ${name}: real\``
        : "name the column of the labels: `target: …`",
    },
    onWarning,
  );
}

export function tellStrangeCategories(
  model: Pick<Model, "data">,
  { name, span }: Input,
  categories: readonly Cell[],
  sections: BoundData["sections"],
  onWarning: (warning: Diagnostic) => void,
): void {
  const counts = new Array<number>(categories.length).fill(0);
  for (const { train } of sections) for (const code of train.inputs[name] ?? []) if (code > 0) counts[code - 1]++;
  const numbers = categories.every((value) => typeof value === "number");
  const instead = numbers
    ? `to read numbers, write \`input ${name}: f32\`; a number that only names the row is left out`
    : `leave out a column that only names the row; a text is read by \`input ${name}: tokens(…)\``;
  const values = { name, cells: `cells of ${name}`, words: categories, counts, tags: false, span, instead };
  tellStrangeValues(model, { ...values, values: "categories" }, onWarning);
}

function tellStrangeValues(
  model: Pick<Model, "data">,
  { name, cells, values, words, counts, tags, span, instead }: Learnt,
  onWarning: (warning: Diagnostic) => void,
): void {
  const texts = words.filter((word) => typeof word === "string");
  const of = counts.reduce((sum, times) => sum + times, 0);
  const times = (some: readonly string[]): ReadonlyMap<string, number> =>
    new Map(some.map((word) => [word, counts[words.indexOf(word)]]));
  const count = words.length;
  if (count >= FEW_VALUES && count >= NEARLY_ALL * of)
    return onWarning(report(slips.valueOfItsOwn, { name, cells, count, of, values }, { span, help: instead }));
  const empty = emptyLooking(texts, tags ? "tags" : "values");
  if (empty.length > 0) {
    const found = times(empty);
    const holes = {
      cells,
      parts: "the training rows",
      count: [...found.values()].reduce((sum, each) => sum + each, 0),
      of,
      words: counted(found),
      read: values,
    };
    onWarning(report(slips.looksEmpty, holes, { span, help: emptyRemedy(model, empty) }));
  }
  const groups = spelledApart(texts.filter((word) => !empty.includes(word)));
  if (groups.length === 0) return;
  const [first] = groups;
  const spellings = counted(times(first));
  const help = "mend the cells, so that one spelling is left";
  onWarning(report(slips.almostAlike, { name, values, spellings, groups: groups.length }, { span, help }));
}
