import { data } from "../../compiler/diagnostics/data.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/ir/model.ts";
import { readConll } from "./conll.ts";
import type { ConllColumns } from "./conll.ts";
import { besideTables, joinTables, keepRows } from "./combine.ts";
import type { Filter } from "./combine.ts";
import { readDelimited } from "./delimited.ts";
import { locate } from "./files.ts";
import type { DataFile } from "./files.ts";
import { readIdx } from "./idx.ts";
import { readJson, readJsonLines } from "./json.ts";
import { checkRows } from "./lengths.ts";
import { readModule } from "./module.ts";
import { readNpz } from "./npz.ts";
import { cellMarks, cellsOf, emptyIn, textOf } from "./source-settings.ts";
import type { Table } from "./table.ts";
import type { AskedColumns } from "./troubles.ts";

/**
 * The rows of a source, all of them, with what `only` and `missing` say. Paths are relative to `folder`. `part` is no table of
 * its own: it is cut from one by `cutParts`. Throws a DiagnosticError that names the file.
 */
export async function readTable(
  source: Source,
  folder: string,
  onWarning: (warning: Diagnostic) => void = () => undefined,
  read: ReadTables = new Map(),
  asked?: AskedColumns,
): Promise<Table> {
  const key = identity(source);
  const table = read.get(key) ?? (await readRows(source, folder, onWarning, asked));
  read.set(key, table);
  checkRows(table, source.span);
  return keepRows(table, filtersOf(source), onWarning, source.span, source.spans);
}

/** Tables that were read already: parts that differ only in the rows they keep share one reading. */
export type ReadTables = Map<string, Table>;

function identity({ word, settings, operands }: Source): string {
  const { only: _, ...rest } = settings;
  return JSON.stringify([word, rest, operands.map((operand) => [identity(operand), operand.settings.only ?? null])]);
}

async function readRows(
  source: Source,
  folder: string,
  onWarning: (warning: Diagnostic) => void,
  asked: AskedColumns,
): Promise<Table> {
  switch (source.word) {
    case "csv":
    case "tsv":
      return readDelimited(await fileOf(source, folder), cellMarks(source), emptyIn(source), Infinity, asked);
    case "json":
      return readJson(await fileOf(source, folder), emptyIn(source), asked);
    case "jsonl":
      return readJsonLines(await fileOf(source, folder), emptyIn(source), Infinity, asked);
    case "npz":
      return readNpz(await fileOf(source, folder), emptyIn(source), asked);
    case "idx":
      return readIdx(await filesOf(source, folder), emptyIn(source), asked);
    case "conll":
      return readConll(await fileOf(source, folder), conllColumns(source), emptyIn(source), Infinity, asked);
    case "module":
      return readModule(await fileOf(source, folder), emptyIn(source), asked);
    case "join": {
      const [left, right] = await operandsOf(source, folder, onWarning, asked);
      const on = textOf(source.settings.on);
      return joinTables(left, right, on, onWarning, source.span, source.spans?.on, asked);
    }
    case "beside":
      return besideTables(await operandsOf(source, folder, onWarning, asked), source.span, asked);
    default:
      throw new DiagnosticError([report(data.sourceNotBuilt, { word: source.word }, { span: source.span })]);
  }
}

async function operandsOf(
  source: Source,
  folder: string,
  onWarning: (warning: Diagnostic) => void,
  asked: AskedColumns,
): Promise<Table[]> {
  const tables: Table[] = [];
  for (const operand of source.operands) tables.push(await readTable(operand, folder, onWarning, new Map(), asked));
  return tables;
}

/** The file that a source's `path` names. */
export function fileOf(source: Source, folder: string): Promise<DataFile> {
  return locate(textOf(source.settings.path), folder, source.span);
}

/** What a conll source says of its lines. */
export function conllColumns({ settings: { columns, comments } }: Source): ConllColumns {
  return { columns: cellsOf(columns).map(String), comments: cellsOf(comments ?? []).map(String) };
}

/** The files of an idx source by the names of their arrays. */
export async function filesOf(source: Source, folder: string): Promise<ReadonlyMap<string, DataFile>> {
  const files = new Map<string, DataFile>();
  for (const [name, value] of Object.entries(source.settings))
    if (name !== "only" && name !== "missing") files.set(name, await locate(textOf(value), folder, source.span));
  return files;
}

/** What `only` keeps. */
export function filtersOf(source: Source): readonly Filter[] {
  const only = source.settings.only ?? {};
  if (typeof only !== "object" || Array.isArray(only)) throw new Error("`only` was expected to be a record");
  return Object.entries(only).map(([column, values]) => ({ column, values: cellsOf(values) }));
}
