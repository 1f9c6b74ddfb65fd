import type { Expression, Kind } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { settings as rows } from "../../diagnostics/settings.ts";
import { shapes } from "../../diagnostics/shapes.ts";
import type { Value } from "../../ir/model.ts";
import type { Table } from "../../registry/registry.ts";
import type { KindRow } from "../../registry/rows.ts";
import type { Context } from "../context/context.ts";
import { peekName } from "../names/lookup.ts";
import { didYouMean, replaceWord, suggestRow } from "../names/suggest.ts";
import { type Axis, axisOf } from "./axes.ts";
import { checkSettings, fromArgument } from "./settings.ts";

/** A kind as written: its row, what stands in its parentheses, its axes. */
export interface CheckedKind {
  readonly row: KindRow;
  readonly settings: Readonly<Record<string, Value>>;
  /** Empty without brackets. */
  readonly axes: readonly Axis[];
}

/** `f32[28, 28, 1]`, `class(17)[words]`; undefined after reporting. */
export function checkKind(
  context: Context,
  kind: Kind,
  of: "input" | "target",
  table: Table<KindRow>,
  path: string,
): CheckedKind | undefined {
  const known = table.get(kind.name.text);
  const row = known ?? reportUnknownKind(context, kind, of, table);
  if (row === undefined) return undefined;
  const before = context.errors();
  if (kind.axes !== undefined && !row.axes) {
    reportBrackets(context, kind, row);
    return undefined;
  }
  const settings = checkSettings(known ? context : context.quiet(), row.settings, kind.arguments.map(fromArgument), {
    what: `\`${row.name}\``,
    row,
    span: kind.name.span,
    path,
    full: sizesHelp(kind, row),
    home: "kind",
  });
  const [batch, ...others] = kind.axes ?? [];
  const hasBatch = batch !== undefined && others.length > 0 && isBatch(context, batch);
  if (hasBatch) reportBatch(context, kind, batch, others);
  const axes = (hasBatch ? others : (kind.axes ?? [])).map((axis) => axisOf(context, axis));
  // A setting may have no value without a report here: where its text could not be read.
  const isWhole = Object.keys(row.settings).every((name) => settings[name] !== undefined);
  if (context.errors() !== before || !isWhole || !axes.every((axis) => axis !== undefined)) return undefined;
  return { row, settings, axes };
}

/** `f32[None, 11]`, `f32[-1, 11]`: the batch, as other libraries write it. */
function isBatch(context: Context, axis: Expression): boolean {
  if (axis.kind === "negate") return axis.operand.kind === "number" && axis.operand.value === 1;
  if (axis.kind !== "reference" || peekName(context, axis.name.text)) return false;
  return /^(None|null|_|N|B|batch|batch_size)$/.test(axis.name.text);
}

function reportBatch(context: Context, kind: Kind, batch: Expression, others: readonly Expression[]): void {
  const sizes = others.map((axis) => context.textAt(axis.span)).join(", ");
  const edits = [{ span: { ...batch.span, end: others[0].span.start }, text: "" }];
  context.report(
    report(
      shapes.batchAxis,
      { kind: kind.name.text },
      {
        span: batch.span,
        help: `leave it out: \`${kind.name.text}[${sizes}]\``,
        fixes: [{ title: "leave the batch out", edits }],
      },
    ),
  );
}

/** `f32(2)`: sizes stand in brackets. */
function sizesHelp(kind: Kind, row: KindRow): string | undefined {
  const sizes = kind.arguments.map(({ value }) => (value.kind === "number" ? value.text : undefined));
  if (row.name === "flag" && sizes.length === 1) return `several flags are \`flags(${sizes[0] ?? "3"})\``;
  if (!row.axes || kind.axes !== undefined || sizes.length === 0 || sizes.includes(undefined)) return undefined;
  return `sizes stand in brackets: \`${row.name}[${sizes.join(", ")}]\``;
}

/** Says that there is no such kind; gives the one that was meant, so that the rest is checked with it. */
function reportUnknownKind(
  context: Context,
  kind: Kind,
  of: "input" | "target",
  table: Table<KindRow>,
): KindRow | undefined {
  const suggestion = suggestRow(kind.name.text, table);
  const known = [...table.keys()].map((name) => `\`${name}\``).join(", ");
  context.report(
    report(
      rows.unknownKind,
      { of, kind: kind.name.text },
      {
        span: kind.name.span,
        help: didYouMean(suggestion) ?? `there are ${known}`,
        fixes: suggestion === undefined ? [] : [replaceWord(kind.name.span, suggestion)],
      },
    ),
  );
  return suggestion === undefined ? undefined : table.get(suggestion);
}

/** Sizes in brackets where they stand in parentheses, or nowhere. */
function reportBrackets(context: Context, kind: Kind, row: KindRow): void {
  const { file, end } = kind.span;
  const open = kind.name.span.end;
  const takesSizes = Object.values(row.settings).some((setting) => setting.required);
  const mark = (start: number, text: string) => ({ span: { file, start, end: start + 1 }, text });
  context.report(
    report(
      rows.noBrackets,
      { kind: row.name },
      {
        span: { file, start: open, end },
        help: takesSizes ? `they stand in parentheses: \`${row.name}(…)\`` : undefined,
        fixes:
          takesSizes && kind.arguments.length === 0
            ? [{ title: "write parentheses", edits: [mark(open, "("), mark(end - 1, ")")] }]
            : [],
      },
    ),
  );
}
