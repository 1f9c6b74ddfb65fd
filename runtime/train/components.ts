import { metricName } from "../../compiler/ir/metric-names.ts";
import { componentsOf, tokenAxes, type Component } from "../../compiler/ir/components.ts";
import type { Model, Task } from "../../compiler/ir/model.ts";
import { ownOf } from "../../compiler/ir/own.ts";
import { answerElements, knownAnswerShape } from "../../compiler/lower/answers.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import type { MetricInput, MetricValue } from "../../compiler/registry/rows.ts";
import type { Codes, RowSet } from "../data/data.ts";
import type { SetResult } from "./evaluate.ts";
import { defined, metricInput } from "./metrics.ts";

/** Answers whose numbers were read from a column each, `real[4]`, `flags(12)`, or their lists: `flags(2)[words]`. */

/** By task, column and metric. */
export type ColumnMetrics = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, MetricValue>>>>>>;

/** Metrics are told by column up to here. */
const MOST = 256;

/** A column by its name, and what it holds of an answer. */
interface NamedComponent extends Component {
  readonly name: string;
}

/**
 * The columns that the numbers of an answer were read from, in their order; null where they came out of one column, or where it
 * is not known: the codes of older runs do not keep what a range stands for.
 */
function namedComponents(task: Task, codes: Codes): readonly NamedComponent[] | null {
  const shape = knownAnswerShape(task);
  if (task.target === null || shape.length === 0) return null;
  const names = task.target.kind === "names" ? task.target.names : (ownOf(codes.tasks, task.name)?.columns ?? []);
  const components = componentsOf(task.kind, shape, names.length);
  const isList = tokenAxes(task.kind).length > 0 && names.length === 1;
  if (components === null || isList || new Set(names).size < names.length) return null;
  return components.map((component, k) => ({ ...component, name: names[k] }));
}

/** What each number of an answer is called by its column, and its place along tokens; null where it has no column of its own. */
export function elementNames(task: Task, codes: Codes): readonly (readonly string[])[] | null {
  const components = namedComponents(task, codes);
  if (components === null) return null;
  const [axis] = tokenAxes(task.kind);
  const names = new Array<readonly string[]>(answerElements(task));
  for (const { name, from, step, count } of components)
    for (let k = 0; k < count; k++)
      names[from + k * step] = axis === undefined ? [name] : axis === 0 ? [String(k), name] : [name, String(k)];
  return names;
}

/** Metrics of each column of the tasks whose answers were read from several, where they can be measured one by one. */
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
      const components = namedComponents(task, codes);
      if (!target || components === null || components.length > MOST) return [];
      const whole = metricInput(task, target, result, codes);
      const [{ kind }] = components;
      const measured = task.metrics.flatMap((metric) => {
        const row = registry.metric.get(metric.word);
        if (!row?.compute || (row.fits?.(kind) ?? null) !== null) return [];
        const compute = row.compute.bind(row);
        return [{ name: metricName(task, metric), of: (one: MetricInput) => defined(compute(metric.settings, one)) }];
      });
      const columns = components.map((component) => {
        const one = inputOf(whole, component);
        return [component.name, Object.fromEntries(measured.map((metric) => [metric.name, metric.of(one)]))] as const;
      });
      return measured.length === 0 ? [] : [[task.name, Object.fromEntries(columns)] as const];
    }),
  );
}

/** What metrics read, of what one column holds of each answer. */
function inputOf(input: MetricInput, { kind, from, step, count }: Component): MetricInput {
  const { rows, elements, width, prediction, target, present } = input;
  const every = <T extends Float64Array | Float32Array | Uint8Array>(values: T, size: number): Float64Array =>
    Float64Array.from({ length: rows * count * size }, (_, i) => {
      const place = Math.floor(i / size);
      const element = from + (place % count) * step;
      return values[(Math.floor(place / count) * elements + element) * size + (i % size)];
    });
  return {
    kind,
    rows,
    elements: count,
    width,
    prediction: every(prediction, width),
    target: every(target, 1),
    present: Uint8Array.from(every(present, 1)),
    labels: input.labels,
  };
}
