import type { ConcreteType, ParameterSpec, StateSpec } from "../registry/layer.ts";
import type { Registry } from "../registry/registry.ts";
import type { Instruction, Model, Type } from "./model.ts";
import { concreteType } from "./concrete.ts";
import { hasLoss } from "./kinds.ts";
import { layersOf, type PlacedLayer } from "./layers.ts";
import { showSize } from "./size.ts";

/** Where a tensor of the whole model belongs. */
interface Belonging {
  /** `trunk.dense_1.kernel`; of one task's copy `low.digit.dense_1.kernel`. */
  readonly name: string;
  /** The declaration it belongs to (`trunk`): what `rates` and `freeze` address. */
  readonly owner: string;
  /** The layer it belongs to (`trunk.dense_1`), and what that calls it (`kernel`). */
  readonly path: string;
  readonly key: string;
  /** Sizes of the leading axes of `shape` on which copies stand: of experts. Each copy starts as if it stood alone. */
  readonly copies?: readonly number[];
}

/** A parameter of the whole model. */
export interface ParameterInfo extends ParameterSpec, Belonging {}

/** Running state of a layer: `trunk.batch_norm_1.mean`. */
export interface StateInfo extends StateSpec, Belonging {}

export interface ModelParameters {
  /** In the order of the text. */
  readonly parameters: readonly ParameterInfo[];
  readonly states: readonly StateInfo[];
}

/** The declaration that a path belongs to: the instruction's own, or the `layer` whose weights it uses. */
export function ownerOf(path: string, instruction: Instruction): string {
  return path.startsWith(`${instruction.owner}.`) ? instruction.owner : path.slice(0, path.indexOf("."));
}

/** What `freeze` and `rates` may call the owner of a parameter: its own name, and that of the group which a task belongs to. */
export function namesOf(model: Model, owner: string): readonly string[] {
  const group = model.tasks.find((task) => task.name === owner)?.group;
  return group === undefined ? [owner] : [owner, group];
}

/** A type whose sizes are all numbers; asking earlier than data is bound is a mistake of the caller. */
export function concrete(type: Type): ConcreteType {
  const known = concreteType(type);
  if (!known) throw new Error(`the size of [${type.shape.map(showSize).join(", ")}] is not known before data is bound`);
  return known;
}

/** Every parameter and running state of a model; instructions that share a path share them. All sizes must be known. */
export function modelParameters(model: Model, registry: Registry): ModelParameters {
  const parameters = new Map<string, ParameterInfo>();
  const states = new Map<string, StateInfo>();
  for (const layer of layersOf(model, registry)) {
    for (const info of parametersOf(layer)) if (!parameters.has(info.name)) parameters.set(info.name, info);
    for (const info of statesOf(layer)) if (!states.has(info.name)) states.set(info.name, info);
  }
  for (const info of lossParameters(model, registry)) parameters.set(info.name, info);
  return { parameters: [...parameters.values()], states: [...states.values()] };
}

/** The parameters of a layer, in each of its sets of weights. Its sizes must be known. */
export function parametersOf(layer: PlacedLayer): ParameterInfo[] {
  return layer.row.parameters ? inEverySet(layer, layer.row.parameters(sizedCall(layer))) : [];
}

function statesOf(layer: PlacedLayer): StateInfo[] {
  return layer.row.states ? inEverySet(layer, layer.row.states(sizedCall(layer))) : [];
}

/** What a layer's row is asked with. Its sizes must be known. */
export function sizedCall({ instruction, inputs, call }: PlacedLayer): NonNullable<PlacedLayer["call"]> {
  // Says which size is not known.
  if (!call) for (const type of [...inputs, instruction.type]) concrete(type);
  if (!call) throw new Error(`sizes within ${instruction.path} are not known before data is bound`);
  return call;
}

/** Of each task's own, and of every set of weights. */
function inEverySet<Spec extends ParameterSpec | StateSpec>(
  { instruction, sets }: PlacedLayer,
  specs: Readonly<Record<string, Spec>>,
): (Spec & Belonging)[] {
  const { path } = instruction;
  const owner = ownerOf(path, instruction);
  return sets.flatMap(({ task, copies, pathOf }) =>
    Object.entries(specs).map(([key, spec]) => ({
      ...spec,
      ...(task !== null && { task }),
      ...(copies.length > 0 && { copies, shape: [...copies, ...spec.shape] }),
      name: `${pathOf(path)}.${key}`,
      owner,
      path,
      key,
    })),
  );
}

/** Parameters of the losses themselves: `slot.crf.transitions`. */
export function lossParameters(
  model: Pick<Model, "tasks">,
  registry: Pick<Registry, "loss">,
): readonly ParameterInfo[] {
  return model.tasks.filter(hasLoss).flatMap((task) =>
    task.loss.flatMap(({ loss }) => {
      const path = `${task.name}.${loss.word}`;
      const specs = registry.loss.get(loss.word)?.parameters?.(task.kind) ?? {};
      return Object.entries(specs).map(([key, spec]) => ({
        ...spec,
        name: `${path}.${key}`,
        owner: task.name,
        path,
        key,
      }));
    }),
  );
}
