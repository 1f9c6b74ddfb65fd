import type { Argument, Expression } from "../../../grammar/tree.ts";
import type { LayerRow } from "../../registry/layer.ts";
import type { Context } from "../context/context.ts";
import { find } from "../context/scope.ts";

/**
 * What an expression is, told from its form and names alone: a computed tensor, a chain that is not yet fed, a value known
 * without data, or a word that nothing declares (an enumerated value, or a slip).
 */
export type Sort = "tensor" | "chain" | "value" | "word" | "unknown";

export function sortOf(context: Context, expression: Expression): Sort {
  switch (expression.kind) {
    case "number":
    case "string":
    case "boolean":
    case "list":
    case "settings":
      return "value";
    case "missing":
      return "unknown";
    case "reference":
      return sortOfName(context, expression.name.text);
    case "call":
      return sortOfCall(context, expression.name.text, expression.arguments);
    case "member":
      return "tensor";
    case "group":
      return sortOf(context, expression.inner);
    case "negate":
      return sortOf(context, expression.operand);
    case "binary": {
      const left = sortOf(context, expression.left);
      const right = sortOf(context, expression.right);
      if (left === "tensor" || right === "tensor") return "tensor";
      if (left === "chain" || right === "chain") return "chain";
      return left === "value" && right === "value" ? "value" : "unknown";
    }
    case "pipeline": {
      const first = sortOf(context, expression.steps[0]);
      // `trnk -> dense`: a misspelt tensor more likely than a misspelt layer, since layers are fewer.
      return first === "word" ? (expression.steps[0].kind === "reference" ? "tensor" : "chain") : first;
    }
    default:
      return expression satisfies never;
  }
}

function sortOfName(context: Context, name: string): Sort {
  const { scope } = context;
  const entity = find(scope, name);
  if (!entity) return builtinLayer(context, name) ? "chain" : scope.file.declared.has(name) ? "tensor" : "word";
  switch (entity.meaning.kind) {
    case "tensor":
    case "task":
    case "penalty":
      return "tensor";
    case "constant":
      return "value";
    case "layer":
    case "block":
    case "chain":
      return "chain";
    case "unknown":
      return "unknown";
    default:
      return entity.meaning satisfies never;
  }
}

function sortOfCall(context: Context, name: string, given: readonly Argument[]): Sort {
  const meaning = find(context.scope, name)?.meaning;
  if (meaning?.kind === "unknown") return "unknown";
  const positional = given.filter((argument) => argument.name === undefined);
  const tensors = positional.filter(({ value }) => sortOf(context, value) === "tensor").length;
  const row = builtinLayer(context, name);
  if (!meaning && !row) return name === "search" ? "value" : tensors > 0 ? "tensor" : "word";
  const namesFirst = !meaning && row !== undefined && firstSettingIsName(row) ? 1 : 0;
  return tensors > namesFirst ? "tensor" : "chain";
}

/** `broadcast(words)`: what stands first is the name of an axis or tensor, not an operand. */
function firstSettingIsName(row: LayerRow): boolean {
  return Object.values(row.settings).some((setting) => setting.first && setting.kind.kind === "name");
}

/** The layer of the language that is called so. */
export function builtinLayer(context: Context, name: string): LayerRow | undefined {
  const row = context.registry.layer.get(name);
  return row?.callable ? row : undefined;
}

/** What an expression is, in a message: told from its form. */
export function whatKind(expression: Expression): string {
  switch (expression.kind) {
    case "number":
    case "negate":
      return "a number";
    case "string":
      return "a text";
    case "boolean":
      return "a truth value";
    case "list":
      return "a list";
    case "settings":
      return "a group of settings";
    default:
      return "a tensor";
  }
}
