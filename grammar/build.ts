import { numberValue, stringValue } from "./literals.ts";
import type {
  Argument,
  Binary,
  Declaration,
  Entry,
  Expression,
  Kind,
  List,
  Name,
  Parameter,
  SettingsBlock,
  Span,
  Statement,
} from "./tree.ts";

/** Tokens to tree nodes. A name without text stands for one that is missing and becomes an absent field. */

interface Piece {
  readonly image: string;
  readonly startOffset: number;
  /** Inclusive, as chevrotain has it. */
  readonly endOffset?: number;
}

function spanOf(file: string, piece: Piece): Span {
  return { file, start: piece.startOffset, end: (piece.endOffset ?? piece.startOffset - 1) + 1 };
}
function between(first: Span, last: Span): Span {
  return { file: first.file, start: first.start, end: Math.max(first.end, last.end) };
}
function written(name: Name | undefined): Name | undefined {
  return name && name.text === "" && !name.quoted ? undefined : name;
}

export function name(file: string, piece: Piece): Name {
  const quoted = piece.image.startsWith('"');
  return { text: quoted ? stringValue(piece.image) : piece.image, quoted, span: spanOf(file, piece) };
}

// ── Expressions ──────────────────────────────────────────────────────────────────────────────────────────────────────

export function number(file: string, piece: Piece): Expression {
  return { kind: "number", value: numberValue(piece.image), text: piece.image, span: spanOf(file, piece) };
}
export function string(file: string, piece: Piece): Expression {
  return { kind: "string", value: stringValue(piece.image), span: spanOf(file, piece) };
}
export function boolean(file: string, piece: Piece): Expression {
  return { kind: "boolean", value: piece.image === "true", span: spanOf(file, piece) };
}
export function missing(file: string, piece: Piece): Expression {
  return { kind: "missing", span: spanOf(file, piece) };
}

interface CallEnd {
  readonly given: readonly Argument[];
  readonly close: Piece;
}
export function reference(file: string, word: Piece, call: CallEnd | undefined): Expression {
  const called = name(file, word);
  if (!call) return { kind: "reference", name: called, span: called.span };
  const span = between(called.span, spanOf(file, call.close));
  if (word.image === "") return { kind: "missing", span };
  return { kind: "call", name: called, arguments: call.given, span };
}
/** `dense(32)(x)`, `F.relu(x)`: a call of what is no plain name. */
export function applied(file: string, callee: Expression, { given, close }: CallEnd): Expression {
  const last =
    callee.kind === "member"
      ? callee.member
      : callee.kind === "call" || callee.kind === "reference"
        ? callee.name
        : undefined;
  const span = between(callee.span, spanOf(file, close));
  const name = last ?? { text: "", quoted: false, span: callee.span };
  return { kind: "call", name, arguments: given, callee, span };
}
export function argument(label: Name | undefined, value: Expression): Argument {
  return label ? { name: label, value, span: between(label.span, value.span) } : { value, span: value.span };
}
export function member(file: string, object: Expression, piece: Piece): Expression {
  const part = name(file, piece);
  return { kind: "member", object, member: part, span: between(object.span, part.span) };
}
export function group(file: string, open: Piece, inner: Expression, close: Piece): Expression {
  return { kind: "group", inner, span: between(spanOf(file, open), spanOf(file, close)) };
}
export function negate(file: string, minus: Piece, operand: Expression): Expression {
  return { kind: "negate", operand, span: between(spanOf(file, minus), operand.span) };
}
export function binary(file: string, left: Expression, operator: Piece, right: Expression): Binary {
  const operatorSpan = spanOf(file, operator);
  const span = between(left.span, right.span);
  return { kind: "binary", operator: operatorOf(operator.image), operatorSpan, left, right, span };
}
function operatorOf(image: string): Binary["operator"] {
  return image === "-" || image === "*" || image === "/" ? image : "+";
}
export function pipeline(steps: readonly Expression[]): Expression {
  return { kind: "pipeline", steps, span: between(steps[0].span, steps[steps.length - 1].span) };
}
export function list(file: string, open: Piece, items: readonly Expression[], close: Piece): List {
  return { kind: "list", items, span: between(spanOf(file, open), spanOf(file, close)) };
}
export function entry(key: Name, value: Expression): Entry {
  return { key, value, span: between(key.span, value.span) };
}
export function settingsBlock(file: string, open: Piece, entries: readonly Entry[], close: Piece): SettingsBlock {
  return { kind: "settings", entries, span: between(spanOf(file, open), spanOf(file, close)) };
}
export function kind(file: string, word: Piece, call: CallEnd | undefined, axes: List | undefined): Kind {
  const called = name(file, word);
  const last = axes?.span ?? (call ? spanOf(file, call.close) : called.span);
  const shared = { name: called, arguments: call?.given ?? [], span: between(called.span, last) };
  return axes ? { ...shared, axes: axes.items } : shared;
}

// ── Declarations ─────────────────────────────────────────────────────────────────────────────────────────────────────

interface Head {
  readonly keyword: Span;
  readonly span: Span;
}
function head(file: string, word: Piece, ...parts: readonly ({ readonly span: Span } | undefined)[]): Head {
  const keyword = spanOf(file, word);
  return { keyword, span: parts.reduce((whole, part) => (part ? between(whole, part.span) : whole), keyword) };
}
/** Leaves absent fields out, so that trees compare by what they hold. */
function present<T extends object>(fields: T): T {
  for (const key of Object.keys(fields))
    if (Reflect.get(fields, key) === undefined) Reflect.deleteProperty(fields, key);
  return fields;
}

export function importDeclaration(file: string, word: Piece, names: readonly Name[], path: Piece): Declaration {
  const from = path.image === "" ? undefined : { value: stringValue(path.image), span: spanOf(file, path) };
  const kept = names.filter((each) => written(each));
  return present({ kind: "import", names: kept, from, ...head(file, word, ...kept, from) });
}
export function modelDeclaration(file: string, word: Piece, named: Name): Declaration {
  return present({ kind: "model", name: written(named), ...head(file, word, named) });
}
export function valueDeclaration(file: string, word: Piece, named: Name, value: Expression): Declaration {
  return present({ kind: valueWord(word.image), name: written(named), value, ...head(file, word, named, value) });
}
function valueWord(image: string): "const" | "layer" | "shared" | "penalty" {
  return image === "const" || image === "layer" || image === "penalty" ? image : "shared";
}
export function typedDeclaration(
  file: string,
  word: Piece,
  named: Name,
  type: Kind,
  settings: SettingsBlock | undefined,
): Declaration {
  return present({
    kind: word.image === "input" ? "input" : "task",
    name: written(named),
    type: written(type.name) && type,
    settings,
    ...head(file, word, named, type, settings),
  });
}
export function blockDeclaration(
  file: string,
  word: Piece,
  named: Name,
  parameters: readonly Parameter[],
  statements: readonly Statement[],
  result: Expression,
  close: Piece,
): Declaration {
  const body = head(file, word, named, ...parameters, ...statements, result, { span: spanOf(file, close) });
  return present({ kind: "block", name: written(named), parameters, statements, result, ...body });
}
export function parameter(named: Name, type: Kind | undefined, fallback: Expression | undefined): Parameter {
  const span = between(named.span, fallback?.span ?? type?.span ?? named.span);
  return present({ name: named, type: type && written(type.name) && type, fallback, span });
}
export function statement(named: Name, value: Expression): Statement {
  return { name: named, value, span: between(named.span, value.span) };
}
export function sectionDeclaration(
  file: string,
  word: Piece,
  named: Name | undefined,
  settings: SettingsBlock,
): Declaration {
  const kind = word.image === "train" ? "train" : "data";
  return present({ kind, name: written(named), settings, ...head(file, word, named, settings) });
}
export function unknownDeclaration(
  file: string,
  word: Piece,
  named: Name | undefined,
  type: Kind | undefined,
  value: Expression | undefined,
  settings: SettingsBlock | undefined,
): Declaration {
  return present({
    kind: "unknown",
    word: name(file, word),
    name: written(named),
    type: type && written(type.name) && type,
    value,
    settings,
    ...head(file, word, named, type, value, settings),
  });
}
