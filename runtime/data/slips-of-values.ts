import { report } from "../../compiler/diagnostics/diagnostic.ts";
import { ownOf } from "../../compiler/ir/own.ts";
import { slips } from "../../compiler/diagnostics/slips.ts";
import type { Cell, Input, Model, Task } from "../../compiler/ir/model.ts";
import type { BoundData, Codes } from "./data.ts";
import { emptyLooking } from "./empty-words.ts";
import { inWords, type Findings } from "./findings.ts";
import { counted, spelledApart } from "./spelling.ts";

/** What is strange about the values that were learnt of a column: labels of a class, categories of an input. */

/** A matter of findings: nearly every training row has a value of its own. */
export const valuesOfTheirOwn = (values: Learnt["values"], name: string): string => `own ${values} of ${name}`;

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
  /** The parts that they were learnt of. */
  readonly part: string;
}

/** Fewer values than these may all be different. */
const FEW_VALUES = 10;
/** Values of so many cells are nearly as many as the cells. */
const NEARLY_ALL = 0.9;

/** Notes what is strange about all that was learnt. */
export function noteLearnt(
  model: Pick<Model, "inputs" | "tasks">,
  sections: BoundData["sections"],
  codes: Codes,
  findings: Findings,
): void {
  for (const input of model.inputs) {
    const { categories } = ownOf(codes.inputs, input.name) ?? {};
    if (categories !== undefined && isLearnt(input)) noteStrangeCategories(input, categories, sections, findings);
  }
  for (const task of model.tasks) {
    const { labels, counts } = ownOf(codes.tasks, task.name) ?? {};
    if (task.kind.learnt && labels !== undefined && counts !== undefined)
      noteStrangeLabels(task, labels, counts, sections, findings);
  }
}

/** The texts among all that was learnt that look like empty cells. */
export function emptyOfLearnt(model: Pick<Model, "inputs" | "tasks">, codes: Codes): readonly string[] {
  const categories = model.inputs.flatMap((input) =>
    isLearnt(input) ? emptyAmong(ownOf(codes.inputs, input.name)?.categories ?? [], false) : [],
  );
  const labels = model.tasks.flatMap((task) =>
    task.kind.learnt ? emptyAmong(ownOf(codes.tasks, task.name)?.labels ?? [], areTags(task)) : [],
  );
  return [...categories, ...labels];
}

function isLearnt({ kind }: Input): boolean {
  return kind.word === "category" && kind.values === undefined;
}

/** Whether labels stand along a text. */
function areTags({ kind }: Pick<Task, "kind">): boolean {
  return (kind.axes ?? []).some((axis) => axis !== null);
}

function noteStrangeLabels(
  { name, kind, span }: Task,
  labels: readonly Cell[],
  counts: readonly number[],
  sections: BoundData["sections"],
  findings: Findings,
): void {
  const numbers = labels.every((label) => typeof label === "number");
  const own = sections.filter(({ tasks }) => tasks.includes(name));
  noteStrangeValues(
    {
      name,
      cells: `answers for ${name}`,
      values: "labels",
      words: labels,
      counts,
      tags: areTags({ kind }),
      span,
      instead: numbers
        ? `to predict numbers, write \`task ${name}: real\``
        : "name the column of the labels: `target: …`",
      part: trainOf(own),
    },
    findings,
  );
}

function noteStrangeCategories(
  { name, span }: Input,
  categories: readonly Cell[],
  sections: BoundData["sections"],
  findings: Findings,
): void {
  const counts = new Array<number>(categories.length).fill(0);
  for (const { train } of sections) for (const code of train.inputs[name] ?? []) if (code > 0) counts[code - 1]++;
  const numbers = categories.every((value) => typeof value === "number");
  const instead = numbers
    ? `to read numbers, write \`input ${name}: f32\`; a number that only names the row is left out`
    : `leave out a column that only names the row; a text is read by \`input ${name}: tokens(…)\``;
  const values = { name, cells: `cells of ${name}`, words: categories, counts, tags: false, span, instead };
  noteStrangeValues({ ...values, values: "categories", part: trainOf(sections) }, findings);
}

/** The names of the parts that are trained on: `train`, `fast.train and slow.train`. */
function trainOf(sections: BoundData["sections"]): string {
  return inWords(sections.map(({ name }) => (name === null ? "train" : `${name}.train`)));
}

/** Texts among learnt values that look like empty cells. */
function emptyAmong(words: readonly Cell[], tags: boolean): readonly string[] {
  return emptyLooking(
    words.filter((word) => typeof word === "string"),
    tags ? "tags" : "values",
  );
}

function noteStrangeValues(
  { name, cells, values, words, counts, tags, span, instead, part }: Learnt,
  findings: Findings,
): void {
  const texts = words.filter((word) => typeof word === "string");
  const of = counts.reduce((sum, times) => sum + times, 0);
  const times = (some: readonly string[]): ReadonlyMap<string, number> =>
    new Map(some.map((word) => [word, counts[words.indexOf(word)]]));
  const count = words.length;
  if (count >= FEW_VALUES && count >= NEARLY_ALL * of)
    return findings.add(valuesOfTheirOwn(values, name), { part, count, of }, () =>
      report(slips.valueOfItsOwn, { name, cells, count, of, values }, { span, help: instead }),
    );
  const empty = emptyAmong(words, tags);
  if (empty.length > 0) {
    const found = times(empty);
    findings.empty.add(empty);
    const noticed = { part, count: [...found.values()].reduce((sum, each) => sum + each, 0), of };
    findings.add(`empty ${values} of ${name}`, noticed, ({ parts }) =>
      report(
        slips.looksEmpty,
        { ...noticed, parts, cells, words: counted(found), read: values },
        { span, help: findings.empty.remedy(empty) },
      ),
    );
  }
  const groups = spelledApart(texts.filter((word) => !empty.includes(word)));
  if (groups.length === 0) return;
  const [first] = groups;
  const spellings = counted(times(first));
  const help = "mend the cells, so that one spelling is left";
  findings.add(`nearly the same ${values} of ${name}`, { part, count: groups.length, of }, () =>
    report(slips.almostAlike, { name, values, spellings, groups: groups.length }, { span, help }),
  );
}
