import type { Declaration, Name, Span, SourceTree, UnknownDeclaration } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { names } from "../../diagnostics/names.ts";
import { sortOf } from "../network/sorts.ts";
import type { Check } from "../context/check.ts";
import type { Context } from "../context/context.ts";
import { type Declared, describeEntity, type Entity, type Meaning } from "../context/scope.ts";
import { didYouMean, replaceWord, suggestDeclaration } from "../names/suggest.ts";

/** The names of a file: who declares what, once, and whether anybody uses it. */

/** Names that a file declares anywhere, with their first places. */
export function declaredNames(tree: SourceTree): ReadonlyMap<string, Span> {
  const places = new Map<string, Span>();
  const add = (name: Name | undefined) => {
    if (name && !places.has(name.text)) places.set(name.text, name.span);
  };
  for (const declaration of tree.declarations) {
    switch (declaration.kind) {
      case "import":
        declaration.names.forEach(add);
        break;
      case "const":
      case "input":
      case "layer":
      case "block":
      case "shared":
      case "task":
      case "penalty":
      case "unknown":
        add(declaration.name);
        break;
      case "model":
      case "train":
      case "data":
        break;
      default:
        declaration satisfies never;
    }
  }
  return places;
}

/** Words that no declaration, parameter or part of a block may have for a name. */
const noNames: ReadonlyMap<string, string> = new Map([
  ["true", "it is a value"],
  ["false", "it is a value"],
  ["__proto__", "every object of JavaScript has something of that name"],
]);

export function refuseNames(check: Check, tree: SourceTree): void {
  for (const name of tree.declarations.flatMap(ownNames)) {
    const why = noNames.get(name.text);
    if (why === undefined) continue;
    const help = "give it another name; a column may be called so, and `from` or `target` says which it is";
    check.report(report(names.noName, { name: name.text, why }, { span: name.span, help }));
  }
}

/** Names that a declaration gives, those inside of a block as well. */
function ownNames(declaration: Declaration): readonly Name[] {
  if (declaration.kind === "import") return [];
  const inside = declaration.kind === "block" ? [...declaration.parameters, ...declaration.statements] : [];
  return [...(declaration.name ? [declaration.name] : []), ...inside.map(({ name }) => name)];
}

/** Puts a name in force from the next declaration on. */
export function declare(context: Context, name: Name | undefined, kind: Declared["kind"], meaning: Meaning): void {
  if (name === undefined) return;
  const { file, limit } = context.scope;
  const before = file.entities.get(name.text);
  if (before) {
    context.report(
      report(
        names.declaredTwice,
        { name: name.text },
        {
          span: name.span,
          labels: [{ span: before.declared.span, message: `${describeEntity(before)} is called so already` }],
        },
      ),
    );
    return;
  }
  file.entities.set(name.text, {
    declared: { name: name.text, kind, span: name.span },
    meaning: file.mended.has(limit) ? uncertain(meaning) : meaning,
    index: limit,
    used: false,
  });
}

/** What a declaration means whose text had to be mended: that it is there, no more. */
function uncertain(meaning: Meaning): Meaning {
  switch (meaning.kind) {
    case "tensor":
      return { kind: "tensor", tensor: { ...meaning.tensor, type: null } };
    case "constant":
      return { kind: "constant", value: undefined };
    case "task":
      return { kind: "task", task: { ...meaning.task, head: null } };
    case "chain":
    case "layer":
    case "block":
    case "penalty":
    case "unknown":
      return { kind: "unknown" };
    default:
      return meaning satisfies never;
  }
}

/** What is left to say of a file's names once all of it is read. */
export function checkNames(context: Context, library: boolean): void {
  const scope = context.scope.file;
  // A text that had to be mended, or a name without sense, may hide the use.
  const mayBeLost = scope.lost || context.check.damaged.has(scope.file);
  for (const entity of scope.entities.values()) {
    const { name, span } = entity.declared;
    const use = scope.builtins.get(name);
    if (use)
      context.report(
        report(names.hidesLayer, { name }, { span, labels: [{ span: use, message: "the layer is used here" }] }),
      );
    if (!library && !entity.used && !scope.early.has(name) && isMissed(entity) && !mayBeLost)
      context.report(report(names.unusedName, { name, what: noun(entity) }, { span }));
  }
}

/** Tasks and penalties are what a model is for; everything else is there to be used, once it has no mistake of its own. */
function isMissed({ declared: { kind }, meaning }: Entity): boolean {
  if (kind === "task" || kind === "penalty" || meaning.kind === "unknown") return false;
  if (meaning.kind === "tensor") return meaning.tensor.type !== null;
  return meaning.kind !== "constant" || meaning.value !== undefined;
}

function noun(entity: Entity): string {
  switch (entity.declared.kind) {
    case "const":
      return "constant";
    case "shared":
      return "tensor";
    default:
      return entity.declared.kind;
  }
}

/** What a declaration without its word must be, from what stands in it. */
function guessed(context: Context, { type, value }: UnknownDeclaration) {
  if (type) return context.registry.taskKind.has(type.name.text) ? "task" : "input";
  if (!value) return undefined;
  const sort = sortOf(context, value);
  return sort === "chain" ? "layer" : sort === "value" ? "const" : "shared";
}

/** What was meant by a word: the one it resembles, or for a word such as `let`, that opens anything, what its value asks for. */
function meantWord(context: Context, unknown: UnknownDeclaration) {
  const suggestion = suggestDeclaration(unknown.word.text);
  const opensAnything = unknown.word.text === "" || suggestion === "const" || (suggestion === "block" && unknown.value);
  return opensAnything ? (guessed(context, unknown) ?? suggestion) : suggestion;
}

/** Reports a word that opens no declaration, and gives the declaration that was meant. */
export function meantDeclaration(context: Context, unknown: UnknownDeclaration): Declaration {
  const { word, name, type, value, settings, doc, keyword, span } = unknown;
  const suggestion = meantWord(context, unknown);
  // Without a word the parser has said so.
  if (word.text !== "")
    context.report(
      report(
        names.unknownDeclaration,
        { word: word.text },
        {
          span: word.span,
          help: didYouMean(suggestion),
          fixes: suggestion === undefined ? [] : [replaceWord(word.span, suggestion)],
        },
      ),
    );
  const base = { keyword, span, ...(doc !== undefined && { doc }), ...(name && { name }) };
  switch (suggestion) {
    case "const":
    case "layer":
    case "shared":
    case "penalty":
      return value ? { ...base, kind: suggestion, value } : unknown;
    case "input":
    case "task":
      return type ? { ...base, kind: suggestion, type, ...(settings && { settings }) } : unknown;
    case "train":
    case "data":
      return settings ? { ...base, kind: suggestion, settings } : unknown;
    case "model":
      return { ...base, kind: suggestion };
    default:
      return unknown;
  }
}
