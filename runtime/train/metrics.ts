import { ownOf } from "../../compiler/ir/own.ts";
import { elementCount } from "../../compiler/graph/graph.ts";
import { metricName } from "../../compiler/ir/metric-names.ts";
import type { Cell, Model, Task, Word } from "../../compiler/ir/model.ts";
import { knownAnswerShape, predictionWidthOf } from "../../compiler/lower/answers.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import type { MetricInput, MetricValue } from "../../compiler/registry/rows.ts";
import type { Codes, RowSet } from "../data/data.ts";
import { labelsOf } from "../data/targets.ts";
import type { SetResult } from "./evaluate.ts";

export type TaskMetrics = Readonly<Record<string, Readonly<Record<string, MetricValue>>>>;

/** Metrics of every task that has answers, in the target's own units: all of them, or those that `choose` names. */
export function metricsOf(
  model: Model,
  registry: Pick<Registry, "metric">,
  set: RowSet,
  result: SetResult,
  codes: Codes,
  choose: (task: Task) => readonly Word[] = (task) => task.metrics,
): TaskMetrics {
  const table: Record<string, Record<string, MetricValue>> = {};
  for (const task of model.tasks) {
    const target = ownOf(set.targets, task.name);
    if (!target || task.target === null) continue;
    const chosen = choose(task);
    if (chosen.length === 0) continue;
    const input = metricInput(task, target, result, codes);
    const row: Record<string, MetricValue> = {};
    for (const metric of chosen) {
      const found = registry.metric.get(metric.word);
      if (!found?.compute) throw new Error(`the metric ${metric.word} cannot run yet`);
      row[metricName(task, metric)] = defined(found.compute(metric.settings, input));
    }
    table[task.name] = row;
  }
  return table;
}

/** What the classes of a task are called, by code; a flag is answered by false and true. */
export function classNames(task: Task, codes: Codes): readonly Cell[] {
  return task.kind.word === "flag" ? [false, true] : (labelsOf(task, ownOf(codes.tasks, task.name) ?? {}) ?? []);
}

/** The classes, by code, of the tasks that have a table of them among their metrics: its rows and columns. */
export function classesMeasured(
  model: Model,
  codes: Codes,
  parts: readonly TaskMetrics[],
): Readonly<Record<string, readonly Cell[]>> {
  const hasTable = (task: Task): boolean =>
    parts.some((metrics) => Object.values(ownOf(metrics, task.name) ?? {}).some((value) => Array.isArray(value)));
  return Object.fromEntries(model.tasks.filter(hasTable).map((task) => [task.name, classNames(task, codes)] as const));
}

/** What is not finite is no value: a network may have gone astray between two looks at its loss. */
export function defined(value: MetricValue): MetricValue {
  return typeof value === "number" && !Number.isFinite(value) ? null : value;
}

/** A task's answers of a whole set as metrics read them, in the target's own units. */
export function metricInput(
  task: Task,
  target: RowSet["targets"][string],
  { rows, predictions, decoded }: SetResult,
  codes: Codes,
): MetricInput {
  const prediction = predictions[task.name];
  const present = Uint8Array.from(target.weight, (weight) => (weight > 0 ? 1 : 0));
  const scale = ownOf(codes.tasks, task.name)?.scale;
  const own = (values: Float32Array | Int32Array): Float64Array => {
    const result = Float64Array.from(values);
    if (scale) {
      const width = scale.factor.length;
      for (let i = 0; i < result.length; i++) result[i] = result[i] * scale.factor[i % width] + scale.shift[i % width];
    }
    return result;
  };
  return {
    kind: task.kind,
    rows,
    elements: elementCount(knownAnswerShape(task)),
    width: predictionWidthOf(task),
    prediction: task.kind.word === "real" ? own(prediction) : prediction,
    target: task.kind.word === "real" ? own(target.values) : Float64Array.from(target.values),
    present,
    ...(Object.hasOwn(decoded, task.name) && { decoded: decoded[task.name] }),
    labels: ownOf(codes.tasks, task.name)?.labels?.map(String),
  };
}
