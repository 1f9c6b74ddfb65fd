import { sizeWith, withSizes, unknownSizes } from "../../ir/sized.ts";
import { isKnown } from "../../ir/size.ts";
import { taskLessons } from "../../ir/teacher.ts";
import type { Instruction, Model, Type } from "../../ir/model.ts";
import { layersOf } from "../../ir/layers.ts";
import { modelParameters, sizedCall, type ParameterInfo, type StateInfo } from "../../ir/parameters.ts";
import type { ConcreteType, LayerRow } from "../../registry/layer.ts";
import { groupedBy } from "./grouping.ts";
import type { Registry } from "../../registry/registry.ts";

/** Where layers are used, at sizes that the data might tell: all that tracing needs to know. */

/** One use of a layer at some sizes. */
export interface Use {
  readonly instruction: Instruction;
  readonly row: LayerRow;
  readonly inputTypes: readonly ConcreteType[];
  readonly outputType: ConcreteType;
  readonly parameters: readonly ParameterInfo[];
  readonly states: readonly StateInfo[];
  /** What its chains give. */
  readonly chains: readonly ConcreteType[];
  readonly batch: number;
}

/** One place in the file where a layer is used: the same use at different sizes and batches. */
export interface Site {
  /** The instruction as the model has it, unknown sizes and all. */
  readonly instruction: Instruction;
  readonly inputTypes: readonly Type[];
  readonly row: LayerRow;
  readonly uses: readonly Use[];
}

/** A model whose sizes are numbers, and how many rows stand in a batch. */
export interface Sized {
  readonly model: Model;
  readonly sizes: Readonly<Record<string, number>>;
  readonly batch: number;
}

/** Numbers that no size of a model is likely to be: what equals one of them later depends on it. */
const batches = [37, 41, 43];
const sizes = [53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149];

/** The model at three choices of batch and unknown sizes. */
export function sizedModels(model: Model): readonly Sized[] {
  const names = unknownSizes(model);
  return batches.map((batch, choice) => {
    const chosen = Object.fromEntries(
      names.map((name, k) => [name, sizes[(k + choice * 7) % sizes.length] + 100 * Math.floor(k / sizes.length)]),
    );
    // Whoever learns from a task, which stands above, has as many classes.
    for (const { task, teacher } of taskLessons(model)) {
      const classes = sizeWith(teacher.kind.size, chosen);
      if (isKnown(task.kind.size) || !isKnown(classes)) continue;
      for (const { unknowns } of task.kind.size.terms) for (const name of unknowns) chosen[name] = classes;
    }
    return { model: withSizes(model, chosen), sizes: chosen, batch };
  });
}

/** Every use of a layer, those inside chains before the layer that owns the chain, by instruction. */
export function sitesOf(model: Model, registry: Registry, sized: readonly Sized[]): ReadonlyMap<string, Site> {
  const uses = sized.map(({ model: known, batch }) => usesOf(known, registry, batch));
  const sites = new Map<string, Site>();
  for (const { instruction, inputs, row } of layersOf(model, registry))
    sites.set(instruction.id, {
      instruction,
      inputTypes: inputs,
      row,
      uses: uses.flatMap((each) => each.get(instruction.id) ?? []),
    });
  return sites;
}

function usesOf(model: Model, registry: Registry, batch: number): ReadonlyMap<string, Use> {
  const known = modelParameters(model, registry);
  const parameters = groupedBy(known.parameters, ({ path }) => path);
  const states = groupedBy(known.states, ({ path }) => path);
  const uses = new Map<string, Use>();
  for (const layer of layersOf(model, registry)) {
    const { instruction, row } = layer;
    const { inputs, output, chains = [] } = sizedCall(layer);
    uses.set(instruction.id, {
      instruction,
      row,
      inputTypes: inputs,
      outputType: output,
      parameters: parameters.get(instruction.path) ?? [],
      states: states.get(instruction.path) ?? [],
      chains: chains.map(({ result }) => result),
      batch,
    });
  }
  return uses;
}
