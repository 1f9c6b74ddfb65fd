import type { Expression } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { tasks as rows } from "../../diagnostics/tasks.ts";
import type { TaskKind, Value } from "../../ir/model.ts";
import { isKnown, showSize } from "../../ir/size.ts";
import { taskAsTeacher, teacherOf } from "../../ir/teacher.ts";
import type { Context } from "../context/context.ts";
import { find, type Scope, type TaskMeaning } from "../context/scope.ts";
import { peekName } from "../names/lookup.ts";
import { didYouMean, suggest } from "../names/suggest.ts";
import { writeTaskKind } from "../settings/kinds-written.ts";
import { pathParts } from "../settings/written.ts";
import type { TaskDraft } from "./task-draft.ts";

/** Whom tasks learn from: `distillation(of: …)` and `distill: …`. */

/** What `of` says: a plain word names a task, a text a run. */
export function teacherValue(context: Context, value: Value, written: Expression | undefined): Value {
  const [first] = (written && pathParts(written)) ?? [];
  const isTask = first !== undefined && peekName(context, first.text)?.kind === "task";
  return isTask && typeof value === "string" ? taskAsTeacher(value) : value;
}

/** A task learns from another one of the same classes. Runs are looked at when the rows are. */
export function checkTeachers(context: Context, { name, kind, loss, span }: TaskDraft): void {
  for (const term of loss) {
    const teacher = teacherOf(term);
    if (teacher?.kind !== "task" || kind === undefined) continue;
    const refuse = (problem: string, help?: string): void =>
      context.report(
        report(
          rows.teacherDoesNotFit,
          { task: name, teacher: teacher.task, problem },
          { span: term.span ?? span, help },
        ),
      );
    const found = taskNamed(context.scope, teacher.task);
    if (found === undefined) continue;
    if (found === null) {
      const dot = teacher.task.indexOf(".");
      const meaning = find(context.scope, teacher.task.slice(0, dot))?.meaning;
      const members = meaning?.kind === "task" ? [...(meaning.task.members?.keys() ?? [])] : [];
      const written = teacher.task.slice(dot + 1);
      refuse(
        `there is no such task in it`,
        members.length === 0
          ? "the task's own name is enough: what a loss learns from is its logits"
          : (didYouMean(suggest(written, members)) ?? `it has ${members.map((one) => JSON.stringify(one)).join(", ")}`),
      );
      continue;
    }
    if (found.members !== null) {
      const [member] = found.members.keys();
      refuse("it is a group of tasks", `say which of them: \`${found.name}.${JSON.stringify(member)}\``);
      continue;
    }
    const problem = found.kind && misfit(kind, found.kind);
    if (problem) refuse(problem);
  }
}

/** The task; null where the name before the dot is one and what follows is nothing of it; undefined where nothing is known. */
function taskNamed(scope: Scope, path: string): TaskMeaning | null | undefined {
  const dot = path.indexOf(".");
  const meaning = find(scope, dot < 0 ? path : path.slice(0, dot))?.meaning;
  if (meaning?.kind !== "task") return undefined;
  return dot < 0 ? meaning.task : (meaning.task.members?.get(path.slice(dot + 1)) ?? null);
}

/** Why a task of the first kind cannot learn from one of the second, as far as is known before there are rows. */
function misfit(kind: TaskKind, other: TaskKind): string | null {
  const said = `it is \`${writeTaskKind(other)}\``;
  if (other.word !== "class") return `${said}, which has no classes`;
  const axes = ({ shape, axes }: TaskKind): string =>
    shape.map((size, index) => axes?.[index] ?? showSize(size)).join(", ");
  if (axes(kind) !== axes(other)) return `${said}: its answers have another shape`;
  if (isKnown(kind.size) && isKnown(other.size) && kind.size !== other.size)
    return `it has ${other.size} classes, not ${kind.size}`;
  const [own, others] = [kind.labels, other.labels];
  if (own && others && own.join("\n") !== others.join("\n")) return `${said}: its classes have other names`;
  return null;
}
