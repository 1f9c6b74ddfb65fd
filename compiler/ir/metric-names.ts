import type { Task, Word } from "./model.ts";
import { writeWord } from "./text-values.ts";

/** What a task's metric is called in tables and in JSON: its word; where a task has a word more than once, with its settings. */
export function metricName({ metrics }: Pick<Task, "metrics">, metric: Word): string {
  return metrics.filter(({ word }) => word === metric.word).length > 1 ? writeWord(metric) : metric.word;
}
