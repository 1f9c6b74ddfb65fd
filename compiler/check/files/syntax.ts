import type { SyntaxProblem } from "../../../grammar/tree.ts";
import { foreignWord, indexHelp, isIndex, powerHelp } from "./foreign-words.ts";
import { report, type Diagnostic, type Fix, type Place } from "../../diagnostics/diagnostic.ts";
import { declarationEnds, syntax as rows } from "../../diagnostics/syntax.ts";

/** What lexer and parser could not read in a text. The same foreign mark or name in several places is one habit and one message. */
export function syntaxDiagnostics(problems: readonly SyntaxProblem[], text: string): readonly Diagnostic[] {
  const habits = new Map<string, SyntaxProblem[]>();
  for (const problem of problems) {
    const key = problem.certain && problem.kind !== "tuple" ? `${problem.kind} ${problem.found}` : `${habits.size}`;
    habits.set(key, [...(habits.get(key) ?? []), problem]);
  }
  return [...habits.values()].map(([first, ...others]) => {
    const found = syntaxDiagnostic(first, text);
    if (others.length === 0) return found;
    const labels = others.slice(0, 3).map(({ span }) => ({ span, message: "and here" }));
    const more = others.length - labels.length;
    const last = labels[labels.length - 1];
    if (more > 0)
      labels[labels.length - 1] = { ...last, message: `here, and in ${more} more ${more === 1 ? "place" : "places"}` };
    const [fix] = found.fixes;
    const edits = [first, ...others].map(({ span, replacement = "" }) => ({ span, text: replacement }));
    return { ...found, labels: [...found.labels, ...labels], fixes: fix ? [{ ...fix, edits }] : [] };
  });
}

/** What lexer and parser could not read in a text, as a diagnostic; one that an inserted mark would mend brings that fix. */
export function syntaxDiagnostic(problem: SyntaxProblem, text: string): Diagnostic {
  const { kind, expected, span, related, insertion, replacement } = problem;
  const foreign = foreignWord(problem, text);
  if (foreign) return report(rows.unexpectedCharacter, { found: foreign.found }, foreign);
  // Where a declaration ends too early the file may well go on.
  const found = problem.found === "" && text.slice(span.end).trim() !== "" ? declarationEnds : problem.found;
  const at: Place = {
    span,
    labels: related ? [{ span: related, message: kind === "unclosed" ? "opened here" : "belongs to this" }] : [],
    fixes: fixesOf(problem),
  };
  switch (kind) {
    case "unexpected-character":
      return report(rows.unexpectedCharacter, { found }, { ...at, help: markHelp(problem, text) });
    case "unterminated-string":
      return report(rows.unterminatedString, { found }, { ...at, help: 'close it with `"` on the same line' });
    case "unterminated-comment":
      return report(rows.unterminatedComment, { found }, { ...at, help: "close it with `*/`" });
    case "bad-escape":
      return report(rows.badEscape, { found }, { ...at, help: "a backslash itself is written `\\\\`" });
    case "bad-number":
      return report(rows.badNumber, { found }, { ...at, help: numberHelp(problem, text) });
    case "bad-name":
      return report(rows.badName, { found }, { ...at, help: nameHelp(problem, text) });
    case "foreign-statement":
      return report(rows.foreignStatement, { word: problem.found }, { ...at, help: statementHelp(problem.found) });
    case "tuple":
      return report(rows.tuple, {}, { ...at, help: `write \`${replacement ?? ""}\`` });
    case "expected":
      return report(
        rows.expected,
        { found, expected: expected ?? "something else" },
        { ...at, help: expectedHelp(problem, text) },
      );
    case "unexpected":
      return report(rows.unexpected, { found, expected }, { ...at, help: unexpectedHelp(problem, text) });
    case "missing-mark":
      if (isIndex(text, span.start))
        return report(
          rows.expected,
          { found: "[", expected: "`,` or `->`" },
          { span: { ...span, start: span.start, end: span.start + 1 }, help: indexHelp(text, span.start) },
        );
      return report(
        rows.missingMark,
        { expected: expected ?? (insertion === undefined ? "a mark" : `\`${insertion.trim()}\``) },
        at,
      );
    case "missing-value":
      return report(
        rows.missingValue,
        { found, expected },
        {
          ...at,
          help:
            expected === "a kind" && found.startsWith('"')
              ? `kinds stand without quotes: \`${found.slice(1, -1)}\``
              : found === "*" && text[span.start - 1] === "*"
                ? powerHelp(text, span.start)
                : undefined,
        },
      );
    case "unclosed":
      return report(rows.unclosed, { found, expected: expected ?? "a closing mark" }, at);
    case "too-deep":
      return report(rows.tooDeep, { most: expected ?? "less" }, at);
    default:
      return kind satisfies never;
  }
}

function fixesOf({ span, insertion, replacement, certain, kind, found }: SyntaxProblem): readonly Fix[] {
  if (insertion !== undefined) {
    const edits = [{ span: { ...span, end: span.start }, text: insertion }];
    return [{ title: `insert \`${insertion.trim()}\``, edits }];
  }
  if (replacement === undefined || (!certain && kind !== "expected")) return [];
  const title = replacement.trim() === "" ? `take \`${found}\` away` : `write \`${replacement}\``;
  return [{ title, edits: [{ span, text: replacement }] }];
}

/** What other languages write, and what is written here. */
const marks: Readonly<Record<string, string>> = {
  "#": "a comment begins with `//`",
  ";": "nothing stands at the end of a line",
  "'": "a text stands in double quotes",
  "`": "a text stands in double quotes",
  "%": "a share is written as a number: `0.2`",
  $: "names are letters, digits and `_`",
};

/** What stands here for what a statement elsewhere does. */
const statements: readonly (readonly [words: RegExp, help: string])[] = [
  [
    /^(import|from)$/,
    'layers, losses and optimizers are at hand; names of other files come by `import { name } from "./file.mtl"`',
  ],
  [/def$|^function$/, "what is used more than once is a block: `block name(v) { return v -> dense(8) -> relu }`"],
  [/^class$/, "a model is the file itself: `model Name`, then `input`, `shared`, `task`, `train` and `data`"],
  [/^(for|while|break|continue)$/, "copies of a chain one behind another are `repeat(3, dense(8) -> relu)`"],
  [
    /^(if|elif|else|switch|try|except|finally|with|pass|raise|assert)$/,
    "a network is the same for every row: there are no conditions; leave this out",
  ],
  [/^return$/, "a task names its answer: `task y: real { head: h -> dense }`"],
  [/^model\.(fit|compile|train)$/, "`train { … }` says how, and `mtlc train FILE` trains"],
  [/^model\.(eval|evaluate)$/, "`mtlc evaluate RUN` measures a trained run"],
  [/^model\.predict$/, "`mtlc predict RUN FILE` answers new rows"],
  [/^model\.(summary|build|parameters)$/, "`mtlc describe FILE` shows layers and parameters"],
  [/^model\.add$/, "layers stand one behind another: `shared h = x -> dense(8) -> relu`"],
  [/^print$/, "`mtlc describe FILE` shows every tensor with its shape"],
];

function statementHelp(word: string): string {
  return statements.find(([words]) => words.test(word))?.[1] ?? "leave it out";
}

function markHelp({ found, replacement, span }: SyntaxProblem, text: string): string | undefined {
  if (replacement === "->") return "what is fed on is written `->`";
  if (replacement?.startsWith('"')) return "a text stands in double quotes";
  if (found === '"""' || found === "'''")
    return "a comment begins with `//`, and what tells of a declaration with `///`";
  if (replacement === "//") return "a comment begins with `//`";
  if (found === ";" && replacement === ",") return "what stands in a list is parted by `,`";
  const percent = found === "%" ? /(\d+(?:\.\d+)?)\s*$/.exec(text.slice(0, span.start))?.[1] : undefined;
  if (percent !== undefined)
    return `a share is written as a number: \`${Number((Number(percent) / 100).toPrecision(12))}\``;
  return marks[found] ?? (replacement === undefined ? undefined : `it is written \`${replacement}\``);
}

/** Names of inputs and tasks are those of columns, too, unless another is said. */
function nameHelp({ replacement, span, found }: SyntaxProblem, text: string): string {
  const word = /\b(input|task)\s+$/.exec(text.slice(0, span.start))?.[1];
  const column =
    word === undefined
      ? ""
      : `; a column of another name is said by \`${word === "input" ? "from" : "target"}: "${found}"\``;
  return `names are letters, digits and \`_\`: \`${replacement ?? ""}\`${column}`;
}

function expectedHelp({ found, expected, span }: SyntaxProblem, text: string): string | undefined {
  const before = text.slice(Math.max(0, span.start - 200), span.start);
  const [, step] = /[\w.]+\.(\w+)$/.exec(before) ?? [];
  const given = expected?.startsWith("`->`")
    ? settingsWithoutParentheses(found, before, text.slice(span.start))
    : undefined;
  if (given !== undefined) return `settings stand in parentheses: \`${given}\``;
  if (found === "(" && step !== undefined) return `a layer stands without its module: \`${step}(…)\``;
  if (found === "[") return indexHelp(text, span.start);
  return expected === "a name" && found.startsWith('"') ? quotedNameHelp(found.slice(1, -1)) : undefined;
}

/** `dense 16`, `dense[16]` and `dense{16}` in their parentheses. */
function settingsWithoutParentheses(found: string, before: string, from: string): string | undefined {
  const [, layer] = /(?:^|[^\w.])([A-Za-z_]\w*)\s*$/.exec(before) ?? [];
  const [, given] = /^\[\s*([^[\]\n]{1,60}?)\s*\]/.exec(from) ?? /^\{\s*([^{}\n]{1,60}?)\s*\}/.exec(from) ?? [];
  const settings = /^[\d.]+$/.test(found) ? found : given;
  return layer === undefined || settings === undefined ? undefined : `${layer}(${settings})`;
}

function quotedNameHelp(name: string): string {
  const plain = name.replace(/[^\p{L}\p{N}_]+/gu, "_");
  return plain === name
    ? "names stand without quotes"
    : `names are letters, digits and \`_\`, without quotes: \`${plain}\``;
}

/** What a declaration looks like in which something does not belong. */
function unexpectedHelp({ found, span }: SyntaxProblem, text: string): string | undefined {
  const before = text.slice(text.lastIndexOf("\n", span.start - 1) + 1, span.start);
  if (/^\s*model\s+\w+\s*$/.test(before)) return "`model Name` stands alone; its declarations follow";
  const section = /^\s*(train|data)\s*$/.exec(before)?.[1];
  if (section !== undefined) return `its keys stand in braces: \`${section} { … }\``;
  if (found === "," && /^\s*(shared|layer|penalty)\b/.test(before)) return "what is fed on is written `->`";
  if (found === ":" && /^\s*(const|shared|layer|penalty)\s+\w+\s*$/.test(before))
    return "what it is follows by itself: a name, `=`, and what it is made of";
  return undefined;
}

function numberHelp({ found, replacement, certain, span }: SyntaxProblem, text: string): string {
  if (certain) return `write \`${replacement ?? ""}\``;
  if (/(^|\n)\s*(input|const|layer|block|shared|task|penalty)\s+$/.test(text.slice(0, span.start)))
    return "a name begins with a letter";
  const tooLarge = Number(found.replaceAll("_", "")) === Number.POSITIVE_INFINITY;
  return tooLarge
    ? "the largest number there is lies near 1.8e308"
    : "numbers are written `1`, `0.5`, `1e-3` or `1_000`";
}
