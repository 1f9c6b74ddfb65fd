import type { Expression, Name, Span } from "../../../grammar/tree.ts";
import { report, type Edit, type Label } from "../../diagnostics/diagnostic.ts";
import { names } from "../../diagnostics/names.ts";
import type { Context } from "../context/context.ts";
import { type Declared, type Entity, find, visibleNames } from "../context/scope.ts";
import { didYouMean, mostGuessed, suggest, suggestRow } from "./suggest.ts";

/** The entity of a name, counted as used. */
export function use({ scope }: Context, name: string): Entity | undefined {
  const entity = find(scope, name);
  if (entity) entity.used = true;
  return entity;
}

/** Reports a name that nothing above declares. */
export function reportUnknownName(context: Context, name: Name): void {
  const { scope } = context;
  if (scope.file.declared.has(name.text)) return reportTooEarly(context, name);
  if (isDoubtful(context, name.text)) return;
  const suggestion = isTooMuch(context) ? undefined : suggest(name.text, visibleNames(scope));
  reportUnknown(context, name, names.unknownName, suggestion, true);
}

/** Whether so many names mean nothing that nobody reads what each was meant to be: finding that out takes the longest. */
function isTooMuch({ check }: Context): boolean {
  return check.unknownNames.size > mostGuessed;
}

/** Reports a step that names no layer, block or chain. */
export function reportUnknownLayer(context: Context, name: Name): void {
  const { scope } = context;
  if (scope.file.declared.has(name.text)) return reportTooEarly(context, name);
  if (isDoubtful(context, name.text)) return;
  if (isTooMuch(context)) return reportUnknown(context, name, names.unknownLayer, undefined, true);
  const own = suggest(
    name.text,
    visibleNames(scope, ({ meaning: { kind } }) => kind === "layer" || kind === "block" || kind === "chain"),
  );
  const builtin = layerMeant(context, name.text);
  reportUnknown(context, name, names.unknownLayer, own ?? builtin, own !== undefined || builtin === undefined);
}

/**
 * Reports a name that means nothing here. `once`: further uses of the same name are the same mistake, most likely that of
 * its declaration, and are shown and mended with the first.
 */
function reportUnknown(
  context: Context,
  { text, span }: Name,
  row: (typeof names)["unknownName"],
  suggestion: string | undefined,
  once: boolean,
): void {
  meant(context, suggestion);
  const key = `${row.code} ${span.file} ${text}`;
  const before = once ? context.check.unknownNames.get(key) : undefined;
  if (before) {
    // Blocks and groups are worked out more than once.
    if (before.places.has(span.start)) return;
    before.places.add(span.start);
    if (before.labels.length < 3) before.labels.push({ span, message: "and here" });
    if (suggestion !== undefined) before.edits.push({ span, text: suggestion });
    return;
  }
  const labels: Label[] = [];
  const edits: Edit[] = suggestion === undefined ? [] : [{ span, text: suggestion }];
  if (once) context.check.unknownNames.set(key, { places: new Set([span.start]), labels, edits });
  const fixes = suggestion === undefined ? [] : [{ title: `write \`${suggestion}\``, edits }];
  context.report(
    report(
      row,
      { name: text },
      { span, labels, help: operatorHelp(text) ?? didYouMean(suggestion), fixes: operatorHelp(text) ? [] : fixes },
    ),
  );
}

/** The name that a misspelt one was meant to be is used; without a guess, any may have been meant. */
function meant(context: Context, suggestion: string | undefined): void {
  if (suggestion !== undefined) use(context, suggestion);
  else context.scope.file.lost = true;
}

/** Reports a name that only a later declaration gives, or the one that it stands in. */
function reportTooEarly(context: Context, name: Pick<Name, "text" | "span">): void {
  const { early, declared } = context.scope.file;
  const later = declared.get(name.text);
  // One declaration in the wrong place is one mistake.
  if (early.has(name.text)) return;
  early.add(name.text);
  context.report(
    report(
      names.usedBeforeDeclared,
      { name: name.text, itself: later !== undefined && later.start < name.span.start },
      { span: name.span, labels: later ? [{ span: later, message: "declared here" }] : [] },
    ),
  );
}

/** The layer of the language that a word is or was meant to be. */
export function layerMeant(context: Context, word: string): string | undefined {
  const layers = callableLayers(context);
  return layers.has(word) ? word : suggestRow(word, layers);
}

function callableLayers(context: Context) {
  return new Map([...context.registry.layer].filter(([, row]) => row.callable));
}

/**
 * Whether a name may be declared after all: by a declaration that has lost its name, or by one that could not be made sense
 * of and still opens with it. Its uses are no further mistakes.
 */
export function isDoubtful({ check, scope }: Context, name: string): boolean {
  const entity = find(scope, name);
  if (entity) return entity.meaning.kind === "unknown";
  if (scope.file.nameless) {
    scope.file.lost = true;
    return true;
  }
  const text = check.damaged.get(scope.file.file);
  if (text === undefined || !/^\w+$/.test(name)) return false;
  return new RegExp(`\\b(import|const|input|layer|block|shared|task|penalty)\\b[^\\n]*\\b${name}\\b`).test(text);
}

/** Whether nothing is said of a name's uses: it may be declared after all, or was reported already. */
export function isExcused(context: Context, name: string): boolean {
  return isDoubtful(context, name) || context.check.isReported(context.scope.file.file, name);
}

/** Whether a name is declared further down, or by the declaration that it stands in; that is reported. */
export function isTooEarly({ aloud: context }: Context, text: string, span: Span): boolean {
  const early = find(context.scope, text) === undefined && context.scope.file.declared.has(text);
  if (early) reportTooEarly(context, { text, span });
  return early;
}

/** What a name means here, if it was declared above; counts as a use of it. */
export function useName(context: Context, name: string): Declared | undefined {
  return declaredOf(use(context, name));
}

/** The same, and is no use. */
export function peekName({ scope }: Context, name: string): Declared | undefined {
  return declaredOf(find(scope, name));
}

/** A name declared with a mistake passes for a constant whose value is not known: nothing is said of it. */
function declaredOf(entity: Entity | undefined): Declared | undefined {
  return entity?.meaning.kind === "unknown" ? { ...entity.declared, kind: "const" } : entity?.declared;
}

/** Names that may be meant, for suggestions. */
export function namesOfKinds({ scope }: Context, kinds: readonly Declared["kind"][]): readonly string[] {
  return visibleNames(scope, (entity) => kinds.includes(entity.declared.kind));
}

/** Counts every name inside as used, without a word: what stands there belongs to something already reported. */
export function touch(context: Context, expression: Expression): void {
  switch (expression.kind) {
    case "reference":
      use(context, expression.name.text);
      return;
    case "call":
      use(context, expression.name.text);
      for (const argument of expression.arguments) touch(context, argument.value);
      return;
    case "member":
      return touch(context, expression.object);
    case "list":
      for (const item of expression.items) touch(context, item);
      return;
    case "settings":
      for (const entry of expression.entries) touch(context, entry.value);
      return;
    case "group":
      return touch(context, expression.inner);
    case "negate":
      return touch(context, expression.operand);
    case "binary":
      touch(context, expression.left);
      return touch(context, expression.right);
    case "pipeline":
      for (const step of expression.steps) touch(context, step);
      return;
    case "number":
    case "string":
    case "boolean":
    case "missing":
      return;
    default:
      return expression satisfies never;
  }
}

/** Sums and products have marks of their own. */
function operatorHelp(word: string): string | undefined {
  const marks: Readonly<Record<string, string>> = {
    ...{ add: "+", Add: "+", plus: "+", sub: "-", subtract: "-", Subtract: "-", minus: "-" },
    ...{ mul: "*", multiply: "*", Multiply: "*", times: "*", div: "/", divide: "/" },
  };
  return Object.hasOwn(marks, word) ? `write \`a ${marks[word]} b\`` : undefined;
}
