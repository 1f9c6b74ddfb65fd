import { ownOf } from "../ir/own.ts";
import type { Builder } from "../graph/builder.ts";
import { elementCount, type Node } from "../graph/graph.ts";
import { answerShape, hasLoss, isCoded } from "../ir/kinds.ts";
import type { LossTerm, Model, Task, Word } from "../ir/model.ts";
import { isKnown } from "../ir/size.ts";
import { lessonKey, teacherOf } from "../ir/teacher.ts";
import type { LossParts } from "../registry/rows.ts";
import type { Registry } from "../registry/registry.ts";
import type { Forward, ModelFacts } from "./forward.ts";

/** A task's answers in the graph: its prediction brought to the shape of its target, and the terms of its loss. */
export interface TaskAnswers {
  readonly task: Task;
  /** [batch, …answer] or, for class and ordinal, [batch, …answer, classes]. */
  readonly prediction: Node;
  /** Its loss is Σ factor · sum / count over these; empty for a task without a loss. */
  readonly terms: readonly LossTermParts[];
}

export interface LossTermParts {
  readonly factor: number;
  readonly parts: LossParts;
}

/** Shape of one answer in numbers. */
export function knownAnswerShape(task: Task): number[] {
  return answerShape(task.kind).map((size) => {
    if (!isKnown(size)) throw new Error(`the size of task ${task.name} is not known before data is bound`);
    return size;
  });
}

/** Numbers that a head gives for each element of an answer. */
export function predictionWidthOf(task: Task): number {
  const { word, size } = task.kind;
  if (!isKnown(size)) throw new Error(`the size of task ${task.name} is not known before data is bound`);
  return word === "class" ? size : word === "ordinal" ? size - 1 : 1;
}

/** Settings that only training uses: evaluation reports the plain loss. */
const trainingOnly: Readonly<Record<string, number>> = { label_smoothing: 0 };

export interface AnswerOptions {
  readonly batch: number;
  /** The loss as evaluation reports it, without what only training uses. */
  readonly plain: boolean;
  /** Keeps what a head says of missing answers out of its loss even where that is not finite. */
  readonly guarded: boolean;
  readonly facts: ModelFacts;
}

/**
 * Adds every task's prediction and loss. Inputs of the graph: `target/<task>`, `weight/<task>`, and `teacher/<term>/<task>` where
 * a term of the loss learns from a run.
 */
export function traceAnswers(
  g: Builder,
  model: Model,
  registry: Registry,
  forward: Forward,
  options: AnswerOptions,
): TaskAnswers[] {
  return model.tasks.map((task) => {
    const prediction = predictionOf(g, task, forward, options.batch);
    if (!hasLoss(task)) return { task, prediction, terms: [] };
    const answer = [options.batch, ...knownAnswerShape(task)];
    const target = g.input(`target/${task.name}`, { element: isCoded(task.kind) ? "i32" : "f32", shape: answer });
    const weight = g.input(`weight/${task.name}`, { element: "f32", shape: answer });
    const terms = g.within(`${task.name}.loss`, () => {
      const axis = task.kind.axes?.find((name) => name !== null) ?? null;
      const mask = axis === null ? undefined : forward.masks.get(axis);
      const own = forward.parameterInfo.filter(({ owner }) => owner === task.name);
      return task.loss.map((term, k) => {
        const { factor, loss } = term;
        const row = registry.loss.get(loss.word);
        if (!row?.parts) throw new Error(`the loss ${loss.word} cannot run yet`);
        // Labels that are chosen together are read where they are missing too.
        const read = row.decode && mask ? mask : weight;
        const seen = options.guarded ? presentOnly(g, task, prediction, read) : prediction;
        const settings = options.plain ? plainSettings(loss.settings) : loss.settings;
        const classCounts = ownOf(options.facts.classCounts, task.name);
        const parameters = Object.fromEntries(
          own.flatMap((info) =>
            info.path === `${task.name}.${loss.word}`
              ? [[info.name.slice(info.path.length + 1), forward.parameter(info)]]
              : [],
          ),
        );
        const said = teacherLogits(g, model, forward, term, lessonKey(k, task.name), prediction);
        const teacher = said && options.guarded ? presentOnly(g, task, said, read) : said;
        const { kind } = task;
        const call = { settings, prediction: seen, target, weight, kind, classCounts, mask, parameters, teacher };
        return { factor, parts: row.parts(g, call) };
      });
    });
    return { task, prediction, terms };
  });
}

/** What the teacher of a term says, in the prediction's shape; undefined where the term has none. */
function teacherLogits(
  g: Builder,
  model: Model,
  forward: Forward,
  term: LossTerm,
  key: string,
  { type }: Node,
): Node | undefined {
  const teacher = teacherOf(term);
  if (teacher === null) return undefined;
  if (teacher.kind === "run") return g.input(`teacher/${key}`, type);
  const other = model.tasks.find(({ name }) => name === teacher.task);
  if (!other) throw new Error(`there is no task ${teacher.task} to learn from`);
  return predictionOf(g, other, forward, type.shape[0]);
}

function predictionOf(g: Builder, task: Task, forward: Forward, batch: number): Node {
  if (task.head === null) throw new Error(`the task ${task.name} has no head`);
  const head = forward.values.get(task.head);
  if (!head) throw new Error(`the head of ${task.name} was not made`);
  const answer = [batch, ...knownAnswerShape(task)];
  const shape = isCoded(task.kind) ? [...answer, predictionWidthOf(task)] : answer;
  if (elementCount(shape) !== elementCount(head.type.shape)) {
    throw new Error(`the head of ${task.name} gives [${head.type.shape}], its kind wants [${shape}]`);
  }
  return g.reshape(head, shape);
}

/** The prediction, and 0 where `weight` is: 0 · ∞ would be NaN. */
function presentOnly(g: Builder, task: Task, prediction: Node, weight: Node): Node {
  const present = g.greater(weight, g.constant(0));
  const shape = isCoded(task.kind) ? [...weight.type.shape, 1] : weight.type.shape;
  return g.select(g.reshape(present, shape), prediction, g.constant(0));
}

function plainSettings(settings: Word["settings"]): Word["settings"] {
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, trainingOnly[key] ?? value]));
}

/** A task's loss in a batch, 0 where it is absent; and whether it is present, as a condition. */
export function batchLoss(g: Builder, terms: readonly LossTermParts[]): { readonly value: Node; readonly some: Node } {
  const values = terms.map(({ factor, parts }) => {
    const mean = ratio(g, parts);
    return factor === 1 ? mean : g.mul(mean, g.constant(factor));
  });
  return {
    value: values.reduce((a, b) => g.add(a, b)),
    some: terms.map(({ parts }) => g.greater(parts.count, g.constant(0))).reduce((a, b) => g.or(a, b)),
  };
}

/** sum / count, and 0 where nothing counts. */
function ratio(g: Builder, parts: LossParts): Node {
  const some = g.greater(parts.count, g.constant(0));
  const safe = g.select(some, parts.count, g.constant(1));
  return g.select(some, g.div(parts.sum, safe), g.constant(0));
}

/** Numbers in one answer of a task. */
export function answerElements(task: Task): number {
  return elementCount(knownAnswerShape(task));
}
