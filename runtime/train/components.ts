import { metricName } from "../../compiler/ir/metric-names.ts";
import type { Model, Task, TaskKind } from "../../compiler/ir/model.ts";
import { ownOf } from "../../compiler/ir/own.ts";
import { answerElements, knownAnswerShape } from "../../compiler/lower/answers.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import type { MetricInput, MetricValue } from "../../compiler/registry/rows.ts";
import type { Codes, RowSet } from "../data/data.ts";
import type { SetResult } from "./evaluate.ts";
import { defined, metricInput } from "./metrics.ts";

/** Answers that are vectors, whose numbers were read from a column each: `real[4]`, `flags(12)`. */

/** By task, column and metric. */
export type ColumnMetrics = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, MetricValue>>>>>>;

/** Metrics are told by column up to here. */
const MOST = 256;

/**
 * The columns that the numbers of an answer were read from, in their order; null where they came out of one column, or where it
 * is not known: the codes of older runs do not keep what a range stands for.
 */
export function componentNames(task: Task, codes: Codes): readonly string[] | null {
  if (task.target === null || knownAnswerShape(task).length === 0) return null;
  if ((task.kind.axes ?? []).some((axis) => axis !== null)) return null;
  const names = task.target.kind === "names" ? task.target.names : (ownOf(codes.tasks, task.name)?.columns ?? []);
  return names.length === answerElements(task) && new Set(names).size === names.length ? names : null;
}

/** Metrics of each number of the tasks whose answers are vectors with names, where they can be measured one by one. */
export function metricsByColumn(
  model: Model,
  registry: Pick<Registry, "metric">,
  set: RowSet,
  result: SetResult,
  codes: Codes,
): ColumnMetrics {
  return Object.fromEntries(
    model.tasks.flatMap((task) => {
      const target = ownOf(set.targets, task.name);
      const names = componentNames(task, codes);
      if (!target || names === null || names.length > MOST) return [];
      const whole = metricInput(task, target, result, codes);
      const kind = kindOfOne(task.kind);
      const measured = task.metrics.flatMap((metric) => {
        const row = registry.metric.get(metric.word);
        if (!row?.compute || (row.fits?.(kind) ?? null) !== null) return [];
        const compute = row.compute.bind(row);
        return [{ name: metricName(task, metric), of: (one: MetricInput) => defined(compute(metric.settings, one)) }];
      });
      const columns = names.map((name, k) => {
        const one = component(whole, kind, k);
        return [name, Object.fromEntries(measured.map((metric) => [metric.name, metric.of(one)]))] as const;
      });
      return measured.length === 0 ? [] : [[task.name, Object.fromEntries(columns)] as const];
    }),
  );
}

function kindOfOne(kind: TaskKind): TaskKind {
  return kind.word === "flags" ? { ...kind, size: 1 } : { ...kind, shape: [1] };
}

/** What metrics read, of one number of each answer. */
function component(input: MetricInput, kind: TaskKind, at: number): MetricInput {
  const { rows, elements, width, prediction, target, present } = input;
  const every = <T extends Float64Array | Float32Array | Uint8Array>(values: T, size: number): Float64Array =>
    Float64Array.from({ length: rows * size }, (_, i) => {
      const row = Math.floor(i / size);
      return values[(row * elements + at) * size + (i % size)];
    });
  return {
    kind,
    rows,
    elements: 1,
    width,
    prediction: every(prediction, width),
    target: every(target, 1),
    present: Uint8Array.from(every(present, 1)),
    labels: input.labels,
  };
}
