import { ownOf } from "../../compiler/ir/own.ts";
import { metricName } from "../../compiler/ir/metric-names.ts";
import type { Model, Task } from "../../compiler/ir/model.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import type { MetricValue } from "../../compiler/registry/rows.ts";
import type { ColumnMetrics } from "../../runtime/train/components.ts";
import type { Codes } from "../../runtime/data/data.ts";
import { classNames, type TaskMetrics } from "../../runtime/train/metrics.ts";
import type { Interval } from "../../runtime/train/resample.ts";
import { confusionText } from "./confusion.ts";
import { short } from "./numbers.ts";
import { table } from "./table.ts";

/** The table that ends training: a task's metrics under each other, one column a part. */
export function metricsTable(
  model: Model,
  registry: Registry,
  parts: readonly {
    readonly name: string;
    readonly metrics: TaskMetrics;
    readonly columns?: ColumnMetrics;
    readonly intervals?: Readonly<Record<string, Readonly<Record<string, Interval>>>>;
  }[],
  codes: Codes,
): string {
  const rows: string[][] = [["task", "metric", ...parts.map(({ name }) => name)]];
  const matrices: string[] = [];
  for (const task of model.tasks) {
    let first = true;
    for (const metric of task.metrics) {
      const name = metricName(task, metric);
      const values = parts.map(({ metrics }) => ownOf(metrics, task.name)?.[name]);
      if (values.every((value) => value === undefined)) continue;
      if (values.some((value) => Array.isArray(value))) {
        const labels = classNames(task, codes).map(String);
        for (const [k, value] of values.entries())
          if (Array.isArray(value))
            matrices.push(confusionText(`${task.name} ${name}, ${parts[k].name}`, value, labels));
        continue;
      }
      const unit = unitOf(task, metric.word, registry);
      const cells = parts.map(({ intervals }, k) => cell(values[k], unit, ownOf(intervals ?? {}, task.name)?.[name]));
      rows.push([first ? task.name : "", name, ...cells]);
      first = false;
      rows.push(...columnRows(task, name, unit, parts));
    }
  }
  return [rows.length > 1 ? table(rows) : "", ...matrices].filter(Boolean).join("\n");
}

/** A metric of each number of a task's answers, by its column; none where the answers are no vectors with names, or too long. */
function columnRows(
  task: Task,
  metric: string,
  unit: string | null,
  parts: readonly { readonly columns?: ColumnMetrics }[],
): string[][] {
  const found = parts.map(({ columns }) => ownOf(columns ?? {}, task.name) ?? {});
  const names = [...new Set(found.flatMap((columns) => Object.keys(columns)))];
  if (names.length > MOST_COLUMNS) return [];
  return names.flatMap((name) => {
    const values = found.map((columns) => ownOf(ownOf(columns, name) ?? {}, metric));
    return values.every((value) => value === undefined)
      ? []
      : [["", `  ${name}`, ...values.map((value) => cell(value, unit))]];
  });
}

/** A table is read by people: longer vectors are told as a whole, and in JSON by column. */
const MOST_COLUMNS = 32;

/** Of each task its main metric, the first one, where it is a number: `accuracy 0.988`. */
export function mainMetrics(
  model: Model,
  registry: Registry,
  metrics: TaskMetrics,
): { readonly task: string; readonly text: string }[] {
  return model.tasks.flatMap((task) => {
    const [main] = task.metrics;
    if (main === undefined) return [];
    const name = metricName(task, main);
    const value = metrics[task.name]?.[name];
    if (typeof value !== "number") return [];
    return [{ task: task.name, text: `${name} ${cell(value, unitOf(task, main.word, registry))}` }];
  });
}

function unitOf(task: Task, word: string, registry: Registry): string | null {
  return registry.metric.get(word)?.inUnits ? task.unit : null;
}

function cell(value: MetricValue | undefined, unit: string | null, interval?: Interval): string {
  if (typeof value !== "number") return "–";
  const shown = unit ? `${short(value)} ${unit}` : short(value);
  return interval ? `${shown} [${short(interval.low)}, ${short(interval.high)}]` : shown;
}
