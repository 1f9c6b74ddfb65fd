import type { Expression, Span } from "../../../grammar/tree.ts";
import { cells } from "../../diagnostics/cells.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { settings as rows } from "../../diagnostics/settings.ts";
import { shapes } from "../../diagnostics/shapes.ts";
import type { Value } from "../../ir/model.ts";
import { describeKind } from "../../registry/describe.ts";
import { wordTable } from "../../registry/registry.ts";
import type { SettingKind, WordTable } from "../../registry/settings.ts";
import type { Context } from "../context/context.ts";
import { alternativesOf, type Spot } from "../context/spot.ts";
import { isExcused, peekName, useName } from "../names/lookup.ts";
import { didYouMean, replaceWord } from "../names/suggest.ts";
import { constantValue } from "./constants.ts";
import { isRightLength } from "./forms.ts";
import { refuse } from "./refuse.ts";
import { withoutQuotes } from "./without-quotes.ts";
import { describeValue, pathOf } from "./written.ts";

/** Numbers, texts and other constants against the kind and range of a setting. */

/** The constant that an expression is, for a setting of this kind. */
export function readConstant(context: Context, kind: SettingKind, expression: Expression, at: Spot): Value | undefined {
  const mayBeText = alternativesOf(kind).some(isText);
  if (expression.kind === "reference") {
    const name = expression.name.text;
    const declared = peekName(context, name);
    if (declared === undefined && kind.kind === "cell" && at.source) return name;
    if (declared === undefined && kind.kind === "bool") return refuseBoolean(context, kind, expression.span, name, at);
    const word = declared === undefined && isKnownWord(context, name);
    if (word || (declared === undefined && mayBeText)) {
      const text = JSON.stringify(name);
      return refuse(
        context,
        kind,
        expression,
        at,
        mayBeText ? { help: `a text stands in quotes: \`${text}\``, fixes: [replaceWord(expression.span, text)] } : {},
      );
    }
    if (declared !== undefined && declared.kind !== "const") {
      useName(context, name);
      return refuse(context, kind, expression, at);
    }
  } else if (expression.kind === "list" || expression.kind === "settings" || expression.kind === "pipeline") {
    return refuse(context, kind, expression, at);
  } else if (expression.kind === "member" && mayBeText) {
    const text = JSON.stringify(pathOf(expression) ?? "");
    return refuse(context, kind, expression, at, {
      help: `a text stands in quotes: \`${text}\``,
      fixes: [replaceWord(expression.span, text)],
    });
  } else if (expression.kind === "call" && isKnownWord(context, expression.name.text)) {
    return refuse(context, kind, expression, at);
  }
  if (expression.kind === "string" && withoutQuotes(context, kind, expression.value) !== undefined)
    return refuse(context, kind, expression, at);
  // A number that the lexer could not read has been reported.
  if (expression.kind === "number" && !/^[\d_]+(\.\d+)?(e[+-]?\d+)?$/i.test(expression.text)) return undefined;
  if (expression.kind === "number" && alternativesOf(kind).some((one) => one.kind === "cell")) {
    const digits = expression.text.replaceAll("_", "");
    // 1e20 is a number as it is; digits are compared with those of keys.
    if (/^\d+$/.test(digits) && !Number.isSafeInteger(Number(digits))) {
      const help = `in quotes all of its digits count: \`"${digits}"\``;
      const fixes = [replaceWord(expression.span, JSON.stringify(digits))];
      return void context.report(report(cells.numberNotExact, { digits }, { span: expression.span, help, fixes }));
    }
  }
  const value = constantValue(context, expression);
  if (typeof value === "number" && isBrokenDivision(context, kind, value, expression)) return undefined;
  return value === undefined ? undefined : checkConstant(context, kind, value, expression.span, at);
}

/** Whether a setting of this kind may be a text, which stands in quotes. */
export function isText({ kind }: SettingKind): boolean {
  return kind === "string" || kind === "cell";
}

/** `shuffle: yes`. */
function refuseBoolean(context: Context, kind: SettingKind, span: Span, name: string, at: Spot): undefined {
  if (isExcused(context, name)) return undefined;
  const meant = /^(yes|on|True|TRUE)$/.test(name)
    ? "true"
    : /^(no|off|False|FALSE|none)$/.test(name)
      ? "false"
      : undefined;
  const holes = { setting: at.setting, kind: describeKind(kind), found: `the word \`${name}\`` };
  const fixes = meant === undefined ? [] : [replaceWord(span, meant)];
  context.report(report(rows.wrongKind, holes, { span, help: didYouMean(meant), fixes }));
}

/** Divisions that become sizes must come out whole: reports one that does not. */
function isBrokenDivision(context: Context, kind: SettingKind, value: number, expression: Expression): boolean {
  const whole = alternativesOf(kind).every((one) => one.kind === "int" || one.kind === "pair");
  if (!whole || Number.isInteger(value) || expression.kind !== "binary" || expression.operator !== "/") return false;
  const [left, right] = [constantValue(context, expression.left), constantValue(context, expression.right)];
  if (typeof left !== "number" || typeof right !== "number") return false;
  context.report(report(shapes.divisionNotWhole, { left, right }, { span: expression.span }));
  return true;
}

/** Words that are no names of the file: of any table, and the layers. */
function isKnownWord({ registry }: Context, name: string): boolean {
  return (
    registry.layer.has(name) ||
    registry.source.has(name) ||
    tables.some((table) => wordTable(registry, table).has(name))
  );
}
const tables = [
  ...["start", "tie", "tokenizer", "augment", "balance", "optimizer", "schedule"],
  ...["clip", "average", "stop", "penalty", "sampling", "loss", "metric"],
] as const satisfies readonly WordTable[];

/** A constant's value against a kind and its range. */
export function checkConstant(
  context: Context,
  kind: SettingKind,
  value: Value,
  span: Span,
  at: Spot,
): Value | undefined {
  const misfit = (row: typeof rows.wrongKind | typeof rows.outOfRange): undefined =>
    void context.report(
      report(row, { setting: at.setting, kind: describeKind(kind), found: describeValue(value) }, { span }),
    );
  switch (kind.kind) {
    case "int":
    case "number":
      if (typeof value !== "number") return misfit(rows.wrongKind);
      if (kind.kind === "int" && !Number.isInteger(value)) return misfit(rows.wrongKind);
      return isWithin(kind, value) ? value : misfit(rows.outOfRange);
    case "bool":
      return typeof value === "boolean" ? value : misfit(rows.wrongKind);
    case "string":
      return typeof value === "string" && (kind.of?.includes(value) ?? true) ? value : misfit(rows.wrongKind);
    case "column":
      return typeof value === "string" ? value : misfit(rows.wrongKind);
    case "cell":
      return typeof value === "string" || typeof value === "boolean" || typeof value === "number"
        ? value
        : misfit(rows.wrongKind);
    case "choice":
      return typeof value === "string" && kind.words.includes(value) ? value : misfit(rows.wrongKind);
    case "list": {
      if (!Array.isArray(value)) return misfit(rows.wrongKind);
      const items: readonly Value[] = value;
      if (kind.filled === true && items.length === 0) return misfit(rows.wrongKind);
      const checked = items.map((item) => checkConstant(context, kind.of, item, span, at));
      if (!checked.every((item) => item !== undefined)) return undefined;
      return isRightLength(context, kind.length, checked.length, span, at) ? checked : undefined;
    }
    case "pair":
      if (typeof value === "number") {
        const size = checkConstant(context, { kind: "int", min: kind.min }, value, span, at);
        return size === undefined ? undefined : [size, size];
      }
      return checkConstant(context, { kind: "list", of: { kind: "int", min: kind.min }, length: 2 }, value, span, at);
    case "either": {
      const kinds = alternativesOf(kind);
      const fitting = kinds.find((one) => fits(one, value));
      return fitting === undefined ? misfit(rows.wrongKind) : checkConstant(context, fitting, value, span, at);
    }
    case "word":
    case "columns":
    case "name":
    case "record":
    case "path":
    case "expression":
      return misfit(rows.wrongKind);
    default:
      return kind satisfies never;
  }
}

/** Whether a value is of this kind, its range left aside. */
function fits(kind: SettingKind, value: Value): boolean {
  switch (kind.kind) {
    case "int":
      return typeof value === "number" && Number.isInteger(value);
    case "number":
      return typeof value === "number";
    case "bool":
      return typeof value === "boolean";
    case "string":
    case "column":
      return typeof value === "string";
    case "cell":
      return typeof value === "string" || typeof value === "boolean" || typeof value === "number";
    case "choice":
      return typeof value === "string" && kind.words.includes(value);
    case "list":
      return Array.isArray(value);
    case "pair":
      return typeof value === "number" || Array.isArray(value);
    default:
      return false;
  }
}

function isWithin(kind: SettingKind & { kind: "int" | "number" }, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  if (kind.min !== undefined && value < kind.min) return false;
  if (kind.max !== undefined && value > kind.max) return false;
  if (kind.kind === "int") return true;
  return (kind.above === undefined || value > kind.above) && (kind.below === undefined || value < kind.below);
}
