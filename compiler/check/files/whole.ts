import type { Declaration, SourceTree } from "../../../grammar/tree.ts";
import type { Model } from "../../ir/model.ts";
import type { FileScope } from "../context/scope.ts";

/**
 * What is given up has been reported. So all that a file without a mistake declares is in its model; where something is not,
 * it was given up without a word, which is a fault of ours and must not be taken for a smaller model.
 */
export function expectWhole(model: Model, tree: SourceTree, scope: FileScope): void {
  for (const declaration of tree.declarations)
    if (!holds(model, declaration, scope)) throw new Error(`${shown(declaration)} was given up, and nothing said so`);
  const sections = (kind: Declaration["kind"]): number => tree.declarations.filter((each) => each.kind === kind).length;
  if (model.phases.length !== Math.max(1, sections("train")) || model.data.length !== Math.max(1, sections("data")))
    throw new Error("a section was given up, and nothing said so");
}

function holds(model: Model, declaration: Declaration, { entities }: FileScope): boolean {
  switch (declaration.kind) {
    case "model":
    case "train":
    case "data":
      return true;
    case "input":
      return model.inputs.some(({ name }) => name === declaration.name?.text);
    case "shared":
      return model.shared.some(({ name, value }) => name === declaration.name?.text && value !== "");
    case "penalty":
      return model.penalties.some(({ name, value }) => name === declaration.name?.text && value !== "");
    case "task":
      return model.tasks.some(({ name, group = name }) => group === declaration.name?.text);
    case "const":
    case "layer":
    case "block":
      return declaration.name !== undefined && isKnown(declaration.name.text);
    case "import":
      return declaration.names.every(({ text }) => isKnown(text));
    case "unknown":
      return false;
    default:
      return declaration satisfies never;
  }

  function isKnown(name: string): boolean {
    const meaning = entities.get(name)?.meaning;
    return (
      meaning !== undefined &&
      meaning.kind !== "unknown" &&
      (meaning.kind !== "constant" || meaning.value !== undefined)
    );
  }
}

function shown(declaration: Declaration): string {
  const name = "name" in declaration ? declaration.name?.text : undefined;
  return `\`${declaration.kind}${name === undefined ? "" : ` ${name}`}\``;
}
