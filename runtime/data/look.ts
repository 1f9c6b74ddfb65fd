import type { Asked } from "../../compiler/check/tables/asked.ts";
import { checkColumns } from "../../compiler/check/tables/columns.ts";
import { columns as rows } from "../../compiler/diagnostics/columns.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { readHeads } from "./heads.ts";

/**
 * What the heads of tables show to be wrong with what a model asks of them. Where the first rows leave a column open, files that
 * are not too large are read to their ends.
 */
export async function lookIntoTables(asked: Asked, folder: string): Promise<readonly Diagnostic[]> {
  const warnings: Diagnostic[] = [];
  const heads = await readHeads(asked.data, folder, (warning, { doubtful }) => {
    // What is wrong with the source is told already, and may be what is wrong with the file.
    if (doubtful !== true) warnings.push(warning);
  });
  const advice = asked.data.flatMap(({ train }) =>
    asked.advice(heads.get(train)?.columns.map(({ name }) => name) ?? []),
  );
  const found = [...checkColumns(asked, heads), ...advice];
  const isOpen = found.some(({ code }) => code === rows.columnNotYet.code);
  if (!isOpen) return [...warnings, ...found];
  const whole = await readHeads(asked.data, folder, () => undefined, true);
  return [...warnings, ...checkColumns(asked, new Map([...heads, ...whole])), ...advice];
}
