import { cells as cellRows } from "../../compiler/diagnostics/cells.ts";
import { data } from "../../compiler/diagnostics/data.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { CodeLimit } from "../../compiler/ir/code-limits.ts";
import type { Input } from "../../compiler/ir/model.ts";
import { isKnown } from "../../compiler/ir/size.ts";
import { missingHelp, rangeHelp } from "./answers.ts";
import type { BadCell, BadCells } from "./bad-cells.ts";
import { matcher } from "./cells.ts";
import { cellColumn, column, columnNames } from "./columns.ts";
import type { Codes } from "./data.ts";
import type { Findings } from "./findings.ts";
import { learnValues } from "./labels.ts";
import type { Part, Rows } from "./parts.ts";
import { means, medians, minmaxScale, standardScale } from "./scales.ts";
import type { Numbers } from "./scales.ts";
import { strips } from "./strips.ts";
import type { Strip } from "./strips.ts";
import { elementsOf } from "./table.ts";
import type { Table } from "./table.ts";
import { noteUnseenCategories } from "./unseen.ts";
import { encodeTokens, learnTokens } from "./tokens.ts";

/** Inputs: what is learnt of them on training rows, and their cells as tensors. */

export type InputCodes = Codes["inputs"][string];

/** Numbers of one example of the input. */
export function inputElements(input: Input): number {
  return elementsOf(inputShape(input));
}

function inputShape(input: Input): readonly number[] {
  return input.type.shape.map((size) => {
    if (isKnown(size)) return size;
    throw new Error(`the shape of input ${input.name} was expected to be known`);
  });
}

/** What the input's scale, fill and codes are by these training rows; there are none where nothing reads it. */
export function learnInput(
  input: Input,
  training: readonly Rows[],
  onWarning: (warning: Diagnostic) => void,
): InputCodes {
  switch (input.kind.word) {
    case "category":
      return { categories: input.kind.values ?? learnCategories(input, training) };
    case "f32":
    case "i32":
    case "image": {
      const numbers = inputNumbers(input, training);
      const { fill, scale } = input;
      const filled =
        fill === null || training.length === 0
          ? undefined
          : typeof fill === "number"
            ? new Array<number>(numbers.groups).fill(fill)
            : learnFill(input, fill, numbers, training);
      return {
        ...(scale === "none" ? {} : { scale: scale === "standard" ? standardScale(numbers) : minmaxScale(numbers) }),
        ...(filled === undefined ? {} : { fill: filled }),
      };
    }
    case "tokens":
      return { tokens: learnTokens(input, training, onWarning) };
  }
}

function learnCategories(input: Input, training: readonly Rows[]): InputCodes["categories"] {
  return learnValues(training.map(({ table, rows }) => ({ column: categoryColumn(input, table), rows })));
}

function learnFill(
  input: Input,
  fill: "mean" | "median",
  numbers: Numbers,
  training: readonly Rows[],
): readonly number[] {
  const values = fill === "mean" ? means(numbers) : medians(numbers);
  const empty = values.findIndex((value) => Number.isNaN(value));
  // Cells that are no numbers are told when they are read.
  if (empty >= 0 && training.some(({ table, rows }) => hasBadCell(input, table, rows))) return values;
  if (empty < 0) return input.kind.word === "i32" ? values.map(Math.round) : values;
  const { from } = input;
  const name = from.kind === "range" ? from.first : (from.names[empty] ?? from.names[0]);
  throw new DiagnosticError([report(data.nothingToFillWith, { column: name, fill }, { span: input.span })]);
}

function hasBadCell(input: Input, table: Table, rows: Rows["rows"]): boolean {
  return inputStrips(input, table).some((strip) => rows.some((row) => strip.isBad(row)));
}

/** A tensor of rank two and more is scaled as a whole. */
function groupsOf(input: Input): number {
  return input.type.shape.length > 1 ? 1 : inputElements(input);
}

function inputStrips(input: Input, table: Table): readonly Strip[] {
  const { spans } = input.from.kind === "names" ? input.from : { spans: undefined };
  const names = columnNames(table, input.from, input.span);
  names.forEach((name, i) => column(table, name, spans?.[i] ?? input.span));
  const shape = inputShape(input);
  const type = `\`${input.kind.word === "i32" ? "i32" : "f32"}${shape.length > 0 ? `[${shape.join(", ")}]` : ""}\``;
  const wanted = { name: `input \`${input.name}\``, type, shape, span: input.span };
  return strips(table, names, wanted).filter((strip) => strip !== null);
}

function categoryColumn(input: Input, table: Table) {
  const names = columnNames(table, input.from, input.span);
  if (names.length !== 1) {
    const holes = {
      name: `input \`${input.name}\``,
      wants: "one column of words or codes",
      has: `${names.length} columns`,
      file: table.file,
    };
    throw new DiagnosticError([report(data.columnsDoNotFit, holes, { span: input.span })]);
  }
  const span = input.from.kind === "names" ? (input.from.spans?.[0] ?? input.span) : input.span;
  return cellColumn(table, names[0], span);
}

/** The numbers of the training rows that are there and finite. */
function inputNumbers(input: Input, training: readonly Rows[]): Numbers {
  const groups = groupsOf(input);
  const stretches = training.map(({ table, rows }) => ({ rows, strips: inputStrips(input, table) }));
  return {
    groups,
    each(take) {
      for (const { rows, strips: pieces } of stretches) {
        let offset = 0;
        for (const { width, values } of pieces) {
          for (let i = 0; i < rows.length; i++) {
            const at = rows[i] * width;
            for (let k = 0; k < width; k++) {
              const value = values[at + k];
              if (Number.isFinite(value)) take(value, groups === 1 ? 0 : offset + k);
            }
          }
          offset += width;
        }
      }
    },
  };
}

/** The greatest number of 32 bits. */
export const MOST_FLOAT = 3.4028234663852886e38;
const MOST_INT = 2 ** 31;

/** [rows × elements]. Cells that cannot be read are added to `bad` and leave a 0. */
export function encodeInput(
  input: Input,
  codes: InputCodes,
  { table, rows }: Rows,
  part: Part,
  bad: BadCells,
  findings: Findings,
  limit?: CodeLimit,
): Float32Array | Int32Array {
  switch (input.kind.word) {
    case "category": {
      const cells = categoryColumn(input, table);
      const categories = codes.categories ?? [];
      const test = matcher(cells, categories);
      const encoded = Int32Array.from(rows, (row) => test.at(row) + 1);
      noteUnseenCategories(input, categories, { cells, rows, encoded }, part, findings);
      return encoded;
    }
    case "f32":
    case "i32":
    case "image":
      return encodeNumbers(input, codes, { table, rows }, bad, limit);
    case "tokens":
      return encodeTokens(input, codes.tokens ?? [], { table, rows }, part, findings);
  }
}

function encodeNumbers(
  input: Input,
  codes: InputCodes,
  { table, rows }: Rows,
  bad: BadCells,
  limit: CodeLimit | undefined,
): Float32Array | Int32Array {
  const [least, most] = limit === undefined ? [-MOST_INT, MOST_INT - 1] : [0, limit.codes - 1];
  const elements = inputElements(input);
  const whole = input.kind.word === "i32";
  const encoded = whole ? new Int32Array(rows.length * elements) : new Float32Array(rows.length * elements);
  const single = groupsOf(input) === 1;
  let offset = 0;
  for (const strip of inputStrips(input, table)) {
    const { width, values } = strip;
    for (let k = 0; k < width; k++) {
      const group = single ? 0 : offset + k;
      const shift = codes.scale?.shift[group] ?? 0;
      const factor = codes.scale?.factor[group] ?? 1;
      const fill = codes.fill?.[group] ?? NaN;
      for (let i = 0, at = offset + k; i < rows.length; i++, at += elements) {
        const cell = values[rows[i] * width + k];
        const value = (Number.isNaN(cell) && !strip.isBad(rows[i]) ? fill : cell) - shift;
        const scaled = value / factor;
        if (whole ? Number.isInteger(scaled) && scaled >= least && scaled <= most : Math.abs(scaled) <= MOST_FLOAT)
          encoded[at] = scaled;
        else if (limit !== undefined && Number.isInteger(scaled)) addNoCode(input, limit, strip, rows[i], scaled, bad);
        else addBad(input, strip, rows[i], cell, bad);
      }
    }
    offset += width;
  }
  return encoded;
}

function addNoCode(
  input: Input,
  { codes, by }: CodeLimit,
  strip: Strip,
  row: number,
  code: number,
  bad: BadCells,
): void {
  const help = `\`embed(…, codes: ${codes})\` has a row for each of 0 … ${codes - 1}: say how many codes there are, or write \`input ${input.name}: category\`, which learns them`;
  bad.add({ reader: `input ${input.name}`, matter: "code" }, strip.name, strip.column, row, (cell) =>
    report(cellRows.cellIsNoCode, { ...cell, cell: String(code), codes }, { span: by.span ?? input.span, help }),
  );
}

function addBad(input: Input, strip: Strip, row: number, value: number, bad: BadCells): void {
  const { name, column: from } = strip;
  const { span } = input;
  const reader = `input ${input.name}`;
  if (strip.isBad(row)) {
    const help = ({ empty }: BadCell): string =>
      `${empty ?? missingHelp}; to read words, write \`input ${input.name}: category\``;
    bad.add({ reader, matter: "number" }, name, from, row, (cell) =>
      report(data.cellIsNoNumber, cell, { span, help: cell.remedy ?? help(cell) }),
    );
  } else if (Number.isNaN(value)) {
    // What fills it is not known because of other cells, which are told.
    if (input.fill !== null) return;
    const help = "say what an empty cell becomes: `fill: mean`, `fill: median` or `fill: 0`";
    bad.add({ reader, matter: "empty" }, name, from, row, ({ file, row: first, column: named, more, columns }) =>
      report(data.cellIsEmpty, { file, row: first, column: named, count: more + 1, columns }, { span, help }),
    );
  } else if (input.kind.word === "i32") {
    const help = `numbers with a fraction are read by \`input ${input.name}: f32\``;
    bad.add({ reader, matter: "whole" }, name, from, row, (cell) =>
      report(data.cellIsNotWhole, { ...cell, wants: "a whole number of 32 bits" }, { span, help }),
    );
  } else
    bad.add({ reader, matter: "range" }, name, from, row, (cell) =>
      report(data.cellIsOutOfRange, cell, { span, help: rangeHelp }),
    );
}
