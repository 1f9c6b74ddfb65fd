import type { Expression } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { sections as rows } from "../../diagnostics/sections.ts";
import { tasks as taskRows } from "../../diagnostics/tasks.ts";
import type { Word } from "../../ir/model.ts";
import type { BalanceRow } from "../../registry/rows.ts";
import type { Context } from "../context/context.ts";
import type { ProgramFacts } from "./facts.ts";
import { ungrouped } from "../settings/written.ts";

/** A list of rules: their order, what losses they need, where their gradients are taken. */
export function checkBalance(
  context: Context,
  rules: readonly Word[],
  written: Expression,
  program: ProgramFacts,
): void {
  const known = rules.map((rule) => context.registry.balance.get(rule.word)).filter((row) => row !== undefined);
  checkOrder(context, known, written);
  rules.forEach((rule, index) => {
    const row = context.registry.balance.get(rule.word);
    const at = placeOf(written, index);
    if (row?.positive) checkLosses(context, row, at, program);
    if (rule.settings.gradients === "representation" && !row?.onRepresentation)
      context.report(
        report(rows.noRepresentation, { rule: rule.word }, { span: at.span, help: "leave `gradients` out" }),
      );
  });
}

function placeOf(written: Expression, index: number): Expression {
  const list = ungrouped(written);
  return list.kind === "list" ? (list.items[index] ?? list) : list;
}

function checkOrder(context: Context, rules: readonly BalanceRow[], written: Expression): void {
  const onGradients = rules.filter((row) => row.family === "gradient");
  const quote = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(" and ");
  if (onGradients.length > 1) {
    const problem = `only one rule on gradients can be in force, and here are ${quote(onGradients.map((row) => row.name))}`;
    context.report(
      report(rows.balanceOrder, { problem }, { span: written.span, help: "keep one of them, in the last place" }),
    );
    return;
  }
  const [gradient] = onGradients;
  if (gradient === undefined || rules.at(-1) === gradient) return;
  const order = [...rules.filter((row) => row !== gradient), gradient].map((row) => row.name);
  context.report(
    report(
      rows.balanceOrder,
      { problem: `\`${gradient.name}\` is a rule on gradients and comes last` },
      { span: placeOf(written, rules.indexOf(gradient)).span, help: `write \`[${order.join(", ")}]\`` },
    ),
  );
}

function checkLosses(context: Context, rule: BalanceRow, at: Expression, program: ProgramFacts): void {
  for (const task of program.tasks) {
    const term = task.loss.find(({ loss }) => context.registry.loss.get(loss.word)?.positive === false);
    if (term === undefined) continue;
    const span = term.span ?? task.span;
    context.report(
      report(
        taskRows.lossMayBeNegative,
        { loss: term.loss.word, task: task.name, rule: rule.name },
        {
          span: at.span,
          labels: span ? [{ span, message: `\`${term.loss.word}\` can fall below 0` }] : [],
          help: "use a rule that takes any loss, such as `uncertainty`, or another loss, such as `mse`",
        },
      ),
    );
    return;
  }
}
