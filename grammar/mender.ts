import { type Frame, Frames, opensFrame } from "./frames.ts";
import type { Details } from "./cursor.ts";
import type { Lexeme } from "./lexer.ts";
import type { Role, Token } from "./roles.ts";
import { closerOf, isCloser } from "./split.ts";

const binary: ReadonlySet<string> = new Set(["->", "+", "-", "*", "/"]);
const operandStarts: ReadonlySet<string> = new Set(["word", "number", "string", "(", "[", "{"]);
/**
 * Walks over a declaration's lexemes and writes the tokens of one that parses. It knows three things: which brackets
 * are open, whether an operand is wanted or was just read, and whether an item of a list begins.
 */
export class Mender extends Frames {
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
      if (this.frames.length === 1 && next.kind === "}" && this.strayClose(frame)) return;
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
  private strayClose(frame: Frame): boolean {
    const orphan = [...this.orphans].find((index) => index > this.at && this.lexemes[index].kind === "}");
    if (orphan === undefined || isCloser(this.peek(1).kind)) return false;
    frame.limit = orphan;
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
      if (frame.settled) return this.drop();
      this.take("return");
      frame.settled = true;
    } else if (frame.settled) {
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
    this.frames[this.frames.length - 1].settled = false;
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
    const before = this.tokens.at(-2)?.kind;
    const bare = frame.kind === "parameters" && !frame.settled;
    if (next.kind === "(" && last === "name" && before !== "." && (!bare || before === ":")) {
      return this.open("arguments");
    }
    if (next.kind === "(" && !next.lineStart && !bare && (last === ")" || (last === "name" && before === "."))) {
      // `dense(32)(x)`, `x.dense(32)`: understood, and said by whoever knows what the names mean.
      this.insert("apply", "");
      return this.open("arguments");
    }
    if (next.kind === "[" && bare && (before === ":" || last === ")")) return this.open("list");
    if (next.kind === "." && !bare) {
      const part = this.peek(1).kind;
      if (part !== "word" && part !== "string") return this.drop({ expected: "a name after the dot" });
      this.take(".");
      return this.take(part === "word" ? "name" : "string");
    }
    if (bare && next.kind === "=") {
      this.take("=");
      frame.settled = true;
      this.wanted = true;
      return;
    }
    if (binary.has(next.kind) && !bare) return this.takeBinary(next);
    if (next.kind === ",") return this.comma(frame);
    // The braces of a declaration do not stand inside its kind's brackets.
    const inHeader = this.frames.length === 1 && (frame.kind === "list" || frame.kind === "arguments");
    if (next.kind === "{" && (inHeader || frame.kind === "parameters")) return this.closeFrames(0);
    if (operandStarts.has(next.kind)) return this.secondOperand(frame, next, last);
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
    const callable = last === "name" && this.tokens.at(-2)?.kind !== "." && frame.kind !== "parameters";
    if (callable && this.openMissing("(")) return;
    if (frame.kind === "arguments" || frame.kind === "list" || frame.kind === "parameters") {
      this.insertMark(",");
      return this.begin();
    }
    this.report("expected", { expected: "`->` or another operator", insertion: " ->", atGap: true });
    this.insert("->", "->");
    this.wanted = true;
    this.fresh = false;
  }

  private openMissing(mark: "(" | "["): boolean {
    if (this.next.kind === mark || !this.orphanAhead(closerOf(mark) ?? "", mark === "(")) return false;
    this.insertMark(mark);
    this.push(mark === "(" ? "arguments" : "list", undefined);
    return true;
  }
}
