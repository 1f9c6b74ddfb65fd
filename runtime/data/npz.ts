import { data } from "../../compiler/diagnostics/data.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { arrayColumn } from "./array-column.ts";
import { ColumnBuilder } from "./column-builder.ts";
import type { Missing } from "./column-builder.ts";
import type { DataFile } from "./files.ts";
import { npyElements, npyHeader } from "./npy.ts";
import { withRandomAccess } from "./random-access.ts";
import type { RandomAccess } from "./random-access.ts";
import { elementsOf } from "./table.ts";
import type { Column, Table } from "./table.ts";
import { zipBytes, zipEntries } from "./zip.ts";
import type { ZipEntry } from "./zip.ts";
import { unreadable } from "./unreadable.ts";

/** Named arrays as NumPy's `savez` writes them, each a column: its first axis counts the rows. Packed ones too. */
export function readNpz(file: DataFile, missing: Missing): Promise<Table> {
  return withRandomAccess(file, async (access) => {
    const columns = new Map<string, Column>();
    let first: { name: string; rows: number } | null = null;
    for (const { name, entry } of await arraysOf(access)) {
      const bytes = await zipBytes(access, entry);
      const header = npyHeader(file, name, bytes);
      const elements = npyElements(file, name, header, bytes);
      if (header.shape.length === 0) throw unreadable(file, `${name} in it is a single value, not a row of them`);
      const [rows, ...cell] = header.shape;
      if (elementsOf(cell) === 0) throw unreadable(file, `${name} in it has cells without any element`);
      first ??= { name, rows };
      if (rows !== first.rows) {
        const holes = { first: `${first.name} of ${file.name}`, rows: first.rows, second: name, others: rows };
        const help = "every array of the file is a column: leave arrays of other lengths in another file";
        throw new DiagnosticError([report(data.unequalLengths, holes, { span: file.span, help })]);
      }
      const origin = { file: file.name, rows: null };
      columns.set(
        name,
        elements.kind === "texts"
          ? textColumn(elements.values, elementsOf(cell), cell.length, missing, origin)
          : header.type === "b1" && cell.length === 0
            ? textColumn(Array.from(elements.values, truth), 1, 0, missing, origin)
            : arrayColumn(elements.values, cell, origin, missing),
      );
    }
    if (first === null) throw unreadable(file, "it holds no arrays");
    return { file: file.name, rows: first.rows, columns };
  });
}

/** The archive's arrays by name, `.npy` left out. */
export async function arraysOf(access: RandomAccess): Promise<readonly { name: string; entry: ZipEntry }[]> {
  const entries = await zipEntries(access);
  const names = entries.map(({ name }) => name.replace(/\.npy$/, ""));
  const doubled = names.find((name, i) => names.indexOf(name) < i);
  if (doubled !== undefined) throw unreadable(access.file, `two arrays are called "${doubled}"`);
  return entries.map((entry, i) => ({ name: names[i], entry }));
}

/** Single truths are the words that they are in other files. */
function truth(value: number): string {
  return value === 0 ? "false" : "true";
}

function textColumn(
  values: readonly string[],
  width: number,
  axes: number,
  missing: Missing,
  origin: Column["origin"],
): Column {
  const builder = new ColumnBuilder(missing);
  if (axes === 0) for (const value of values) builder.text(value);
  else for (let i = 0; i < values.length; i += Math.max(width, 1)) builder.list(values.slice(i, i + width));
  return builder.finish(origin);
}
