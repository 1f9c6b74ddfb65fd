import type { Builder } from "../graph/builder.ts";
import { elementCount, type Node } from "../graph/graph.ts";
import { answerShape, hasLoss, isCoded } from "../ir/kinds.ts";
import type { Model, Task } from "../ir/model.ts";
import { isKnown } from "../ir/size.ts";
import type { LossParts } from "../registry/rows.ts";
import type { Registry } from "../registry/registry.ts";
import type { Forward, ModelFacts } from "./forward.ts";

/** A task's answers in the graph: its prediction brought to the shape of its target, and the parts of its loss. */
export interface TaskAnswers {
  readonly task: Task;
  /** [batch, …answer] or, for class and ordinal, [batch, …answer, classes]. */
  readonly prediction: Node;
  /** Σ over present elements, and what it is divided by; null for a task without a loss. */
  readonly loss: LossParts | null;
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

/** Adds every task's prediction and loss. Inputs of the graph: `target/<task>`, `weight/<task>`. */
export function traceAnswers(
  g: Builder,
  model: Model,
  registry: Registry,
  forward: Forward,
  options: { readonly batch: number; readonly plain: boolean; readonly facts: ModelFacts },
): TaskAnswers[] {
  return model.tasks.map((task) => {
    if (task.head === null) throw new Error(`the task ${task.name} has no head`);
    const head = forward.values.get(task.head);
    if (!head) throw new Error(`the head of ${task.name} was not made`);
    const answer = [options.batch, ...knownAnswerShape(task)];
    const width = predictionWidthOf(task);
    const shape = isCoded(task.kind) ? [...answer, width] : answer;
    if (elementCount(shape) !== elementCount(head.type.shape)) {
      throw new Error(`the head of ${task.name} gives [${head.type.shape}], its kind wants [${shape}]`);
    }
    const prediction = g.reshape(head, shape);
    if (!hasLoss(task)) return { task, prediction, loss: null };
    const target = g.input(`target/${task.name}`, { element: isCoded(task.kind) ? "i32" : "f32", shape: answer });
    const weight = g.input(`weight/${task.name}`, { element: "f32", shape: answer });
    const loss = g.within(`${task.name}.loss`, () => {
      const terms = task.loss.map((term) => {
        const row = registry.loss.get(term.loss.word);
        if (!row?.parts) throw new Error(`the loss ${term.loss.word} cannot run yet`);
        const settings = options.plain
          ? Object.fromEntries(
              Object.entries(term.loss.settings).map(([key, value]) => [key, trainingOnly[key] ?? value]),
            )
          : term.loss.settings;
        const parts = row.parts(g, {
          settings,
          prediction,
          target,
          weight,
          kind: task.kind,
          classCounts: options.facts.classCounts[task.name],
          parameters: {},
        });
        return { factor: term.factor, parts };
      });
      return combine(g, terms);
    });
    return { task, prediction, loss };
  });
}

/** Σ factor · (sum / count), as one pair of sum and count: of terms that count alike, or else a mean over the first term's count. */
function combine(g: Builder, terms: readonly { factor: number; parts: LossParts }[]): LossParts {
  if (terms.length === 1 && terms[0].factor === 1) return terms[0].parts;
  const count = terms[0].parts.count;
  const sums = terms.map(({ factor, parts }) => {
    const mean = ratio(g, parts);
    return g.mul(g.mul(mean, count), g.constant(factor));
  });
  return { sum: sums.reduce((a, b) => g.add(a, b)), count };
}

/** sum / count, and 0 where nothing counts. */
export function ratio(g: Builder, parts: LossParts): Node {
  const some = g.greater(parts.count, g.constant(0));
  const safe = g.select(some, parts.count, g.constant(1));
  return g.select(some, g.div(parts.sum, safe), g.constant(0));
}

/** Numbers in one answer of a task. */
export function answerElements(task: Task): number {
  return elementCount(knownAnswerShape(task));
}
