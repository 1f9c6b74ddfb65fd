import type { Expression, Span } from "../../grammar/tree.ts";
import { report } from "../diagnostics/diagnostic.ts";
import { settings as rows } from "../diagnostics/settings.ts";
import { shapes } from "../diagnostics/shapes.ts";
import type { Value } from "../ir/model.ts";
import { describeKind } from "../registry/describe.ts";
import { wordTable } from "../registry/registry.ts";
import type { SettingKind, WordTable } from "../registry/settings.ts";
import type { CheckContext } from "./context.ts";
import { isRightLength } from "./forms.ts";
import { didYouMean, replaceWord } from "./suggest.ts";
import { alternativesOf, refuse, type Spot } from "./values.ts";
import { describeValue, pathOf } from "./written.ts";

/** Numbers, texts and other constants against the kind and range of a setting. */

/** The constant that an expression is, for a setting of this kind. */
export function readConstant(
  kind: SettingKind,
  expression: Expression,
  at: Spot,
  context: CheckContext,
): Value | undefined {
  if (expression.kind === "reference") {
    const name = expression.name.text;
    const declared = context.names.peek(name);
    if (declared === undefined && kind.kind === "cell" && at.source) return name;
    if (declared === undefined && kind.kind === "bool") return refuseBoolean(kind, expression.span, name, at, context);
    const word = declared === undefined && isKnownWord(name, context);
    if (word || (declared === undefined && (kind.kind === "string" || kind.kind === "cell"))) {
      const quotes = kind.kind === "string" || kind.kind === "cell";
      const text = JSON.stringify(name);
      return refuse(
        kind,
        expression,
        at,
        context,
        quotes ? { help: `a text stands in quotes: \`${text}\``, fixes: [replaceWord(expression.span, text)] } : {},
      );
    }
    if (declared !== undefined && declared.kind !== "const") {
      context.names.use(name);
      return refuse(kind, expression, at, context);
    }
  } else if (expression.kind === "list" || expression.kind === "settings" || expression.kind === "pipeline") {
    return refuse(kind, expression, at, context);
  } else if (expression.kind === "member" && (kind.kind === "string" || kind.kind === "cell")) {
    const text = JSON.stringify(pathOf(expression) ?? "");
    return refuse(kind, expression, at, context, {
      help: `a text stands in quotes: \`${text}\``,
      fixes: [replaceWord(expression.span, text)],
    });
  } else if (expression.kind === "call" && isKnownWord(expression.name.text, context)) {
    return refuse(kind, expression, at, context);
  }
  // A number that the lexer could not read has been reported.
  if (expression.kind === "number" && !/^[\d_]+(\.\d+)?(e[+-]?\d+)?$/i.test(expression.text)) return undefined;
  const value = context.constant(expression);
  if (typeof value === "number" && isBrokenDivision(kind, value, expression, context)) return undefined;
  return value === undefined ? undefined : checkConstant(kind, value, expression.span, at, context);
}

/** `shuffle: yes`. */
function refuseBoolean(kind: SettingKind, span: Span, name: string, at: Spot, context: CheckContext): undefined {
  if (context.names.doubtful(name)) return undefined;
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
function isBrokenDivision(kind: SettingKind, value: number, expression: Expression, context: CheckContext): boolean {
  const whole = alternativesOf(kind).every((one) => one.kind === "int" || one.kind === "pair");
  if (!whole || Number.isInteger(value) || expression.kind !== "binary" || expression.operator !== "/") return false;
  const [left, right] = [context.constant(expression.left), context.constant(expression.right)];
  if (typeof left !== "number" || typeof right !== "number") return false;
  context.report(report(shapes.divisionNotWhole, { left, right }, { span: expression.span }));
  return true;
}

/** Words that are no names of the file: of any table, and the layers. */
function isKnownWord(name: string, { registry }: CheckContext): boolean {
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
  kind: SettingKind,
  value: Value,
  span: Span,
  at: Spot,
  context: CheckContext,
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
      const checked = items.map((item) => checkConstant(kind.of, item, span, at, context));
      if (!checked.every((item) => item !== undefined)) return undefined;
      return isRightLength(kind.length, checked.length, span, at, context) ? checked : undefined;
    }
    case "pair":
      if (typeof value === "number") {
        const size = checkConstant({ kind: "int", min: kind.min }, value, span, at, context);
        return size === undefined ? undefined : [size, size];
      }
      return checkConstant({ kind: "list", of: { kind: "int", min: kind.min }, length: 2 }, value, span, at, context);
    case "either": {
      const kinds = alternativesOf(kind);
      const fitting = kinds.find((one) => fits(one, value));
      return fitting === undefined ? misfit(rows.wrongKind) : checkConstant(fitting, value, span, at, context);
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
