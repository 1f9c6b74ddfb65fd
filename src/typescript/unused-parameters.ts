import type { ts } from "ts-morph";
import { isMemberName } from "./member-names.ts";
import { edited, type TextEdit } from "./edits.ts";
import type { Morph } from "./ts-morph.ts";

/** A text whose parameters that nothing reads begin with `_`, as TypeScript's flags want them: what read them was left out. */
export function markUnused({ ts: typescript }: Morph, text: string): string {
  const file = typescript.createSourceFile("module.ts", text, typescript.ScriptTarget.ES2022, true);
  const edits: TextEdit[] = [];
  const visit = (node: ts.Node): void => {
    if (typescript.isFunctionLike(node) && "body" in node && node.body !== undefined)
      for (const { name } of node.parameters)
        if (typescript.isIdentifier(name) && !isRead(typescript, node, name)) {
          const from = name.getStart(file);
          edits.push({ from, to: from, text: "_" });
        }
    typescript.forEachChild(node, visit);
  };
  visit(file);
  return edited(text, edits);
}

/** Whether a name stands in a function once more, other than as the name of a member. */
function isRead(typescript: Morph["ts"], within: ts.Node, { text, pos }: ts.Identifier): boolean {
  if (text.startsWith("_") || text === "this") return true;
  const visit = (node: ts.Node): boolean => {
    if (typescript.isIdentifier(node)) return node.text === text && node.pos !== pos && !isMemberName(typescript, node);
    return typescript.forEachChild(node, (child) => visit(child) || undefined) ?? false;
  };
  return visit(within);
}
