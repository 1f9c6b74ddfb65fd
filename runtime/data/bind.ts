import { askedBy, columnsAsked } from "../../compiler/check/tables/asked.ts";
import { checkColumns } from "../../compiler/check/tables/columns.ts";
import { ownOf } from "../../compiler/ir/own.ts";
import { leaksInTable } from "../../compiler/leaks.ts";
import { data } from "../../compiler/diagnostics/data.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { runs } from "../../compiler/diagnostics/runs.ts";
import { slips } from "../../compiler/diagnostics/slips.ts";
import { tasks as taskRows } from "../../compiler/diagnostics/tasks.ts";
import type { DataSection, Model, Source, Task } from "../../compiler/ir/model.ts";
import { inputsOfTasks } from "../../compiler/ir/behind.ts";
import { taskLessons } from "../../compiler/ir/teacher.ts";
import type { Span } from "../../grammar/tree.ts";
import { targetOf } from "./answers.ts";
import { BadCells } from "./bad-cells.ts";
import { hasAnyColumn } from "./columns.ts";
import { Findings, inOrder } from "./findings.ts";
import type { BoundData, BoundSection, Codes, RowSet, Target } from "./data.ts";
import { headOf } from "./heads.ts";
import { learnInput } from "./inputs.ts";
import { Mistakes } from "./mistakes.ts";
import { tellOneAnswer, tellOneNumber } from "./one-answer.ts";
import { cutParts } from "./parts.ts";
import type { Part, PartName, Rows } from "./parts.ts";
import { encodeInputs, encodeTargets, noteUnanswered, originOf, withRowWeights } from "./row-sets.ts";
import { sizesOf } from "./sizes.ts";
import { almostPositive } from "./slips-of-flags.ts";
import { emptyOfLearnt, noteLearnt } from "./slips-of-values.ts";
import { readTable, type ReadTables } from "./sources.ts";
import type { Table } from "./table.ts";
import { countAnswers, labelsOf, learnTask, strataOf } from "./targets.ts";
import type { TaskCodes } from "./targets.ts";

export interface BindOptions {
  /** The folder of the model's file: paths are relative to it. */
  readonly folder: string;
  /** Decides how parts are cut. */
  readonly seed: number;
  readonly onWarning?: (warning: Diagnostic) => void;
  /** What another run has learnt: taken as it is, nothing is learnt from these rows. */
  readonly codes?: Codes;
  /** Other networks that are to look at the same rows. */
  readonly readers?: readonly Reader[];
}

/** A trained network that reads the rows by what it has learnt of its own. */
export interface Reader {
  readonly name: string;
  readonly model: Model;
  readonly codes: Codes;
  /** Where it is named. */
  readonly span?: Span;
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
  const mistakes = new Mistakes();
  const tables = await readTables(model.data, options.folder, mistakes, onWarning, askedOf(model, options.readers));
  const heads = new Map([...tables].map(([source, table]) => [source, headOf(source, table)]));
  mistakes.add(checkColumns(askedBy(model), heads));
  mistakes.throwAny();
  const sections = model.data.flatMap(
    (section) => mistakes.gather(() => cutSection(model, section, tables, options.seed)) ?? [],
  );
  mistakes.throwAny();
  // What cannot be learnt of one column does not hide what is wrong with the cells of others.
  const codes = options.codes ?? learn(model, sections, mistakes, onWarning);
  if (mistakes.isEmpty) mistakes.add(strangeLessons(model, codes));

  const findings = new Findings(model, options.codes !== undefined);
  if (!options.codes) findings.empty.add(emptyOfLearnt(model, codes));
  const bad = new BadCells(findings.empty);
  const bound = sections.map((section) =>
    encodeSection(model, section, codes, bad, mistakes, findings, options.readers),
  );
  mistakes.add(options.codes ? bad.inTrainedWords() : bad.diagnostics());
  mistakes.throwAny();
  const told: Diagnostic[] = [];
  const tell = (warning: Diagnostic): number => told.push(warning);
  if (!options.codes)
    for (const { table } of trainingRows(sections, () => true))
      leaksInTable(model, [...table.columns.keys()]).forEach(tell);
  const counted = options.codes ?? withCounts(model, bound, codes, mistakes, findings, tell);
  if (!options.codes)
    noteLearnt(
      model,
      bound.map(({ weighted }) => weighted),
      counted,
      findings,
    );
  findings.tell(tell);
  inOrder(told).forEach(onWarning);
  mistakes.throwAny();
  return { sections: bound.map((section) => section.weighted), codes: counted, sizes: sizesOf(model, counted) };
}

/** Names of the columns that the model or another reader of its rows asks for. */
function askedOf(model: Model, readers: readonly Reader[] = []): ReadonlySet<string> {
  const others = readers.flatMap((reader) => [...columnsAsked(askedBy(reader.model))]);
  return new Set([...columnsAsked(askedBy(model)), ...others]);
}

/** The tables of all parts that are read from files: one that cannot be read does not hide the next. */
async function readTables(
  sections: readonly DataSection[],
  folder: string,
  mistakes: Mistakes,
  onWarning: (warning: Diagnostic) => void,
  asked: ReadonlySet<string>,
): Promise<ReadonlyMap<Source, Table>> {
  const tables = new Map<Source, Table>();
  const read: ReadTables = new Map();
  for (const section of sections)
    for (const name of section.order) {
      const source = section[name];
      if (source === null || source.word === "part") continue;
      const table = await mistakes.gatherLater(() => readTable(source, folder, onWarning, read, asked));
      if (table !== undefined) tables.set(source, table);
    }
  return tables;
}

function cutSection(model: Model, section: DataSection, read: ReadonlyMap<Source, Table>, seed: number): Section {
  const tables = new Map<PartName, Table>();
  for (const name of section.order) {
    const table = read.get(section[name] ?? section.train);
    if (table !== undefined && section[name]?.word !== "part") tables.set(name, table);
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

function learn(
  model: Model,
  sections: readonly Section[],
  mistakes: Mistakes,
  onWarning: (warning: Diagnostic) => void,
): Codes {
  const inputs: Record<string, Codes["inputs"][string]> = {};
  for (const input of model.inputs) {
    const training = trainingRows(sections, (section) => section.inputs.has(input.name));
    inputs[input.name] = mistakes.gather(() => learnInput(input, training, onWarning)) ?? {};
  }
  const tasks: Record<string, TaskCodes> = {};
  for (const task of model.tasks) {
    if (task.target === null) continue;
    const training = trainingRows(sections, (section) => section.tasks.includes(task));
    tasks[task.name] = mistakes.gather(() => learnTask(task, training)) ?? {};
  }
  return { schema: 1, inputs, tasks };
}

/** Tasks that learn from another one whose classes, as the rows have them, are not theirs. */
function strangeLessons(model: Model, codes: Codes): readonly Diagnostic[] {
  return taskLessons(model).flatMap(({ task, teacher, span }) => {
    const [own, others] = [task, teacher].map((each) =>
      (labelsOf(each, ownOf(codes.tasks, each.name) ?? {}) ?? []).map(String),
    );
    const at = Array.from({ length: Math.max(own.length, others.length) }, (_, k) => k).find(
      (k) => own[k] !== others[k],
    );
    if (at === undefined || teacher.target === null) return [];
    const said = (labels: readonly string[]): string => (at < labels.length ? `\`${labels[at]}\`` : "none");
    const problem = `their classes differ in the rows; class ${at + 1} is ${said(own)} here and ${said(others)} there`;
    return [report(taskRows.teacherDoesNotFit, { task: task.name, teacher: teacher.name, problem }, { span })];
  });
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
  mistakes: Mistakes,
  findings: Findings,
  readers: readonly Reader[] = [],
): EncodedSection {
  const present = tasks.filter((task) => [...parts.values()].some(({ table }) => hasAnyColumn(table, targetOf(task))));
  let answers: Readonly<Record<string, Target>> = {};
  const encoded = new Map<PartName, RowSet>();
  for (const [name, rows] of parts) {
    const label = section.name === null ? name : `${section.name}.${name}`;
    const part = { label, training: name === "train", cut: section[name]?.word === "part" };
    const plain = encodeTargets(model, present, codes, rows, part, bad, mistakes, findings);
    if (name === "train") answers = plain;
    else noteUnanswered(present, plain, part, findings);
    encoded.set(name, {
      rows: rows.rows.length,
      inputs: encodeInputs(model, inputs, codes, rows, part, bad, mistakes, findings),
      targets: withRowWeights(present, plain, rows, bad),
      origin: originOf(rows),
      ...(readers.length > 0 && { seen: seenBy(readers, rows, part, mistakes) }),
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

/** The inputs of each network, as it would be given these rows to predict. */
function seenBy(
  readers: readonly Reader[],
  rows: Rows,
  part: Part,
  mistakes: Mistakes,
): Readonly<Record<string, RowSet["inputs"]>> {
  const seen: Record<string, RowSet["inputs"]> = {};
  for (const { name, model, codes, span } of readers) {
    const [findings, own] = [new Findings(model, true), new Mistakes()];
    const bad = new BadCells(findings.empty);
    const names = new Set(
      inputsOfTasks(
        model,
        model.tasks.map((task) => task.name),
      ),
    );
    seen[name] = encodeInputs(model, names, codes, rows, part, bad, own, findings);
    own.add(bad.diagnostics());
    mistakes.gather(() => {
      try {
        own.throwAny();
      } catch (error) {
        if (!(error instanceof DiagnosticError)) throw error;
        const [{ message: problem }] = error.diagnostics;
        const help = "give these rows what the teacher reads, or learn from a run that was trained on such rows";
        throw new DiagnosticError([report(runs.cannotReadRows, { run: name, problem }, { span, help })]);
      }
    });
  }
  return seen;
}

function withCounts(
  model: Model,
  bound: readonly EncodedSection[],
  codes: Codes,
  mistakes: Mistakes,
  findings: Findings,
  onWarning: (warning: Diagnostic) => void,
): Codes {
  const tasks: Record<string, TaskCodes> = {};
  for (const task of model.tasks) {
    if (task.target === null) continue;
    const known = ownOf(codes.tasks, task.name) ?? {};
    const targets = bound.flatMap(({ answers }) => ownOf(answers, task.name) ?? []);
    if (!targets.some(({ weight }) => weight.includes(1)))
      mistakes.add([report(data.noAnswers, { task: task.name }, { span: task.span, help: answersHelp(task) })]);
    const counts = countAnswers(task, known, targets);
    tellWeightless(
      task,
      targets,
      bound.map(({ weighted }) => weighted.train.targets[task.name]),
      onWarning,
    );
    tasks[task.name] = counts === undefined ? known : { ...known, counts };
    if (counts === undefined) tellOneNumber(task, known, targets, onWarning);
    else if (!findings.has(almostPositive(task.name))) tellOneAnswer(task, known, counts, onWarning);
  }
  return { ...codes, tasks };
}

/** Tells of a task whose rows with answers have no weight. */
function tellWeightless(
  { name, rowWeight, span }: Task,
  answers: readonly Target[],
  weighted: readonly (Target | undefined)[],
  onWarning: (warning: Diagnostic) => void,
): void {
  if (rowWeight === null || weighted.some((target) => target?.weight.some((weight) => weight > 0))) return;
  const rows = answers.reduce((sum, { weight }) => sum + weight.reduce((count, present) => count + present, 0), 0);
  if (rows > 0) onWarning(report(slips.weightsAreZero, { task: name, rows }, { span }));
}

function answersHelp({ target }: Task): string {
  const column = target?.kind === "names" ? `"${target.names[0]}"` : "its columns";
  return `look whether ${column} holds the answers and whether \`missing:\` or \`only:\` takes them away; a task without any is \`target: none\``;
}

export { encodeRows } from "./row-sets.ts";
