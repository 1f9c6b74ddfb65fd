import { report } from "../../diagnostics/diagnostic.ts";
import { names } from "../../diagnostics/names.ts";
import { shapes } from "../../diagnostics/shapes.ts";
import type { LayerRow } from "../../registry/layer.ts";
import type { Context } from "../context/context.ts";
import type { Invocation, SortedArguments } from "./application.ts";

/** Whether a layer has as many tensors and chains as it takes; reports where not. */
export function checkCounts(
  context: Context,
  row: LayerRow,
  sorted: SortedArguments,
  { name, piped }: Invocation,
): boolean {
  const { operands, chains } = sorted;
  const shown = `\`${row.name}\``;
  const rule = row.chains ?? { min: 0, max: 0 };
  if (rule.min > chains.length && operands.length > row.operands.max) {
    const span = operands[operands.length - 1].span ?? name.span;
    context.report(report(names.notAChain, { what: `a chain of layers` }, { span, help: chainHelp(row) }));
    return false;
  }
  if (operands.length < row.operands.min || operands.length > row.operands.max) {
    const extra = operands.length > row.operands.max ? operands[row.operands.max].span : null;
    const none = operands.length === 0;
    if (none && invocationIsChain(row, sorted)) {
      context.scope.file.lost = true;
      context.report(
        report(
          names.notATensor,
          { name: shown, what: "a layer that nothing is fed to" },
          { span: name.span, help: `give it a tensor: \`x -> ${row.name}\`` },
        ),
      );
    } else
      context.report(
        report(
          shapes.operandCount,
          { layer: shown, wants: amount(row.operands, "tensor"), has: countInWords(operands.length) },
          { span: extra ?? name.span, help: extra && piped ? "what the arrow brings is the first tensor" : undefined },
        ),
      );
    return false;
  }
  if (chains.length < rule.min || chains.length > rule.max) {
    const extra = chains.length > rule.max ? chains[rule.max].span : name.span;
    context.report(
      report(
        shapes.operandCount,
        { layer: shown, wants: amount(rule, "chain"), has: countInWords(chains.length) },
        { span: extra, help: chains.length < rule.min ? chainHelp(row) : undefined },
      ),
    );
    return false;
  }
  return true;
}

/** A layer with settings only, where a tensor is needed, is a chain that was not fed. */
function invocationIsChain(row: LayerRow, sorted: SortedArguments): boolean {
  return row.operands.max === 1 && sorted.operands.length === 0;
}

function chainHelp(row: LayerRow): string | undefined {
  if (!row.chains) return undefined;
  return row.chains.named === undefined
    ? `write \`${row.name}(${row.chains.copies === undefined ? "" : "3, "}dense(16) -> relu)\``
    : `write \`${row.chains.named}: dense(16) -> relu\``;
}

function amount({ min, max }: { readonly min: number; readonly max: number }, unit: string): string {
  const plural = (n: number) => `${n} ${unit}${n === 1 ? "" : "s"}`;
  if (max === 0) return `no ${unit}`;
  if (min === max) return plural(min);
  return max === Number.POSITIVE_INFINITY ? `${min} or more ${unit}s` : `${min} to ${plural(max)}`;
}
export const countInWords = (n: number) => (n === 0 ? "there is none" : n === 1 ? "there is 1" : `there are ${n}`);
