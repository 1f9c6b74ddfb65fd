import { optimizerRows } from "../../compiler/optimizers/index.ts";
import { meanWatched, scheduleRows, type Better } from "../../compiler/schedules/index.ts";
import { metricRows } from "../../compiler/metrics/index.ts";
import type { Value } from "../../compiler/ir/model.ts";
import type { RowBase } from "../../compiler/registry/settings.ts";
import type { Evaluation } from "./results.ts";
import { camelCase } from "./camel-case.ts";

/** Words of the language by their names: what generated modules ask for is looked up here, with defaults filled in. */
export type Settings = Readonly<Record<string, Value>>;

export function withDefaults(row: RowBase, settings: Settings): Settings {
  const defaults = Object.entries(row.settings).map(([name, { fallback = null }]) => [name, fallback] as const);
  return { ...Object.fromEntries(defaults), ...settings };
}

export function rowOf<Row extends RowBase>(rows: readonly Row[], word: string): Row {
  const row = rows.find(({ name }) => name === word);
  if (!row) throw new Error(`there is no ${word}`);
  return row;
}

/** Numbers by name. */
export type Numbers<Name extends string> = Readonly<Record<Name, number>>;

/** What an optimizer keeps for each weight, and what it works out once a step: rates, corrections, decay. */
export function optimizerOf(word: string, settings: Settings = {}) {
  const row = rowOf(optimizerRows, word);
  const whole = withDefaults(row, settings);
  return {
    state: row.state(whole),
    /** `t` counts the steps of a weight from 1, `decay` says whether weight decay applies to it. */
    scalars: (step: { t: number; rate: number; decay: boolean }): Numbers<string> =>
      Object.fromEntries(Object.entries(row.scalars(whole, step)).map(([name, value]) => [camelCase(name), value])),
  };
}

/** The factor of the learning rate at a step of a phase, all counted from 0. */
export function schedule(
  word: string,
  settings: Settings = {},
): (at: { step: number; total: number; epoch: number; plateau?: number | undefined }) => number {
  const row = rowOf(scheduleRows, word);
  const whole = withDefaults(row, settings);
  return (at) => {
    if (!row.factor) throw new Error(`the schedule ${word} cannot run yet`);
    return row.factor(whole, { ...at, plateau: at.plateau ?? 0 });
  };
}

/** A value of an evaluation to be watched: `loss`, `digit.loss`, `digit.accuracy`, and whether more of it is better. */
export function watched(path: string): { readonly better: Better; read(evaluation: Evaluation): number | null } {
  const dot = path.lastIndexOf(".");
  const [name, word] = [path.slice(0, Math.max(0, dot)), path.slice(dot + 1)];
  /** The task of that name, or all of a group. */
  function of<T>(table: Readonly<Record<string, T>>): T[] {
    return Object.entries(table).flatMap(([task, value]) =>
      task === name || task.startsWith(`${name}.`) ? [value] : [],
    );
  }
  if (dot < 0) return { better: "down", read: ({ loss }) => loss };
  if (word === "loss") return { better: "down", read: ({ losses }) => meanWatched(of(losses)) };
  const better = metricRows.find((row) => row.name === word)?.better ?? "up";
  return { better, read: ({ metrics }) => meanWatched(of(metrics).map((metric) => metric[word])) };
}
