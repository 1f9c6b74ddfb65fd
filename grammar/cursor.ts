import type { Lexeme } from "./lexer.ts";
import type { Role, Token } from "./roles.ts";
import { closerOf, isCloser, type Stretch } from "./split.ts";
import type { SyntaxProblem } from "./tree.ts";

/** Fewer tokens than this since the last problem, and a new one is its echo. */
const echo = 2;

export interface Details {
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

/** A place in one declaration's lexemes, the tokens written so far, and what was reported of them. */
export class Cursor {
  protected readonly tokens: Token[] = [];
  protected readonly problems: SyntaxProblem[] = [];
  protected at: number;
  /** Lexemes taken since something was reported. */
  protected sinceProblem = Number.POSITIVE_INFINITY;
  /** For each opening bracket of the stretch where it closes. */
  protected readonly closes = new Map<number, number>();
  /** Closing brackets without a partner. */
  protected readonly orphans = new Set<number>();
  protected readonly lexemes: readonly Lexeme[];
  protected readonly stretch: Stretch;
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
  /** How far ahead this mark stands outside of brackets; 0 where it does not. */
  ahead(kind: Lexeme["kind"]): number {
    for (let index = this.at; index < this.stretch.to; index++) {
      if (this.lexemes[index].kind === kind) return index - this.at;
      index = this.closes.get(index) ?? index;
    }
    return 0;
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
  protected gap(): number {
    return this.at > 0 ? this.lexemes[this.at - 1].end : 0;
  }
  protected noticeSuspect(): void {
    if (this.next.suspect) this.sinceProblem = 0;
  }

  report(kind: SyntaxProblem["kind"], details: Details = {}): void {
    this.noticeSuspect();
    const echoes = this.sinceProblem < echo || (details.mayEcho && this.troubled());
    this.sinceProblem = 0;
    this.noteTrouble();
    if (echoes) return;
    const { atGap, related, at, mayEcho: _, ...rest } = details;
    const { start, end, text } = at ?? this.next;
    const gap = this.gap();
    const span = atGap ? { file: this.file, start: gap, end: gap } : { file: this.file, start, end };
    const other = related && { related: { file: this.file, start: related.start, end: related.end } };
    this.problems.push({ kind, found: text, ...rest, span, ...other });
  }

  finish(): { tokens: readonly Token[]; problems: readonly SyntaxProblem[] } {
    if (!this.atEnd) this.report("unexpected");
    return { tokens: this.tokens, problems: this.problems };
  }

  protected noteTrouble(): void {}
  /** Whether an earlier mistake explains what fits badly here. */
  protected troubled(): boolean {
    return false;
  }
}
