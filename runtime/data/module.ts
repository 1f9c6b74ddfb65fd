import { pathToFileURL } from "node:url";
import { data } from "../../compiler/diagnostics/data.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import type { EmptyMarks } from "../../compiler/words/cells.ts";
import type { DataFile } from "./files.ts";
import { loadModule } from "./load-module.ts";
import { RowBuilder } from "./row-builder.ts";
import type { Table } from "./table.ts";
import type { AskedColumns } from "./troubles.ts";

/**
 * The rows that a module's default export, or its export `rows`, returns or yields: a function without arguments that gives an
 * iterable of plain objects, or a promise of one, or an asynchronous one. It runs the module's code.
 */
export async function readModule(file: DataFile, missing: EmptyMarks, asked?: AskedColumns): Promise<Table> {
  const failed = (problem: string): DiagnosticError =>
    new DiagnosticError([report(data.moduleFailed, { file: file.name, problem }, { span: file.span })]);
  const builder = new RowBuilder(file.name, missing, failed, asked);
  try {
    const module = await loadModule(pathToFileURL(file.path).href);
    const make = exported(module, "default") ?? exported(module, "rows");
    if (typeof make !== "function") throw failed("it exports no function as `default` or `rows`");
    const made: unknown = await make();
    if (isIterable(made)) for (const row of made) builder.add(row);
    else if (isAsyncIterable(made)) for await (const row of made) builder.add(row);
    else throw failed("its function gives nothing that can be gone through row by row");
  } catch (error) {
    if (error instanceof DiagnosticError) throw error;
    throw failed(error instanceof Error ? error.message : String(error));
  }
  return builder.finish();
}

function exported(module: unknown, name: string): unknown {
  return typeof module === "object" && module !== null && name in module ? Reflect.get(module, name) : undefined;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
