import { DiagnosticError, report, type Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import { usedAfterClose } from "../compiler/diagnostics/engines.ts";
import { askedBy, columnsAnswered, columnsMeasured, type Asked } from "../compiler/check/tables/asked.ts";
import type { Model } from "../compiler/ir/model.ts";
import { registry } from "../compiler/registry/index.ts";
import { tableOfRows } from "../runtime/data/given-rows.ts";
import type { Answer } from "../runtime/train/answers.ts";
import { metricsOf, type TaskMetrics } from "../runtime/train/metrics.ts";
import { answersTo } from "./project/answering.ts";
import type { Network } from "./project/network.ts";

/** A trained network as programs use it: rows in, answers out. */

/** A value of an input: what a cell of its column may hold. */
export type InputValue = string | number | boolean | null | ArrayLike<number> | readonly InputValue[];
/** One example: by column, as the model's inputs name them. */
export type Row = Readonly<Record<string, InputValue>>;

export interface LoadedRun {
  readonly model: Model;
  /** Answers one row, or each of several. */
  predict(row: Row): Promise<Record<string, Answer>>;
  predict(rows: readonly Row[]): Promise<Record<string, Answer>[]>;
  /** Metrics of every task on rows with answers. */
  evaluate(rows: readonly Row[]): Promise<TaskMetrics>;
  close(): Promise<void>;
}

/** What a program may want to hear of a trained network. */
export interface LoadHooks {
  /**
   * Is told what is strange about the rows of a call of `predict` or `evaluate`, once a matter and counted: categories that
   * training did not see, texts that are cut; and, when a run is opened, of its files that carry no checksum. Answers are the same with and without.
   */
  readonly onWarning?: (warning: Diagnostic) => void;
}

export function loadedRun(network: Network, { onWarning }: LoadHooks = {}): LoadedRun {
  const tableOf = (rows: readonly Row[], columns: (asked: Asked) => ReadonlySet<string>) =>
    tableOfRows(rows, "rows", network.missing, columns(askedBy(network.model)));
  const { use, close } = untilClosed(network);
  const answer = (rows: readonly Row[]): Promise<Record<string, Answer>[]> =>
    use("predict", () => answersTo(network, tableOf(rows, columnsAnswered), onWarning));
  function predict(row: Row): Promise<Record<string, Answer>>;
  function predict(rows: readonly Row[]): Promise<Record<string, Answer>[]>;
  async function predict(rows: Row | readonly Row[]): Promise<Record<string, Answer> | Record<string, Answer>[]> {
    return isList(rows) ? answer(rows) : (await answer([rows]))[0];
  }
  return {
    model: network.model,
    predict,
    evaluate: (rows) =>
      use("evaluate", async () => {
        const set = network.encode(tableOf(rows, columnsMeasured), { onWarning });
        return metricsOf(network.model, registry, set, await network.evaluate(set), network.codes);
      }),
    close,
  };
}

/** Calls of a network until it is closed: those under way then are waited for, those that come later are refused. */
function untilClosed(network: Network) {
  const underWay = new Set<Promise<unknown>>();
  let closing: Promise<void> | null = null;
  return {
    async use<T>(call: string, work: () => Promise<T>): Promise<T> {
      if (closing !== null) throw new DiagnosticError([report(usedAfterClose, { call })]);
      const result = work();
      underWay.add(result);
      try {
        return await result;
      } finally {
        underWay.delete(result);
      }
    },
    close: () => (closing ??= Promise.allSettled(underWay).then(() => network.close())),
  };
}

function isList(rows: Row | readonly Row[]): rows is readonly Row[] {
  return Array.isArray(rows);
}
