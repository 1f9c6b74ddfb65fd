import type { Call, Expression, Reference } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { settings as settingDiagnostics } from "../../diagnostics/settings.ts";
import { tasks as rows } from "../../diagnostics/tasks.ts";
import type { LossTerm, TaskKind, Value, Word } from "../../ir/model.ts";
import { isKnown } from "../../ir/size.ts";
import { alternatives, isWord } from "../../registry/describe.ts";
import type { LossRow } from "../../registry/rows.ts";
import type { Context } from "../context/context.ts";
import type { Spot } from "../context/spot.ts";
import { peekName } from "../names/lookup.ts";
import { replaceWord } from "../names/suggest.ts";
import { writeTaskKind } from "../settings/kinds-written.ts";
import { readWord } from "../settings/settings.ts";
import { quotesHelp, withoutQuotes } from "../settings/without-quotes.ts";
import { reportUnknownWord } from "../settings/words.ts";
import { describeWritten, undashed, ungrouped } from "../settings/written.ts";
import { teacherValue } from "./teachers.ts";

/** `cross_entropy + 0.1 * focal(gamma: 2)`: a sum of losses, each with its factor. */

const factorKind = { kind: "number", above: 0 } as const;

/** The terms of a task's loss; those with a mistake are left out once it is reported. */
export function readLoss(
  context: Context,
  expression: Expression,
  task: { readonly name: string; readonly kind: TaskKind | undefined },
  factor = 1,
): readonly LossTerm[] {
  const at: Spot = { setting: "loss", path: `${task.name}.loss`, owner: task.name, source: false };
  const inner = undashed(context, ungrouped(expression));
  if (inner.kind === "missing") return [];
  if (inner.kind === "reference" || inner.kind === "call") {
    const row = context.registry.loss.get(inner.name.text);
    if (row === undefined) {
      const meant = reportUnknownWord(context, "loss", [], inner, at);
      return isWord(meant) ? [{ factor, loss: meant, span: inner.span }] : [];
    }
    const loss = readWord(context, "loss", inner, { ...at, path: `${at.path}.${row.name}` });
    if (loss === undefined || (task.kind && !lossFitsKind(context, row, task.name, task.kind, inner))) return [];
    if (task.kind && !areWeightsRight(context, loss.settings, task.kind, inner)) return [];
    if (task.kind && !doSettingsFit(context, row, loss.settings, task.kind, inner)) return [];
    return [{ factor, loss: withTeacher(context, loss, inner), span: inner.span }];
  }
  if (inner.kind === "binary" && inner.operator === "+")
    return [...readLoss(context, inner.left, task, factor), ...readLoss(context, inner.right, task, factor)];
  if (inner.kind === "binary" && inner.operator === "*" && isFactor(context, inner.left)) {
    const spot = { ...at, setting: "the factor of a loss", path: `${at.path}.factor` };
    const written = context.value(factorKind, inner.left, spot);
    return readLoss(context, inner.right, task, typeof written === "number" ? factor * written : factor);
  }
  const word =
    inner.kind === "string" ? withoutQuotes(context, { kind: "word", table: "loss" }, inner.value) : undefined;
  context.report(
    report(
      rows.notALoss,
      { found: describeWritten(context, inner) },
      {
        span: inner.span,
        help: word === undefined ? "write a sum such as `cross_entropy + 0.1 * focal(gamma: 2)`" : quotesHelp(word),
        fixes: word === undefined ? [] : [replaceWord(inner.span, word)],
      },
    ),
  );
  return [];
}

function withTeacher(context: Context, { word, settings }: Word, written: Reference | Call): Word {
  if (settings.of === undefined || written.kind !== "call") return { word, settings };
  const argument = written.arguments.find(({ name }) => name?.text === "of");
  return { word, settings: { ...settings, of: teacherValue(context, settings.of, argument?.value) } };
}

function isFactor(context: Context, expression: Expression): boolean {
  const inner = ungrouped(expression);
  if (inner.kind === "reference") return peekName(context, inner.name.text)?.kind === "const";
  if (inner.kind === "call") return inner.name.text === "search";
  return inner.kind === "number" || inner.kind === "negate" || inner.kind === "binary";
}

/** Whether a loss is for targets of this kind; reports it otherwise. */
export function lossFitsKind(context: Context, row: LossRow, task: string, kind: TaskKind, at: Expression): boolean {
  const why = row.kinds.includes(kind.word)
    ? (row.fits?.(kind) ?? null)
    : `it is for ${alternatives(row.kinds.map((one) => `\`${one}\``))} targets`;
  if (why === null) return true;
  const own = context.registry.taskKind.get(kind.word)?.losses?.[0];
  context.report(
    report(
      rows.lossDoesNotFit,
      { loss: row.name, task, kind: writeTaskKind(kind), why },
      { span: at.span, help: own === undefined ? undefined : `the loss of \`${kind.word}\` is \`${own}\`` },
    ),
  );
  return false;
}

/** Settings that a loss has for some kinds only. */
function doSettingsFit(
  context: Context,
  { only = {} }: LossRow,
  values: Readonly<Record<string, Value>>,
  kind: TaskKind,
  at: Reference | Call,
): boolean {
  for (const [key, kinds] of Object.entries(only)) {
    if (values[key] === null || kinds.includes(kind.word)) continue;
    const argument = at.kind === "call" ? at.arguments.find(({ name }) => name?.text === key) : undefined;
    const fits = `${alternatives(kinds.map((one) => `\`${one}\``))} targets`;
    const { span } = argument ?? at;
    context.report(report(settingDiagnostics.keyDoesNotFit, { key, fits, kind: writeTaskKind(kind) }, { span }));
    return false;
  }
  return true;
}

/** Lists of weights have one for each class or flag. */
function areWeightsRight(
  context: Context,
  settings: Readonly<Record<string, Value>>,
  kind: TaskKind,
  at: Expression,
): boolean {
  for (const setting of ["class_weights", "positive_weight"]) {
    const weights = settings[setting];
    if (!Array.isArray(weights) || !isKnown(kind.size) || weights.length === kind.size) continue;
    const holes = { setting, wanted: kind.size, found: weights.length };
    context.report(report(settingDiagnostics.wrongLength, holes, { span: at.span }));
    return false;
  }
  return true;
}
