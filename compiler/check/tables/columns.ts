import type { Span } from "../../../grammar/tree.ts";
import { columns as rows } from "../../diagnostics/columns.ts";
import { data } from "../../diagnostics/data.ts";
import { report, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { Columns, DataSection, Input, Model, Source, Task } from "../../ir/model.ts";
import { answerShape } from "../../ir/kinds.ts";
import { inputsOfTasks } from "../../ir/behind.ts";
import { isKnown, type Size } from "../../ir/size.ts";
import { leaksInTable } from "../../leaks.ts";
import { suggest } from "../names/suggest.ts";
import { writeInputKind, writeTaskKind } from "../settings/kinds-written.ts";

/** What the first rows of a table show: its columns, and what their cells hold. */
export interface TableHead {
  readonly columns: readonly ColumnHead[];
}
export interface ColumnHead {
  readonly name: string;
  readonly kind: "number" | "text" | "array" | "list";
  /** Of one cell, where cells are arrays. */
  readonly shape?: readonly number[];
}

/**
 * Every column that a model names, against the heads of the tables it reads. A source without a head (code, a file that is
 * not there) is taken to have what is asked of it. A table may lack a task's target: the answers are missing there then,
 * unless no training table has it.
 */
export function checkColumns(model: Model, heads: ReadonlyMap<Source, TableHead>): Diagnostic[] {
  const found: Diagnostic[] = [];
  const say = (diagnostic: Diagnostic): void => {
    const { code, message, span } = diagnostic;
    const known = found.some(
      (other) =>
        other.code === code && other.span?.start === span?.start && (span !== undefined || other.message === message),
    );
    if (!known) found.push(diagnostic);
  };
  for (const section of model.data) checkSection(model, section, heads, say);
  for (const task of model.tasks) checkTarget(model, task, heads, say);
  for (const { train } of model.data) {
    const names = heads.get(train)?.columns.map(({ name }) => name) ?? [];
    leaksInTable(model, names).forEach(say);
  }
  return found;
}

type Say = (diagnostic: Diagnostic) => void;
interface Table {
  readonly file: string;
  readonly head: TableHead;
  /** Columns that the model names: none of them is meant by another name. */
  readonly named: ReadonlySet<string>;
}

function checkSection(model: Model, section: DataSection, heads: ReadonlyMap<Source, TableHead>, say: Say): void {
  const tasks = model.tasks.filter((task) => section.tasks === null || section.tasks.includes(task.name));
  const read = inputsOfTasks(
    model,
    tasks.map((task) => task.name),
  );
  const named = namedColumns(model);
  for (const source of [section.train, section.validation, section.test]) {
    if (source === null || source.word === "part") continue;
    const head = heads.get(source);
    if (head === undefined) continue;
    const table: Table = { file: fileOf(source), head, named };
    checkSource(source, table, say);
    for (const input of model.inputs) if (read.has(input.name)) checkInput(input, table, say);
    for (const { rowWeight, span } of tasks) if (rowWeight !== null) need(rowWeight, table, span, say);
  }
  for (const source of [section.train, section.validation, section.test]) {
    if (source?.word !== "part" || typeof source.settings.group !== "string") continue;
    const { of, group } = source.settings;
    const whole = of === "train" ? section.train : of === "validation" ? section.validation : section.test;
    const head = whole && heads.get(whole);
    if (whole && head) need(group, { file: fileOf(whole), head, named }, source.spans?.group ?? source.span, say);
  }
}

function namedColumns(model: Model): ReadonlySet<string> {
  const read = [...model.inputs.map((input) => input.from), ...model.tasks.map((task) => task.target)];
  return new Set(read.flatMap((columns) => (columns?.kind === "names" ? columns.names : [])));
}

/** The files that a source reads, as they are written. */
function fileOf(source: Source): string {
  const own = source.settings.path ?? source.settings.query;
  if (typeof own === "string") return own;
  const inner = source.operands.map(fileOf);
  return inner.length > 0 ? inner.join(" with ") : source.word;
}

function columnOf({ head }: Table, name: string): ColumnHead | undefined {
  return head.columns.find((column) => column.name === name);
}

/** The column, or undefined once it is said that there is none. */
function need(name: string, table: Table, span: Span | undefined, say: Say): ColumnHead | undefined {
  const column = columnOf(table, name);
  if (column) return column;
  const names = table.head.columns.map((one) => one.name);
  const meant = suggest(
    name,
    names.filter((one) => !table.named.has(one)),
  );
  say(
    report(
      data.columnNotFound,
      { column: name, file: table.file },
      {
        span,
        help: meant === undefined ? listed(names) : `did you mean "${meant}"?`,
        fixes:
          meant === undefined || span === undefined
            ? []
            : [{ title: `write "${meant}"`, edits: [{ span, text: JSON.stringify(meant) }] }],
      },
    ),
  );
  return undefined;
}

function listed(names: readonly string[]): string {
  const some = names.slice(0, 12).map((name) => `"${name}"`);
  return `its columns are ${some.join(", ")}${names.length > some.length ? `, … (${names.length} in all)` : ""}`;
}

/** What sources themselves name: filters and keys of joins. */
function checkSource(source: Source, table: Table, say: Say): void {
  const { only, on } = source.settings;
  if (typeof only === "object" && only !== null)
    for (const name of Object.keys(only)) need(name, table, source.spans?.[`only.${name}`] ?? source.span, say);
  if (typeof on === "string") need(on, table, source.spans?.on ?? source.span, say);
  for (const operand of source.operands) checkSource(operand, table, say);
}

// ── Inputs and targets ───────────────────────────────────────────────────────────────────────────────────────────────

/** The columns that are read, in order; undefined once one is said to be missing. */
function resolve(columns: Columns, table: Table, span: Span | undefined, say: Say): readonly ColumnHead[] | undefined {
  if (columns.kind === "names") {
    const found = columns.names.map((name, index) => need(name, table, columns.spans?.[index] ?? span, say));
    return found.every((column) => column !== undefined) ? found : undefined;
  }
  const [first, last] = [columns.first, columns.last].map((name) => need(name, table, span, say));
  if (first === undefined || last === undefined) return undefined;
  const all = table.head.columns;
  const [from, to] = [all.indexOf(first), all.indexOf(last)];
  return from <= to ? all.slice(from, to + 1) : all.slice(to, from + 1).reverse();
}

function checkInput(input: Input, table: Table, say: Say): void {
  const found = resolve(input.from, table, input.span, say);
  if (found === undefined) return;
  const span = (input.from.kind === "names" ? input.from.spans?.[0] : undefined) ?? input.span;
  switch (input.kind.word) {
    case "f32":
    case "i32":
      return checkNumbers(`input \`${input.name}\``, writeInputKind(input), input.type.shape, found, table, span, say);
    case "category":
      return checkCells(found, table, span, say);
    case "tokens":
    case "image":
      return;
    default:
      return input.kind satisfies never;
  }
}

function checkCells(found: readonly ColumnHead[], table: Table, span: Span | undefined, say: Say): void {
  const [column] = found;
  if (column.kind === "number" || column.kind === "text") return;
  const has = column.kind === "array" ? `an array [${column.shape?.join(", ") ?? "…"}]` : "a list";
  say(report(data.notACategory, { column: column.name, file: table.file, has }, { span }));
}

/** Columns of numbers, or of arrays, that make up a tensor. */
function checkNumbers(
  name: string,
  wants: string,
  shape: readonly Size[],
  found: readonly ColumnHead[],
  table: Table,
  span: Span | undefined,
  say: Say,
): void {
  if (!shape.every(isKnown)) return;
  const wanted = shape.reduce((product, size) => product * size, 1);
  // Lists may be as long as they like until they are read.
  if (found.some((column) => column.kind === "list")) return;
  const has =
    found.length === 1 && found[0].kind === "array"
      ? misfit(found[0].shape, shape)
      : sizeOf(found) === wanted
        ? undefined
        : columnsInWords(found.length, sizeOf(found));
  if (has !== undefined)
    say(report(data.columnsDoNotFit, { name, wants: `\`${wants}\``, has, file: table.file }, { span }));
}

/** Columns, and how many numbers a row of them has in all. */
export function columnsInWords(columns: number, numbers: number): string {
  const counted = `${columns} ${columns === 1 ? "column" : "columns"}`;
  if (columns === numbers) return `${counted} of single cells`;
  return `${counted} of ${numbers} numbers${columns === 1 ? "" : " together"}`;
}

function sizeOf(found: readonly ColumnHead[]): number {
  return found.reduce((sum, { shape }) => sum + (shape ?? []).reduce((product, size) => product * size, 1), 0);
}

/** An array that differs only by axes of size 1 fits. */
function misfit(has: readonly number[] | undefined, wants: readonly number[]): string | undefined {
  if (has === undefined) return undefined;
  const plain = (shape: readonly number[]) => shape.filter((size) => size !== 1).join(" ");
  return plain(has) === plain(wants) ? undefined : `arrays [${has.join(", ")}]`;
}

function checkTarget(model: Model, task: Task, heads: ReadonlyMap<Source, TableHead>, say: Say): void {
  if (task.target === null) return;
  const { target } = task;
  const sections = model.data.filter((section) => section.tasks === null || section.tasks.includes(task.name));
  const names = target.kind === "names" ? target.names : [target.first, target.last];
  const tables: Table[] = [];
  for (const { train } of sections) {
    const head = heads.get(train);
    if (head === undefined) return;
    tables.push({ file: fileOf(train), head, named: namedColumns(model) });
  }
  const spanOf = (name: string) =>
    (target.kind === "names" ? target.spans?.[names.indexOf(name)] : undefined) ?? task.span;
  const having = tables.filter((table) => names.some((name) => columnOf(table, name)));
  const [first] = tables;
  if (having.length > 0) {
    // With some of its columns there, the others are meant to be there too.
    for (const table of having) checkAnswers(task, target, table, spanOf, say);
  } else if (tables.length === 1) need(names[0], first, spanOf(names[0]), say);
  else if (first) {
    const meant = suggest(names[0], [...new Set(tables.flatMap((table) => table.head.columns.map((one) => one.name)))]);
    say(
      report(
        rows.noTargetAnywhere,
        { column: names[0], task: task.name },
        { span: spanOf(names[0]), help: meant === undefined ? undefined : `did you mean "${meant}"?` },
      ),
    );
  }
}

function checkAnswers(
  task: Task,
  target: Columns,
  table: Table,
  spanOf: (name: string) => Span | undefined,
  say: Say,
): void {
  const found = resolve(target, table, task.span, say);
  if (found === undefined) return;
  const span = spanOf(found[0].name);
  const { kind } = task;
  if (kind.axes?.some((axis) => axis !== null)) return;
  if (kind.word === "real" || kind.word === "count" || kind.word === "flags" || kind.shape.length > 0)
    return checkNumbers(`task \`${task.name}\``, writeTaskKind(kind), answerShape(kind), found, table, span, say);
  checkCells(found, table, span, say);
}
