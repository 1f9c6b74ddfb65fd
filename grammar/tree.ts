/**
 * The syntax tree: what was written, nothing of what it means.
 *
 * Every node has the span of its own text. In a recovered tree a child may be absent; such places hold an expression of
 * kind `missing` (zero width, where the text should have been) or an absent optional field. Comments are kept beside the
 * tree, in order, for the formatter; `doc` is the text of the `///` lines above a declaration.
 */

/** A stretch of one file's text: UTF-16 offsets, `end` exclusive. */
export interface Span {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** A name as written. `quoted` when it stood in double quotes (`assay."NR-AR"`, `only: { "Major Genre": … }`). */
export interface Name {
  readonly text: string;
  readonly quoted: boolean;
  readonly span: Span;
}

export interface Comment {
  readonly style: "line" | "block" | "doc";
  /** The whole text with its marks. */
  readonly text: string;
  readonly span: Span;
}

export type Expression =
  | { readonly kind: "number"; readonly value: number; readonly text: string; readonly span: Span }
  | { readonly kind: "string"; readonly value: string; readonly span: Span }
  | { readonly kind: "boolean"; readonly value: boolean; readonly span: Span }
  | Reference
  | Call
  | Member
  | List
  | SettingsBlock
  | { readonly kind: "group"; readonly inner: Expression; readonly span: Span }
  | { readonly kind: "negate"; readonly operand: Expression; readonly span: Span }
  | Binary
  | Pipeline
  | { readonly kind: "missing"; readonly span: Span };

/** A bare name: a tensor, a constant, a layer without settings, an enumerated word. */
export interface Reference {
  readonly kind: "reference";
  readonly name: Name;
  readonly span: Span;
}
/** `dense(64, bias: false)`. */
export interface Call {
  readonly kind: "call";
  readonly name: Name;
  readonly arguments: readonly Argument[];
  /**
   * What is called where it is no plain name: `dense(32)(x)`, `F.relu(x)`, `x.dense(8)`. The language has no such form; whoever
   * reads the tree says so, and what is meant.
   */
  readonly callee?: Expression;
  readonly span: Span;
}
export interface Argument {
  readonly name?: Name;
  readonly value: Expression;
  readonly span: Span;
}
/** `heating.output`. */
export interface Member {
  readonly kind: "member";
  readonly object: Expression;
  readonly member: Name;
  readonly span: Span;
}
export interface List {
  readonly kind: "list";
  readonly items: readonly Expression[];
  readonly span: Span;
}
/** `{ key: value, … }`, as a declaration's body or as a value. */
export interface SettingsBlock {
  readonly kind: "settings";
  readonly entries: readonly Entry[];
  readonly span: Span;
}
export interface Entry {
  readonly key: Name;
  readonly value: Expression;
  readonly span: Span;
}
export interface Binary {
  readonly kind: "binary";
  readonly operator: "+" | "-" | "*" | "/";
  /** Where the operator itself stands. */
  readonly operatorSpan: Span;
  readonly left: Expression;
  readonly right: Expression;
  readonly span: Span;
}
/** `a -> b -> c`: always two steps or more. */
export interface Pipeline {
  readonly kind: "pipeline";
  readonly steps: readonly Expression[];
  readonly span: Span;
}

/** `class(17)[words]`: a word, perhaps arguments, perhaps axes. */
export interface Kind {
  readonly name: Name;
  readonly arguments: readonly Argument[];
  /** Present when brackets were written. */
  readonly axes?: readonly Expression[];
  readonly span: Span;
}

interface DeclarationBase {
  /** The opening word (`task`), for labels. */
  readonly keyword: Span;
  readonly doc?: string;
  readonly span: Span;
}
export interface ImportDeclaration extends DeclarationBase {
  readonly kind: "import";
  readonly names: readonly Name[];
  readonly from?: { readonly value: string; readonly span: Span };
}
export interface ModelDeclaration extends DeclarationBase {
  readonly kind: "model";
  readonly name?: Name;
}
/** `const`, `layer`, `shared` and `penalty`: a name and an expression. */
export interface ValueDeclaration extends DeclarationBase {
  readonly kind: "const" | "layer" | "shared" | "penalty";
  readonly name?: Name;
  readonly value: Expression;
}
export interface InputDeclaration extends DeclarationBase {
  readonly kind: "input";
  readonly name?: Name;
  readonly type?: Kind;
  readonly settings?: SettingsBlock;
}
export interface TaskDeclaration extends DeclarationBase {
  readonly kind: "task";
  readonly name?: Name;
  readonly type?: Kind;
  readonly settings?: SettingsBlock;
}
export interface BlockDeclaration extends DeclarationBase {
  readonly kind: "block";
  readonly name?: Name;
  readonly parameters: readonly Parameter[];
  readonly statements: readonly Statement[];
  readonly result: Expression;
}
export interface Parameter {
  readonly name: Name;
  readonly type?: Kind;
  readonly fallback?: Expression;
  readonly span: Span;
}
export interface Statement {
  readonly name: Name;
  readonly value: Expression;
  readonly span: Span;
}
export interface SectionDeclaration extends DeclarationBase {
  readonly kind: "train" | "data";
  readonly name?: Name;
  readonly settings: SettingsBlock;
}
/**
 * A word that opens no declaration, followed by something that looks like one: kept, and reported by name.
 * Where the opening word is absent (`trunk = image -> flatten`, `{ epochs: 3 }` between declarations), `word` is empty
 * and of zero width, and `problems` has already said so.
 */
export interface UnknownDeclaration extends DeclarationBase {
  readonly kind: "unknown";
  readonly word: Name;
  readonly name?: Name;
  readonly type?: Kind;
  readonly value?: Expression;
  readonly settings?: SettingsBlock;
}
export type Declaration =
  | ImportDeclaration
  | ModelDeclaration
  | ValueDeclaration
  | InputDeclaration
  | TaskDeclaration
  | BlockDeclaration
  | SectionDeclaration
  | UnknownDeclaration;

/** What the lexer or parser could not read; the compiler turns it into a diagnostic. */
export interface SyntaxProblem {
  readonly kind:
    | "unexpected-character"
    | "unterminated-string"
    | "unterminated-comment"
    | "bad-escape"
    | "bad-number"
    | "bad-name"
    | "tuple"
    | "foreign-statement"
    | "expected"
    | "unexpected"
    | "missing-mark"
    | "missing-value"
    | "unclosed"
    | "too-deep";
  /** What was found, as written; empty at the end of the file. */
  readonly found: string;
  /** What would have been right there, in a user's words: "`:`", "a name", "an expression". */
  readonly expected?: string;
  readonly span: Span;
  /** The other end, e.g. the bracket that was never closed. */
  readonly related?: Span;
  /** Text that mends it when inserted at `span.start` (missing marks). */
  readonly insertion?: string;
  /** Text that mends it in place of the text of `span` (wrong marks: `=` for `:`). */
  readonly replacement?: string;
  /** True where what is meant is beyond doubt: the text is read as if it were right, and nothing of it is left unsaid. */
  readonly certain?: true;
}

export interface SourceTree {
  readonly file: string;
  readonly text: string;
  readonly declarations: readonly Declaration[];
  readonly comments: readonly Comment[];
  readonly problems: readonly SyntaxProblem[];
}
