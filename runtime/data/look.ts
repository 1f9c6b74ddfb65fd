import { columnsAsked, type Asked } from "../../compiler/check/tables/asked.ts";
import { checkColumns } from "../../compiler/check/tables/columns.ts";
import { columns as rows } from "../../compiler/diagnostics/columns.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/ir/model.ts";
import { readHeads } from "./heads.ts";

/**
 * What the heads of tables show to be wrong with what a model asks of them. Where the first rows leave a column open, files that
 * are not too large are read to their ends. `unseen` hears of sources that are not looked into: code, and files outside the project.
 */
export async function lookIntoTables(
  asked: Asked,
  folder: string,
  unseen: (source: Source) => void = () => undefined,
): Promise<readonly Diagnostic[]> {
  const warnings: Diagnostic[] = [];
  const names = columnsAsked(asked);
  const tell = (warning: Diagnostic, { doubtful }: Source): void => {
    // What is wrong with the source is told already, and may be what is wrong with the file.
    if (doubtful !== true) warnings.push(warning);
  };
  const heads = await readHeads(asked.data, folder, tell, { asked: names });
  for (const { train, validation, test } of asked.data)
    for (const source of [train, validation, test])
      if (source !== null && source.word !== "part" && !heads.has(source)) unseen(source);
  const advice = asked.data.flatMap(({ train }) =>
    asked.advice(heads.get(train)?.columns.map(({ name }) => name) ?? []),
  );
  const found = [...checkColumns(asked, heads), ...advice];
  const isOpen = found.some(({ code }) => code === rows.columnNotYet.code);
  if (!isOpen) return [...warnings, ...found];
  const whole = await readHeads(asked.data, folder, () => undefined, { whole: true, asked: names });
  return [...warnings, ...checkColumns(asked, new Map([...heads, ...whole])), ...advice];
}
