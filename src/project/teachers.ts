import { ownOf } from "../../compiler/ir/own.ts";
import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { DiagnosticError, report, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { runs } from "../../compiler/diagnostics/runs.ts";
import { tasks as rows } from "../../compiler/diagnostics/tasks.ts";
import type { Cell, Model, Task } from "../../compiler/ir/model.ts";
import { lessonKey, runLessons, type RunLesson } from "../../compiler/ir/teacher.ts";
import { answerElements, knownAnswerShape, predictionWidthOf } from "../../compiler/lower/answers.ts";
import type { BoundData, Codes, RowSet } from "../../runtime/data/data.ts";
import { isWithinProject } from "../../runtime/data/project.ts";
import { labelsOf } from "../../runtime/data/targets.ts";
import type { Engine } from "../../runtime/engines/engine.ts";
import { files } from "../../runtime/run/names.ts";
import { evaluationBatch } from "../../runtime/train/evaluate.ts";
import type { ModelSource } from "./sources.ts";
import { evaluatorOf, withAllTargets } from "./network.ts";
import { shellWord } from "../render/words.ts";
import { readTrained, readTrainedModel, type TrainedFiles } from "./trained.ts";

/**
 * Runs that a model learns from: `distillation(of: "runs/large-1")`. What such a network says of a row never changes, so it is
 * asked once for every row, before the first step.
 */

/** A run that some task learns from. */
export interface Teacher {
  /** As the file names it. */
  readonly path: string;
  readonly trained: TrainedFiles;
  /** Where the file does so first. */
  readonly span?: Diagnostic["span"];
}

/** What a term of a loss learns: which of its teacher's tasks, and which of its classes each of its own is. */
interface Lesson extends RunLesson {
  readonly teacher: Teacher;
  readonly from: Task;
  readonly classes: readonly number[];
}

/** Opens every run that a model learns from. Throws a DiagnosticError where one is missing or broken. */
export function openTeachers(model: Model, source: ModelSource): readonly Teacher[] {
  const places = placesOf(model);
  const mistakes: Diagnostic[] = [];
  const opened = [...places].flatMap(([path, span]) => {
    const trained = openTeacher(path, span, source, readTrained, (mistake) => mistakes.push(mistake));
    return trained ? [{ path, trained, span }] : [];
  });
  if (mistakes.length > 0) throw new DiagnosticError(mistakes);
  return opened;
}

/** The runs that a model names, each with the place where it does so first. */
function placesOf(model: Model): ReadonlyMap<string, Diagnostic["span"]> {
  const places = new Map<string, Diagnostic["span"]>();
  for (const { path, task: name, term } of runLessons(model)) {
    const task = model.tasks.find((each) => each.name === name);
    if (!places.has(path)) places.set(path, task?.loss[term].span ?? task?.span);
  }
  return places;
}

/** What `read` makes of a run's folder; undefined after saying what is wrong with it. */
function openTeacher<Trained>(
  path: string,
  span: Diagnostic["span"],
  source: ModelSource,
  read: (folder: string) => Trained,
  say: (mistake: Diagnostic) => void,
): Trained | undefined {
  const place = runFolder(path, source.folder);
  try {
    const problem = isOtherFile(path, source.folder)
      ? "it is a file; a run is named by its folder"
      : "there is no such folder, seen from that of the file";
    if (existsSync(place) && !isOtherFile(path, source.folder)) return read(place);
    // A command names folders as they are seen from where it is started.
    const named = join(dirname(source.file), relative(source.folder, place)).replaceAll("\\", "/");
    const help = `a teacher is trained first: \`mtlc train TEACHER.mtl --run ${shellWord(named)}\``;
    say(report(runs.notARun, { folder: path, problem }, existsSync(place) ? { span } : { span, help }));
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    for (const each of error.diagnostics) say({ ...each, span, labels: [] });
  }
  return undefined;
}

/** A run is named by its folder, or by a file of a run in it. */
function runFolder(path: string, folder: string): string {
  const place = resolve(folder, path);
  const isFile = existsSync(place) ? statSync(place).isFile() : true;
  return isFile && runFiles.has(basename(place)) ? dirname(place) : place;
}

const runFiles: ReadonlySet<string> = new Set(Object.values(files));

/** Whether what is named is a file that no run has. */
function isOtherFile(path: string, folder: string): boolean {
  const place = runFolder(path, folder);
  return existsSync(place) && statSync(place).isFile();
}

/**
 * What is wrong with the runs of the project that a model learns from, as warnings: they may be trained after the file is
 * written. Runs elsewhere are not looked into.
 */
export async function teacherWarnings(model: Model, source: ModelSource): Promise<readonly Diagnostic[]> {
  const found: Diagnostic[] = [];
  for (const [path, span] of placesOf(model)) {
    const place = runFolder(path, source.folder);
    if (existsSync(place) && !(await isWithinProject({ name: path, path: place }, source.folder))) continue;
    openTeacher(path, span, source, readTrainedModel, (mistake) => found.push({ ...mistake, severity: "warning" }));
  }
  return found;
}

/** All that each teacher's network is made of: its text, its codes, its weights. */
export function networksOf(teachers: readonly Teacher[]): Readonly<Record<string, readonly ArrayBufferView[]>> {
  return Object.fromEntries(
    teachers.map(({ path, trained: { run, codes, weights } }) => {
      const said = new TextEncoder().encode(`${run.text}\n${JSON.stringify(codes)}`);
      return [path, [said, ...[...weights.values()].map(({ data }) => data)]];
    }),
  );
}

/** Asks every teacher of all rows: the data with what they say. Throws a DiagnosticError where one cannot teach this model. */
export async function taught(
  engine: Engine,
  model: Model,
  data: BoundData,
  teachers: readonly Teacher[],
): Promise<BoundData> {
  if (teachers.length === 0) return data;
  const lessons = lessonsOf(model, data.codes, teachers);
  const said = new Map<RowSet, Record<string, Float32Array>>();
  for (const teacher of teachers) {
    const { model: network, codes, weights } = teacher.trained;
    const evaluator = await evaluatorOf(engine, network, codes, weights, evaluationBatch(network));
    try {
      for (const set of setsOf(data)) {
        const inputs = set.seen?.[teacher.path];
        if (!inputs) throw new Error(`the rows were not read for ${teacher.path}`);
        const answers = await evaluator.run(withAllTargets(network, { rows: set.rows, inputs, targets: {} }));
        const known = said.get(set) ?? {};
        for (const lesson of lessons.filter((each) => each.teacher === teacher))
          known[lessonKey(lesson.term, lesson.task)] = turned(answers.predictions[lesson.from.name], lesson.classes);
        said.set(set, known);
      }
    } finally {
      await evaluator.close();
    }
  }
  const withLessons = ({ seen: _read, ...set }: RowSet): RowSet => set;
  const told = (set: RowSet): RowSet => ({ ...withLessons(set), lessons: said.get(set) });
  return {
    ...data,
    sections: data.sections.map((section) => ({
      ...section,
      train: told(section.train),
      validation: section.validation && told(section.validation),
      test: section.test && told(section.test),
    })),
  };
}

function setsOf({ sections }: BoundData): readonly RowSet[] {
  return sections.flatMap(({ train, validation, test }) => [train, validation, test].filter((set) => set !== null));
}

/** Logits with the classes in the learner's order. */
function turned(logits: Float32Array, classes: readonly number[]): Float32Array {
  if (classes.every((from, to) => from === to)) return logits;
  const width = classes.length;
  const result = new Float32Array(logits.length);
  for (let row = 0; row < logits.length; row += width)
    classes.forEach((from, to) => {
      result[row + to] = logits[row + from];
    });
  return result;
}

function lessonsOf(model: Model, codes: Codes, teachers: readonly Teacher[]): readonly Lesson[] {
  const mistakes: Diagnostic[] = [];
  const lessons = runLessons(model).flatMap((lesson) => {
    const task = model.tasks.find(({ name }) => name === lesson.task);
    const teacher = teachers.find(({ path }) => path === lesson.path);
    if (!task || !teacher) throw new Error(`the lesson of ${lesson.task} has lost its teacher`);
    const found = fitting(task, codes, teacher);
    if (typeof found !== "string") return [{ ...lesson, teacher, ...found }];
    const span = task.loss[lesson.term].span ?? task.span;
    mistakes.push(report(rows.teacherDoesNotFit, { task: task.name, teacher: lesson.path, problem: found }, { span }));
    return [];
  });
  if (mistakes.length > 0) throw new DiagnosticError(mistakes);
  return lessons;
}

/** The teacher's task of the same name, else its only one of classes; or what is wrong with it. */
function fitting(task: Task, codes: Codes, { trained }: Teacher): Pick<Lesson, "from" | "classes"> | string {
  const candidates = trained.model.tasks.filter(({ kind }) => kind.word === "class");
  const from = candidates.find(({ name }) => name === task.name) ?? (candidates.length === 1 ? candidates[0] : null);
  if (from === null)
    return candidates.length === 0
      ? "no task of that run has classes"
      : `that run has no task \`${task.name}\`, but ${candidates.map(({ name }) => `\`${name}\``).join(", ")}`;
  const said = `its task \`${from.name}\``;
  if (answerElements(from) !== answerElements(task))
    return `${said} answers in the shape [${knownAnswerShape(from).join(", ")}], not [${knownAnswerShape(task).join(", ")}]`;
  const own = textsOf(labelsOf(task, ownOf(codes.tasks, task.name) ?? {}));
  const others = textsOf(labelsOf(from, ownOf(trained.codes.tasks, from.name) ?? {}));
  const missing = own.filter((label) => !others.includes(label));
  const strange = others.filter((label) => !own.includes(label));
  if (predictionWidthOf(from) !== predictionWidthOf(task) || missing.length > 0 || strange.length > 0) {
    const [label] = [...missing, ...strange];
    const who =
      missing.length > 0
        ? `does not know the class \`${label}\``
        : `knows the class \`${label}\`, which the rows do not`;
    return `${said} has other classes: it ${who}`;
  }
  return { from, classes: own.map((label) => others.indexOf(label)) };
}

function textsOf(labels: readonly Cell[] | null): readonly string[] {
  return (labels ?? []).map(String);
}
