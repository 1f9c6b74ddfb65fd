import type { Argument, Declaration, Expression, Kind, SettingsBlock, SourceTree } from "../../grammar/tree.ts";

/** A tree as one line a declaration, with every grouping visible: what the tests compare. */
export function show(tree: SourceTree): string[] {
  return tree.declarations.map(showDeclaration);
}

export function showDeclaration(declaration: Declaration): string {
  const doc = declaration.doc === undefined ? "" : `/${declaration.doc}/ `;
  return doc + bare(declaration);
}

function bare(declaration: Declaration): string {
  switch (declaration.kind) {
    case "import":
      return `import {${declaration.names.map(({ text }) => text).join(" ")}} from ${declaration.from?.value ?? "?"}`;
    case "model":
      return `model ${declaration.name?.text ?? "?"}`;
    case "const":
    case "layer":
    case "shared":
    case "penalty":
      return `${declaration.kind} ${declaration.name?.text ?? "?"} = ${showExpression(declaration.value)}`;
    case "input":
    case "task":
      return `${declaration.kind} ${declaration.name?.text ?? "?"}: ${showKind(declaration.type)}${after(declaration.settings)}`;
    case "block": {
      const parameters = declaration.parameters.map(
        ({ name, type, fallback }) =>
          name.text + (type ? `: ${showKind(type)}` : "") + (fallback ? ` = ${showExpression(fallback)}` : ""),
      );
      const statements = declaration.statements.map(({ name, value }) => `${name.text} = ${showExpression(value)}; `);
      const name = declaration.name?.text ?? "?";
      return `block ${name}(${parameters.join(", ")}) {${statements.join("")}return ${showExpression(declaration.result)}}`;
    }
    case "train":
    case "data":
      return `${declaration.kind} ${declaration.name ? `${declaration.name.text} ` : ""}${showExpression(declaration.settings)}`;
    case "unknown": {
      const type = declaration.type ? `: ${showKind(declaration.type)}` : "";
      const value = declaration.value ? ` = ${showExpression(declaration.value)}` : "";
      return `unknown<${declaration.word.text}> ${declaration.name?.text ?? "?"}${type}${value}${after(declaration.settings)}`;
    }
  }
}

function after(settings: SettingsBlock | undefined): string {
  return settings ? ` ${showExpression(settings)}` : "";
}
function showKind(kind: Kind | undefined): string {
  if (!kind) return "?";
  const axes = kind.axes ? `[${kind.axes.map(showExpression).join(", ")}]` : "";
  return kind.name.text + (kind.arguments.length > 0 ? showArguments(kind.arguments) : "") + axes;
}
function showArguments(given: readonly Argument[]): string {
  return `(${given.map(({ name, value }) => (name ? `${name.text}: ` : "") + showExpression(value)).join(", ")})`;
}

export function showExpression(expression: Expression): string {
  switch (expression.kind) {
    case "number":
      return String(expression.value);
    case "string":
      return JSON.stringify(expression.value);
    case "boolean":
      return String(expression.value);
    case "reference":
      return expression.name.text;
    case "call":
      return expression.name.text + showArguments(expression.arguments);
    case "member":
      return `${showExpression(expression.object)}.${expression.member.quoted ? JSON.stringify(expression.member.text) : expression.member.text}`;
    case "list":
      return `[${expression.items.map(showExpression).join(", ")}]`;
    case "settings":
      return `{${expression.entries.map(({ key, value }) => `${key.quoted ? JSON.stringify(key.text) : key.text}: ${showExpression(value)}`).join("; ")}}`;
    case "group":
      return `(${showExpression(expression.inner)})`;
    case "negate":
      return `<-${showExpression(expression.operand)}>`;
    case "binary":
      return `<${showExpression(expression.left)} ${expression.operator} ${showExpression(expression.right)}>`;
    case "pipeline":
      return `<${expression.steps.map(showExpression).join(" -> ")}>`;
    case "missing":
      return "_";
  }
}

/** Problems as `line:column kind found | expected`. */
export function showProblems(tree: SourceTree): string[] {
  return tree.problems.map(({ kind, found, expected, span }) => {
    const lines = tree.text.slice(0, span.start).split("\n");
    const place = `${lines.length}:${(lines.at(-1) ?? "").length + 1}`;
    return `${place} ${kind} ${found}${expected === undefined ? "" : ` | ${expected}`}`;
  });
}
