import type { ts } from "ts-morph";
import { edited } from "./edits.ts";
import { Needed } from "./needed.ts";
import type { Part, RollUp } from "./runtime-source.ts";
import type { Morph } from "./ts-morph.ts";
import { markUnused } from "./unused-parameters.ts";

/** A module's text with what it takes from the runtime written into it, behind its own code. */
export function standalone(
  morph: Morph,
  text: string,
  { statements, exported }: RollUp,
  heading = "What follows is mtlc's own: reading data, start values, batches, updates, metrics and files.",
): string {
  const { ts: typescript } = morph;
  const file = typescript.createSourceFile("module.ts", text, typescript.ScriptTarget.ES2022, true);
  const own = namesIn(typescript, file);
  const uses = usesOf(typescript, file, RUNTIME);
  const needed = new Needed(statements);
  for (const { name } of uses) {
    if (!Object.hasOwn(exported, name)) throw new Error(`the runtime offers no ${name}`);
    needed.add(exported[name]);
  }
  for (const literal of own.literals) needed.key(`word ${literal}`);
  for (const member of own.members) needed.key(`method ${member}`);
  const renamed = new Map<string, string>();
  const asked = new Set(uses.map(({ name }) => exported[name]));
  for (const name of needed.names)
    if (own.declared.has(name) || (asked.has(name) && own.local.has(name))) {
      const isTaken = (other: string): boolean =>
        own.declared.has(other) || own.local.has(other) || needed.names.has(other);
      let other = ofRuntime(name);
      while (isTaken(other)) other = ofRuntime(other);
      renamed.set(name, other);
    }
  const nameOf = (name: string): string => renamed.get(name) ?? name;
  const taken = needed.statements.map((statement) => textOf(statement.parts, needed, nameOf));
  const imports = taken.filter((each) => each.startsWith("import "));
  const code = taken.filter((each) => !each.startsWith("import "));
  const whole = [
    edited(
      text,
      uses.map(({ from, to, name }) => ({ from, to, text: nameOf(exported[name]) })),
    ).replace(/^import \* as mtlc from .*\n/m, imports.map((each) => `${each}\n`).join("")),
    `// ${heading}\n`,
    code.join("\n\n"),
    "",
  ].join("\n");
  return markUnused(morph, whole);
}

function ofRuntime(name: string): string {
  return `runtime${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** What modules call their runtime. */
const RUNTIME = "mtlc";

interface Use {
  /** Of `mtlc.name` in the text. */
  readonly from: number;
  readonly to: number;
  readonly name: string;
}

function usesOf(typescript: Morph["ts"], file: ts.SourceFile, namespace: string): Use[] {
  const uses: Use[] = [];
  const visit = (node: ts.Node): void => {
    const [left, right] = typescript.isPropertyAccessExpression(node)
      ? [node.expression, node.name]
      : typescript.isQualifiedName(node)
        ? [node.left, node.right]
        : [];
    if (left && right && typescript.isIdentifier(left) && left.text === namespace)
      uses.push({ from: left.getStart(file), to: right.end, name: right.text });
    typescript.forEachChild(node, visit);
  };
  visit(file);
  return uses;
}

/** What a module declares, at its top level and within functions, the texts in it, and what it asks of objects. */
function namesIn(
  typescript: Morph["ts"],
  file: ts.SourceFile,
): Readonly<Record<"declared" | "local" | "literals" | "members", ReadonlySet<string>>> {
  const declared = new Set<string>();
  const local = new Set<string>();
  const literals = new Set<string>();
  const members = new Set<string>();
  const visit = (node: ts.Node, depth: number): void => {
    if (typescript.isStringLiteral(node)) literals.add(node.text);
    if (typescript.isPropertyAccessExpression(node)) members.add(node.name.text);
    if (typescript.isNamespaceImport(node)) declared.add(node.name.text);
    const isNamed =
      typescript.isVariableDeclaration(node) ||
      typescript.isParameter(node) ||
      typescript.isBindingElement(node) ||
      typescript.isFunctionDeclaration(node) ||
      typescript.isInterfaceDeclaration(node) ||
      typescript.isTypeAliasDeclaration(node);
    if (isNamed && node.name && typescript.isIdentifier(node.name))
      (depth === 0 ? declared : local).add(node.name.text);
    const isInside = typescript.isFunctionLike(node) || typescript.isBlock(node);
    typescript.forEachChild(node, (child) => visit(child, isInside ? depth + 1 : depth));
  };
  visit(file, 0);
  return { declared, local, literals, members };
}

function textOf(parts: readonly Part[], needed: Needed, nameOf: (name: string) => string): string {
  return parts
    .map((part) => {
      if (typeof part === "string") return part;
      if ("use" in part) return nameOf(part.use);
      if ("need" in part) return "";
      return needed.has(part.key) ? textOf(part.parts, needed, nameOf) : "";
    })
    .join("");
}
