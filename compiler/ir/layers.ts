import type { ChainWeights, ConcreteType, LayerRow, ParameterCall } from "../registry/layer.ts";
import type { Registry } from "../registry/registry.ts";
import type { SettingRows } from "../registry/settings.ts";
import { concreteType } from "./concrete.ts";
import type { Instruction, Model, Type, ValueId } from "./model.ts";
import { reachOf, type Reach } from "./reach.ts";

/** Every layer of a model with the sets of weights that it has: one, or one for each copy of the chains that it stands in. */

/** A set of weights of a layer. */
export interface WeightSet {
  /** The task whose own they are; null where all that read the layer share them. */
  readonly task: string | null;
  /** Sizes of the leading axes on which copies stand, of experts; none for tensors as they are. */
  readonly copies: readonly number[];
  /** Where they stand, from where the layer does: `low.dense_1` to `low.digit.dense_1`. */
  readonly pathOf: (path: string) => string;
}

export interface PlacedLayer {
  readonly instruction: Instruction;
  readonly row: LayerRow;
  readonly inputs: readonly Type[];
  /** The instruction of the whole list that it belongs to, whose result says who reaches its weights. */
  readonly around: Instruction;
  readonly sets: readonly WeightSet[];
  /** What its row is asked with; null where only data tell a size. */
  readonly call: ParameterCall<SettingRows> | null;
}

const only: WeightSet = { task: null, copies: [], pathOf: (path) => path };

/** The row of an instruction's layer. */
export function layerRow(registry: Registry, instruction: Instruction): LayerRow {
  const row = registry.layer.get(instruction.layer);
  if (!row) throw new Error(`there is no layer ${instruction.layer}`);
  return row;
}

/** Layers in the order of the text, those of chains before the layer that they are given to. */
export function layersOf(model: Model, registry: Registry, known?: Reach): PlacedLayer[] {
  let found: Reach | undefined = known;
  // Most layers do not ask who reads them.
  const readers = (value: ValueId): readonly string[] => (found ??= reachOf(model, registry)).readers(value);
  const types = new Map<ValueId, Type>(model.inputs.map(({ name, type }) => [name, type]));
  const typeOf = (value: ValueId): Type => {
    const type = types.get(value);
    if (!type) throw new Error(`value ${value} is read before it is made`);
    return type;
  };
  const layers: PlacedLayer[] = [];
  const visit = (instructions: readonly Instruction[], sets: readonly WeightSet[], outer: Instruction | null): void => {
    for (const instruction of instructions) {
      const row = layerRow(registry, instruction);
      const { id, type, settings, regions = [] } = instruction;
      const around = outer ?? instruction;
      regions.forEach((region, chain) => {
        types.set(region.argument, region.argumentType);
        const own = row.chainWeights?.({ settings, tasks: readers(around.id), chain }) ?? null;
        visit(region.instructions, own ? sets.flatMap((set) => within(set, instruction, own, row)) : sets, around);
      });
      const inputs = instruction.inputs.map(typeOf);
      types.set(id, type);
      const call = callOf(instruction, inputs, typeOf, () => readers(around.id));
      layers.push({ instruction, row, inputs, around, sets, call });
    }
  };
  visit(model.instructions, [only], null);
  return layers;
}

/** Sets of a chain that is given to a layer, within one set of that layer. */
function within(
  outer: WeightSet,
  { path: at, owner: from }: Instruction,
  chains: readonly ChainWeights[],
  { chains: written }: LayerRow,
): WeightSet[] {
  return chains.map(({ name, task, stacked }) => ({
    task: task ?? outer.task,
    copies: stacked === null ? outer.copies : [...outer.copies, stacked],
    pathOf: (path) => {
      // Layers of a wrapped chain count on in their owner, and those of a declared `layer` stand there.
      if (!path.startsWith(`${at}.`)) {
        const owner = path.startsWith(`${from}.`) ? from : path.slice(0, path.indexOf("."));
        return outer.pathOf(`${owner}.${name}${path.slice(owner.length)}`);
      }
      // `expert` gives its place to the name, which stands behind `level_2`.
      const [chain, ...rest] = path.slice(at.length + 1).split(".");
      const named = chain === written?.named ? [name, ...rest] : [chain, name, ...rest];
      return outer.pathOf([at, ...named].join("."));
    },
  }));
}

/** How often a chain with these sets of weights exists; once where it has none of its own. */
export function copiesOf(sets: readonly ChainWeights[] | undefined): number {
  return sets ? sets.reduce((sum, { stacked }) => sum + (stacked ?? 1), 0) : 1;
}

function callOf(
  { type, settings, regions = [] }: Instruction,
  inputTypes: readonly Type[],
  typeOf: (value: ValueId) => Type,
  readers: () => readonly string[],
): ParameterCall<SettingRows> | null {
  const inputs: ConcreteType[] = [];
  for (const each of inputTypes) {
    const known = concreteType(each);
    if (known === null) return null;
    inputs.push(known);
  }
  const output = concreteType(type);
  if (output === null) return null;
  const chains: { argument: ConcreteType; result: ConcreteType }[] = [];
  for (const { argumentType, result } of regions) {
    const [argument, end] = [concreteType(argumentType), concreteType(typeOf(result))];
    if (argument === null || end === null) return null;
    chains.push({ argument, result: end });
  }
  return {
    settings,
    inputs,
    output,
    chains,
    get tasks() {
      return readers();
    },
  };
}
