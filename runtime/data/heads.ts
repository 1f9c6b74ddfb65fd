import { stat } from "node:fs/promises";
import type { ColumnHead, TableHead } from "../../compiler/check/tables/columns.ts";
import type { Held } from "../../compiler/check/tables/fits.ts";
import { data } from "../../compiler/diagnostics/data.ts";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { DataSection, Source } from "../../compiler/ir/model.ts";
import { numberOfCell } from "../../compiler/words/cells.ts";
import { readConll } from "./conll.ts";
import { readDelimited } from "./delimited.ts";
import type { DataFile } from "./files.ts";
import { readIdxShapes } from "./idx.ts";
import { readJson, readJsonLines } from "./json.ts";
import { readJsonHead } from "./json-head.ts";
import { checkEqualLengths, checkRows } from "./lengths.ts";
import { wordsOf } from "./nested.ts";
import { npyHeader } from "./npy.ts";
import type { NpyHeader } from "./npy.ts";
import { arraysOf, rowsOfAll, rowsOfCells } from "./npz.ts";
import type { RowsOfCells } from "./npz.ts";
import { isWithinProject } from "./project.ts";
import { withRandomAccess } from "./random-access.ts";
import type { RandomAccess } from "./random-access.ts";
import { cellMarks, emptyIn } from "./source-settings.ts";
import { conllColumns, fileOf, filesOf, filtersOf } from "./sources.ts";
import { numbersOf } from "./strips.ts";
import { elementsOf, isBlank } from "./table.ts";
import type { Column, Table } from "./table.ts";
import { zipHead } from "./zip.ts";
import type { ZipEntry } from "./zip.ts";
import { Troubles } from "./troubles.ts";
import type { AskedColumns } from "./troubles.ts";

/**
 * The heads of tables: their columns as the first rows show them, for `check`. Only files of the project and of installed
 * packages are opened, and no code is run.
 */

const ROWS = 100;
const NPY_BYTES = 1 << 14;
/** The largest file that is read to its end where its first rows leave something open. */
const MOST_BYTES = 1 << 25;

export interface HeadOptions {
  /** Reads files on to their ends where their first rows do not show every column; large files never are. */
  readonly whole?: boolean;
  /** Takes the heads of the tables that a source is made of as well. */
  readonly into?: Map<Source, TableHead>;
  readonly asked?: AskedColumns;
}

/** The head of each source that can be looked into. `tell` hears what is wrong with a file: a warning where it is not there yet. */
export async function readHeads(
  sections: readonly DataSection[],
  folder: string,
  tell: (found: Diagnostic, source: Source) => void = () => undefined,
  { whole = false, asked }: Pick<HeadOptions, "whole" | "asked"> = {},
): Promise<Map<Source, TableHead>> {
  const heads = new Map<Source, TableHead>();
  for (const { train, validation, test } of sections)
    for (const source of [train, validation, test]) {
      if (source === null || source.word === "part") continue;
      try {
        await readHead(source, folder, { whole, asked, into: heads });
      } catch (error) {
        if (!(error instanceof DiagnosticError)) throw error;
        for (const each of error.diagnostics) tell(isAbsent(each) ? awaited(each) : each, source);
      }
    }
  return heads;
}

function isAbsent({ code }: Diagnostic): boolean {
  return code === data.fileNotFound.code || code === data.notInstalled.code;
}

/** A model may be checked before its data are there. */
function awaited(absent: Diagnostic): Diagnostic {
  const later = "`mtlc train` needs it";
  return { ...absent, severity: "warning", help: absent.help === undefined ? later : `${absent.help}; ${later}` };
}

/**
 * The columns of a source. Null where it may not be looked into (code, a file outside the project) or cannot be read yet. Throws
 * a DiagnosticError where the file is not there or is not what the source says.
 */
export async function readHead(source: Source, folder: string, options: HeadOptions = {}): Promise<TableHead | null> {
  const head = await lookInto(source, folder, options);
  if (head !== null) options.into?.set(source, head);
  return head;
}

async function lookInto(source: Source, folder: string, options: HeadOptions): Promise<TableHead | null> {
  const missing = emptyIn(source);
  const ofFile = async (read: (file: DataFile) => Promise<TableHead>): Promise<TableHead | null> => {
    const file = await fileOf(source, folder);
    return (await isWithinProject(file, folder)) ? read(file) : null;
  };
  /** Of rows that may bring columns of their own. */
  const ofRows = (
    readAll: (file: DataFile) => Promise<Table>,
    readFirst: (file: DataFile) => Promise<{ table: Table; all: boolean }>,
  ): Promise<TableHead | null> =>
    ofFile(async (file) => {
      if (options.whole === true && (await isSmall(file))) return headOf(source, await readAll(file));
      const { table, all } = await readFirst(file);
      return all ? headOf(source, table) : firstOf(source, table);
    });
  const first = (table: Table) => ({ table, all: table.rows < ROWS });
  switch (source.word) {
    case "csv":
    case "tsv":
      return ofFile(async (file) =>
        beginningOf(source, await readDelimited(file, cellMarks(source), missing, ROWS, options.asked)),
      );
    case "jsonl":
      return ofRows(
        (file) => readJsonLines(file, missing, Infinity, options.asked),
        async (file) => first(await readJsonLines(file, missing, ROWS, options.asked)),
      );
    case "json":
      return ofRows(
        (file) => readJson(file, missing, options.asked),
        (file) => readJsonHead(file, missing, ROWS, options.asked),
      );
    case "conll":
      return ofFile(async (file) =>
        beginningOf(source, await readConll(file, conllColumns(source), missing, ROWS, options.asked)),
      );
    case "npz":
      return ofFile((file) => npzHead(source, file, options.asked));
    case "idx":
      return idxHead(source, folder, options.asked);
    case "join":
    case "beside":
      return headsTogether(source, folder, options);
    default:
      return null;
  }
}

async function isSmall({ path, bytes, name }: DataFile): Promise<boolean> {
  const size = bytes?.length ?? (await stat(path)).size;
  return size * (name.endsWith(".gz") ? 8 : 1) <= MOST_BYTES;
}

/** The head of a table that was read to its end. */
export function headOf(source: Source, table: Table): TableHead {
  const columns = [...table.columns].map(([name, column]) => columnHead(name, column));
  return wholeHead(source, columns, table);
}

function wholeHead(
  source: Source,
  columns: readonly ColumnHead[],
  { file, rows }: Pick<Table, "file" | "rows">,
): TableHead {
  checkRows({ file, rows }, source.span);
  // What `only` keeps of it is not known here.
  return { columns, ...(filtersOf(source).length === 0 && { table: { file, rows } }) };
}

/** The same of first rows, which have every column. */
function beginningOf(source: Source, table: Table): TableHead {
  const head = headOf(source, table);
  return table.rows < ROWS ? head : { columns: head.columns };
}

/** The same of first rows that further columns may follow. */
function firstOf(source: Source, table: Table): TableHead {
  return { columns: headOf(source, table).columns, rows: table.rows };
}

function columnHead(name: string, read: Column): ColumnHead {
  const column = numbersOf(read);
  if (isBlank(column)) return { name, kind: "empty" };
  if (column.kind === "array") return { name, kind: "array", shape: column.shape };
  if (column.kind === "list")
    return { name, kind: "list", longest: column.lists.reduce((most, list) => Math.max(most, list?.length ?? 0), 0) };
  if (column.kind === "nested") {
    const longest = column.cells.reduce((most, cell) => Math.max(most, cell === null ? 0 : wordsOf(cell).length), 0);
    return { name, kind: "nested", depth: column.depth, longest, uneven: column.uneven };
  }
  // 007, keys of twenty digits and truths are kept as words, and are numbers where numbers are wanted.
  if (column.kind === "text" && column.words.every((word) => numberOfCell(word) !== null))
    return { name, kind: "number" };
  return { name, kind: column.kind };
}

function npzHead(source: Source, file: DataFile, asked: AskedColumns): Promise<TableHead> {
  const troubles = new Troubles(asked);
  return withRandomAccess(file, async (access) => {
    const columns: ColumnHead[] = [];
    const found = new Map<string, RowsOfCells | null>();
    for (const { name, entry } of await arraysOf(access, troubles)) {
      try {
        const header = await npyHead(access, name, entry);
        const rows = rowsOfCells(file, name, header);
        found.set(name, rows);
        columns.push({ name, ...npyHeld(header, rows) });
      } catch (error) {
        troubles.keep(name, error);
        found.set(name, null);
        columns.push({ name, kind: "number" });
      }
    }
    const rows = rowsOfAll(file, found, troubles);
    return wholeHead(source, columns, { file: file.name, rows });
  });
}

function npyHeld({ type }: NpyHeader, { cell }: RowsOfCells): Held {
  const isText = /^[US]/.test(type);
  if (cell.length === 0) return { kind: isText ? "text" : "number" };
  if (!isText) return { kind: "array", shape: cell };
  const longest = elementsOf(cell);
  return cell.length === 1 ? { kind: "list", longest } : { kind: "nested", depth: cell.length, longest };
}

async function npyHead(access: RandomAccess, name: string, entry: ZipEntry): Promise<NpyHeader> {
  return npyHeader(access.file, name, await zipHead(access, entry, NPY_BYTES));
}

async function idxHead(source: Source, folder: string, asked: AskedColumns): Promise<TableHead | null> {
  const files = await filesOf(source, folder);
  for (const file of files.values()) if (!(await isWithinProject(file, folder))) return null;
  const { shapes, ...table } = await readIdxShapes(files, asked);
  const columns = [...shapes].map(([name, shape]): ColumnHead =>
    shape !== null && shape.length > 0 ? { name, kind: "array", shape } : { name, kind: "number" },
  );
  return wholeHead(source, columns, table);
}

/** Columns of all operands; null where one of them cannot be told. */
async function headsTogether(source: Source, folder: string, options: HeadOptions): Promise<TableHead | null> {
  const columns = new Map<string, ColumnHead>();
  let known = true;
  let rows: number | undefined;
  let first: TableHead["table"];
  for (const [index, operand] of source.operands.entries()) {
    const head = await readHead(operand, folder, options);
    if (head === null) known = false;
    else {
      rows ??= head.rows;
      for (const column of head.columns) columns.set(column.name, columns.get(column.name) ?? column);
      // The right table of a join may have any number of rows.
      if (head.table === undefined || (source.word === "join" && index > 0)) continue;
      first ??= head.table;
      checkEqualLengths(first, head.table, source.span);
    }
  }
  if (!known) return null;
  const table = filtersOf(source).length === 0 ? first : undefined;
  return { columns: [...columns.values()], ...(rows !== undefined && { rows }), ...(table && { table }) };
}
