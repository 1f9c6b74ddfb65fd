import type { Span, SyntaxProblem } from "../../../grammar/tree.ts";

/** Words of other languages inside an expression, which the parser stops at without knowing them. */
export interface ForeignWord {
  readonly found: string;
  readonly span: Span;
  readonly help: string;
}

const conditions = "a network is the same for every row: there are no conditions";
const helps: Readonly<Record<string, string>> = {
  lambda: "a function of one's own is a block: `block name(v) { return v * 2 }`",
  for: "copies of a chain one behind another are `repeat(3, dense(8) -> relu)`",
  if: conditions,
  else: conditions,
  and: "tensors are joined by `concat(a, b)`",
  or: "tensors are joined by `concat(a, b)`",
};

/** The word of another language that a problem stands at or right behind; undefined where there is none. */
export function foreignWord({ kind, span }: SyntaxProblem, text: string): ForeignWord | undefined {
  if (kind !== "expected" && kind !== "missing-mark" && kind !== "unexpected") return undefined;
  const before = /\blambda\s*$/.exec(text.slice(Math.max(0, span.start - 100), span.start));
  const after = /^\s*(for|if|else|and|or|lambda)\b(?=\s+\w)/.exec(text.slice(span.start, span.start + 100));
  const word = before ? "lambda" : after?.[1];
  if (word === undefined) return undefined;
  const start = before ? span.start - before[0].length : span.start + (after?.[0].length ?? 0) - word.length;
  return { found: word, span: { file: span.file, start, end: start + word.length }, help: helps[word] };
}

/** Whether a bracket follows a name at once, as an index does elsewhere. */
export function isIndex(text: string, at: number): boolean {
  return text[at] === "[" && /[\p{L}\p{N}_]/u.test(text[at - 1] ?? "");
}

/** What `x[:, 2]` and `x[0:4]` are here. */
export function indexHelp(text: string, at: number): string {
  const name = /[\p{L}\p{N}_]+$/u.exec(text.slice(Math.max(0, at - 100), at))?.[0] ?? "x";
  const [, first, range, last] = /^\[(?:[^\]]*,)?\s*(\d*)\s*(:?)\s*(\d*)\s*\]/.exec(text.slice(at, at + 100)) ?? [];
  const from = Number(first || "0");
  const to = range === ":" ? last : first === undefined || first === "" ? "4" : String(from + 1);
  const settings = [...(from > 0 || to === "" ? [`from: ${from}`] : []), ...(to ? [`to: ${to}`] : [])];
  return `a stretch of the last axis is kept by \`${name} -> slice(${settings.join(", ")})\``;
}

/** What `2 ** 8` and `x ** 2` are here. */
export function powerHelp(text: string, at: number): string {
  const [, base, exponent] =
    /([\w.]+)\s*\*\*\s*([\w.]*)$/.exec(
      `${text.slice(Math.max(0, at - 100), at + 1)}${/^[\s\w.]*/.exec(text.slice(at + 1, at + 100))?.[0] ?? ""}`.trimEnd(),
    ) ?? [];
  const value = Number(base) ** Number(exponent);
  if (Number.isFinite(value)) return `a power is written out: \`${value}\``;
  return exponent === "2"
    ? `the square is \`square(${base})\``
    : "there are no powers: `exp`, `square`, `sqrt` and `*` are what there is";
}
