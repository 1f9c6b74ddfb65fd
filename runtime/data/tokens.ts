import { tokensMisfit } from "../../compiler/check/tables/fits.ts";
import { data } from "../../compiler/diagnostics/data.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Input } from "../../compiler/ir/model.ts";
import { isTokenizer, tokenPatterns } from "../../compiler/words/tokenizing.ts";
import { listWords } from "../../compiler/words/cells.ts";
import { note, tally } from "../../compiler/words/noticed.ts";
import { column, columnNames } from "./columns.ts";
import { checkExact } from "./exact.ts";
import type { Findings } from "./findings.ts";
import { byCodePoint } from "./labels.ts";
import type { Part, Rows } from "./parts.ts";
import { cellText } from "./table.ts";
import type { Table } from "./table.ts";
import { noteUnseenWords } from "./unseen.ts";

/** Texts and lists as codes: 0 padding, 1 unknown, then the tokens of the training rows by frequency, ties by code point. */

/** How the codes of padding and of an unknown token are shown; a token that is spelt so is another. */
const reserved = ["<padding>", "<unknown>"] as const;
const UNKNOWN = 1;

/** The tokens of a row; an empty one stands for an empty element of a list. */
type Reader = (row: number) => readonly string[];

function tokenizerOf(input: Input): (text: string) => readonly string[] {
  const word = input.tokenizer?.word ?? "";
  if (!isTokenizer(word)) {
    const holes = { name: `input \`${input.name}\``, kind: `tokens by \`${input.tokenizer?.word}\`` };
    throw new DiagnosticError([report(data.kindNotBuilt, holes, { span: input.span })]);
  }
  const pattern = tokenPatterns[word];
  return (text) => text.match(pattern) ?? [];
}

function readTokens(input: Input, table: Table): Reader {
  const names = columnNames(table, input.from, input.span);
  const span = input.from.kind === "names" ? (input.from.spans?.[0] ?? input.span) : input.span;
  const refuse = (has: string): DiagnosticError => {
    const wants = "one column of texts or of lists of tokens";
    const holes = { name: `input \`${input.name}\``, wants, has, file: table.file };
    return new DiagnosticError([report(data.columnsDoNotFit, holes, { span })]);
  };
  const has = tokensMisfit(names.map((name) => table.columns.get(name) ?? null));
  if (has !== undefined) throw refuse(has);
  const cells = column(table, names[0], span);
  const lower = input.tokenizer?.settings.lowercase === true;
  const spelt = (text: string): string => (lower ? text.toLowerCase() : text);
  switch (cells.kind) {
    case "number":
    case "text": {
      // Of a text that is cut, a number is a word.
      if (cells.kind === "number") checkExact(cells, names[0], span);
      const cut = tokenizerOf(input);
      return (row) => cut(spelt(cellText(cells, row) ?? ""));
    }
    case "list":
      checkExact(cells, names[0], span);
      return (row) => (cells.lists[row] ?? []).map(spelt);
    case "nested":
      throw new Error("lists in lists were expected to be refused");
    case "array": {
      checkExact(cells, names[0], span);
      const [length] = cells.shape;
      return (row) => listWords(Array.from(cells.values.subarray(row * length, (row + 1) * length)));
    }
  }
}

/** The table of tokens: what each code stands for. `vocabulary` is the size of the whole table. */
export function learnTokens(
  input: Input,
  training: readonly Rows[],
  onWarning: (warning: Diagnostic) => void,
): readonly string[] {
  const counts = new Map<string, number>();
  for (const { table, rows } of training) {
    const read = readTokens(input, table);
    for (const row of rows)
      for (const token of read(row)) if (token !== "") counts.set(token, (counts.get(token) ?? 0) + 1);
  }
  const tokens = [...counts].sort(([a, often], [b, oftener]) => oftener - often || byCodePoint(a, b));
  const vocabulary = input.tokenizer?.settings.vocabulary;
  const size = typeof vocabulary === "number" ? vocabulary : tokens.length + reserved.length;
  if (size > tokens.length + reserved.length) {
    const holes = { name: input.name, vocabulary: size, types: tokens.length };
    onWarning(report(data.vocabularyTooLarge, holes, { span: input.span }));
  }
  return [...reserved, ...tokens.slice(0, size - reserved.length).map(([token]) => token)];
}

function lengthOf({ kind, name }: Input): number {
  if (kind.word === "tokens") return kind.length;
  throw new Error(`input ${name} was expected to be of tokens`);
}

/** [rows × length]. Tokens behind the length are left out, which a warning counts. */
export function encodeTokens(
  input: Input,
  tokens: readonly string[],
  { table, rows }: Rows,
  part: Part,
  findings: Findings,
): Int32Array {
  const length = lengthOf(input);
  const codes = new Map(tokens.map((token, code): [string, number] => [token, code]).slice(reserved.length));
  const read = readTokens(input, table);
  const encoded = new Int32Array(rows.length * length);
  let [texts, left] = [0, 0];
  const noted = tally();
  for (let i = 0; i < rows.length; i++) {
    const own = read(rows[i]);
    const kept = Math.min(own.length, length);
    for (let k = 0; k < kept; k++) {
      const code = codes.get(own[k]);
      encoded[i * length + k] = code ?? UNKNOWN;
      if (!part.training) note(noted, own[k], code !== undefined);
    }
    if (own.length <= length) continue;
    texts++;
    left += own.length - length;
  }
  if (texts > 0)
    findings.add(`texts cut in ${input.name}`, { part: part.label, count: texts, of: rows.length, left }, (found) =>
      report(data.textsCut, { ...found, name: input.name, length }, { span: input.span }),
    );
  if (!part.training) noteUnseenWords(input, part, noted, findings);
  return encoded;
}

/** How many tokens each row has, before any is left out. */
export function tokenCounts(input: Input, { table, rows }: Rows): Int32Array {
  const read = readTokens(input, table);
  return Int32Array.from(rows, (row) => read(row).length);
}
