import { describe, expect, test } from "vitest";
import { lex } from "../../grammar/lexer.ts";
import { parse } from "../../grammar/parse.ts";
import { showDeclaration } from "./show.ts";
import type { SourceTree } from "../../grammar/tree.ts";
import { programs as models } from "../programs/programs.ts";

const programs = models.map(({ name, text }): [string, string] => [`${name}.mtl`, text]);

/** Walks every node that has a span. */
function* spans(node: unknown): Generator<{ start: number; end: number; inside?: { start: number; end: number } }> {
  if (Array.isArray(node)) for (const item of node) yield* spans(item);
  else if (node && typeof node === "object") {
    const own = "span" in node ? node.span : undefined;
    if (own && typeof own === "object" && "start" in own && "end" in own) {
      yield { start: Number(own.start), end: Number(own.end) };
    }
    for (const [key, value] of Object.entries(node)) if (key !== "span") yield* spans(value);
  }
}
function checkSpans(tree: SourceTree): void {
  for (const { start, end } of spans({ d: tree.declarations, p: tree.problems, c: tree.comments })) {
    if (!(start >= 0 && start <= end && end <= tree.text.length)) throw new Error(`span ${start}…${end} is outside`);
  }
}

describe("whole programs", () => {
  test("are all there", () => expect(programs.length).toBeGreaterThan(10));

  test.each(programs)("%s parses, and its spans are its text", (name, text) => {
    const tree = parse(text, name);
    expect(tree.problems).toEqual([]);
    checkSpans(tree);
    // Every word of the text is in a declaration or a comment.
    const words = lex(text, name).lexemes.filter(({ kind }) => kind !== "end");
    for (const { start, end } of words) {
      expect(tree.declarations.some(({ span }) => span.start <= start && end <= span.end)).toBe(true);
    }
    for (const { keyword, kind } of tree.declarations) expect(text.slice(keyword.start, keyword.end)).toBe(kind);
  });

  test.each(programs)("%s cut off anywhere keeps what came before", (name, text) => {
    const whole = parse(text, name);
    for (let end = 0; end < text.length; end += 7) {
      const tree = parse(text.slice(0, end), name);
      checkSpans(tree);
      const complete = whole.declarations.filter(({ span }) => span.end < end);
      // A declaration may go on after its last word, so the last complete one may still change.
      const before = complete.slice(0, -1).map(showDeclaration);
      expect(tree.declarations.slice(0, before.length).map(showDeclaration)).toEqual(before);
      expect(tree.problems.length).toBeLessThanOrEqual(2);
    }
  });

  test("one mark left out or doubled is one problem, and no declaration is lost", () => {
    let edits = 0;
    let single = 0;
    for (const [name, text] of programs) {
      const whole = parse(text, name);
      for (const { kind, start, end } of lex(text, name).lexemes) {
        if (kind === "word" || kind === "number" || kind === "string" || kind === "end") continue;
        for (const edited of [
          `${text.slice(0, start)} ${text.slice(end)}`,
          `${text.slice(0, end)} ${text.slice(start)}`,
        ]) {
          const tree = parse(edited, name);
          edits++;
          if (tree.problems.length <= 1) single++;
          expect(tree.declarations.length).toBeGreaterThanOrEqual(whole.declarations.length);
        }
      }
    }
    expect(edits).toBeGreaterThan(2000);
    expect(single / edits).toBeGreaterThan(0.995);
  });

  test("garbled by random edits they neither throw nor hang, and something is kept", () => {
    const seed = Date.now() % 1_000_000;
    console.log(`garbling with seed ${seed}`);
    let state = seed;
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const bits = [
      "{",
      "}",
      "(",
      ")",
      "[",
      "]",
      ":",
      "=",
      ",",
      "->",
      ".",
      "-",
      "+",
      '"',
      "'",
      "//",
      "/*",
      "*/",
      "\n",
      " ",
    ];
    bits.push("task ", "data ", "return ", "input ", "12", "1.2.3", "#", "$", "\\", "\u{1F600}", "\0", "///", "true");
    for (let round = 0; round < 1500; round++) {
      const [name, original] = programs[random(programs.length)];
      let text = original;
      for (let edit = random(5); edit >= 0; edit--) {
        const at = random(text.length);
        text = text.slice(0, at) + (random(3) > 0 ? bits[random(bits.length)] : "") + text.slice(at + random(4));
      }
      try {
        const tree = parse(text, name);
        checkSpans(tree);
        const swallowed = tree.problems.some(({ kind }) => kind === "unterminated-comment");
        if (tree.declarations.length === 0 && !swallowed) throw new Error("nothing was kept");
      } catch (error) {
        throw new Error(`seed ${seed}, round ${round}, ${name}:\n${text}`, { cause: error });
      }
    }
  });
});
