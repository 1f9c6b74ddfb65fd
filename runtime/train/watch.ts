import { ownOf } from "../../compiler/ir/own.ts";
import { report, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { training } from "../../compiler/diagnostics/training.ts";
import { hasLoss } from "../../compiler/ir/kinds.ts";
import { metricName } from "../../compiler/ir/metric-names.ts";
import type { Model, Word } from "../../compiler/ir/model.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import { meanWatched, type Better } from "../../compiler/schedules/index.ts";
import type { RowSet } from "../data/data.ts";
import type { ColumnMetrics } from "./components.ts";
import type { TaskMetrics } from "./metrics.ts";

/** What a part of the data gave after an epoch. */
export interface PartResult {
  /** Σ weight · loss over the tasks that are not auxiliary, as evaluated. */
  readonly loss: number | null;
  readonly losses: Readonly<Record<string, number | null>>;
  readonly metrics: TaskMetrics;
  /** After training: metrics of each number of answers that are vectors. */
  readonly columns?: ColumnMetrics;
}

/** Σ weight · loss over tasks that are not auxiliary and have an answer; null where none has. */
export function totalLoss(model: Model, losses: Readonly<Record<string, number | null>>): number | null {
  let total: number | null = null;
  for (const task of model.tasks) {
    const loss = ownOf(losses, task.name);
    if (task.role === "auxiliary" || !hasLoss(task) || loss === null || loss === undefined) continue;
    total = (total ?? 0) + task.weight * loss;
  }
  return total;
}

/** A value of the validation part to be watched: `validation.loss`, `validation.digit.loss`, `validation.digit.accuracy`. */
export interface Watch {
  readonly better: Better;
  /** The tasks whose answers it needs, any of them. */
  readonly tasks: readonly string[];
  /** The metric of theirs that it reads; null for a loss. */
  readonly metric: string | null;
  /** Null where it is undefined. */
  read(result: PartResult): number | null;
}

/** Reads a path that the checker has found sound. A group of tasks (`assay.auc`) is watched by the mean over its tasks. */
export function watchOf(path: string, model: Model, registry: Registry): Watch {
  const [part, ...rest] = path.split(".");
  if (part !== "validation") throw new Error(`nothing to watch at ${path}`);
  if (rest.length === 1 && rest[0] === "loss") {
    const main = model.tasks.filter((task) => task.role !== "auxiliary" && hasLoss(task));
    return { better: "down", tasks: main.map((task) => task.name), metric: null, read: (result) => result.loss };
  }
  const word = rest.at(-1)!;
  const name = rest.slice(0, -1).join(".");
  const tasks = model.tasks.filter((task) => task.name === name || task.group === name);
  if (tasks.length === 0) throw new Error(`nothing to watch at ${path}`);
  const read = { tasks: tasks.map((task) => task.name), metric: word };
  if (word === "loss") {
    return {
      ...read,
      better: "down",
      metric: null,
      read: (result) => meanWatched(tasks.map((task) => ownOf(result.losses, task.name) ?? null)),
    };
  }
  // Of a word that a task has more than once, the first is meant.
  const names = tasks.map((task) => {
    const metric = task.metrics.find((candidate) => candidate.word === word);
    return metric === undefined ? word : metricName(task, metric);
  });
  return {
    ...read,
    better: registry.metric.get(word)?.better ?? "up",
    read: (result) => meanWatched(tasks.map((task, k) => ownOf(result.metrics, task.name)?.[names[k]])),
  };
}

/**
 * Tells where a phase judges its epochs by tasks that have no answer in the validation part: it would stop, or change its
 * rate, by nothing.
 */
export function checkWatched(model: Model, registry: Registry, validation: RowSet | null): readonly Diagnostic[] {
  if (validation === null) return [];
  const isAnswered = (task: string): boolean =>
    ownOf(validation.targets, task)?.weight.some((weight) => weight > 0) ?? false;
  return model.phases.flatMap(({ stop, schedule: { word, settings }, span, spans }) => {
    const watched = [
      ...(stop ? [["stop", stop.on] as const] : []),
      ...(word === "plateau" ? [["schedule", String(settings.on)] as const] : []),
    ];
    return watched.flatMap(([key, path]) => {
      const { tasks } = watchOf(path, model, registry);
      if (tasks.length === 0 || tasks.some(isAnswered)) return [];
      const names = tasks.map((task) => `\`${task}\``).join(", ");
      const help = `give the validation part rows with answers, as \`part(0.1, of: train)\` does, or leave out \`${key}\``;
      return [report(training.nothingToWatch, { key, path, tasks: names }, { span: spans?.[key] ?? span, help })];
    });
  });
}

/** Which of a task's metrics an epoch needs: the main one, and what is watched. */
export function metricsWatched(watches: readonly (Watch | null)[], task: Model["tasks"][number]): readonly Word[] {
  return task.metrics.filter(
    ({ word }, k) => k === 0 || watches.some((watch) => watch?.metric === word && watch.tasks.includes(task.name)),
  );
}
