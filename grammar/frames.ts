import { Cursor } from "./cursor.ts";
import type { Lexeme } from "./lexer.ts";
import { closerOf, isCloser } from "./split.ts";

export type FrameKind = "value" | "group" | "list" | "arguments" | "entries" | "parameters" | "body" | "names";
export interface Frame {
  /** A group turns out to be arguments whose name is missing. */
  kind: FrameKind;
  /** The bracket that closes it; none for a value that ends with its declaration. */
  readonly close: string | undefined;
  readonly open: Lexeme | undefined;
  /** First place after everything that this frame can hold. */
  limit: number;
  /** Column of its first item that began a line. */
  column: number;
  /** In a body: whether `return` was seen; in parameters: whether the present one has its default. */
  settled: boolean;
  /** Whether a problem was reported in its present item: brackets and commas that do not fit there are its echo. */
  troubled: boolean;
  /** Index of its opening token. */
  readonly token: number;
}

export const opensFrame: Readonly<Record<FrameKind, string>> = {
  value: "",
  group: "(",
  list: "[",
  arguments: "(",
  entries: "{",
  parameters: "(",
  body: "{",
  names: "{",
};
/** Which brackets are open, and whether an operand is wanted there or was just read. */
export class Frames extends Cursor {
  protected readonly frames: Frame[] = [];
  protected wanted = true;
  /** At the beginning of an item: of a list, of arguments, of a block. */
  protected fresh = true;

  /** Whether a problem was reported in the entry, statement or value that this is part of. */
  protected override troubled(): boolean {
    const item = this.frames.findLastIndex(({ kind }) => kind === "entries" || kind === "body");
    return this.frames.slice(Math.max(0, item)).some((frame) => frame.troubled);
  }

  protected override noteTrouble(): void {
    const frame = this.frames.at(-1);
    if (frame) frame.troubled = true;
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

  protected open(kind: FrameKind): void {
    const at = this.at;
    const mark = this.next;
    this.take(mark.kind === "(" ? "(" : mark.kind === "[" ? "[" : "{");
    this.push(kind, mark, this.closes.get(at));
  }
  protected push(kind: FrameKind, open: Lexeme | undefined, limit?: number): void {
    const close = closerOf(opensFrame[kind]);
    const column = Number.POSITIVE_INFINITY;
    const outer = this.frames.at(-1)?.limit ?? this.stretch.to;
    const token = this.tokens.length - 1;
    this.frames.push({ kind, close, open, limit: limit ?? outer, column, settled: false, troubled: false, token });
    this.wanted = true;
    this.fresh = true;
  }

  protected pop(): Frame | undefined {
    const frame = this.frames.pop();
    const outer = this.frames.at(-1);
    if (outer && frame?.troubled) outer.troubled = true;
    return frame;
  }

  /** Ends the frame on top: whatever it still lacks is put there. */
  protected complete(): void {
    const frame = this.frames[this.frames.length - 1];
    const empty = this.fresh && frame.kind !== "group" && frame.kind !== "value";
    if (this.wanted && !empty) {
      this.report("missing-value", { expected: "an expression", atGap: true });
      this.insert("missing", "");
    }
    if (frame.kind === "names" && this.tokens[this.tokens.length - 1].kind === "{") {
      this.report("missing-value", { expected: "a name", atGap: true, mayEcho: true });
      this.insert("name", "");
    }
    if (frame.kind === "body" && !frame.settled) {
      this.report("expected", { expected: "`return` and an expression", atGap: true, mayEcho: true });
      this.insert("return", "return");
      this.insert("missing", "");
    }
    this.wanted = false;
    this.fresh = false;
  }

  /** Closes frames that were left open, down to `depth` of them; one problem for all. */
  protected closeFrames(depth: number): void {
    const innermost = this.frames.at(-1);
    const missing = this.frames
      .slice(depth)
      .map((frame) => frame.close ?? "")
      .reverse()
      .join("");
    const details = { expected: `\`${innermost?.close ?? ""}\``, insertion: missing, atGap: true, mayEcho: true };
    // A file that breaks off in the middle of an expression lacks one thing, not two; neither do braces that both are missing.
    const isWhole = innermost?.kind === "entries" && innermost.open === undefined;
    if (innermost?.kind !== "body" && !isWhole) this.report("unclosed", { ...details, related: innermost?.open });
    while (this.frames.length > depth) {
      this.complete();
      const close = this.pop()?.close;
      if (close === ")" || close === "]" || close === "}") this.insert(close, close);
    }
    if (innermost?.kind === "body") this.report("unclosed", { ...details, related: innermost.open });
  }

  /** Whether a closing bracket without a partner follows in the same item. */
  protected orphanAhead(close: string, beyondKeys = false): boolean {
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
}
