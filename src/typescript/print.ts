import type { SourceFileStructure, StatementStructures } from "ts-morph";
import type { FunctionDescription, Item, ModuleDescription } from "../../compiler/emit/typescript/index.ts";
import type { Morph } from "./ts-morph.ts";

/** Lays a module's description out as TypeScript, in one go. */
export function printModule(morph: Morph, { header, items }: ModuleDescription): string {
  const structure: SourceFileStructure = {
    kind: morph.StructureKind.SourceFile,
    statements: [commentOf(header), ...items.map((item) => statementOf(morph, item))],
  };
  const project = new morph.Project({ useInMemoryFileSystem: true });
  return apart(project.createSourceFile("module.ts", structure).getFullText());
}

/** An empty line before every comment and declaration of the module itself. */
export function apart(text: string): string {
  return text.replace(/([;}])\n(?=\/\*\*|(?:export )?(?:async )?(?:const|let|function|interface|type) )/g, "$1\n\n");
}

/** A comment that stays at the head of the file. */
function commentOf(text: string): string {
  return `/**\n${text
    .split("\n")
    .map((line) => ` * ${line}`.trimEnd())
    .join("\n")}\n */`;
}

function statementOf(morph: Morph, item: Item): StatementStructures | string {
  const { StructureKind, VariableDeclarationKind } = morph;
  switch (item.kind) {
    case "import":
      return { kind: StructureKind.ImportDeclaration, namespaceImport: item.namespace, moduleSpecifier: item.from };
    case "interface":
      return {
        kind: StructureKind.Interface,
        name: item.name,
        isExported: item.exported,
        docs: docsOf(item.doc),
        properties: item.members.map(({ name, type, doc, optional }) => ({
          name,
          type,
          isReadonly: true,
          hasQuestionToken: optional,
          docs: docsOf(doc),
        })),
      };
    case "type":
      return {
        kind: StructureKind.TypeAlias,
        name: item.name,
        isExported: item.exported,
        docs: docsOf(item.doc),
        type: item.type,
      };
    case "const":
      return {
        kind: StructureKind.VariableStatement,
        declarationKind: item.isVariable ? VariableDeclarationKind.Let : VariableDeclarationKind.Const,
        isExported: item.exported,
        docs: docsOf(item.doc),
        declarations: [{ name: item.name, type: item.type, initializer: item.value }],
      };
    case "function":
      if (isLine(item)) return lineOf(morph, item);
      return {
        kind: StructureKind.Function,
        name: item.name,
        isExported: item.exported,
        isAsync: item.async,
        docs: docsOf(item.doc),
        parameters: item.parameters.map(({ name, type, optional, value }) =>
          name.startsWith("...")
            ? { name: name.slice(3), type, isRestParameter: true }
            : { name, type, hasQuestionToken: optional, initializer: value },
        ),
        returnType: item.returns === "" ? undefined : item.returns,
        statements: item.statements.map(({ code }) => code).join("\n"),
      };
    default:
      return item satisfies never;
  }
}

/** Whether a function is a single expression, and short. */
function isLine({ brief, statements, parameters }: FunctionDescription): boolean {
  const [only] = statements;
  const length = parameters.reduce((sum, { name, type }) => sum + name.length + type.length + 4, only.code.length);
  return brief === true && statements.length === 1 && only.code.startsWith("return ") && length < LONGEST;
}

const LONGEST = 112;

function lineOf(
  { StructureKind, VariableDeclarationKind }: Morph,
  { name, doc, exported, parameters, returns, statements: [only] }: FunctionDescription,
): StatementStructures {
  const list = parameters.map((each) => `${each.name}${each.optional ? "?" : ""}: ${each.type}`).join(", ");
  const value = only.code.replace(/^return |;$/g, "");
  return {
    kind: StructureKind.VariableStatement,
    declarationKind: VariableDeclarationKind.Const,
    isExported: exported,
    docs: docsOf(doc),
    declarations: [
      {
        name,
        initializer: `(${list})${returns === "" ? "" : `: ${returns}`} => ${value.startsWith("{") ? `(${value})` : value}`,
      },
    ],
  };
}

function docsOf(doc: string | undefined): string[] {
  // What would end the comment is written apart.
  return doc === undefined || doc === "" ? [] : [doc.replaceAll("*/", "* /")];
}
