import { lex, type Lexeme } from "./lexer.ts";
import { joinNames } from "./joined-names.ts";
import { parseDeclaration } from "./parser.ts";
import { repair } from "./repair.ts";
import { withRoles } from "./roles.ts";
import { listsForTuples } from "./tuples.ts";
import { closerOf, isCloser, splitExactly, splitLoosely, type Stretch } from "./split.ts";
import type { Comment, Declaration, SourceTree, SyntaxProblem } from "./tree.ts";

/**
 * Reads one file. Never throws, whatever the text; everything that can be understood is in the tree, and every mistake
 * is one problem.
 *
 * The file is cut into declarations first. One that parses as it stands is taken; one that does not is cut again by
 * lines and margins, mended and parsed.
 */
export function parse(text: string, file: string): SourceTree {
  const { lexemes: read, comments, problems } = lex(text, file);
  const { lexemes: listed, problems: tuples } = listsForTuples(read, file);
  const { lexemes, problems: names } = joinNames(listed, file);
  const declarations: Declaration[] = [];
  const found: SyntaxProblem[] = [...problems, ...tuples, ...names];
  for (const stretch of splitExactly(lexemes)) {
    const deep = tooDeep(lexemes, stretch, file);
    if (deep) {
      found.push(deep);
      continue;
    }
    const { declaration } = parseDeclaration(withRoles(lexemes, stretch), file);
    if (declaration) {
      declarations.push(declaration);
      continue;
    }
    for (const part of splitLoosely(lexemes, stretch)) {
      const mended = recover(lexemes, part, file);
      if (mended.declaration) declarations.push(mended.declaration);
      found.push(...mended.problems);
    }
  }
  found.sort((a, b) => a.span.start - b.span.start);
  return { file, text, declarations: withDocs(declarations, comments), comments, problems: found };
}

/** No program nests so deep, or calculates with so many operands at once; whoever descends would run out of stack. */
const deepest = 100;
const mostOperators = 400;

function tooDeep(lexemes: readonly Lexeme[], { from, to }: Stretch, file: string): SyntaxProblem | undefined {
  // Operators since the last mark that parts expressions, for each bracket that is open.
  const operators = [0];
  // Dots since the last mark of another kind: members of members.
  let dots = 0;
  for (let i = from; i < to; i++) {
    const { kind, text, start, end } = lexemes[i];
    const top = operators.length - 1;
    if (closerOf(kind)) operators.push(0);
    else if (isCloser(kind)) operators.length = Math.max(1, top);
    else if (/^[-+*/]$/.test(kind)) operators[top]++;
    else if (/^(?:,|->|:|=)$/.test(kind)) operators[top] = 0;
    if (kind === ".") dots++;
    else if (kind !== "word" && kind !== "string") dots = 0;
    const expected =
      operators[operators.length - 1] > mostOperators
        ? `${mostOperators} operators in one expression`
        : operators.length - 1 > deepest
          ? `${deepest} brackets inside one another`
          : dots > deepest
            ? `${deepest} dots behind one name`
            : undefined;
    if (expected !== undefined) return { kind: "too-deep", found: text, expected, span: { file, start, end } };
  }
  return undefined;
}

interface Recovered {
  readonly declaration?: Declaration;
  readonly problems: readonly SyntaxProblem[];
}

function recover(lexemes: readonly Lexeme[], stretch: Stretch, file: string): Recovered {
  const { tokens, problems } = repair(lexemes, stretch, file);
  if (tokens.length === 0) return { problems };
  const { declaration, offending } = parseDeclaration(tokens, file);
  if (!offending) return { declaration, problems };
  // Mending failed: still say where, once.
  const start = Number.isNaN(offending.startOffset) ? lexemes[stretch.to - 1].end : offending.startOffset;
  const span = { file, start, end: start + offending.image.length };
  const unexpected: SyntaxProblem = { kind: "unexpected", found: offending.image, span };
  return { problems: problems.length > 0 ? problems : [unexpected] };
}

/** Gives each declaration the `///` lines between the one before and itself. */
function withDocs(declarations: readonly Declaration[], comments: readonly Comment[]): Declaration[] {
  const docs = comments.filter((comment) => comment.style === "doc");
  let next = 0;
  return declarations.map((declaration) => {
    const lines: string[] = [];
    for (; next < docs.length && docs[next].span.start < declaration.span.start; next++) {
      lines.push(docs[next].text.replace(/^\/\/\/ ?/, "").trimEnd());
    }
    while (next < docs.length && docs[next].span.start < declaration.span.end) next++;
    return lines.length > 0 ? { ...declaration, doc: lines.join("\n") } : declaration;
  });
}
