import type { Span } from "../../../grammar/tree.ts";
import { columns as rows } from "../../diagnostics/columns.ts";
import { data } from "../../diagnostics/data.ts";
import { report, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { Columns, DataSection, Input, Source } from "../../ir/model.ts";
import { tokenAxes } from "../../ir/components.ts";
import { answerShape } from "../../ir/kinds.ts";
import { isKnown, type Size } from "../../ir/size.ts";
import { writeInputKind, writeTaskKind } from "../settings/kinds-written.ts";
import { columnsAsked, type Asked, type AskedTask } from "./asked.ts";
import { answersMisfit, cellMisfit, tensorMisfit, tokensMisfit, type Held } from "./fits.ts";
import { columnsThere, meantColumn, meantInWords } from "./names.ts";

/** What the first rows of a table show, or all of them: its columns, and what their cells hold. */
export interface TableHead {
  readonly columns: readonly ColumnHead[];
  /** How many rows were looked at, where further ones may bring further columns. */
  readonly rows?: number;
  /** The table by its name, and how many rows it has, where that is known. */
  readonly table?: { readonly file: string; readonly rows: number };
}
export interface ColumnHead extends Held {
  readonly name: string;
}

/**
 * Every column that a model names, against the tables it reads: their heads, or all of them. A source without a head (code, a
 * file that is not there) is taken to have what is asked of it. A table may lack a task's target: the answers are missing there
 * then, unless no training table has it.
 */
export function checkColumns(asked: Asked, heads: ReadonlyMap<Source, TableHead>): Diagnostic[] {
  const found: Diagnostic[] = [];
  const say = (diagnostic: Diagnostic): void => {
    const { code, message, span } = diagnostic;
    const known = found.some(
      (other) =>
        other.code === code && other.span?.start === span?.start && (span !== undefined || other.message === message),
    );
    if (!known) found.push(diagnostic);
  };
  const strange = new Set<Source>();
  for (const section of asked.data) checkSection(asked, section, heads, strange, say);
  for (const task of asked.tasks) checkTarget(asked, task, heads, strange, say);
  return found;
}

type Say = (diagnostic: Diagnostic) => void;
interface Table {
  readonly file: string;
  readonly head: TableHead;
  /** Columns that the model names: none of them is meant by another name. */
  readonly named: ReadonlySet<string>;
}

function checkSection(
  asked: Asked,
  section: DataSection,
  heads: ReadonlyMap<Source, TableHead>,
  strange: Set<Source>,
  say: Say,
): void {
  const tasks = asked.tasks.filter((task) => section.tasks === null || section.tasks.includes(task.name));
  const read = asked.reads(tasks.map((task) => task.name));
  const named = namedColumns(asked);
  const inputs = asked.inputs.filter(({ name }) => read.has(name));
  for (const source of [section.train, section.validation, section.test]) {
    if (source === null || source.word === "part") continue;
    checkSource(source, heads, { named, asked: columnsAsked(asked) }, say);
    const head = heads.get(source);
    if (head === undefined) continue;
    const table: Table = { file: fileOf(source), head, named };
    if (isAnother(table, [...inputs.map(({ from, span }) => ({ from, span })), ...targets(tasks)], say)) {
      strange.add(source);
      continue;
    }
    for (const input of inputs) checkInput(input, table, say);
    for (const { name, rowWeight, span } of tasks)
      if (rowWeight !== null) checkWeight(name, rowWeight, table, span, source === section.train, say);
  }
  for (const source of [section.train, section.validation, section.test]) {
    if (source?.word !== "part" || typeof source.settings.group !== "string") continue;
    const { of, group } = source.settings;
    const whole = of === "train" ? section.train : of === "validation" ? section.validation : section.test;
    const head = whole && heads.get(whole);
    if (whole && head && !strange.has(whole))
      needCells(group, { file: fileOf(whole), head, named }, source.spans?.group ?? source.span, say);
  }
}

function targets(tasks: readonly AskedTask[]): { from: Columns; span?: Span }[] {
  return tasks.flatMap(({ target, span }) => (target === null ? [] : [{ from: target, span }]));
}

/** Says once that a table has nothing of what is read: it is probably another one. */
function isAnother(table: Table, reads: readonly { from: Columns; span?: Span }[], say: Say): boolean {
  const names = table.head.columns.map(({ name }) => name);
  const places = reads.flatMap(({ from, span }) =>
    from.kind === "names"
      ? from.names.map((name, k) => ({ name, span: from.spans?.[k] ?? span }))
      : [from.first, from.last].map((name) => ({ name, span })),
  );
  const wanted = [...new Set(places.map(({ name }) => name))];
  const isLost = (name: string): boolean => !names.includes(name) && meantColumn(name, names) === undefined;
  if (table.head.rows !== undefined || wanted.length < 2 || !wanted.every(isLost)) return false;
  const [column, ...others] = wanted;
  const place = { span: places[0].span, help: columnsThere(names) };
  say(report(data.columnNotFound, { column, others, file: table.file }, place));
  return true;
}

function namedColumns(asked: Asked): ReadonlySet<string> {
  const read = [...asked.inputs.map((input) => input.from), ...asked.tasks.map((task) => task.target)];
  return new Set(read.flatMap((columns) => (columns?.kind === "names" ? columns.names : [])));
}

/** The files that a source reads, as they are written. */
function fileOf(source: Source): string {
  const { path, query, missing: _, only: __, ...named } = source.settings;
  const own = path ?? query;
  if (typeof own === "string") return own;
  // `idx` names a file for each of its arrays.
  const files = source.word === "idx" ? Object.values(named).filter((file) => typeof file === "string") : [];
  const inner = [...files, ...source.operands.map(fileOf)];
  return inner.length > 0 ? inner.join(" with ") : source.word;
}

function columnOf({ head }: Table, name: string): ColumnHead | undefined {
  return head.columns.find((column) => column.name === name);
}

/**
 * The column, or undefined once it is said that there is none, or none yet. `isWritten`: its name stands at the span, and can be
 * mended there.
 */
function need(name: string, table: Table, span: Span | undefined, say: Say, isWritten = true): ColumnHead | undefined {
  const column = columnOf(table, name);
  if (column) return column;
  const names = table.head.columns.map((one) => one.name);
  const meant = meantColumn(name, names, table.named);
  const help = meant === undefined ? columnsThere(names) : meantInWords(name, meant);
  if (table.head.rows !== undefined) {
    say(report(rows.columnNotYet, { column: name, file: table.file, rows: table.head.rows }, { span, help }));
    return undefined;
  }
  const fixes =
    meant === undefined || span === undefined || !isWritten
      ? []
      : [{ title: `write "${meant}"`, edits: [{ span, text: JSON.stringify(meant) }] }];
  say(report(data.columnNotFound, { column: name, file: table.file }, { span, help, fixes }));
  return undefined;
}

/** The same for a column of single cells. */
function needCells(name: string, table: Table, span: Span | undefined, say: Say): void {
  const column = need(name, table, span, say);
  if (column !== undefined) checkCells(column, table, span, undefined, say);
}

/** What sources themselves name: filters and keys of joins. */
function checkSource(
  source: Source,
  heads: ReadonlyMap<Source, TableHead>,
  names: { readonly named: ReadonlySet<string>; readonly asked: ReadonlySet<string> },
  say: Say,
): void {
  const { named, asked } = names;
  const { only, on } = source.settings;
  const head = heads.get(source);
  const table = head && { file: fileOf(source), head, named };
  if (table && typeof only === "object" && only !== null)
    for (const name of Object.keys(only)) needCells(name, table, source.spans?.[`only.${name}`] ?? source.span, say);
  const parts = source.operands.flatMap((operand): Table[] => {
    checkSource(operand, heads, names, say);
    const own = heads.get(operand);
    return own ? [{ file: fileOf(operand), head: own, named }] : [];
  });
  if (typeof on === "string") {
    for (const part of parts) needCells(on, part, source.spans?.on ?? source.span, say);
    // Where neither has it, what both have may be the key that was meant.
    if (parts.every((part) => columnOf(part, on) === undefined)) return;
  }
  const before = new Map<string, string>();
  for (const { file, head: own } of parts)
    for (const { name } of own.columns) {
      const left = before.get(name);
      if (left === undefined) before.set(name, file);
      else if (name !== on && asked.has(name))
        say(report(data.columnInBoth, { column: name, left, right: file }, { span: source.span }));
    }
}

// ── Inputs and targets ───────────────────────────────────────────────────────────────────────────────────────────────

/** The columns that are read, in order; undefined once one is said to be missing. */
function resolve(columns: Columns, table: Table, span: Span | undefined, say: Say): readonly ColumnHead[] | undefined {
  if (columns.kind === "names") {
    const found = columns.names.map((name, index) => {
      const at = columns.spans?.[index] ?? span;
      return need(name, table, at, say, at?.start !== span?.start);
    });
    return found.every((column) => column !== undefined) ? found : undefined;
  }
  const [first, last] = [columns.first, columns.last].map((name) => need(name, table, span, say, false));
  if (first === undefined || last === undefined) return undefined;
  const all = table.head.columns;
  const [from, to] = [all.indexOf(first), all.indexOf(last)];
  return from <= to ? all.slice(from, to + 1) : all.slice(to, from + 1).reverse();
}

function checkInput(input: Input, table: Table, say: Say): void {
  const found = resolve(input.from, table, input.span, say);
  if (found === undefined) return;
  const span = (input.from.kind === "names" ? input.from.spans?.[0] : undefined) ?? input.span;
  const name = `input \`${input.name}\``;
  const misfit = (wants: string, has: string | undefined): void => {
    if (has !== undefined) say(report(data.columnsDoNotFit, { name, wants, has, file: table.file }, { span }));
  };
  switch (input.kind.word) {
    case "f32":
    case "i32":
      return checkNumbers(name, writeInputKind(input), input.type.shape, found, table, span, say);
    case "category": {
      if (found.length !== 1) return misfit("one column of words or codes", `${found.length} columns`);
      const instead = `f32[${found[0].shape?.join(", ") ?? "…"}]`;
      const help =
        found[0].kind === "array" ? `numbers are read by \`input ${input.name}: ${instead}\`` : tagsHelp(input.name);
      return checkCells(found[0], table, span, help, say);
    }
    case "tokens":
      return misfit("one column of texts or of lists of tokens", tokensMisfit(found));
    case "image":
      return;
    default:
      return input.kind satisfies never;
  }
}

function tagsHelp(name: string): string {
  return `several words in a cell are read by \`input ${name}: tokens(…)\``;
}

function checkCells(
  column: ColumnHead,
  table: Table,
  span: Span | undefined,
  help: string | undefined,
  say: Say,
): void {
  const has = cellMisfit(column);
  if (has !== undefined) say(report(data.notACategory, { column: column.name, file: table.file, has }, { span, help }));
}

/** Columns of numbers, or of arrays, that make up a tensor. */
function checkNumbers(
  name: string,
  wants: string,
  shape: readonly Size[],
  found: readonly (ColumnHead | null)[],
  table: Table,
  span: Span | undefined,
  say: Say,
  { fit = tensorMisfit, help }: { fit?: typeof tensorMisfit; help?: string } = {},
): void {
  if (!shape.every(isKnown)) return;
  const has = fit(found, shape);
  if (has !== undefined)
    say(report(data.columnsDoNotFit, { name, wants: `\`${wants}\``, has, file: table.file }, { span, help }));
}

/** Weights of rows: the training table has them, others may. */
function checkWeight(
  task: string,
  name: string,
  table: Table,
  span: Span | undefined,
  training: boolean,
  say: Say,
): void {
  const column = training ? need(name, table, span, say, false) : columnOf(table, name);
  if (column !== undefined)
    checkNumbers(`\`row_weight\` of task \`${task}\``, "one number a row", [], [column], table, span, say);
}

function checkTarget(
  asked: Asked,
  task: AskedTask,
  heads: ReadonlyMap<Source, TableHead>,
  strange: ReadonlySet<Source>,
  say: Say,
): void {
  if (task.target === null) return;
  const { target } = task;
  const sections = asked.data.filter((section) => section.tasks === null || section.tasks.includes(task.name));
  const names = target.kind === "names" ? target.names : [target.first, target.last];
  const tableOf = (source: Source, head: TableHead): Table => ({
    file: fileOf(source),
    head,
    named: namedColumns(asked),
  });
  const spanOf = (name: string) =>
    (target.kind === "names" ? target.spans?.[names.indexOf(name)] : undefined) ?? task.span;
  for (const source of sections.flatMap(({ validation, test }) => [validation, test])) {
    const head = source === null ? undefined : heads.get(source);
    if (source === null || head === undefined || strange.has(source)) continue;
    const table = tableOf(source, head);
    // Answers that are not there are missing; those that are must fit.
    if (names.some((name) => columnOf(table, name))) checkAnswers(task, target, table, spanOf, false, say);
  }
  const tables: Table[] = [];
  for (const { train } of sections) {
    const head = heads.get(train);
    if (head === undefined || strange.has(train)) return;
    tables.push(tableOf(train, head));
  }
  const having = tables.filter((table) => names.some((name) => columnOf(table, name)));
  const [first] = tables;
  if (having.length > 0) {
    // With some of its columns there, the others are meant to be there too.
    for (const table of having) checkAnswers(task, target, table, spanOf, true, say);
  } else if (tables.length === 1)
    for (const name of names) need(name, first, spanOf(name), say, spanOf(name)?.start !== task.span?.start);
  else if (first && tables.every(({ head }) => head.rows === undefined)) {
    const meant = meantColumn(names[0], [
      ...new Set(tables.flatMap((table) => table.head.columns.map((one) => one.name))),
    ]);
    say(
      report(
        rows.noTargetAnywhere,
        { column: names[0], task: task.name },
        { span: spanOf(names[0]), help: meant === undefined ? undefined : meantInWords(names[0], meant) },
      ),
    );
  }
}

function checkAnswers(
  task: AskedTask,
  target: Columns,
  table: Table,
  spanOf: (name: string) => Span | undefined,
  all: boolean,
  say: Say,
): void {
  const { kind } = task;
  const found =
    all || target.kind === "range"
      ? resolve(target, table, task.span, say)
      : target.names.map((name) => columnOf(table, name) ?? null);
  if (found === undefined) return;
  const span = spanOf(found.find((column) => column !== null)?.name ?? "");
  const checkTensor = (fit: typeof tensorMisfit, help?: string): void =>
    checkNumbers(`task \`${task.name}\``, writeTaskKind(kind), answerShape(kind), found, table, span, say, {
      fit,
      help,
    });
  if (tokenAxes(kind).length > 0) return checkTensor((columns, shape) => answersMisfit(columns, kind, shape));
  if (kind.word === "flags") return checkTensor(tensorMisfit, tagColumnsHelp(found));
  if (kind.word === "real" || kind.word === "count" || kind.shape.length > 0) return checkTensor(tensorMisfit);
  const [column] = found;
  if (found.length !== 1 || column === null) return checkTensor(tensorMisfit);
  checkCells(column, table, span, answerHelp(task, column), say);
}

/** Tags in one cell, where flags are a column or a place of an array each. */
function tagColumnsHelp(found: readonly (ColumnHead | null)[]): string | undefined {
  const [column] = found;
  if (found.length !== 1 || column?.kind === "array" || column?.kind === "number") return undefined;
  return 'tags in one cell are no flags: give each a column of 0 and 1, `target: ["red", "blue"]`, or write arrays of 0 and 1';
}

/** An array or a list where one answer is wanted. */
function answerHelp({ name, kind }: AskedTask, { kind: held, shape }: ColumnHead): string | undefined {
  const size = shape?.reduce((product, each) => product * each, 1) ?? 0;
  if (held === "array")
    return kind.word === "class" && (shape?.length ?? 0) === 1 && (!isKnown(kind.size) || kind.size === size)
      ? `a class is one number a row, the place of the 1; several answers at once are \`task ${name}: flags(${size})\``
      : `arrays of answers have their shape behind the kind: \`task ${name}: ${kind.word}…[${shape?.join(", ")}]\``;
  return held === "list"
    ? `one answer a row; several at once are \`flags(…)\`, with a column of 0 and 1 for each`
    : undefined;
}
