import type { ColumnHead, TableHead } from "../../compiler/check/tables/columns.ts";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Model, Source } from "../../compiler/ir/model.ts";
import { numberOfCell } from "../../compiler/words/cells.ts";
import { missingCells } from "./column-builder.ts";
import { readConll } from "./conll.ts";
import { readDelimited } from "./delimited.ts";
import type { DataFile } from "./files.ts";
import { readIdxHeader } from "./idx.ts";
import { readJsonLines } from "./json.ts";
import { readJsonHead } from "./json-head.ts";
import { npyHeader } from "./npy.ts";
import { arraysOf } from "./npz.ts";
import { isWithinProject } from "./project.ts";
import { withRandomAccess } from "./random-access.ts";
import { cellMarks, cellsOf } from "./source-settings.ts";
import { conllColumns, fileOf, filesOf } from "./sources.ts";
import { numbersOf } from "./strips.ts";
import type { Column, Table } from "./table.ts";
import { zipHead } from "./zip.ts";

/**
 * The heads of tables: their columns as the first rows show them, for `check`. Only files of the project and of installed
 * packages are opened, and no code is run.
 */

const ROWS = 100;
const NPY_BYTES = 1 << 14;

/** The head of each source of the model that can be looked into. What is wrong with a file is told as a warning. */
export async function readHeads(
  model: Model,
  folder: string,
  onWarning: (warning: Diagnostic) => void = () => undefined,
): Promise<ReadonlyMap<Source, TableHead>> {
  const heads = new Map<Source, TableHead>();
  for (const { train, validation, test } of model.data)
    for (const source of [train, validation, test]) {
      if (source === null || source.word === "part") continue;
      try {
        const head = await readHead(source, folder);
        if (head !== null) heads.set(source, head);
      } catch (error) {
        if (!(error instanceof DiagnosticError)) throw error;
        for (const each of error.diagnostics) onWarning({ ...each, severity: "warning" });
      }
    }
  return heads;
}

/**
 * The columns of a source. Null where it may not be looked into (code, a file outside the project) or cannot be read yet. Throws
 * a DiagnosticError where the file is not there or is not what the source says.
 */
export async function readHead(source: Source, folder: string): Promise<TableHead | null> {
  const missing = missingCells(cellsOf(source.settings.missing ?? []));
  const ofFile = async (read: (file: DataFile) => Promise<TableHead>): Promise<TableHead | null> => {
    const file = await fileOf(source, folder);
    return (await isWithinProject(file, folder)) ? read(file) : null;
  };
  switch (source.word) {
    case "csv":
    case "tsv":
      return ofFile(async (file) => headOf(await readDelimited(file, cellMarks(source), missing, ROWS)));
    case "jsonl":
      return ofFile(async (file) => headOf(await readJsonLines(file, missing, ROWS)));
    case "json":
      return ofFile(async (file) => headOf((await readJsonHead(file, missing, ROWS)).table));
    case "conll":
      return ofFile(async (file) => headOf(await readConll(file, conllColumns(source), missing, ROWS)));
    case "npz":
      return ofFile(npzHead);
    case "idx":
      return idxHead(source, folder);
    case "join":
    case "beside":
      return headsTogether(source, folder);
    default:
      return null;
  }
}

function headOf(table: Table): TableHead {
  return { columns: [...table.columns].map(([name, column]) => columnHead(name, column)) };
}

function columnHead(name: string, read: Column): ColumnHead {
  const column = numbersOf(read);
  if (column.kind === "array") return { name, kind: "array", shape: column.shape };
  // 007, keys of twenty digits and truths are kept as words, and are numbers where numbers are wanted.
  if (column.kind === "text" && column.words.every((word) => numberOfCell(word) !== null))
    return { name, kind: "number" };
  return { name, kind: column.kind };
}

function npzHead(file: DataFile): Promise<TableHead> {
  return withRandomAccess(file, async (access) => {
    const columns: ColumnHead[] = [];
    for (const { name, entry } of await arraysOf(access)) {
      const { type, shape } = npyHeader(file, name, await zipHead(access, entry, NPY_BYTES));
      const texts = /^[US]/.test(type);
      if (shape.length > 1)
        columns.push(texts ? { name, kind: "list" } : { name, kind: "array", shape: shape.slice(1) });
      else columns.push({ name, kind: texts ? "text" : "number" });
    }
    return { columns };
  });
}

async function idxHead(source: Source, folder: string): Promise<TableHead | null> {
  const columns: ColumnHead[] = [];
  for (const [name, file] of await filesOf(source, folder)) {
    if (!(await isWithinProject(file, folder))) return null;
    const [, ...shape] = (await readIdxHeader(file)).shape;
    columns.push(shape.length > 0 ? { name, kind: "array", shape } : { name, kind: "number" });
  }
  return { columns };
}

/** Columns of all operands; null where one of them cannot be told. */
async function headsTogether(source: Source, folder: string): Promise<TableHead | null> {
  const columns = new Map<string, ColumnHead>();
  let whole = true;
  for (const operand of source.operands) {
    const head = await readHead(operand, folder);
    if (head === null) whole = false;
    else for (const column of head.columns) columns.set(column.name, columns.get(column.name) ?? column);
  }
  return whole ? { columns: [...columns.values()] } : null;
}
