import type { Declaration, SourceTree, Span, SyntaxProblem } from "../../../grammar/tree.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { data } from "../../diagnostics/data.ts";
import { names } from "../../diagnostics/names.ts";
import { sections } from "../../diagnostics/sections.ts";
import { settings } from "../../diagnostics/settings.ts";
import { tasks } from "../../diagnostics/tasks.ts";
import { guesses } from "./guesses.ts";

/**
 * One mistake, one message. Where a text had to be mended, what was mended may not mean what was meant, and what is
 * misspelt is not missing besides: messages that only follow from another are left out here.
 */
export function withoutFollowers(
  diagnostics: readonly Diagnostic[],
  trees: ReadonlyMap<string, SourceTree>,
): Diagnostic[] {
  const files = new Map([...trees].map(([file, tree]) => [file, new File(tree)]));
  for (const { code, span } of diagnostics) {
    const file = span && files.get(span.file);
    if (file && slips.has(code)) file.slips.add(file.declarationAt(span.start));
  }
  const values = wrongNames(diagnostics);
  const unknown = new Set<string>();
  return diagnostics.filter((diagnostic) => {
    const { span, code, message } = diagnostic;
    const file = span && files.get(span.file);
    if (file && code !== names.noName.code && file.reads(values, span)) return false;
    if (!file || code.startsWith("MTL1")) return true;
    const declaration = file.declarationAt(span.start);
    if (code === settings.noSuchName.code && unknown.size === unknown.add(message).size) return false;
    if (missing.has(code) && file.slips.has(declaration)) return false;
    if (dataless.has(code) && file.hasBrokenData) return false;
    return !(file.problems.get(declaration) ?? []).some((problem) => file.follows(diagnostic, problem, declaration));
  });
}

/** `true`, where a declaration of that name was refused: what is said of it anywhere follows from that. */
function wrongNames(diagnostics: readonly Diagnostic[]): ReadonlySet<string> {
  const refused = diagnostics.filter(({ code }) => code === names.noName.code);
  return new Set(refused.flatMap(({ message }) => /^`(\w+)`/.exec(message)?.[1] ?? []));
}

/** Something else was meant than what is written. */
const slips: ReadonlySet<string> = new Set([
  settings.unknownSetting.code,
  settings.needsItsName.code,
  settings.unknownWord.code,
]);

/** Messages about rows that are not there, wherever the data sections lost them. */
const dataless: ReadonlySet<string> = new Set([
  data.partOfNothing.code,
  sections.stopWithoutPart.code,
  sections.sourceOperands.code,
  sections.taskWithoutData.code,
]);

/** Messages about something that is not there. */
const missing: ReadonlySet<string> = new Set([settings.missingSetting.code, tasks.headMissing.code]);

/** A file's text by declarations, entries and lines. */
class File {
  /** Problems by the place of the declaration that they stand in. */
  readonly problems = new Map<number, SyntaxProblem[]>();
  /** Declarations with a key or setting that there is not. */
  readonly slips = new Set<number>();
  private readonly tree: SourceTree;
  private readonly lineStarts: readonly number[];

  constructor(tree: SourceTree) {
    this.tree = tree;
    this.lineStarts = [0, ...[...tree.text.matchAll(/\n/g)].map(({ index }) => index + 1)];
    for (const problem of guesses(tree)) {
      const at = this.declarationAt(problem.span.start);
      const list = this.problems.get(at);
      if (list) list.push(problem);
      else this.problems.set(at, [problem]);
    }
  }

  /** Whether a data section, or a word that may have opened one, has a mistake of its own. */
  get hasBrokenData(): boolean {
    return this.tree.declarations.some(
      ({ kind }, at) => kind === "unknown" || (kind === "data" && (this.slips.has(at) || this.problems.has(at))),
    );
  }

  declarationAt(offset: number): number {
    return declarationAt(this.tree, offset);
  }

  /** Whether a span is one of these words, or what is applied to it: `true`, the `(` of `true(x)`, a member, what a list goes on with. */
  reads(words: ReadonlySet<string>, { start, end }: Span): boolean {
    if (words.size === 0) return false;
    const { text } = this.tree;
    if (words.has(text.slice(start, end))) return true;
    const [, before = "", behind] = /(\w+)(\.|,\s*)?$/.exec(text.slice(Math.max(0, start - 16), start)) ?? [];
    return words.has(before) && (behind !== undefined || /[([]/.test(text.charAt(start)));
  }

  /** Whether a message in the same declaration may be no more than a consequence of a problem. */
  follows({ span, code }: Diagnostic, problem: SyntaxProblem, declaration: number): boolean {
    if (!span) return false;
    const { kind, settings: body } = withSettings(this.tree.declarations[declaration]);
    if (kind !== "task" && kind !== "train" && kind !== "data") return true;
    if (missing.has(code)) return true;
    const line = this.lineAt(span.start);
    const first = this.lineAt(Math.min(problem.span.start, problem.related?.start ?? problem.span.start));
    const last = this.lineAt(problem.span.start);
    if (line >= first - 1 && line <= last + 1) return true;
    const entryAt = (offset: number) => body?.entries.findLastIndex((entry) => entry.span.start <= offset);
    return body !== undefined && entryAt(span.start) === entryAt(problem.span.start);
  }

  private lineAt(offset: number): number {
    return lastAtMost(this.lineStarts.length, (index) => this.lineStarts[index], offset);
  }
}

function withSettings(declaration: Declaration | undefined) {
  const settings = declaration && "settings" in declaration ? declaration.settings : undefined;
  return { kind: declaration?.kind, settings };
}

/** The place of the declaration that a position belongs to: the last that begins before it. */
export function declarationAt(tree: SourceTree, offset: number): number {
  const { declarations } = tree;
  return Math.max(
    0,
    lastAtMost(declarations.length, (index) => declarations[index].span.start, offset),
  );
}

/** The last index whose value is at most `limit`, by halving; -1 where there is none. */
function lastAtMost(length: number, valueAt: (index: number) => number, limit: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (valueAt(middle) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
