import type { DiagnosticRow } from "./diagnostic.ts";
import * as advice from "./advice.ts";
import * as answers from "./answers.ts";
import * as cells from "./cells.ts";
import * as columns from "./columns.ts";
import * as commands from "./commands.ts";
import * as compilation from "./compilation.ts";
import * as data from "./data.ts";
import * as engines from "./engines.ts";
import * as heads from "./heads.ts";
import * as imports from "./imports.ts";
import * as names from "./names.ts";
import * as overrides from "./overrides.ts";
import * as room from "./room.ts";
import * as runs from "./runs.ts";
import * as sections from "./sections.ts";
import * as settings from "./settings.ts";
import * as shapes from "./shapes.ts";
import * as slips from "./slips.ts";
import * as syntax from "./syntax.ts";
import * as tasks from "./tasks.ts";
import * as training from "./training.ts";

/**
 * Every diagnostic there is. A file of this folder holds one range of codes and exports its rows, single or as a record;
 * this is where they come together.
 */

/** A row whose holes are of no interest: for printing, not for reporting. */
export type AnyRow = DiagnosticRow<never>;

function isRow(value: unknown): value is AnyRow {
  return typeof value === "object" && value !== null && "code" in value && "why" in value;
}

function rowsOf(module: object): readonly AnyRow[] {
  return Object.values(module).flatMap((value: unknown) =>
    isRow(value) ? [value] : typeof value === "object" && value !== null ? rowsOf(value) : [],
  );
}

/** All rows, by code. */
export const catalogue: readonly AnyRow[] = [
  ...[syntax, names, settings, shapes, tasks, heads, imports, compilation],
  ...[columns, data, cells, slips, answers, room, runs, sections, engines, commands, training, overrides, advice],
]
  .flatMap(rowsOf)
  .sort((a, b) => (a.code < b.code ? -1 : 1));

/** The row of a code (`MTL4002`, in any case) or a name (`shapes-do-not-meet`). */
export function findDiagnostic(codeOrName: string): AnyRow | undefined {
  const key = codeOrName.toLowerCase();
  return catalogue.find((row) => row.code.toLowerCase() === key || row.name === key);
}
