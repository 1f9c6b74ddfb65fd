import type { Span } from "../../../grammar/tree.ts";
import { report, type DiagnosticRow, type Label } from "../../diagnostics/diagnostic.ts";
import { shapes } from "../../diagnostics/shapes.ts";
import { showNamedType } from "../../layers/types.ts";
import type { ShapeProblem } from "../../registry/layer.ts";
import type { Context } from "../context/context.ts";
import { type Application, useLabels } from "./application.ts";
import { channelsHelp } from "./channels-first.ts";

/** Rows without holes that a shape rule may ask for by name. */
const rows: ReadonlyMap<string, DiagnosticRow<Record<never, never>>> = new Map(
  [shapes.shapesDoNotMeet, shapes.noWidth].map((row) => [row.name, row]),
);

/** Reports a broken shape rule at the smallest place that must change, with where the other party's shape comes from. */
export function reportShapeProblem(
  context: Context,
  { row: layer, operands, nameSpan }: Application,
  problem: ShapeProblem,
): void {
  const row = rows.get(problem.diagnostic ?? "") ?? shapes.shapesDoNotMeet;
  const guilty = problem.operand === undefined ? undefined : operands[problem.operand];
  const other = operands[problem.operand === undefined || problem.operand !== 0 ? 0 : 1];
  const labels: Label[] = [];
  const span = guilty?.span ?? nameSpan;
  for (const operand of guilty?.span ? [other] : [guilty ?? other, other]) {
    const type = operand?.tensor.type;
    if (!operand || !type || same(operand.tensor.origin, span)) continue;
    if (labels.some((label) => same(label.span, operand.tensor.origin))) continue;
    labels.push({ span: operand.tensor.origin, message: `this gives ${showNamedType(type)}` });
  }
  context.report(
    report(
      row,
      {},
      {
        span,
        note: problem.message,
        labels: [...labels, ...useLabels(context)],
        help: channelsHelp(context, layer.name) ?? problem.help,
      },
    ),
  );
}

function same(a: Span, b: Span): boolean {
  return a.file === b.file && a.start === b.start && a.end === b.end;
}
