import type { Expression, Member, Name } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { names } from "../../diagnostics/names.ts";
import type { Context } from "../context/context.ts";
import { describeEntity, type TaskMeaning, type TensorValue } from "../context/scope.ts";
import { reportUnknownName, touch, use } from "../names/lookup.ts";
import { didYouMean, replaceWord, suggest } from "../names/suggest.ts";
import { ungrouped } from "../settings/written.ts";
import { rowOf } from "./arithmetic.ts";
import { applyRow } from "./layers.ts";
import { builtinLayer } from "./sorts.ts";
import { poison } from "./tensors.ts";

/** `heating.output`, `heating.prediction`, `assay."NR-AR".output`: the tensors of a task above. */
export function taskMember(context: Context, expression: Member): TensorValue {
  const { member, span } = expression;
  const task = taskOf(context, expression);
  if (task === undefined) return poison(span);
  if (!tensorsOfTask.includes(member.text)) {
    unknown(context, task.name, member, tensorsOfTask);
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

/** The task that stands before the last dot; undefined after reporting that none does. */
function taskOf(context: Context, { object, member }: Member): TaskMeaning | undefined {
  const { base, members } = chainOf(object);
  if (base.kind !== "reference") {
    touch(context, base);
    const shown = `\`${context.textAt(base.span)}\``;
    return noMember(context, shown, members[0] ?? member, onlyTasks);
  }
  const [first] = members;
  const named = taskNamed(context, base.name, first ?? member);
  if (named === undefined || named.members === null) return withoutMembers(context, named, members, member);
  if (first === undefined) return named;
  const own = named.members.get(first.text);
  if (own === undefined) unknown(context, named.name, first, [...named.members.keys()]);
  return withoutMembers(context, own, members.slice(1), member);
}

/** The task where its tensor is asked for at once: what stands behind a first dot is that tensor, or no member at all. */
function withoutMembers(
  context: Context,
  task: TaskMeaning | undefined,
  [first, second]: readonly Name[],
  last: Name,
): TaskMeaning | undefined {
  if (task === undefined || first === undefined) return task;
  if (first.text === "output" || first.text === "prediction")
    return noMember(context, `\`${task.name}.${first.text}\``, second ?? last, "it is a tensor, which has no parts");
  return void unknown(context, task.name, first, tensorsOfTask);
}

const tensorsOfTask = ["output", "prediction"];

/** What stands before the first dot, and the members behind it one after another. */
function chainOf(expression: Expression): { readonly base: Expression; readonly members: readonly Name[] } {
  const members: Name[] = [];
  let base = ungrouped(expression);
  for (; base.kind === "member"; base = ungrouped(base.object)) members.push(base.member);
  return { base, members: members.reverse() };
}

const onlyTasks = "only a task has `.output` and `.prediction`; a tensor is named as it is";

function noMember(context: Context, object: string, member: Name, help: string): undefined {
  context.report(report(names.unknownMember, { object, member: member.text }, { span: member.span, help }));
}

function taskNamed(context: Context, name: Name, member: Name): TaskMeaning | undefined {
  const entity = use(context, name.text);
  if (!entity && builtinLayer(context, name.text))
    return noMember(context, `\`${name.text}\`, a layer,`, member, onlyTasks);
  if (!entity) return void reportUnknownName(context, name);
  if (entity.meaning.kind === "task") return entity.meaning.task;
  if (entity.meaning.kind !== "unknown")
    context.report(
      report(
        names.unknownMember,
        { object: `\`${name.text}\`, ${describeEntity(entity)},`, member: member.text },
        { span: name.span, help: onlyTasks },
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
