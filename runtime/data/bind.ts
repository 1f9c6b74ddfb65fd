import { columns as columnRows } from "../../compiler/diagnostics/columns.ts";
import { data } from "../../compiler/diagnostics/data.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { DataSection, Input, Model, Task } from "../../compiler/ir/model.ts";
import { inputsOfTasks } from "../../compiler/ir/behind.ts";
import { isKnown, showSize } from "../../compiler/ir/size.ts";
import { targetOf } from "./answers.ts";
import type { Answers } from "./answers.ts";
import { BadCells } from "./bad-cells.ts";
import { hasAnyColumn, whatThereIs } from "./columns.ts";
import type { BoundData, BoundSection, Codes, RowSet, Target } from "./data.ts";
import { encodeInput, inputElements, learnInput } from "./inputs.ts";
import { allRows, cutParts } from "./parts.ts";
import type { PartName, Rows } from "./parts.ts";
import { readTable } from "./sources.ts";
import { cellText } from "./table.ts";
import type { Table } from "./table.ts";
import { countAnswers, encodeTarget, labelsOf, learnTask, rowWeights, strataOf, weighted } from "./targets.ts";
import type { TaskCodes } from "./targets.ts";

export interface BindOptions {
  /** The folder of the model's file: paths are relative to it. */
  readonly folder: string;
  /** Decides how parts are cut. */
  readonly seed: number;
  readonly onWarning?: (warning: Diagnostic) => void;
  /** What another run has learnt: taken as it is, nothing is learnt from these rows. */
  readonly codes?: Codes;
}

/** A section with its rows and what is read of them. */
interface Section {
  readonly section: DataSection;
  readonly parts: ReadonlyMap<PartName, Rows>;
  readonly tasks: readonly Task[];
  readonly inputs: ReadonlySet<string>;
}

/**
 * Reads the rows of every data section, cuts their parts, learns scales, codes and labels on all training rows together, and
 * encodes every part. Throws a DiagnosticError with every mistake that it found.
 */
export async function bindData(model: Model, options: BindOptions): Promise<BoundData> {
  const onWarning = options.onWarning ?? (() => undefined);
  const sections: Section[] = [];
  for (const section of model.data) sections.push(await readSection(model, section, options, onWarning));

  const errors = new Errors();
  for (const task of model.tasks) errors.gather(() => checkTarget(task, sections));
  errors.throwAny();
  const codes = options.codes ?? learn(model, sections, errors);
  errors.throwAny();

  const bad = new BadCells();
  const bound = sections.map((section) => encodeSection(model, section, codes, bad, errors, onWarning));
  errors.add(bad.diagnostics());
  errors.throwAny();
  const counted = options.codes ?? withCounts(model, bound, codes, errors, onWarning);
  errors.throwAny();
  return { sections: bound.map((section) => section.weighted), codes: counted, sizes: sizesOf(model, counted) };
}

/** Mistakes so far: one does not hide the next. The same mistake in several parts is one. */
class Errors {
  readonly #found = new Map<string, Diagnostic>();

  gather<Result>(work: () => Result): Result | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      this.add(error.diagnostics);
      return undefined;
    }
  }

  add(diagnostics: readonly Diagnostic[]): void {
    for (const each of diagnostics) this.#found.set(`${each.code} ${each.message} ${each.span?.start}`, each);
  }

  throwAny(): void {
    if (this.#found.size > 0) throw new DiagnosticError([...this.#found.values()]);
  }
}

async function readSection(
  model: Model,
  section: DataSection,
  { folder, seed }: BindOptions,
  onWarning: (warning: Diagnostic) => void,
): Promise<Section> {
  const tables = new Map<PartName, Table>();
  for (const name of section.order) {
    const source = section[name];
    if (source !== null && source.word !== "part") tables.set(name, await readTable(source, folder, onWarning));
  }
  const parts = cutParts(section, tables, seed, (name, table) => {
    const task = model.tasks.find((each) => each.name === name);
    if (task !== undefined) return strataOf(task, table);
    throw new DiagnosticError([
      report(data.noStrata, { task: name, kind: "there is no such task" }, { span: section.span }),
    ]);
  });
  const names = section.tasks ?? model.tasks.map((task) => task.name);
  const tasks = model.tasks.filter((task) => names.includes(task.name) && task.target !== null);
  return { section, parts, tasks, inputs: inputsOfTasks(model, names) };
}

function trainingRows(sections: readonly Section[], reads: (section: Section) => boolean): readonly Rows[] {
  return sections.filter(reads).flatMap(({ parts }) => parts.get("train") ?? []);
}

/** Every column of a task must be in some training rows. */
function checkTarget(task: Task, sections: readonly Section[]): void {
  if (task.target === null) return;
  const training = trainingRows(sections, ({ tasks }) => tasks.includes(task));
  const { target, span } = task;
  const names = target.kind === "names" ? target.names : [target.first, target.last];
  const columns = task.rowWeight === null ? names : [...names, task.rowWeight];
  const absent = columns.filter((name) => !training.some(({ table }) => table.columns.has(name)));
  if (absent.length === 0) return;
  throw new DiagnosticError(
    absent.map((name) =>
      report(
        columnRows.noTargetAnywhere,
        { column: name, task: task.name },
        {
          span: (target.kind === "names" ? target.spans?.[names.indexOf(name)] : undefined) ?? span,
          help: training.length > 0 ? whatThereIs(name, training[0].table) : undefined,
        },
      ),
    ),
  );
}

function learn(model: Model, sections: readonly Section[], errors: Errors): Codes {
  const inputs: Record<string, Codes["inputs"][string]> = {};
  for (const input of model.inputs) {
    const training = trainingRows(sections, (section) => section.inputs.has(input.name));
    inputs[input.name] = errors.gather(() => learnInput(input, training)) ?? {};
  }
  const tasks: Record<string, TaskCodes> = {};
  for (const task of model.tasks) {
    if (task.target === null) continue;
    const training = trainingRows(sections, (section) => section.tasks.includes(task));
    tasks[task.name] = errors.gather(() => learnTask(task, training)) ?? {};
  }
  return { schema: 1, inputs, tasks };
}

interface EncodedSection {
  readonly weighted: BoundSection;
  /** Training targets before the rows' weights, for counting. */
  readonly answers: Readonly<Record<string, Target>>;
}

function encodeSection(
  model: Model,
  { section, parts, tasks, inputs }: Section,
  codes: Codes,
  bad: BadCells,
  errors: Errors,
  onWarning: (warning: Diagnostic) => void,
): EncodedSection {
  const present = tasks.filter((task) => [...parts.values()].some(({ table }) => hasAnyColumn(table, targetOf(task))));
  let answers: Readonly<Record<string, Target>> = {};
  const encoded = new Map<PartName, RowSet>();
  for (const [name, rows] of parts) {
    const label = section.name === null ? name : `${section.name}.${name}`;
    const plain = encodeTargets(present, codes, rows, label, bad, errors, onWarning);
    if (name === "train") answers = plain;
    encoded.set(name, {
      rows: rows.rows.length,
      inputs: encodeInputs(model.inputs, inputs, codes, rows, bad, errors),
      targets: withRowWeights(present, plain, rows, bad),
    });
  }
  const train = encoded.get("train");
  if (train === undefined) throw new Error("a data section was expected to have training rows");
  const bound = {
    name: section.name,
    tasks: present.map((task) => task.name),
    train,
    validation: encoded.get("validation") ?? null,
    test: encoded.get("test") ?? null,
  };
  return { weighted: bound, answers };
}

/** Inputs that are not read from these rows are zero. */
function encodeInputs(
  inputs: readonly Input[],
  read: ReadonlySet<string>,
  codes: Codes,
  rows: Rows,
  bad: BadCells,
  errors: Errors,
): RowSet["inputs"] {
  const encoded: Record<string, Float32Array | Int32Array> = {};
  for (const input of inputs) {
    const length = rows.rows.length * inputElements(input);
    const values = read.has(input.name)
      ? errors.gather(() => encodeInput(input, codes.inputs[input.name] ?? {}, rows, bad))
      : undefined;
    encoded[input.name] = values ?? (input.type.element === "i32" ? new Int32Array(length) : new Float32Array(length));
  }
  return encoded;
}

function encodeTargets(
  tasks: readonly Task[],
  codes: Codes,
  rows: Rows,
  part: string,
  bad: BadCells,
  errors: Errors,
  onWarning: (warning: Diagnostic) => void,
): Readonly<Record<string, Target>> {
  const targets: Record<string, Target> = {};
  for (const task of tasks) {
    const labels = new Set<string>();
    let count = 0;
    const unseen = (answers: Answers, row: number): void => {
      count++;
      labels.add(cellText(answers.column, row) ?? "");
    };
    const target = errors.gather(() => encodeTarget(task, codes.tasks[task.name] ?? {}, rows, bad, unseen));
    if (target !== undefined) targets[task.name] = target;
    if (count === 0) continue;
    const [label] = labels;
    const holes = { task: task.name, label, part, count, labels: labels.size };
    onWarning(report(data.labelOnlyOutsideTraining, holes, { span: task.span }));
  }
  return targets;
}

function withRowWeights(
  tasks: readonly Task[],
  targets: Readonly<Record<string, Target>>,
  rows: Rows,
  bad: BadCells,
): Readonly<Record<string, Target>> {
  const heavy: Record<string, Target> = {};
  for (const task of tasks)
    if (targets[task.name] !== undefined) heavy[task.name] = weighted(targets[task.name], rowWeights(task, rows, bad));
  return heavy;
}

function withCounts(
  model: Model,
  bound: readonly EncodedSection[],
  codes: Codes,
  errors: Errors,
  onWarning: (warning: Diagnostic) => void,
): Codes {
  const tasks: Record<string, TaskCodes> = {};
  for (const task of model.tasks) {
    if (task.target === null) continue;
    const known = codes.tasks[task.name];
    const targets = bound.flatMap(({ answers }) => answers[task.name] ?? []);
    if (!targets.some(({ weight }) => weight.includes(1)))
      errors.add([report(data.noAnswers, { task: task.name }, { span: task.span })]);
    const counts = countAnswers(task, known, targets);
    tasks[task.name] = counts === undefined ? known : { ...known, counts };
    if (task.kind.word !== "flag" || task.positive === undefined || counts === undefined) continue;
    const [no, yes] = counts;
    const positive = task.positive.map((cell) => JSON.stringify(cell)).join(" or ");
    if (yes === 0 && no > 0)
      onWarning(report(data.neverPositive, { task: task.name, rows: no, positive }, { span: task.span }));
  }
  return { ...codes, tasks };
}

/** Sizes that only the data know, by the names that types show: `labels(species)`, `codes(island)`. */
function sizesOf(model: Model, codes: Codes): Readonly<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const input of model.inputs) {
    const categories = codes.inputs[input.name]?.categories;
    // Code 0 is one more: unseen or empty.
    if (categories !== undefined) sizes[`codes(${input.name})`] = categories.length + 1;
  }
  for (const task of model.tasks) {
    const labels = labelsOf(task, codes.tasks[task.name] ?? {});
    if (labels === null || !task.kind.learnt) continue;
    sizes[isKnown(task.kind.size) ? `labels(${task.name})` : showSize(task.kind.size)] = labels.length;
  }
  return sizes;
}

/**
 * The rows of a new file, encoded with what a model has learnt. Inputs must be there; targets that are not are missing. Throws
 * a DiagnosticError with every mistake in the cells.
 */
export function encodeRows(
  model: Model,
  codes: Codes,
  table: Table,
  options: {
    /** False: only the inputs are read. */
    readonly targets?: boolean;
    readonly onWarning?: (warning: Diagnostic) => void;
  } = {},
): RowSet {
  const rows = allRows(table);
  const bad = new BadCells();
  const errors = new Errors();
  const names = model.tasks.map((task) => task.name);
  const inputs = encodeInputs(model.inputs, inputsOfTasks(model, names), codes, rows, bad, errors);
  const tasks = options.targets === false ? [] : model.tasks.filter((task) => task.target !== null);
  const plain = encodeTargets(tasks, codes, rows, table.file, bad, errors, options.onWarning ?? (() => undefined));
  const targets = withRowWeights(tasks, plain, rows, bad);
  errors.add(bad.diagnostics());
  errors.throwAny();
  return { rows: table.rows, inputs, targets };
}
