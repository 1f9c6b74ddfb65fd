import type { Instruction, Model, ValueId } from "./model.ts";

/** How many codes the numbers of an input may be, and the layer that says so. */
export interface CodeLimit {
  readonly codes: number;
  readonly by: Instruction;
}

/**
 * Inputs whose numbers are looked up in tables of a written size, with the smallest of these. Codes reach a table as they are: what
 * lies between only moves them about.
 */
export function codeLimits({ instructions }: Pick<Model, "instructions">): ReadonlyMap<ValueId, CodeLimit> {
  const limits = new Map<ValueId, CodeLimit>();
  visit(instructions, new Map(), limits);
  return limits;
}

/** `sources`: the inputs that values of codes were taken from. */
function visit(
  instructions: readonly Instruction[],
  sources: Map<ValueId, readonly ValueId[]>,
  limits: Map<ValueId, CodeLimit>,
): void {
  for (const instruction of instructions) {
    const { id, inputs, settings, type, regions = [] } = instruction;
    const from = [...new Set(inputs.flatMap((value) => sources.get(value) ?? [value]))];
    const { codes } = settings;
    // A layer that says how many codes there are looks its operand up in a table of so many rows.
    if (typeof codes === "number")
      for (const name of from)
        if (codes < (limits.get(name)?.codes ?? Infinity)) limits.set(name, { codes, by: instruction });
    let argument = from;
    for (const region of regions) {
      sources.set(region.argument, argument);
      visit(region.instructions, sources, limits);
      argument = [...new Set([...argument, ...(sources.get(region.result) ?? [])])];
    }
    sources.set(id, type.element === "i32" ? argument : []);
  }
}
