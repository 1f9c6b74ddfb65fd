import type { Expression, Name } from "../../grammar/tree.ts";
import { report } from "../diagnostics/diagnostic.ts";
import { names } from "../diagnostics/names.ts";
import { find, visibleNames, type Entity, type Scope } from "./scope.ts";
import type { Frame, Session } from "./session.ts";
import { didYouMean, replaceWord, suggest, suggestRow } from "./suggest.ts";

/** The entity of a name, counted as used. */
export function use(scope: Scope, name: string): Entity | undefined {
  const entity = find(scope, name);
  if (entity) entity.used = true;
  return entity;
}

/** Reports a name that nothing above declares. */
export function reportUnknownName(session: Session, scope: Scope, name: Name): void {
  const later = scope.file.declared.get(name.text);
  if (later) return reportTooEarly(session, scope, name);
  if (isLostInRecovery(session, scope, name.text)) return;
  const suggestion = suggest(name.text, visibleNames(scope));
  meant(scope, suggestion);
  session.report(
    report(
      names.unknownName,
      { name: name.text },
      {
        span: name.span,
        help: didYouMean(suggestion),
        fixes: suggestion === undefined ? [] : [replaceWord(name.span, suggestion)],
      },
    ),
  );
}

/** The name that a misspelt one was meant to be is used; without a guess, any may have been meant. */
function meant(scope: Scope, suggestion: string | undefined): void {
  if (suggestion !== undefined) use(scope, suggestion);
  else scope.file.lost = true;
}

function reportTooEarly(session: Session, scope: Scope, name: Name): void {
  const later = scope.file.declared.get(name.text);
  scope.file.early.add(name.text);
  session.report(
    report(
      names.usedBeforeDeclared,
      { name: name.text },
      { span: name.span, labels: later ? [{ span: later, message: "declared here" }] : [] },
    ),
  );
}

/** Reports a step that names no layer, block or chain. */
export function reportUnknownLayer(session: Session, frame: Frame, name: Name): void {
  const { scope } = frame;
  if (scope.file.declared.has(name.text)) return reportTooEarly(session, scope, name);
  if (isLostInRecovery(session, scope, name.text)) return;
  const own = visibleNames(scope, ({ meaning: { kind } }) => kind === "layer" || kind === "block" || kind === "chain");
  const suggestion = suggest(name.text, own) ?? suggestRow(name.text, callableLayers(session));
  meant(scope, suggestion);
  session.report(
    report(
      names.unknownLayer,
      { name: name.text },
      {
        span: name.span,
        help: didYouMean(suggestion),
        fixes: suggestion === undefined ? [] : [replaceWord(name.span, suggestion)],
      },
    ),
  );
}

function callableLayers(session: Session) {
  return new Map([...session.registry.layer].filter(([, row]) => row.callable));
}

/** A declaration that the parser could not make sense of still opens with its name: its uses are no further mistakes. */
function isLostInRecovery(session: Session, scope: Scope, name: string): boolean {
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
