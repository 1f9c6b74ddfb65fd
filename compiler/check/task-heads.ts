import type { Entry, Expression, TaskDeclaration } from "../../grammar/tree.ts";
import type { Instruction, Task } from "../ir/model.ts";
import type { TaskDraft } from "./context.ts";
import { elaborate, poison } from "./expressions.ts";
import { declarationFrame } from "./file.ts";
import { contextOf } from "./frame-context.ts";
import { checkHead, headWidth, lastDense } from "./heads.ts";
import { touch } from "./lookup.ts";
import { nameResult } from "./results.ts";
import type { FileScope, TaskMeaning, TensorValue } from "./scope.ts";
import type { Frame, Session } from "./session.ts";
import { checkTask, memberKind } from "./tasks.ts";
import { checkTeachers } from "./teachers.ts";

/** A task declaration: one task, or with `each` one for every column, with heads of their own. */

export interface CheckedTasks {
  readonly meaning: TaskMeaning;
  readonly tasks: readonly Task[];
  readonly drafts: readonly TaskDraft[];
  readonly instructions: readonly Instruction[];
}

export function checkTaskDeclaration(
  session: Session,
  scope: FileScope,
  declaration: TaskDeclaration,
  index: number,
): CheckedTasks {
  const name = declaration.name?.text ?? "";
  const context = contextOf(session, declarationFrame(scope, index, name, true));
  const draft = checkTask(declaration, context);
  const head = entryOf(declaration, "head");
  const probability = entryOf(declaration, "probability");
  const keys = session.registry.section.get("task")?.keys ?? {};
  for (const { key, value } of declaration.settings?.entries ?? [])
    if (!(key.text in keys)) touch({ file: scope, locals: null, limit: index }, value);
  checkTeachers(session, { file: scope, locals: null, limit: index }, draft);
  if (draft.each === null) {
    const made = checkOne(session, scope, draft, head, probability, index);
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
      ...(draft.kind && { kind: memberKind(draft.kind, member, context) }),
      target: { kind: "names", names: [column], ...(spans && { spans: [spans] }) },
    };
    const made = checkOne(session, scope, own, head, probability, index, name);
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
  session: Session,
  scope: FileScope,
  draft: TaskDraft,
  head: Entry | undefined,
  probability: Entry | undefined,
  index: number,
  group?: string,
): CheckedTask {
  const { kind, target, name } = draft;
  const plain = declarationFrame(scope, index, name, true);
  const expression = (head ?? probability)?.value;
  const frame: Frame = head
    ? {
        ...plain,
        inferred: {
          nodes: lastDense(head.value),
          width: kind && headWidth(kind, draft.loss, session.registry),
        },
      }
    : plain;
  const made = expression ? elaborate(session, frame, expression) : poison(draft.span ?? noSpan(scope));
  const lastLayer = frame.instructions.find(({ id }) => id === made.value)?.layer;
  const result = nameResult(frame, made);
  const shown = group === undefined ? draft : { ...draft, name: group };
  if (expression) checkHead(session, shown, result, expression, head && lastLayer);
  const meaning: TaskMeaning = { name, kind, target, head: head ? result : null, members: null };
  if (!kind || result.type === null) return { meaning, task: null, instructions: frame.instructions };
  return { meaning, task: assemble(draft, kind, head?.value, result), instructions: frame.instructions };
}

const noSpan = (scope: FileScope) => ({ file: scope.file, start: 0, end: 0 });

function assemble(draft: TaskDraft, kind: Task["kind"], head: Expression | undefined, result: TensorValue): Task {
  const { name, doc, target, positive, scale, unit, loss, weight, metrics, role, rowWeight, span } = draft;
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
  };
}
