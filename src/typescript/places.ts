import type { ts } from "ts-morph";
import type { Span } from "../../grammar/tree.ts";
import type { FunctionDescription, ModuleDescription } from "../../compiler/emit/typescript/index.ts";
import type { Mapping } from "./source-map.ts";
import type { Morph } from "./ts-morph.ts";

/** The files behind a module and where in them a span begins. */
export interface Origins {
  readonly sources: readonly string[];
  /** Null where the text is not at hand. */
  place(span: Span): Mapping["origin"];
}

/**
 * Where in the model's files the code of a module comes from: each call of a layer's or declaration's function leads to the
 * words that ask for it. What stands between functions leads nowhere. `text` is TypeScript, or the JavaScript made of it.
 */
export function placesOf(
  { ts: typescript }: Morph,
  text: string,
  description: ModuleDescription,
  origins: Origins,
): Mapping[] {
  const file = typescript.createSourceFile("module.ts", text, typescript.ScriptTarget.ES2022, true);
  const functions = new Map(
    description.items.flatMap((item) => (item.kind === "function" ? [[item.name, item] as const] : [])),
  );
  const mappings: Mapping[] = [];
  const add = (position: number, span: Span | undefined): void => {
    const { line, character } = file.getLineAndCharacterOfPosition(position);
    mappings.push({ line, column: character, origin: span ? origins.place(span) : null });
  };
  const describe = (name: string, node: ts.Node, body: readonly ts.Node[]): void => {
    const described = functions.get(name);
    if (!described || !hasPlaces(described)) return;
    add(node.getStart(file), described.span);
    body.forEach((part, k) => {
      const places = described.statements[k]?.places ?? [];
      add(part.getStart(file), places.find((place) => place !== undefined) ?? described.span);
      const calls = callsIn(typescript, part, functions);
      if (calls.length === places.length) calls.forEach((call, at) => add(call.getStart(file), places[at]));
    });
    add(node.getEnd(), undefined);
  };
  for (const node of file.statements) {
    if (typescript.isFunctionDeclaration(node) && node.name && node.body)
      describe(node.name.text, node, node.body.statements);
    if (!typescript.isVariableStatement(node)) continue;
    const [{ name, initializer }] = node.declarationList.declarations;
    if (initializer && typescript.isArrowFunction(initializer)) describe(name.getText(file), node, [initializer.body]);
  }
  return mappings;
}

function hasPlaces({ span, statements }: FunctionDescription): boolean {
  return span !== undefined || statements.some(({ places }) => places !== undefined && places.length > 0);
}

/** Calls of the module's own functions, in the order in which they run: arguments first. */
function callsIn(typescript: Morph["ts"], node: ts.Node, functions: ReadonlyMap<string, unknown>): ts.Node[] {
  const calls: ts.Node[] = [];
  const visit = (each: ts.Node): void => {
    typescript.forEachChild(each, visit);
    if (
      typescript.isCallExpression(each) &&
      typescript.isIdentifier(each.expression) &&
      functions.has(each.expression.text)
    )
      calls.push(each);
  };
  visit(node);
  return calls;
}
