import type { Instruction, Model, ValueId } from "./model.ts";
import { teacherOf } from "./teacher.ts";

/** The values that lead to these ones, they themselves included: names of inputs and ids of instructions. */
export function valuesBehind(instructions: readonly Instruction[], values: readonly ValueId[]): ReadonlySet<ValueId> {
  const byId = new Map(instructions.map((instruction) => [instruction.id, instruction]));
  const seen = new Set<ValueId>();
  const open = [...values];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const instruction = byId.get(id);
    if (instruction) open.push(...operandsOf(instruction));
  }
  return seen;
}

/** What an instruction reads, its chains included; what runs along a text reads where that has tokens. */
function operandsOf(instruction: Instruction): readonly ValueId[] {
  return [
    ...instruction.inputs,
    ...(instruction.type.axes ?? []).filter((axis) => axis !== null),
    ...(instruction.regions ?? []).flatMap((region) => region.instructions.flatMap(operandsOf)),
  ];
}

/**
 * Names of the inputs that these tasks read, directly or through others, or that a task reads which they learn from; penalties
 * belong to every step, so what they read counts too.
 */
export function inputsOfTasks(model: Model, tasks: readonly string[]): ReadonlySet<string> {
  const asked = model.tasks.filter((task) => tasks.includes(task.name));
  const teachers = asked.flatMap(({ loss }) =>
    loss.flatMap((term) => {
      const teacher = teacherOf(term);
      return teacher?.kind === "task" ? [teacher.task] : [];
    }),
  );
  const ends = model.tasks
    .filter((task) => asked.includes(task) || teachers.includes(task.name))
    .flatMap((task) => [task.head, task.probability].filter((value) => value !== null));
  const penalties = model.penalties.map(({ value }) => value);
  const behind = valuesBehind(model.instructions, [...ends, ...penalties]);
  return new Set(model.inputs.map((input) => input.name).filter((name) => behind.has(name)));
}
