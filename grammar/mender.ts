import type { Lexeme } from "./lexer.ts";
import type { Role, Token } from "./roles.ts";
import { closerOf, isCloser, type Stretch } from "./split.ts";
import type { SyntaxProblem } from "./tree.ts";

/**
 * Walks over a declaration's lexemes and writes the tokens of one that parses. It knows three things: which brackets
 * are open, whether an operand is wanted or was just read, and whether an item of a list begins.
 */

type FrameKind = "value" | "group" | "list" | "arguments" | "entries" | "parameters" | "body" | "names";
interface Frame {
  /** A group turns out to be arguments whose name is missing. */
  kind: FrameKind;
  /** The bracket that closes it; none for a value that ends with its declaration. */
  readonly close: string | undefined;
  readonly open: Lexeme | undefined;
  /** First place after everything that this frame can hold. */
  readonly limit: number;
  /** Column of its first item that began a line. */
  column: number;
  /** In a body: whether `return` was seen. */
  returned: boolean;
  /** Whether a problem was reported in its present item: brackets and commas that do not fit there are its echo. */
  troubled: boolean;
  /** Index of its opening token. */
  readonly token: number;
}

const binary: ReadonlySet<string> = new Set(["->", "+", "-", "*", "/"]);
const operandStarts: ReadonlySet<string> = new Set(["word", "number", "string", "(", "[", "{"]);
const opensFrame: Readonly<Record<FrameKind, string>> = {
  value: "",
  group: "(",
  list: "[",
  arguments: "(",
  entries: "{",
  parameters: "(",
  body: "{",
  names: "{",
};
/** Fewer tokens than this since the last problem, and a new one is its echo. */
const echo = 2;

interface Details {
  readonly expected?: string;
  readonly insertion?: string;
  readonly replacement?: string;
  readonly related?: Lexeme;
  /** The lexeme that it is about, where that is not the next. */
  readonly at?: Lexeme;
  /** Place it where the text before ends, with no width. */
  readonly atGap?: boolean;
  /** True for what an earlier mistake nearby explains as well. */
  readonly mayEcho?: boolean;
}

export class Mender {
  private readonly tokens: Token[] = [];
  private readonly problems: SyntaxProblem[] = [];
  private readonly frames: Frame[] = [];
  private at: number;
  private wanted = true;
  private fresh = true;
  private sinceProblem = Number.POSITIVE_INFINITY;
  /** For each opening bracket of the stretch where it closes; closing brackets without a partner. */
  private readonly closes = new Map<number, number>();
  private readonly orphans = new Set<number>();
  private readonly lexemes: readonly Lexeme[];
  private readonly stretch: Stretch;
  private readonly file: string;

  constructor(lexemes: readonly Lexeme[], stretch: Stretch, file: string) {
    this.lexemes = lexemes;
    this.stretch = stretch;
    this.file = file;
    this.at = stretch.from;
    const stack: number[] = [];
    for (let i = stretch.from; i < stretch.to; i++) {
      const { kind } = lexemes[i];
      if (closerOf(kind)) stack.push(i);
      else if (isCloser(kind)) {
        const match = stack.findLastIndex((open) => closerOf(lexemes[open].kind) === kind);
        if (match < 0) this.orphans.add(i);
        else for (const open of stack.splice(match)) this.closes.set(open, i);
      }
    }
  }

  // ── Looking and taking ───────────────────────────────────────────────────────────────────────────────────────────

  get next(): Lexeme {
    return this.peek(0);
  }
  nextIs(kind: Lexeme["kind"]): boolean {
    return this.peek(0).kind === kind;
  }
  get atEnd(): boolean {
    return this.at >= this.stretch.to;
  }
  peek(ahead: number): Lexeme {
    const index = this.at + ahead;
    // Past the end of the stretch stands an end, whatever the file goes on with.
    if (index < this.stretch.to) return this.lexemes[index];
    const end = this.lexemes[this.stretch.to - 1].end;
    const last = this.lexemes[this.lexemes.length - 1];
    const suspect = this.stretch.to === this.lexemes.length - 1 && last.suspect;
    return { kind: "end", text: "", start: end, end, column: 0, lineStart: true, suspect };
  }
  take(role: Role): void {
    this.noticeSuspect();
    this.tokens.push({ ...this.next, kind: role });
    this.sinceProblem++;
    this.at++;
  }
  /** Writes `role` where another lexeme stands. */
  replace(role: Role): void {
    this.tokens.push({ ...this.next, kind: role, text: role });
    this.at++;
  }
  skip(): void {
    this.noticeSuspect();
    this.at++;
  }
  skipRest(): void {
    this.at = this.stretch.to;
  }
  insert(role: Role, text: string): void {
    const at = this.gap();
    this.tokens.push({ kind: role, text, start: at, end: at, column: 0, lineStart: false, suspect: true });
  }
  /** Puts a mark or word that was left out, and says so. */
  insertMark(mark: Role): void {
    const next = this.next;
    const spaced = mark === "->" || mark === "=" || mark === "from";
    const insertion = spaced ? ` ${mark}` : mark === "{" ? " {" : mark;
    const mayEcho = mark === "(" || mark === "[" || mark === "{";
    const kind = next.kind === "end" ? "expected" : "missing-mark";
    this.report(kind, { expected: `\`${mark}\``, insertion, mayEcho, atGap: true });
    this.insert(mark, mark);
  }
  /** A word that is reported elsewhere was accepted: what follows it is a mistake of its own. */
  accepted(): void {
    this.sinceProblem = Number.POSITIVE_INFINITY;
  }

  /** Where the text before ends. */
  private gap(): number {
    return this.at > 0 ? this.lexemes[this.at - 1].end : 0;
  }
  private noticeSuspect(): void {
    if (this.next.suspect) this.sinceProblem = 0;
  }

  report(kind: SyntaxProblem["kind"], details: Details = {}): void {
    this.noticeSuspect();
    const echoes = this.sinceProblem < echo || (details.mayEcho && this.troubled());
    this.sinceProblem = 0;
    const frame = this.frames.at(-1);
    if (frame) frame.troubled = true;
    if (echoes) return;
    const { atGap, related, at, mayEcho: _, ...rest } = details;
    const { start, end, text } = at ?? this.next;
    const gap = this.gap();
    const span = atGap ? { file: this.file, start: gap, end: gap } : { file: this.file, start, end };
    const other = related && { related: { file: this.file, start: related.start, end: related.end } };
    this.problems.push({ kind, found: text, ...rest, span, ...other });
  }

  /** Whether a problem was reported in the entry, statement or value that this is part of. */
  private troubled(): boolean {
    const item = this.frames.findLastIndex(({ kind }) => kind === "entries" || kind === "body");
    return this.frames.slice(Math.max(0, item)).some((frame) => frame.troubled);
  }

  /** True where the body of a block of settings begins, with its brace or without. */
  keyFollows(): boolean {
    const at = this.next.kind === "{" ? 1 : 0;
    const kind = this.peek(at).kind;
    if (kind === "word" || kind === "string") return this.peek(at + 1).kind === ":" || this.orphanAhead("}", true);
    return false;
  }
  settingsFollow(): boolean {
    return [":", "="].includes(this.peek(2).kind);
  }
  bracketIsAfterName(): boolean {
    return this.peek(1).kind === "{" || (this.peek(1).kind === "word" && this.peek(2).kind === ":");
  }

  finish(): { tokens: readonly Token[]; problems: readonly SyntaxProblem[] } {
    if (!this.atEnd) this.report("unexpected");
    return { tokens: this.tokens, problems: this.problems };
  }

  // ── Frames ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** An expression up to the end of the declaration. */
  value(): void {
    this.push("value", undefined);
    this.run(1);
    if (this.frames.length > 1) this.closeFrames(1);
    this.complete();
    this.frames.pop();
  }

  /** Everything from an opening bracket (put there if it is missing) to its partner. */
  bracket(kind: "arguments" | "list" | "entries" | "parameters" | "body" | "names"): void {
    const mark = opensFrame[kind];
    if (this.next.kind === mark) this.open(kind);
    else {
      this.insertMark(mark === "(" ? "(" : mark === "[" ? "[" : "{");
      this.push(kind, undefined);
    }
    this.run(this.frames.length);
    if (this.frames.length > 0) this.closeFrames(0);
  }

  private run(depth: number): void {
    while (this.frames.length >= depth && !this.atEnd) this.step(this.frames[this.frames.length - 1], this.next);
  }

  private open(kind: FrameKind): void {
    const at = this.at;
    const mark = this.next;
    this.take(mark.kind === "(" ? "(" : mark.kind === "[" ? "[" : "{");
    this.push(kind, mark, this.closes.get(at));
  }
  private push(kind: FrameKind, open: Lexeme | undefined, limit?: number): void {
    const close = closerOf(opensFrame[kind]);
    const column = Number.POSITIVE_INFINITY;
    const outer = this.frames.at(-1)?.limit ?? this.stretch.to;
    const token = this.tokens.length - 1;
    this.frames.push({ kind, close, open, limit: limit ?? outer, column, returned: false, troubled: false, token });
    this.wanted = true;
    this.fresh = true;
  }

  private pop(): Frame | undefined {
    const frame = this.frames.pop();
    const outer = this.frames.at(-1);
    if (outer && frame?.troubled) outer.troubled = true;
    return frame;
  }

  /** Ends the frame on top: whatever it still lacks is put there. */
  private complete(): void {
    const frame = this.frames[this.frames.length - 1];
    const empty = this.fresh && frame.kind !== "group" && frame.kind !== "value";
    if (this.wanted && !empty) {
      this.report("missing-value", { expected: "an expression", atGap: true });
      this.insert("missing", "");
    }
    if (frame.kind === "body" && !frame.returned) {
      this.report("expected", { expected: "`return` and an expression", atGap: true, mayEcho: true });
      this.insert("return", "return");
      this.insert("missing", "");
    }
    this.wanted = false;
    this.fresh = false;
  }

  /** Closes frames that were left open, down to `depth` of them; one problem for all. */
  private closeFrames(depth: number): void {
    const innermost = this.frames.at(-1);
    const missing = this.frames
      .slice(depth)
      .map((frame) => frame.close ?? "")
      .reverse()
      .join("");
    const details = { expected: `\`${innermost?.close ?? ""}\``, insertion: missing, atGap: true, mayEcho: true };
    // A file that breaks off in the middle of an expression lacks one thing, not two.
    if (innermost?.kind !== "body") this.report("unclosed", { ...details, related: innermost?.open });
    while (this.frames.length > depth) {
      this.complete();
      const close = this.pop()?.close;
      if (close === ")" || close === "]" || close === "}") this.insert(close, close);
    }
    if (innermost?.kind === "body") this.report("unclosed", { ...details, related: innermost.open });
  }

  // ── One step ─────────────────────────────────────────────────────────────────────────────────────────────────────

  private step(frame: Frame, next: Lexeme): void {
    if (isCloser(next.kind)) return this.closing(frame, next);
    if (this.leavesBrackets(next)) return;
    if (frame.kind === "names") return this.importedName(next);
    if (this.fresh && (frame.kind === "entries" || frame.kind === "body" || frame.kind === "parameters")) {
      if (next.lineStart) frame.column = Math.min(frame.column, next.column);
      if (frame.kind === "entries") return this.entry(next);
      return frame.kind === "body" ? this.statement(frame, next) : this.parameter(next);
    }
    return this.wanted ? this.operand(frame, next) : this.afterOperand(frame, next);
  }

  private closing(frame: Frame, next: Lexeme): void {
    if (frame.close === next.kind) {
      if (this.frames.length === 1 && next.kind === "}" && this.at + 1 < frame.limit + 1 && this.strayClose()) return;
      this.complete();
      this.pop();
      this.take(next.kind === ")" ? ")" : next.kind === "]" ? "]" : "}");
      return;
    }
    const match = this.frames.findLastIndex((each) => each.close === next.kind);
    if (match >= 0) return this.closeFrames(match + 1);
    this.drop();
  }
  /** A closing brace too many: the declaration goes on after it, and another closes it. */
  private strayClose(): boolean {
    const rest = this.lexemes.slice(this.at + 1, this.stretch.to);
    if (!rest.some(({ kind }) => kind === "}") || ![...this.orphans].some((index) => index > this.at)) return false;
    this.drop();
    if (!this.wanted) this.fresh = true;
    return true;
  }

  /** A key or statement at the margin of an outer block: the brackets between were never closed. */
  private leavesBrackets(next: Lexeme): boolean {
    if (!next.lineStart || (next.kind !== "word" && next.kind !== "string")) return false;
    const outer = this.frames.findLastIndex((frame) => frame.kind === "entries" || frame.kind === "body");
    if (outer < 0 || outer === this.frames.length - 1 || next.column > this.frames[outer].column) return false;
    const mark = this.frames[outer].kind === "entries" ? ":" : "=";
    if (this.peek(1).kind !== mark && !(mark === "=" && next.text === "return")) return false;
    this.closeFrames(outer + 1);
    return true;
  }

  private drop(details: Details = {}): void {
    const mayEcho = this.next.kind === "," || isCloser(this.next.kind);
    this.report("unexpected", { mayEcho, ...details });
    this.skip();
  }
  /** Leaves out everything up to the next item that can be told. */
  private dropItem(expected: string): void {
    this.drop({ expected });
    for (; !this.atEnd && !isCloser(this.next.kind) && this.next.kind !== ","; this.at++) {
      const begins = this.next.kind === "word" || this.next.kind === "string";
      if (begins && (this.peek(1).kind === ":" || this.peek(1).kind === "=" || this.next.text === "return")) return;
      this.at = this.closes.get(this.at) ?? this.at;
    }
  }
  /** Reads the next item of a list, block or body. */
  private begin(): void {
    this.wanted = true;
    this.fresh = true;
    const frame = this.frames.at(-1);
    if (frame?.kind === "entries" || frame?.kind === "body") frame.troubled = false;
  }

  // ── Items ────────────────────────────────────────────────────────────────────────────────────────────────────────

  private importedName(next: Lexeme): void {
    const previous = this.tokens.at(-1)?.kind;
    if (next.kind === "word" && next.text === "from" && this.peek(1).kind === "string") return this.closeFrames(0);
    if (next.kind === "string") return this.closeFrames(0);
    if (next.kind === "word") {
      if (previous === "name") this.insertMark(",");
      this.take("name");
      this.fresh = false;
      this.wanted = false;
    } else if (next.kind === "," && previous === "name") this.take(",");
    else this.drop({ expected: "a name" });
  }

  private entry(next: Lexeme): void {
    const previous = this.tokens.at(-1)?.kind;
    if (next.kind === ",") {
      if (previous === "," || previous === "{") this.drop();
      else this.take(",");
      return;
    }
    if (next.kind !== "word" && next.kind !== "string") return this.dropItem("a key");
    this.take("key");
    const after = this.next;
    if (after.kind === ":") this.take(":");
    else if (after.kind === "=") {
      this.report("expected", { expected: "`:`", replacement: ":" });
      this.replace(":");
    } else this.insertMark(":");
    this.wanted = true;
    this.fresh = false;
    this.openMissing("[");
  }

  private statement(frame: Frame, next: Lexeme): void {
    if (next.kind !== "word") return this.dropItem("a statement such as `y = x -> dense(8)`");
    if (next.text === "return" && this.peek(1).kind !== "=") {
      if (frame.returned) return this.drop();
      this.take("return");
      frame.returned = true;
    } else if (frame.returned) {
      return this.drop({ expected: "`}`" });
    } else {
      this.take("name");
      if (this.next.kind === "=") this.take("=");
      else if (this.next.kind === ":") {
        this.report("expected", { expected: "`=`", replacement: "=" });
        this.replace("=");
      } else this.insertMark("=");
    }
    this.wanted = true;
    this.fresh = false;
  }

  private parameter(next: Lexeme): void {
    if (next.kind !== "word") return this.drop({ expected: "a parameter's name" });
    this.fresh = false;
    if (this.peek(1).kind !== ":") {
      this.take("name");
      this.wanted = false;
      return;
    }
    this.take("key");
    this.take(":");
    if (this.next.kind === "word") this.take("name");
    else {
      this.report("missing-value", { expected: "a kind", atGap: true });
      this.insert("name", "");
    }
    this.wanted = false;
  }

  // ── Expressions ──────────────────────────────────────────────────────────────────────────────────────────────────

  private operand(frame: Frame, next: Lexeme): void {
    const following = this.peek(1).kind;
    const wasFresh = this.fresh;
    const labelled = next.kind === "word" || next.kind === "string";
    if (next.text === "return" && frame.kind === "body" && next.lineStart) return this.missingOperand();
    if (labelled && following === ":" && frame.kind === "group" && wasFresh) return this.groupIsCall(frame);
    if (labelled && following === ":") {
      if (frame.kind === "arguments" && wasFresh) {
        this.take("key");
        this.take(":");
        this.fresh = false;
        return;
      }
      const enclosed = this.frames.some(({ kind }) => kind === "entries" || kind === "arguments");
      if (enclosed && !(frame.kind === "list" && this.tokens.at(-1)?.kind === "[")) {
        if (wasFresh && frame.kind === "list") return this.closeFrames(this.frames.length - 1);
        return this.missingOperand();
      }
    }
    if (labelled && following === "=" && wasFresh && frame.kind === "arguments") {
      this.take("key");
      this.report("expected", { expected: "`:`", replacement: ":" });
      this.replace(":");
      this.fresh = false;
      return;
    }
    if (labelled || next.kind === "number") {
      const word = next.text === "true" || next.text === "false" ? "boolean" : "name";
      this.take(next.kind === "word" ? word : next.kind === "number" ? "number" : "string");
      this.wanted = false;
      this.fresh = false;
      return;
    }
    if (next.kind === "(" || next.kind === "[" || next.kind === "{") {
      return this.open(next.kind === "(" ? "group" : next.kind === "[" ? "list" : "entries");
    }
    const unaryAllowed = this.tokens.at(-1)?.kind !== "-" || this.minusIsBinary();
    if (next.kind === "-" && unaryAllowed) {
      this.take("-");
      this.fresh = false;
    } else if (binary.has(next.kind) || (next.kind === "," && !wasFresh)) {
      this.missingOperand();
    } else this.drop({ expected: "an expression" });
  }
  private missingOperand(): void {
    this.report("missing-value", { expected: "an expression", atGap: true });
    this.insert("missing", "");
    this.wanted = false;
    this.fresh = false;
  }
  /** Parentheses that hold more than one expression are a call whose name was left out. */
  private groupIsCall(frame: Frame): void {
    if (this.frames.at(-2)?.kind === "arguments" && this.tokens[frame.token - 1].kind === "(") {
      // `f((key: 1)`: two parentheses where one was meant.
      this.report("unexpected", { at: frame.open });
      this.tokens.splice(frame.token, 1);
      this.pop();
      this.begin();
      return;
    }
    this.report("missing-value", { expected: "a name before the parenthesis", related: frame.open });
    const { start } = this.tokens[frame.token];
    const name: Token = { kind: "name", text: "", start, end: start, column: 0, lineStart: false, suspect: true };
    this.tokens.splice(frame.token, 0, name);
    frame.kind = "arguments";
  }
  /** Whether the minus just taken stands between two operands. */
  private minusIsBinary(): boolean {
    const before = this.tokens.at(-2)?.kind;
    return before !== undefined && /^(name|number|string|boolean|missing|\)|\]|\})$/.test(before);
  }

  private afterOperand(frame: Frame, next: Lexeme): void {
    const last = this.tokens.at(-1)?.kind;
    if (next.kind === "(" && last === "name") return this.open("arguments");
    if (next.kind === "[" && frame.kind === "parameters" && (last === "name" || last === ")")) return this.open("list");
    if (next.kind === ".") {
      const part = this.peek(1).kind;
      if (part !== "word" && part !== "string") return this.drop({ expected: "a name after the dot" });
      this.take(".");
      return this.take(part === "word" ? "name" : "string");
    }
    if (frame.kind === "parameters" && next.kind === "=") {
      this.take("=");
      this.wanted = true;
      return;
    }
    if (binary.has(next.kind) && frame.kind !== "parameters") {
      this.takeBinary(next);
      return;
    }
    if (next.kind === ",") return this.comma(frame);
    // The braces of a declaration do not stand inside its kind's brackets.
    const inHeader = this.frames.length === 1 && (frame.kind === "list" || frame.kind === "arguments");
    if (next.kind === "{" && (inHeader || frame.kind === "parameters")) return this.closeFrames(0);
    if (operandStarts.has(next.kind)) return this.secondOperand(frame, next, last);
    if (binary.has(next.kind) && this.tokens.some(({ kind }) => kind === "=")) return this.takeBinary(next);
    this.drop();
  }
  private takeBinary(next: Lexeme): void {
    if (next.kind === "->" || next.kind === "+" || next.kind === "-" || next.kind === "*" || next.kind === "/") {
      this.take(next.kind);
    }
    this.wanted = true;
    this.fresh = false;
  }

  private comma(frame: Frame): void {
    switch (frame.kind) {
      case "arguments":
      case "list":
      case "parameters":
      case "entries":
        this.take(",");
        return this.begin();
      case "group":
        this.groupIsCall(frame);
        this.take(",");
        return this.begin();
      default:
        return this.drop();
    }
  }

  /** An operand right after another: the next item, or a mark between the two is missing. */
  private secondOperand(frame: Frame, next: Lexeme, last: Role | undefined): void {
    const following = this.peek(1);
    const labelled = next.kind === "word" || next.kind === "string";
    const key = labelled && following.kind === ":";
    const itemOnLine = next.lineStart && labelled && !following.lineStart && operandStarts.has(following.kind);
    switch (frame.kind) {
      case "entries":
        if (key || (labelled && following.kind === "=") || (itemOnLine && following.kind !== "(")) return this.begin();
        break;
      case "body":
        if (next.text === "return" || (labelled && (key || following.kind === "="))) return this.begin();
        if (itemOnLine && following.kind !== "(") return this.begin();
        break;
      case "list":
      case "group":
        if (key && this.frames.some(({ kind }) => kind === "entries" || kind === "arguments")) {
          return this.closeFrames(this.frames.length - 1);
        }
        break;
      default:
    }
    if (last === "name" && this.openMissing("(")) return;
    if (frame.kind === "arguments" || frame.kind === "list" || frame.kind === "parameters") {
      this.insertMark(",");
      return this.begin();
    }
    this.report("expected", { expected: "`->` or another operator", insertion: " ->", atGap: true });
    this.insert("->", "->");
    this.wanted = true;
    this.fresh = false;
  }

  // ── Brackets that were never opened ──────────────────────────────────────────────────────────────────────────────

  /** Whether a closing bracket without a partner follows in the same item. */
  private orphanAhead(close: string, beyondKeys = false): boolean {
    const limit = this.frames.at(-1)?.limit ?? this.stretch.to;
    for (let i = this.at; i < limit; i++) {
      const { kind } = this.lexemes[i];
      if (this.orphans.has(i) && kind === close) return true;
      const key = (kind === "word" || kind === "string") && this.lexemes[i + 1].kind === ":";
      if (isCloser(kind) || (key && !beyondKeys && i > this.at)) return false;
      i = this.closes.get(i) ?? i;
    }
    return false;
  }
  private openMissing(mark: "(" | "["): boolean {
    if (this.next.kind === mark || !this.orphanAhead(closerOf(mark) ?? "", mark === "(")) return false;
    this.insertMark(mark);
    this.push(mark === "(" ? "arguments" : "list", undefined);
    return true;
  }
}
