import type { Instruction, Model, Type } from "./model.ts";
import { addSizes, isKnown, multiplySizes, type Size } from "./size.ts";

/** Models whose unknown sizes have become numbers, as if data had told them. */

/** Names of the sizes that only data know: `labels(species)`, `codes(island)`. */
export function unknownSizes(model: Model): readonly string[] {
  const names = new Set<string>();
  const look = (size: Size | undefined): void => {
    if (size === undefined || isKnown(size)) return;
    for (const { unknowns } of size.terms) for (const name of unknowns) names.add(name);
  };
  mapSizes(model, (size) => {
    look(size);
    return size;
  });
  return [...names];
}

/** The model with numbers for the sizes that are named; the others stay unknown. */
export function withSizes(model: Model, sizes: Readonly<Record<string, number>>): Model {
  return mapSizes(model, (size) => sizeWith(size, sizes));
}

/** A size with numbers for the unknowns that are named. */
export function sizeWith(size: Size, sizes: Readonly<Record<string, number>>): Size {
  if (isKnown(size)) return size;
  const terms = size.terms.map(({ factor, unknowns }) => {
    const known = unknowns.filter((name) => Object.hasOwn(sizes, name));
    const rest = unknowns.filter((name) => !Object.hasOwn(sizes, name));
    const number = known.reduce((product, name) => product * sizes[name], factor);
    return rest.length === 0 ? number : multiplySizes(number, { terms: [{ factor: 1, unknowns: rest }] });
  });
  return addSizes(...terms);
}

function mapSizes(model: Model, change: (size: Size) => Size): Model {
  const type = (of: Type): Type => ({
    ...of,
    shape: of.shape.map(change),
    ...(of.codes !== undefined && { codes: change(of.codes) }),
  });
  const instruction = (of: Instruction): Instruction => ({
    ...of,
    type: type(of.type),
    ...(of.regions && {
      regions: of.regions.map((region) => ({
        ...region,
        argumentType: type(region.argumentType),
        instructions: region.instructions.map(instruction),
      })),
    }),
  });
  return {
    ...model,
    inputs: model.inputs.map((input) => ({ ...input, type: type(input.type) })),
    instructions: model.instructions.map(instruction),
    tasks: model.tasks.map((task) => ({
      ...task,
      kind: { ...task.kind, size: change(task.kind.size), shape: task.kind.shape.map(change) },
    })),
  };
}
