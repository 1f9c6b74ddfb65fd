import type { ts } from "ts-morph";
import type { Morph } from "./ts-morph.ts";

/** Whether an identifier names a member of something: a property, a key of a record. */
export function isMemberName(typescript: Morph["ts"], node: ts.Identifier): boolean {
  const { parent } = node;
  if (typescript.isPropertyAccessExpression(parent)) return parent.name === node;
  if (typescript.isBindingElement(parent)) return parent.propertyName === node;
  if (typescript.isQualifiedName(parent)) return parent.right === node;
  return (
    (typescript.isPropertyAssignment(parent) ||
      typescript.isPropertySignature(parent) ||
      typescript.isPropertyDeclaration(parent) ||
      typescript.isMethodDeclaration(parent) ||
      typescript.isMethodSignature(parent) ||
      typescript.isGetAccessorDeclaration(parent)) &&
    parent.name === node
  );
}
