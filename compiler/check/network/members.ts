import type { Member } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { names } from "../../diagnostics/names.ts";
import type { Context } from "../context/context.ts";
import { describeEntity, type TaskMeaning, type TensorValue } from "../context/scope.ts";
import { reportUnknownName, touch, use } from "../names/lookup.ts";
import { didYouMean, replaceWord, suggest } from "../names/suggest.ts";
import { rowOf } from "./arithmetic.ts";
import { applyRow } from "./layers.ts";
import { poison } from "./tensors.ts";

/** `heating.output`, `heating.prediction`, `assay."NR-AR".output`: the tensors of a task above. */
export function taskMember(context: Context, expression: Member): TensorValue {
  const { member, span } = expression;
  const task = taskOf(context, expression);
  if (task === undefined) return poison(span);
  if (member.text !== "output" && member.text !== "prediction") {
    unknown(context, task.name, member, ["output", "prediction"]);
    return poison(span);
  }
  if (task.members !== null) {
    const [column] = task.members.keys();
    context.report(
      report(
        names.unknownMember,
        { object: `the group \`${task.name}\``, member: member.text },
        { span: member.span, help: `say of which task: \`${task.name}."${column}".${member.text}\`` },
      ),
    );
    return poison(span);
  }
  if (task.head === null || task.head.type === null) return poison(span);
  if (member.text === "output") return task.head;
  return applyRow(context, {
    row: rowOf(context, "prediction"),
    node: expression,
    nameSpan: member.span,
    operands: [{ tensor: task.head, span: expression.object.span }],
    chains: [],
    settings: { task: task.name },
  });
}

/** The task that stands before the last dot. */
function taskOf(context: Context, { object }: Member): TaskMeaning | undefined {
  if (object.kind === "member" && object.object.kind === "reference") {
    const group = taskNamed(context, object.object.name);
    if (group === undefined) return undefined;
    const task = group.members?.get(object.member.text);
    if (task === undefined) unknown(context, group.name, object.member, [...(group.members?.keys() ?? [])]);
    return task;
  }
  if (object.kind === "reference") return taskNamed(context, object.name);
  touch(context, object);
  return undefined;
}

function taskNamed(
  context: Context,
  name: { readonly text: string; readonly quoted: boolean; readonly span: Member["span"] },
): TaskMeaning | undefined {
  const entity = use(context, name.text);
  if (!entity) return void reportUnknownName(context, name);
  if (entity.meaning.kind === "task") return entity.meaning.task;
  if (entity.meaning.kind !== "unknown")
    context.report(
      report(
        names.unknownMember,
        { object: `\`${name.text}\`, ${describeEntity(entity)},`, member: "output" },
        { span: name.span, help: "only a task has `.output` and `.prediction`; a tensor is named as it is" },
      ),
    );
  return undefined;
}

function unknown(context: Context, object: string, member: Member["member"], candidates: readonly string[]): void {
  const suggestion = suggest(member.text, candidates);
  context.report(
    report(
      names.unknownMember,
      { object: `task \`${object}\``, member: member.text },
      {
        span: member.span,
        help: didYouMean(suggestion) ?? `it has ${candidates.map((name) => `\`${name}\``).join(" and ")}`,
        fixes: suggestion === undefined || member.quoted ? [] : [replaceWord(member.span, suggestion)],
      },
    ),
  );
}
