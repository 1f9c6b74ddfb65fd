import { writeTaskKind } from "../../compiler/check/settings/kinds-written.ts";
import { answers as answerRows } from "../../compiler/diagnostics/answers.ts";
import { data } from "../../compiler/diagnostics/data.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { componentsOf } from "../../compiler/ir/components.ts";
import { isCoded } from "../../compiler/ir/kinds.ts";
import type { Cell, Task } from "../../compiler/ir/model.ts";
import { isKnown } from "../../compiler/ir/size.ts";
import { BAD, cellOf, isOneCell, readAnswers, targetOf, targetShape } from "./answers.ts";
import type { Answers } from "./answers.ts";
import { columnsAlong, realPlaces } from "./along.ts";
import type { AlongColumn, TokensOfAxis, WrongList } from "./along.ts";
import type { BadCells } from "./bad-cells.ts";
import { columnNames, hasAnyColumn } from "./columns.ts";
import type { Codes, Target } from "./data.ts";
import { learnValues } from "./labels.ts";
import type { Rows } from "./parts.ts";
import { minmaxScale, standardScale } from "./scales.ts";
import type { Numbers } from "./scales.ts";
import { singleCells } from "./single-cells.ts";
import { strips } from "./strips.ts";
import { checkExact } from "./exact.ts";
import { checkRoom } from "./room.ts";
import { elementsOf, placeOf } from "./table.ts";

/** Targets: what is learnt of them on training rows, and answers as tensors with a weight for each place. */

export type TaskCodes = Codes["tasks"][string];

/** Labels by code, of class and ordinal; null for other kinds. */
export function labelsOf(task: Task, codes: TaskCodes): readonly Cell[] | null {
  if (!isCoded(task.kind)) return null;
  if (codes.labels !== undefined) return codes.labels;
  if (task.kind.labels !== undefined) return task.kind.labels;
  if (task.kind.learnt || !isKnown(task.kind.size)) return [];
  return Array.from({ length: task.kind.size }, (_, code) => code);
}

/** The labels, scale and columns that the training rows tell; their counts come from the encoded rows. */
export function learnTask(task: Task, training: readonly Rows[]): TaskCodes {
  const known = training.filter(({ table }) => hasAnyColumn(table, targetOf(task)));
  return { ...learnAnswers(task, known), ...columnsOfRange(task, known) };
}

/** What a range of columns stands for is not in the file: answers keep their names by what is learnt here. */
function columnsOfRange(task: Task, known: readonly Rows[]): TaskCodes {
  const target = targetOf(task);
  if (target.kind !== "range" || known.length === 0) return {};
  const columns = columnNames(known[0].table, target, task.span);
  return componentsOf(task.kind, targetShape(task), columns.length) === null ? {} : { columns };
}

function learnAnswers(task: Task, known: readonly Rows[]): TaskCodes {
  if (task.kind.word === "class" && task.kind.learnt) return { labels: learnLabels(task, known) };
  const labels = labelsOf(task, {});
  if (labels !== null) return { labels };
  if (task.scale === "none") return {};
  const numbers = targetNumbers(task, known);
  return { scale: task.scale === "standard" ? standardScale(numbers) : minmaxScale(numbers) };
}

function learnLabels(task: Task, training: readonly Rows[]): readonly Cell[] {
  return learnValues(
    training.flatMap(({ table, rows }) => {
      const names = columnNames(table, targetOf(task), task.span);
      const along = columnsAlong(
        task,
        targetShape(task),
        names.map((name) => table.columns.get(name) ?? null),
      );
      for (const { cells, index } of along ?? []) checkExact(cells, names[index], task.span);
      if (along !== null) return along.map((column) => keptElements(column, rows));
      return names.flatMap((name) => labelCells(task, table, name, rows));
    }),
  );
}

function labelCells(task: Task, table: Rows["table"], name: string, rows: Rows["rows"]) {
  const held = table.columns.get(name);
  if (held === undefined) return [];
  const shape = targetShape(task);
  const column = isOneCell(task.kind) ? singleCells(held) : held;
  checkExact(column, name, task.span);
  if (column.kind === "number" || column.kind === "text") return [{ column, rows }];
  const wanted = { name: `task \`${task.name}\``, type: "class", shape, span: task.span };
  return strips(table, [name], wanted).flatMap((strip) => {
    if (strip === null) return [];
    const { width, origin } = { width: strip.width, origin: column.origin };
    const values = Float64Array.from({ length: rows.length * width }, (_, i) => {
      return strip.values[rows[Math.floor(i / width)] * width + (i % width)];
    });
    const all = Int32Array.from({ length: values.length }, (_, i) => i);
    return [{ column: { kind: "number" as const, values, decimals: null, origin }, rows: all }];
  });
}

/** The answers in the lists of some rows; those that are cut off are never scored. */
function keptElements({ cells, width, cell }: AlongColumn, rows: Rows["rows"]) {
  const kept: number[] = [];
  for (const row of rows)
    for (let k = 0; k < width; k++) {
      const at = cell(row, k);
      if (at >= 0) kept.push(at);
    }
  return { column: cells, rows: Int32Array.from(kept) };
}

/** Numbers of a vector are scaled one by one; those of a tensor, and those along tokens, as a whole. */
function scaledAsWhole(task: Task, shape: readonly number[]): boolean {
  return shape.length > 1 || (task.kind.axes ?? []).some((axis) => axis !== null);
}

function targetNumbers(task: Task, training: readonly Rows[]): Numbers {
  const shape = targetShape(task);
  const groups = scaledAsWhole(task, shape) ? 1 : elementsOf(shape);
  const stretches = training.map(({ table, rows }) => ({ rows, answers: readAnswers(task, table, null) ?? [] }));
  return {
    groups,
    each(take) {
      for (const { rows, answers } of stretches)
        for (const { width, from, step, at } of answers)
          for (let i = 0; i < rows.length; i++)
            for (let k = 0; k < width; k++) {
              const value = at(rows[i], k);
              if (Number.isFinite(value)) take(value, groups === 1 ? 0 : from + k * step);
            }
    },
  };
}

export interface EncodeTarget {
  /** Takes cells that are no answer. */
  readonly bad: BadCells;
  /** Is told of labels that were not learnt; `cell` is the answer's place in its column. */
  readonly unseen: (answers: Answers, cell: number) => void;
  readonly tokens: TokensOfAxis;
}

/**
 * Answers as tensors, [rows × elements]; all missing where the table has no such column. What was not learnt, and what stands
 * where an input has padding, is missing.
 */
export function encodeTarget(
  task: Task,
  codes: TaskCodes,
  { table, rows }: Rows,
  { bad, unseen, tokens }: EncodeTarget,
): Target {
  const shape = targetShape(task);
  const elements = elementsOf(shape);
  const length = rows.length * elements;
  checkRoom(`task \`${task.name}\``, rows.length, elements, task.span);
  const values = isCoded(task.kind) ? new Int32Array(length) : new Float32Array(length);
  const weight = new Float32Array(length);
  const whole = scaledAsWhole(task, shape);
  const real = realPlaces(task, shape, rows.length, tokens);
  for (const answers of readAnswers(task, table, labelsOf(task, codes)) ?? []) {
    checkLists(task, answers, rows, tokens);
    const { width, from, step } = answers;
    for (let k = 0; k < width; k++) {
      const place = from + k * step;
      const group = whole ? 0 : place;
      const shift = codes.scale?.shift[group] ?? 0;
      const factor = codes.scale?.factor[group] ?? 1;
      for (let i = 0, at = place; i < rows.length; i++, at += elements) {
        if (real !== null && real[at] === 0) continue;
        const value = answers.at(rows[i], k);
        if (Number.isNaN(value)) continue;
        const cell = cellOf(answers, rows[i], k);
        if (value === BAD && task.kind.learnt) unseen(answers, cell);
        else if (value === BAD || !Number.isFinite(Math.fround((value - shift) / factor)))
          bad.add(
            { reader: `task ${task.name}`, matter: "answer" },
            answers.name,
            answers.column,
            cell,
            answers.report,
          );
        else {
          values[at] = (value - shift) / factor;
          weight[at] = 1;
        }
      }
    }
  }
  return { values, weight };
}

/** Lists of answers must be as long as the lists of tokens that they answer to, and as the kind says; none is a missing answer. */
function checkLists(task: Task, { name, along }: Answers, rows: Rows["rows"], tokens: TokensOfAxis): void {
  if (along === undefined) return;
  const wrong: { readonly row: number; readonly list: WrongList }[] = [];
  for (const [i, row] of rows.entries()) {
    const list = along.wrongList(row, (axis) => tokens(axis)[i]);
    if (list !== null) wrong.push({ row, list });
  }
  if (wrong.length === 0) return;
  const [{ row, list }] = wrong;
  const alike = wrong.filter((other) => other.list.axis === list.axis).length;
  const holes = { ...placeOf(along.column, row), column: name, more: alike - 1 };
  throw new DiagnosticError([
    list.axis === null
      ? report(
          answerRows.answersOfOtherLength,
          { ...holes, has: list.has, wants: list.wants, path: list.path, kind: writeTaskKind(task.kind) },
          {
            span: task.span,
            help: "an answer that is not known is `null` in its list; all of a list, or of a row, may be",
          },
        )
      : report(
          data.answersDoNotAlign,
          { ...holes, answers: list.has, tokens: list.wants, axis: list.axis },
          { span: task.span },
        ),
  ]);
}

/** How often each label occurs, or [no, yes] of each flag; undefined for other kinds. */
export function countAnswers(task: Task, codes: TaskCodes, targets: readonly Target[]): readonly number[] | undefined {
  const { word } = task.kind;
  if (word === "real" || word === "count") return undefined;
  // The flags of one answer stand on the last axis; along others a flag is asked again and again.
  const flags = word === "flag" ? 1 : word === "flags" ? (targetShape(task).at(-1) ?? 1) : 0;
  const counts = new Array<number>(flags > 0 ? 2 * flags : (labelsOf(task, codes)?.length ?? 0)).fill(0);
  for (const { values, weight } of targets)
    for (let i = 0; i < values.length; i++)
      if (weight[i] > 0) counts[flags > 0 ? 2 * (i % flags) + values[i] : values[i]]++;
  return counts;
}

/** The weights of examples: a column of numbers ≥ 0. Null where the task or the table has none. */
export function rowWeights(task: Task, { table, rows }: Rows, bad: BadCells): Float32Array | null {
  if (task.rowWeight === null || !table.columns.has(task.rowWeight)) return null;
  const wanted = {
    name: `\`row_weight\` of task \`${task.name}\``,
    type: "one number a row",
    shape: [],
    span: task.span,
  };
  const [strip] = strips(table, [task.rowWeight], wanted);
  if (strip === null) return null;
  return Float32Array.from(rows, (row) => {
    const value = strip.values[row];
    if (value >= 0 && Number.isFinite(Math.fround(value))) return value;
    bad.add({ reader: `weight of ${task.name}`, matter: "weight" }, strip.name, strip.column, row, (cell) =>
      report(data.cellIsNoWeight, cell, {
        span: task.span,
        help: cell.remedy ?? "0 leaves a row out of this task's loss and metrics, 1 counts it once",
      }),
    );
    return 0;
  });
}

/** Weights multiplied into the places of their rows. */
export function weighted({ values, weight }: Target, weights: Float32Array | null): Target {
  if (weights === null || weights.length === 0) return { values, weight };
  const elements = weight.length / weights.length;
  return { values, weight: weight.map((present, i) => present * weights[Math.floor(i / elements)]) };
}

/** Numbers the rows of a table by a task's labels; -1 where a row has none. */
export function strataOf(task: Task, table: Rows["table"]): Int32Array {
  const refuse = (kind: string): DiagnosticError =>
    new DiagnosticError([report(data.noStrata, { task: task.name, kind }, { span: task.span })]);
  const { word } = task.kind;
  if (task.target === null) throw refuse("it has no target");
  if (word === "real" || word === "flags" || targetShape(task).length > 0) throw refuse(`its kind is \`${word}\``);
  const everything = { table, rows: Int32Array.from({ length: table.rows }, (_, i) => i) };
  const codes = word === "class" ? { labels: learnLabels(task, [everything]) } : {};
  const [answers] = readAnswers(task, table, labelsOf(task, codes)) ?? [];
  if (answers === undefined) return new Int32Array(table.rows).fill(-1);
  return Int32Array.from({ length: table.rows }, (_, row) => {
    const code = answers.at(row, 0);
    return Number.isFinite(code) ? code : -1;
  });
}
