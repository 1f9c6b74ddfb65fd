import type { Entry, Expression, TaskDeclaration } from "../../../grammar/tree.ts";
import type { Instruction, Task } from "../../ir/model.ts";
import { nameResult } from "../network/results.ts";
import { poison } from "../network/tensors.ts";
import type { Context } from "../context/context.ts";
import type { FileScope, TaskMeaning, TensorValue } from "../context/scope.ts";
import { touch } from "../names/lookup.ts";
import { checkHead, headWidth, lastDense } from "./heads.ts";
import type { TaskDraft } from "./task-draft.ts";
import { checkTask, memberKind } from "./tasks.ts";
import { checkTeachers } from "./teachers.ts";

/** A task declaration: one task, or with `each` one for every column, with heads of their own. */

export interface CheckedTasks {
  readonly meaning: TaskMeaning;
  readonly tasks: readonly Task[];
  readonly drafts: readonly TaskDraft[];
  readonly instructions: readonly Instruction[];
}

export function checkTaskDeclaration(here: Context, declaration: TaskDeclaration): CheckedTasks {
  const name = declaration.name?.text ?? "";
  const context = here.ownedBy(name, true);
  const draft = checkTask(context, declaration);
  const head = entryOf(declaration, "head");
  const probability = entryOf(declaration, "probability");
  const keys = context.registry.section.get("task")?.keys ?? {};
  for (const { key, value } of declaration.settings?.entries ?? []) if (!(key.text in keys)) touch(context, value);
  checkTeachers(context, draft);
  if (draft.each === null) {
    const made = checkOne(here, draft, head, probability);
    return {
      meaning: made.meaning,
      tasks: made.task ? [made.task] : [],
      drafts: [draft],
      instructions: made.instructions,
    };
  }
  const members = new Map<string, TaskMeaning>();
  const tasks: Task[] = [];
  const drafts: TaskDraft[] = [];
  const instructions: Instruction[] = [];
  draft.each.names.forEach((column, at) => {
    const spans = draft.each?.spans[at];
    const member = `${name}.${column}`;
    const own: TaskDraft = {
      ...draft,
      name: member,
      ...(draft.kind && { kind: memberKind(context, draft.kind, member) }),
      target: { kind: "names", names: [column], ...(spans && { spans: [spans] }) },
    };
    const made = checkOne(here, own, head, probability, name);
    members.set(column, made.meaning);
    drafts.push(own);
    instructions.push(...made.instructions);
    if (made.task) tasks.push({ ...made.task, group: name });
  });
  return {
    meaning: { name, kind: draft.kind, target: draft.target, head: null, members },
    tasks,
    drafts,
    instructions,
  };
}

function entryOf(declaration: TaskDeclaration, key: string): Entry | undefined {
  return declaration.settings?.entries.find((entry) => entry.key.text === key);
}

interface CheckedTask {
  readonly meaning: TaskMeaning;
  /** Null where it has a mistake. */
  readonly task: Task | null;
  readonly instructions: readonly Instruction[];
}

function checkOne(
  here: Context,
  draft: TaskDraft,
  head: Entry | undefined,
  probability: Entry | undefined,
  group?: string,
): CheckedTask {
  const { kind, target, name } = draft;
  const plain = here.ownedBy(name, true);
  const expression = (head ?? probability)?.value;
  const context = head
    ? plain.at({
        inferred: {
          nodes: lastDense(here.registry, head.value),
          width: kind && headWidth(kind, draft.loss, here.registry),
          kind: draft.spans?.kind,
        },
      })
    : plain;
  const made = expression ? context.elaborate(expression) : poison(draft.span ?? noSpan(context.scope.file));
  const lastLayer = context.instructions.find(({ id }) => id === made.value)?.layer;
  const result = nameResult(context, made);
  const shown = group === undefined ? draft : { ...draft, name: group };
  if (expression) checkHead(context, shown, result, expression, head && lastLayer);
  const meaning: TaskMeaning = { name, kind, target, head: head ? result : null, members: null };
  if (!kind || result.type === null) return { meaning, task: null, instructions: context.instructions };
  return { meaning, task: assemble(draft, kind, head?.value, result), instructions: context.instructions };
}

const noSpan = (scope: FileScope) => ({ file: scope.file, start: 0, end: 0 });

function assemble(draft: TaskDraft, kind: Task["kind"], head: Expression | undefined, result: TensorValue): Task {
  const { name, doc, target, positive, scale, unit, loss, weight, metrics, role, rowWeight, span, spans } = draft;
  return {
    name,
    ...(doc !== undefined && { doc }),
    kind,
    head: head ? result.value : null,
    probability: head ? null : result.value,
    target,
    ...(positive && { positive }),
    scale,
    unit,
    loss,
    weight,
    metrics,
    role,
    rowWeight,
    ...(span && { span }),
    ...(spans && { spans }),
  };
}
