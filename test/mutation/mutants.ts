import { ts } from "ts-morph";
import type { Draw } from "../property/draw.ts";

/** Changes to the sources that make them wrong: a comparison that takes one more, a sign, a number, a statement left out. */

export interface Mutant {
  readonly id: number;
  /** From the project's folder. */
  readonly file: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly from: string;
  readonly to: string;
  /** A statement is left out where it stands; anything else is an expression that takes another value. */
  readonly statement: boolean;
}

type Change = Pick<Mutant, "start" | "end" | "from" | "to" | "statement">;

const operators: Readonly<Record<string, string>> = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
  "&&": "||",
  "||": "&&",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
};

/** Every change that can be made to a text. */
export function changes(file: string, text: string): Change[] {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Change[] = [];
  const add = (node: ts.Node, to: string, statement = false): void => {
    const start = node.getStart(tree);
    found.push({ start, end: node.end, from: text.slice(start, node.end), to, statement });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    const written = (part: ts.Node): string => text.slice(part.getStart(tree), part.end);
    if (ts.isBinaryExpression(node)) {
      const operator = node.operatorToken.getText(tree);
      const [left, right] = [written(node.left), written(node.right)];
      const isText = /["'`]/.test(left + right);
      if (Object.hasOwn(operators, operator)) add(node, `(${left}) ${operators[operator]} (${right})`);
      else if (operator === "+" && !isText) add(node, `(${left}) - (${right})`);
    } else if (ts.isNumericLiteral(node) && !ts.isPropertyAssignment(node.parent) && !ts.isEnumMember(node.parent))
      add(node, `(${node.text} + 1)`);
    else if (node.kind === ts.SyntaxKind.TrueKeyword) add(node, "false");
    else if (node.kind === ts.SyntaxKind.FalseKeyword) add(node, "true");
    else if (ts.isIfStatement(node)) add(node.expression, `!(${written(node.expression)})`);
    else if (ts.isConditionalExpression(node)) add(node.condition, `!(${written(node.condition)})`);
    else if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression) && ts.isBlock(node.parent))
      add(node, "", !/^super\b/.test(written(node)));
    ts.forEachChild(node, visit);
  };
  visit(tree);
  // A call to `super` cannot be left out.
  return found.filter(({ to, statement }) => to !== "" || statement);
}

/** Some changes of the given files, each file as likely as it is long, none within another. */
export function sample(draw: Draw, files: ReadonlyMap<string, string>, count: number): Mutant[] {
  const all = [...files].flatMap(([file, text]) => changes(file, text).map((change) => ({ file, text, ...change })));
  const taken: Mutant[] = [];
  for (const { text, ...change } of draw.shuffled(all)) {
    if (taken.length === count) break;
    const { file, start, end } = change;
    if (taken.some((other) => other.file === file && other.start < end && start < other.end)) continue;
    taken.push({ id: taken.length, line: text.slice(0, start).split("\n").length, ...change });
  }
  return taken;
}

/** A text in which each mutant can be switched on: the one that the environment names, by a function that says so. */
export function switched(text: string, mutants: readonly Mutant[]): string {
  let out = text;
  for (const { id, start, end, to, statement } of [...mutants].sort((a, b) => b.start - a.start)) {
    const is = `globalThis.__mutant?.(${id})`;
    const before = out.slice(start, end);
    const after = statement ? `if (!${is}) { ${before} }` : `(${is} ? (${to}) : (${before}))`;
    out = out.slice(0, start) + after + out.slice(end);
  }
  return out;
}
