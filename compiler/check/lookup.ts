import type { Expression, Name } from "../../grammar/tree.ts";
import { report, type Edit, type Label } from "../diagnostics/diagnostic.ts";
import { names } from "../diagnostics/names.ts";
import { find, visibleNames, type Entity, type Scope } from "./scope.ts";
import type { Frame, Session } from "./session.ts";
import { didYouMean, suggest, suggestRow } from "./suggest.ts";

/** The entity of a name, counted as used. */
export function use(scope: Scope, name: string): Entity | undefined {
  const entity = find(scope, name);
  if (entity) entity.used = true;
  return entity;
}

/** Reports a name that nothing above declares. */
export function reportUnknownName(session: Session, scope: Scope, name: Name): void {
  if (scope.file.declared.has(name.text)) return reportTooEarly(session, scope, name);
  if (isDoubtful(session, scope, name.text)) return;
  reportUnknown(session, scope, name, names.unknownName, suggest(name.text, visibleNames(scope)), true);
}

/** Reports a step that names no layer, block or chain. */
export function reportUnknownLayer(session: Session, { scope }: Frame, name: Name): void {
  if (scope.file.declared.has(name.text)) return reportTooEarly(session, scope, name);
  if (isDoubtful(session, scope, name.text)) return;
  const own = suggest(
    name.text,
    visibleNames(scope, ({ meaning: { kind } }) => kind === "layer" || kind === "block" || kind === "chain"),
  );
  const builtin = suggestRow(name.text, callableLayers(session));
  reportUnknown(session, scope, name, names.unknownLayer, own ?? builtin, own !== undefined || builtin === undefined);
}

/**
 * Reports a name that means nothing here. `once`: further uses of the same name are the same mistake, most likely that of
 * its declaration, and are shown and mended with the first.
 */
function reportUnknown(
  session: Session,
  scope: Scope,
  { text, span }: Name,
  row: (typeof names)["unknownName"],
  suggestion: string | undefined,
  once: boolean,
): void {
  meant(scope, suggestion);
  const key = `${row.code} ${span.file} ${text}`;
  const before = once ? session.unknownNames.get(key) : undefined;
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
  if (once) session.unknownNames.set(key, { places: new Set([span.start]), labels, edits });
  const fixes = suggestion === undefined ? [] : [{ title: `write \`${suggestion}\``, edits }];
  session.report(report(row, { name: text }, { span, labels, help: didYouMean(suggestion), fixes }));
}

/** The name that a misspelt one was meant to be is used; without a guess, any may have been meant. */
function meant(scope: Scope, suggestion: string | undefined): void {
  if (suggestion !== undefined) use(scope, suggestion);
  else scope.file.lost = true;
}

/** Reports a name that only a later declaration gives, or the one that it stands in. */
export function reportTooEarly(session: Session, scope: Scope, name: Pick<Name, "text" | "span">): void {
  const { early, declared } = scope.file;
  const later = declared.get(name.text);
  // One declaration in the wrong place is one mistake.
  if (early.has(name.text)) return;
  early.add(name.text);
  session.report(
    report(
      names.usedBeforeDeclared,
      { name: name.text, itself: later !== undefined && later.start < name.span.start },
      { span: name.span, labels: later ? [{ span: later, message: "declared here" }] : [] },
    ),
  );
}

function callableLayers(session: Session) {
  return new Map([...session.registry.layer].filter(([, row]) => row.callable));
}

/**
 * Whether a name may be declared after all: by a declaration that has lost its name, or by one that could not be made sense
 * of and still opens with it. Its uses are no further mistakes.
 */
export function isDoubtful(session: Session, scope: Scope, name: string): boolean {
  const entity = find(scope, name);
  if (entity) return entity.meaning.kind === "unknown";
  if (scope.file.nameless) {
    scope.file.lost = true;
    return true;
  }
  const text = session.damaged.get(scope.file.file);
  if (text === undefined || !/^\w+$/.test(name)) return false;
  return new RegExp(`\\b(import|const|input|layer|block|shared|task|penalty)\\b[^\\n]*\\b${name}\\b`).test(text);
}

/** Counts every name inside as used, without a word: what stands there belongs to something already reported. */
export function touch(scope: Scope, expression: Expression): void {
  switch (expression.kind) {
    case "reference":
      use(scope, expression.name.text);
      return;
    case "call":
      use(scope, expression.name.text);
      for (const argument of expression.arguments) touch(scope, argument.value);
      return;
    case "member":
      return touch(scope, expression.object);
    case "list":
      for (const item of expression.items) touch(scope, item);
      return;
    case "settings":
      for (const entry of expression.entries) touch(scope, entry.value);
      return;
    case "group":
      return touch(scope, expression.inner);
    case "negate":
      return touch(scope, expression.operand);
    case "binary":
      touch(scope, expression.left);
      return touch(scope, expression.right);
    case "pipeline":
      for (const step of expression.steps) touch(scope, step);
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
