import { tensorMisfit } from "../../compiler/check/tables/fits.ts";
import { data } from "../../compiler/diagnostics/data.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { answerShape } from "../../compiler/ir/kinds.ts";
import type { Cell, Columns, Task } from "../../compiler/ir/model.ts";
import { isKnown } from "../../compiler/ir/size.ts";
import { difference } from "../../compiler/words/look-alikes.ts";
import { numberOfCell, numeralIn } from "../../compiler/words/cells.ts";
import { columnsAlong, type AlongColumn } from "./along.ts";
import type { BadCell } from "./bad-cells.ts";
import { isEmptyCell, matcher, numbersAmong } from "./cells.ts";
import type { CellColumn } from "./cells.ts";
import { columnNames, hasAnyColumn } from "./columns.ts";
import { checkExact } from "./exact.ts";
import { singleCells } from "./single-cells.ts";
import { meantBy } from "./spelling.ts";
import { strips } from "./strips.ts";
import type { Strip } from "./strips.ts";
import { isBlank } from "./table.ts";
import type { Column, Table } from "./table.ts";

/** A task's answers as cells hold them, before any scale. */

/** A place without an answer. */
const EMPTY = NaN;
/** A cell that is no answer to this task. */
export const BAD = Infinity;

/** Answers in one column, as they are read: `width` of them a row. */
interface Read {
  readonly name: string;
  readonly column: Column;
  readonly width: number;
  /** A number, 0 or 1 of a flag, a label's code; EMPTY or BAD. */
  at(row: number, element: number): number;
  /** What is wrong with a BAD one. */
  readonly report: (bad: BadCell) => Diagnostic;
}

/** The same, among the answers of all columns of a row. */
export interface Answers extends Read {
  /** Where the first of them stands, and how far the next is from it. */
  readonly from: number;
  readonly step: number;
  /** Where cells are lists along tokens; `column` holds their elements then. */
  readonly along?: AlongColumn;
}

/** The cell of its column that an answer is; -1 where there is none. */
export function cellOf({ along }: Answers, row: number, element: number): number {
  return along === undefined ? row : along.cell(row, element);
}

/** The columns that a task reads; it must have some. */
export function targetOf(task: Task): Columns {
  if (task.target === null) throw new Error(`task ${task.name} was expected to have a target`);
  return task.target;
}

/** Shape of one answer: numbers only. */
export function targetShape(task: Task): readonly number[] {
  return answerShape(task.kind).map((size) => {
    if (isKnown(size)) return size;
    throw new Error(`the shape of task ${task.name} was expected to be known`);
  });
}

/**
 * The answers of a table's rows, one entry a column that it has; those of others are missing. `labels` are the labels by code, of
 * class and ordinal. Null where the table has none of the columns.
 */
export function readAnswers(task: Task, from: Table, labels: readonly Cell[] | null): readonly Answers[] | null {
  const target = targetOf(task);
  if (!hasAnyColumn(from, target)) return null;
  const names = columnNames(from, target, task.span);
  const shape = targetShape(task);
  const along = columnsAlong(
    task,
    shape,
    names.map((name) => from.columns.get(name) ?? null),
  );
  if (along !== null) return along.map((column) => answersInLists(task, column, names[column.index], labels));
  const table = withAnswers(from, names, isOneCell(task.kind));
  let next = 0;
  return answersInColumns(task, table, names, labels).flatMap((read) => {
    const first = next;
    next += read?.width ?? 1;
    return read === null ? [] : [{ ...read, from: first, step: 1 }];
  });
}

/** One entry a column; null for one that the table does not have. */
function answersInColumns(
  task: Task,
  table: Table,
  names: readonly string[],
  labels: readonly Cell[] | null,
): readonly (Read | null)[] {
  const { kind, span } = task;
  const shape = targetShape(task);
  const wanted = { name: `task \`${task.name}\``, type: typeOf(task, shape), shape, span };
  switch (kind.word) {
    case "class":
    case "ordinal":
      return codedAnswers(task, table, names, labels ?? []);
    case "flag":
    case "flags":
      return strips(table, names, wanted).map((strip) => (strip === null ? null : flagAnswers(task, strip)));
    case "real":
      return strips(table, names, wanted).map((strip) => (strip === null ? null : realAnswers(task, strip)));
    case "count":
      return strips(table, names, wanted).map((strip) => (strip === null ? null : countAnswers(task, strip)));
  }
}

/** Whether an answer is one word or number. */
export function isOneCell({ word, shape }: Task["kind"]): boolean {
  return shape.length === 0 && (word === "class" || word === "ordinal" || word === "flag");
}

/** The columns of a task without those that are empty throughout, which hold no answers of any shape. */
function withAnswers(table: Table, names: readonly string[], isSingle: boolean): Table {
  const columns = new Map(table.columns);
  for (const name of names) {
    const column = columns.get(name);
    if (column === undefined) continue;
    if (isBlank(column)) columns.delete(name);
    else if (isSingle) columns.set(name, singleCells(column));
  }
  return { ...table, columns };
}

/** Answers that are elements of lists, each read as a single cell is. */
function answersInLists(task: Task, along: AlongColumn, name: string, labels: readonly Cell[] | null): Answers {
  const { cells, width, from, step } = along;
  const word = task.kind.word === "flags" ? "flag" : task.kind.word;
  const single: Task = { ...task, kind: { ...task.kind, word, shape: [], axes: [] } };
  const table = { file: cells.origin.file, rows: lengthOf(cells), columns: new Map([[name, cells]]) };
  const [inner] = answersInColumns(single, table, [name], labels);
  if (!inner) throw new Error("elements were expected to be answers");
  const at = (row: number, element: number): number => {
    const cell = along.cell(row, element);
    return cell < 0 ? EMPTY : inner.at(cell, 0);
  };
  return { ...inner, width, from, step, at, along };
}

function lengthOf(cells: CellColumn): number {
  return cells.kind === "number" ? cells.values.length : cells.codes.length;
}

function typeOf({ kind }: Task, shape: readonly number[]): string {
  return `\`${kind.word}${shape.length > 0 ? `[${shape.join(", ")}]` : ""}\``;
}

/** What to do about a number that 32 bits do not hold. */
export const rangeHelp = "give the column in a larger unit, or mend the cell";
/** Numbers that no cell can hold: too large, or written as being so. */
const infinite = /^[+-]?(?:inf|infinity|[\d.]+e\+?\d+)$/i;
export const missingHelp = "if it means an empty cell, list it in the source's `missing:`";

function realAnswers(task: Task, { name, column, width, values, isBad }: Strip): Read {
  return {
    name,
    column,
    width,
    at: (row, k) => (isBad(row) ? BAD : Math.abs(values[row * width + k]) === Infinity ? BAD : values[row * width + k]),
    report: (bad) =>
      numeralIn(bad.cell) === null && !infinite.test(bad.cell)
        ? report(data.cellIsNoNumber, bad, {
            span: task.span,
            help:
              bad.remedy ??
              (task.kind.shape.length > 0
                ? (bad.empty ?? missingHelp)
                : `to predict words, write \`task ${task.name}: class\`; ${bad.empty ?? missingHelp}`),
          })
        : report(data.cellIsOutOfRange, bad, { span: task.span, help: rangeHelp }),
  };
}

function countAnswers(task: Task, { name, column, width, values, isBad }: Strip): Read {
  return {
    name,
    column,
    width,
    at(row, k) {
      const value = values[row * width + k];
      if (Number.isNaN(value)) return isBad(row) ? BAD : EMPTY;
      return Number.isInteger(value) && value >= 0 ? value : BAD;
    },
    report: (bad) =>
      report(
        data.cellIsNotWhole,
        { ...bad, wants: "a count (0, 1, 2 …)" },
        { span: task.span, help: bad.remedy ?? "numbers below 0 or with a fraction are a `real` target" },
      ),
  };
}

function flagAnswers(task: Task, { name, column, width, values }: Strip): Read {
  const positiveHelp = "say which values mean yes: `positive: …`";
  if (task.positive !== undefined) checkExact(column, name, task.span);
  const answers = {
    name,
    column,
    width,
    report: (bad: BadCell) =>
      report(data.cellIsNotYesOrNo, bad, {
        span: task.span,
        help: bad.others ? `${positiveHelp}; ${bad.empty ?? missingHelp}` : (bad.empty ?? positiveHelp),
      }),
  };
  if (column.kind !== "number" && column.kind !== "text") {
    const positive = task.positive === undefined ? null : numbersAmong(task.positive);
    return {
      ...answers,
      at(row, k) {
        const value = values[row * width + k];
        if (Number.isNaN(value)) return EMPTY;
        if (positive !== null) return positive.has(value) ? 1 : 0;
        return value === 1 || value === 0 ? value : BAD;
      },
    };
  }
  const at = flagReader(task, column);
  return { ...answers, at };
}

function flagReader(task: Task, column: CellColumn): (row: number) => number {
  if (task.positive !== undefined) {
    const positive = matcher(column, task.positive);
    return (row) => (isEmptyCell(column, row) ? EMPTY : positive.at(row) >= 0 ? 1 : 0);
  }
  const number = (value: number): number => (value === 1 || value === 0 ? value : BAD);
  if (column.kind === "number") return (row) => (Number.isNaN(column.values[row]) ? EMPTY : number(column.values[row]));
  const codes = column.words.map((word) => {
    const lower = word.toLowerCase();
    return lower === "yes" ? 1 : lower === "no" ? 0 : number(numberOfCell(word) ?? NaN);
  });
  return (row) => (column.codes[row] < 0 ? EMPTY : codes[column.codes[row]]);
}

function codedAnswers(
  task: Task,
  table: Table,
  names: readonly string[],
  labels: readonly Cell[],
): readonly (Read | null)[] {
  const { kind, span } = task;
  const shape = targetShape(task);
  const reportLabel = (bad: BadCell): Diagnostic =>
    report(
      data.cellIsNoLabel,
      { ...bad, labels: labelsInWords(task, labels) },
      { span, help: (kind.labels === undefined || !bad.others ? bad.remedy : null) ?? labelHelp(task, bad) },
    );
  const columns = names.map((name) => table.columns.get(name) ?? null);
  if (kind.learnt) columns.forEach((column, k) => column && checkExact(column, names[k], span));
  if (columns.every((column) => column === null || column.kind === "number" || column.kind === "text")) {
    const has = tensorMisfit(columns, shape);
    if (has !== undefined) {
      const holes = { name: `task \`${task.name}\``, wants: typeOf(task, shape), has, file: table.file };
      throw new DiagnosticError([report(data.columnsDoNotFit, holes, { span })]);
    }
    return columns.map((column, i) => {
      if (column === null || (column.kind !== "number" && column.kind !== "text")) return null;
      const test = matcher(column, labels, kind.labels === undefined && !kind.learnt);
      const at = (row: number): number => {
        const code = test.at(row);
        return code >= 0 ? code : isEmptyCell(column, row) ? EMPTY : BAD;
      };
      return { name: names[i], column, width: 1, at, report: reportLabel };
    });
  }
  const codes = numbersAmong(labels);
  return strips(table, names, { name: `task \`${task.name}\``, type: typeOf(task, shape), shape, span }).map(
    (strip) => {
      if (strip === null) return null;
      const { name, column, width, values } = strip;
      const at = (row: number, k: number): number => {
        const value = values[row * width + k];
        return Number.isNaN(value) ? EMPTY : (codes.get(value) ?? BAD);
      };
      return { name, column, width, at, report: reportLabel };
    },
  );

  function labelsInWords(of: Task, all: readonly Cell[]): string {
    if (of.kind.labels === undefined && !of.kind.learnt) return `0 … ${all.length - 1}`;
    const some = all.slice(0, 8).map((label) => (typeof label === "string" ? `"${label}"` : String(label)));
    return `${some.join(", ")}${all.length > some.length ? ", …" : ""}`;
  }

  function labelHelp(of: Task, { cell, empty }: BadCell): string {
    const ifEmpty = empty ?? missingHelp;
    const meant = meantBy(cell, labels);
    if (meant !== undefined) return `mend the cell: ${difference(cell, meant)}`;
    if (kind.word === "ordinal" && kind.labels !== undefined)
      return `add it to the levels, where it belongs in their order; ${ifEmpty}`;
    if (kind.word === "ordinal") {
      const reads = `\`ordinal(${labels.length})\` reads 0 … ${labels.length - 1}`;
      const number = numeralIn(cell);
      if (number === labels.length) {
        const levels = labels.map((_, k) => k + 1).join(", ");
        const remedy = labels.length > 12 ? "subtract 1 in the file" : `write \`ordinal([${levels}])\``;
        return `${reads}: where levels begin at 1, ${remedy}`;
      }
      return number === null
        ? `${reads}: list the levels in their order, the lowest first, \`ordinal(["low", "high"])\`; ${ifEmpty}`
        : `${reads}; other levels are listed, the lowest first: \`ordinal([1, 2, 5])\`; ${ifEmpty}`;
    }
    if (of.kind.labels !== undefined) return `add it to the labels, or write \`class\` to learn them; ${ifEmpty}`;
    return `write \`class\` to learn the labels from the data, or list them: \`class([…])\`; ${ifEmpty}`;
  }
}
