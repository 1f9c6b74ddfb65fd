import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Table } from "../../runtime/data/table.ts";
import { answersOf, type Answer } from "../../runtime/train/answers.ts";
import type { Network } from "./network.ts";

/** Answers of every row of a table. A list of no objects has no columns either: none are answered by none. */
export async function answersTo(
  network: Network,
  table: Table,
  onWarning?: (warning: Diagnostic) => void,
): Promise<Record<string, Answer>[]> {
  if (table.rows === 0 && table.columns.size === 0) return [];
  const set = network.encode(table, { targets: false, onWarning });
  return answersOf(network.model, network.codes, set, await network.evaluate(set));
}
