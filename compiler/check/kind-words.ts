import type { Kind } from "../../grammar/tree.ts";
import { report } from "../diagnostics/diagnostic.ts";
import { settings as rows } from "../diagnostics/settings.ts";
import type { Value } from "../ir/model.ts";
import type { Table } from "../registry/registry.ts";
import type { KindRow } from "../registry/rows.ts";
import type { Axis, CheckContext } from "./context.ts";
import { checkSettings, fromArgument } from "./settings.ts";
import { didYouMean, replaceWord, suggestRow } from "./suggest.ts";

/** A kind as written: its row, what stands in its parentheses, its axes. */
export interface CheckedKind {
  readonly row: KindRow;
  readonly settings: Readonly<Record<string, Value>>;
  /** Empty without brackets. */
  readonly axes: readonly Axis[];
}

/** `f32[28, 28, 1]`, `class(17)[words]`; undefined after reporting. */
export function checkKind(
  kind: Kind,
  of: "input" | "target",
  table: Table<KindRow>,
  path: string,
  context: CheckContext,
): CheckedKind | undefined {
  const before = context.errors();
  const row = table.get(kind.name.text);
  if (row === undefined) {
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
    return undefined;
  }
  const settings = checkSettings(
    row.settings,
    kind.arguments.map(fromArgument),
    { what: `\`${row.name}\``, row, span: kind.name.span, path },
    context,
  );
  if (kind.axes !== undefined && !row.axes) {
    context.report(
      report(
        rows.noBrackets,
        { kind: row.name },
        {
          span: { ...kind.span, start: kind.axes[0]?.span.start ?? kind.span.start },
          help: Object.keys(row.settings).length > 0 ? `its size stands in parentheses: \`${row.name}(…)\`` : undefined,
        },
      ),
    );
  }
  const axes = row.axes ? (kind.axes ?? []).map((axis) => context.axis(axis)) : [];
  if (context.errors() !== before || !axes.every((axis) => axis !== undefined)) return undefined;
  return { row, settings, axes };
}
