import type { Declaration, Name, Span, SourceTree, UnknownDeclaration } from "../../grammar/tree.ts";
import { report } from "../diagnostics/diagnostic.ts";
import { names } from "../diagnostics/names.ts";
import type { Declared } from "./context.ts";
import { describeEntity, type Entity, type FileScope, type Meaning, type Scope } from "./scope.ts";
import type { Session } from "./session.ts";
import { sortOf } from "./sorts.ts";
import { didYouMean, replaceWord, suggestDeclaration } from "./suggest.ts";

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

/** Puts a name in force from the next declaration on. */
export function declare(
  session: Session,
  scope: FileScope,
  name: Name | undefined,
  kind: Declared["kind"],
  meaning: Meaning,
  index: number,
): void {
  if (name === undefined) return;
  const before = scope.entities.get(name.text);
  if (before) {
    session.report(
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
  scope.entities.set(name.text, {
    declared: { name: name.text, kind, span: name.span },
    meaning: scope.mended.has(index) ? uncertain(meaning) : meaning,
    index,
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
export function checkNames(session: Session, scope: FileScope, library: boolean): void {
  // A text that had to be mended, or a name without sense, may hide the use.
  const mayBeLost = scope.lost || session.damaged.has(scope.file);
  for (const entity of scope.entities.values()) {
    const { name, span } = entity.declared;
    const use = scope.builtins.get(name);
    if (use)
      session.report(
        report(names.hidesLayer, { name }, { span, labels: [{ span: use, message: "the layer is used here" }] }),
      );
    if (!library && !entity.used && !scope.early.has(name) && isMissed(entity) && !mayBeLost)
      session.report(report(names.unusedName, { name, what: noun(entity) }, { span }));
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
function guessed(session: Session, scope: Scope, { type, value }: UnknownDeclaration) {
  if (type) return session.registry.taskKind.has(type.name.text) ? "task" : "input";
  if (!value) return undefined;
  const sort = sortOf(session, scope, value);
  return sort === "chain" ? "layer" : sort === "value" ? "const" : "shared";
}

/** What was meant by a word: the one it resembles, or for a word such as `let`, that opens anything, what its value asks for. */
function meantWord(session: Session, scope: Scope, unknown: UnknownDeclaration) {
  const suggestion = suggestDeclaration(unknown.word.text);
  const opensAnything = unknown.word.text === "" || suggestion === "const" || (suggestion === "block" && unknown.value);
  return opensAnything ? (guessed(session, scope, unknown) ?? suggestion) : suggestion;
}

/** Reports a word that opens no declaration, and gives the declaration that was meant. */
export function meantDeclaration(session: Session, scope: Scope, unknown: UnknownDeclaration): Declaration {
  const { word, name, type, value, settings, doc, keyword, span } = unknown;
  const suggestion = meantWord(session, scope, unknown);
  // Without a word the parser has said so.
  if (word.text !== "")
    session.report(
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
