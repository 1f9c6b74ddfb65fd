import type { Instruction, Value, ValueId } from "../../ir/model.ts";
import type { Context } from "../context/context.ts";
import type { TensorValue } from "../context/scope.ts";

/**
 * Gives the result of a declaration the declaration's own name: the value of `shared bird` is `bird`. A result that another
 * declaration made (`shared same = bird`) keeps its name.
 */
export function nameResult(context: Context, result: TensorValue): TensorValue {
  const { instructions, owner } = context;
  if (result.type === null) return result;
  const at = instructions.findLastIndex(({ id }) => id === result.value);
  if (at < 0) return result;
  instructions[at] = { ...instructions[at], id: owner.name };
  for (let later = at + 1; later < instructions.length; later++)
    instructions[later] = renamed(instructions[later], result.value, owner.name);
  return { ...result, value: owner.name };
}

function renamed(instruction: Instruction, from: ValueId, to: ValueId): Instruction {
  const settings: Record<string, Value> = {};
  // A tensor that a setting points to is an input too.
  for (const [key, value] of Object.entries(instruction.settings))
    settings[key] = value === from && instruction.inputs.includes(from) ? to : value;
  return {
    ...instruction,
    inputs: instruction.inputs.map((id) => (id === from ? to : id)),
    settings,
    ...(instruction.regions && {
      regions: instruction.regions.map((region) => ({
        ...region,
        instructions: region.instructions.map((inner) => renamed(inner, from, to)),
        result: region.result === from ? to : region.result,
      })),
    }),
  };
}
