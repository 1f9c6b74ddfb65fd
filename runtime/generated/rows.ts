import { answerShape, isCoded } from "../../compiler/ir/kinds.ts";
import type { Input, Model } from "../../compiler/ir/model.ts";
import { emptyMarks, isEmptyText, textOfCell, type EmptyMarks } from "../../compiler/words/cells.ts";
import { isKnown, type Size } from "../../compiler/ir/size.ts";
import { elementCount } from "../../compiler/graph/graph.ts";
import { bindData, encodeRows } from "../data/bind.ts";
import type { Codes, RowSet } from "../data/data.ts";
import { tableOfRows } from "../data/given-rows.ts";
import { marksOf } from "../data/source-settings.ts";
import { warnOnce, warnOnConsole, type ListeningOptions } from "./warnings.ts";
import { modelOf, sizedModel, type DataDescription } from "./description.ts";

/** Rows of data as a generated module reads them: encoded, with what was learnt from those that remain for training. */

/** Encoded rows, with the shapes that their flat arrays have. */
export interface Rows extends RowSet {
  /** Of one example, by input and by task. */
  readonly shapes: Readonly<Record<"inputs" | "targets", Readonly<Record<string, readonly number[]>>>>;
}

/** Numbers that only the data know. */
export interface Sizes<Input extends string = string, Task extends string = string> {
  /** Codes of each category or text, the reserved ones counted. */
  readonly codes: Readonly<Record<Input, number>>;
  /** Labels of each class task. */
  readonly labels: Readonly<Record<Task, number>>;
}

export interface ReadRows<D extends DataDescription> {
  readonly codes: Codes;
  readonly train: Rows;
  readonly validation: D["rows"] extends { readonly validation: unknown } ? Rows : null;
  readonly test: D["rows"] extends { readonly test: unknown } ? Rows : null;
}

export interface ReadOptions extends ListeningOptions {
  /** The folder that paths are relative to, or a file in it: a path or a `file:` address. */
  readonly from: string | URL;
  /** Decides how parts are cut. */
  readonly seed: number;
  /** What another run has learnt: nothing is learnt from these rows then. */
  readonly codes?: Codes;
}

/** Reads every part. Throws a DiagnosticError that names file, row and column where something is wrong. */
export async function readRows<D extends DataDescription>(description: D, options: ReadOptions): Promise<ReadRows<D>>;
export async function readRows(description: DataDescription, options: ReadOptions): Promise<unknown> {
  const model = modelOf(description);
  const { codes, sections } = await bindData(model, {
    folder: folderOf(options.from),
    seed: options.seed,
    codes: options.codes,
    onWarning: options.onWarning ?? warnOnConsole,
  });
  const sized = sizedModel(description, codes);
  const [{ train, validation, test }] = sections;
  const part = (rows: RowSet | null): Rows | null => rows && withShapes(sized, rows);
  return { codes, train: withShapes(sized, train), validation: part(validation), test: part(test) };
}

function folderOf(from: string | URL): string {
  const text = String(from);
  if (!text.startsWith("file:")) return text;
  const path = decodeURIComponent(new URL(".", text).pathname);
  return /^\/[A-Za-z]:/.test(path) ? path.slice(1) : path;
}

/** Sizes as the codes of a network tell them. */
export function sizesOf<Input extends string, Task extends string>(codes: Codes): Sizes<Input, Task>;
export function sizesOf({ inputs, tasks }: Codes): Sizes {
  const codes = Object.entries(inputs).flatMap(([name, { categories, tokens }]) => {
    // Code 0 of a category stands for what is unseen or empty.
    const count = categories ? categories.length + 1 : tokens?.length;
    return count === undefined ? [] : [[name, count] as const];
  });
  const labels = Object.entries(tasks).flatMap(([name, task]) =>
    task.labels ? [[name, task.labels.length] as const] : [],
  );
  return { codes: Object.fromEntries(codes), labels: Object.fromEntries(labels) };
}

/** Examples by input name as rows without answers, encoded by what a network has learnt. */
export function encodeExamples(
  description: DataDescription,
  codes: Codes,
  examples: readonly object[],
  options: ListeningOptions = {},
): Rows {
  const model = sizedModel(description, codes);
  if (!Array.isArray(examples)) throw new Error("examples come in a list, one object each");
  examples.forEach((example: unknown, row) => {
    if (typeof example !== "object" || example === null || Array.isArray(example))
      throw new Error(`example ${row + 1} is no object with the values of inputs`);
  });
  // A table without rows would have no columns.
  if (examples.length === 0) return withShapes(model, { rows: 0, inputs: {}, targets: {} });
  const inputs = model.inputs.map((input): Input => ({ ...input, from: { kind: "names", names: columnsOf(input) } }));
  const missing = marksOf(model);
  const marks = emptyMarks(missing);
  const rows = examples.map((example, row) => {
    const values = new Map<string, unknown>(Object.entries(example));
    return Object.fromEntries(inputs.flatMap((input) => cellsOf(input, values.get(input.name) ?? null, row, marks)));
  });
  const table = tableOfRows(rows, "examples", missing);
  const onWarning = options.onWarning ?? warnOnce(codes);
  return withShapes(model, encodeRows({ ...model, inputs }, codes, table, { targets: false, onWarning }));
}

/** A vector is a column for each of its numbers, so that some of them may be missing. */
function columnsOf({ name, type }: Input): string[] {
  return type.element === "f32" && type.shape.length === 1
    ? Array.from({ length: known(type.shape[0]) }, (_, k) => `${name}[${k}]`)
    : [name];
}

function cellsOf(input: Input, value: unknown, row: number, marks: EmptyMarks): [string, unknown][] {
  const columns = columnsOf(input);
  if (columns.length === 1) return [[columns[0], value]];
  const isList = ArrayBuffer.isView(value) || Array.isArray(value);
  const text = isList ? null : textOfCell(value);
  const isEmpty = text === "" || (text !== null && isEmptyText(text, marks));
  const numbers: unknown[] = isList ? Object.values(value).flat(Infinity) : [];
  if (!isEmpty && numbers.length !== columns.length) {
    const given = isList ? `${numbers.length} were given` : "no list was given";
    throw new Error(`\`${input.name}\` of example ${row + 1} is a list of ${columns.length} numbers, and ${given}`);
  }
  return columns.map((column, k) => [column, numbers[k] ?? null]);
}

function withShapes(model: Model, rows: RowSet): Rows {
  const inputs = model.inputs.map(({ name, type }) => [name, type.shape.map(known)] as const);
  const targets = model.tasks.map(({ name, kind }) => [name, answerShape(kind).map(known)] as const);
  const missing = model.tasks.filter(({ name, target }) => target !== null && !Object.hasOwn(rows.targets, name));
  const empty = missing.map(({ name, kind }) => {
    const numbers = rows.rows * elementCount(answerShape(kind).map(known));
    const values = isCoded(kind) ? new Int32Array(numbers) : new Float32Array(numbers);
    return [name, { values, weight: new Float32Array(numbers) }] as const;
  });
  return {
    ...rows,
    targets: { ...rows.targets, ...Object.fromEntries(empty) },
    shapes: { inputs: Object.fromEntries(inputs), targets: Object.fromEntries(targets) },
  };
}

function known(size: Size): number {
  if (isKnown(size)) return size;
  throw new Error("a size is not known before data is read");
}
