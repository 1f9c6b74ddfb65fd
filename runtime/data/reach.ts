import type { Instruction, Model } from "../../compiler/ir/model.ts";

/** The inputs that the heads of these tasks read, directly or through others. */
export function inputsOfTasks(model: Model, tasks: readonly string[]): ReadonlySet<string> {
  const instructions = new Map(model.instructions.map((instruction) => [instruction.id, instruction]));
  const inputs = new Set(model.inputs.map((input) => input.name));
  const seen = new Set<string>();
  const visit = (id: string): void => {
    if (seen.has(id)) return;
    seen.add(id);
    const instruction = instructions.get(id);
    if (instruction !== undefined) operands(instruction).forEach(visit);
  };
  for (const task of model.tasks) {
    if (!tasks.includes(task.name)) continue;
    if (task.head !== null) visit(task.head);
    if (task.probability !== null) visit(task.probability);
  }
  return new Set([...inputs].filter((name) => seen.has(name)));
}

/** What an instruction and its chains read; a chain's own values are among them and lead nowhere. */
function operands(instruction: Instruction): readonly string[] {
  const inner = (instruction.regions ?? []).flatMap((region) => region.instructions.flatMap(operands));
  return [...instruction.inputs, ...inner];
}
