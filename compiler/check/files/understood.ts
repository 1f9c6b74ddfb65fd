import { inputsOfTasks } from "../../ir/behind.ts";
import { answerShape } from "../../ir/kinds.ts";
import type { DataSection, Input, Model, Source, Task } from "../../ir/model.ts";
import { isKnown } from "../../ir/size.ts";
import { leaksInTable } from "../../leaks.ts";
import type { Check } from "../context/check.ts";
import type { TaskDraft } from "../tasks/task-draft.ts";
import type { Asked } from "../tables/asked.ts";

/** What can be looked at in the data of a file with mistakes: one must not hide another. */
export interface Understood {
  /** Whose columns are known. */
  readonly asked: Asked;
  /** The declarations without any mistake, as a model whose tasks read every input; null where nothing is left to be read. */
  readonly sound: Model | null;
}

export function understood(model: Model, drafts: readonly TaskDraft[], check: Check): Understood {
  const inputs = [...model.inputs, ...check.doubtfulInputs].filter(({ name }) => !isOf(check.misread, name));
  const tasks = drafts
    .filter(({ name }) => !isOf(check.misread, name))
    .flatMap((draft) => taskOf(draft, model.tasks) ?? []);
  const isWhole = check.doubtfulInputs.length === 0 && drafts.every(({ name }) => madeOf(name, model.tasks));
  const all = new Set(inputs.map(({ name }) => name));
  const asked: Asked = {
    ...{ inputs, tasks, data: model.data },
    reads: (names) => (isWhole ? inputsOfTasks(model, names) : all),
    advice: (columns) => (check.errors() === 0 ? leaksInTable(model, columns) : []),
  };
  return { asked, sound: soundPart(model, inputs, tasks, check) };
}

/** Whether a declaration's name, or that of the group it is of, is among these. */
function isOf(names: ReadonlySet<string>, name: string): boolean {
  return names.has(name) || names.has(name.split(".")[0]);
}

function madeOf(name: string, made: readonly Task[]): Task | undefined {
  return made.find((task) => task.name === name);
}

/** The task; without its head where that has a mistake. */
function taskOf(draft: TaskDraft, made: readonly Task[]): Task | undefined {
  const { name, kind, target, positive, scale, unit, weight, role, rowWeight, span } = draft;
  const whole = madeOf(name, made);
  if (whole !== undefined || kind === undefined) return whole;
  return {
    ...{
      name,
      kind,
      head: null,
      probability: null,
      target,
      scale,
      unit,
      loss: [],
      weight,
      metrics: [],
      role,
      rowWeight,
    },
    ...(positive && { positive }),
    ...(span && { span }),
  };
}

function soundPart(model: Model, inputs: readonly Input[], tasks: readonly Task[], check: Check): Model | null {
  const isSound = ({ name }: { name: string }): boolean => !isOf(check.doubtful, name);
  const kept = {
    inputs: inputs.filter((input) => isSound(input) && input.type.shape.every(isKnown)),
    tasks: tasks.filter((task) => isSound(task) && answerShape(task.kind).every(isKnown)),
  };
  const names = kept.tasks.map(({ name }) => name);
  const isReadable = (source: Source | null): boolean =>
    source === null ||
    (source.operands.every(isReadable) &&
      (typeof source.settings.stratify !== "string" || names.includes(source.settings.stratify)));
  const data = model.data.filter(
    (section: DataSection) =>
      !check.doubtfulData.has(section) && [section.train, section.validation, section.test].every(isReadable),
  );
  if (data.length === 0) return null;
  const instructions = kept.tasks.map(({ name }) => ({
    id: name,
    layer: "",
    inputs: kept.inputs.map((input) => input.name),
    settings: {},
    path: name,
    owner: name,
    type: { element: "f32" as const, shape: [] },
  }));
  const heads = kept.tasks.map((task) => ({ ...task, head: task.name, probability: null, loss: [] }));
  return { ...model, ...kept, tasks: heads, instructions, penalties: [], shared: [], data };
}
