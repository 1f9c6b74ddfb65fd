import type { ConcreteType, LayerRow, ParameterSpec, StateSpec } from "../registry/layer.ts";
import type { Registry } from "../registry/registry.ts";
import type { Instruction, Model, Type, ValueId } from "./model.ts";
import { concreteType } from "./concrete.ts";
import { hasLoss } from "./kinds.ts";
import { showSize } from "./size.ts";

/** A parameter of the whole model: `trunk.dense_1.kernel`. */
export interface ParameterInfo extends ParameterSpec {
  readonly name: string;
  /** The declaration it belongs to (`trunk`): what `rates` and `freeze` address. */
  readonly owner: string;
  /** The layer it belongs to (`trunk.dense_1`). */
  readonly path: string;
}

/** Running state of a layer: `trunk.batch_norm_1.mean`. */
export interface StateInfo extends StateSpec {
  readonly name: string;
  readonly owner: string;
  readonly path: string;
}

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

/** Types of all values that instructions of one list may read. */
export type TypeScope = Map<ValueId, Type>;

/** Visits every instruction, those inside regions before the instruction that owns them, with the types in scope. */
export function visitInstructions(
  instructions: readonly Instruction[],
  scope: TypeScope,
  visit: (instruction: Instruction, inputs: readonly Type[]) => void,
): void {
  for (const instruction of instructions) {
    for (const region of instruction.regions ?? []) {
      const inner = new Map(scope).set(region.argument, region.argumentType);
      visitInstructions(region.instructions, inner, visit);
    }
    const inputs = instruction.inputs.map((id) => {
      const type = scope.get(id);
      if (!type) throw new Error(`value ${id} is read before it is made`);
      return type;
    });
    visit(instruction, inputs);
    scope.set(instruction.id, instruction.type);
  }
}

export function inputScope(model: Model): TypeScope {
  return new Map(model.inputs.map((input) => [input.name, input.type]));
}

/** The row of an instruction's layer. */
export function layerRow(registry: Registry, instruction: Instruction): LayerRow {
  const row = registry.layer.get(instruction.layer);
  if (!row) throw new Error(`there is no layer ${instruction.layer}`);
  return row;
}

/** Every parameter and running state of a model; instructions that share a path share them. */
export function modelParameters(model: Model, registry: Registry): ModelParameters {
  const parameters = new Map<string, ParameterInfo>();
  const states = new Map<string, StateInfo>();
  visitInstructions(model.instructions, inputScope(model), (instruction, inputs) => {
    const row = layerRow(registry, instruction);
    if (!row.parameters && !row.states) return;
    const call = {
      settings: instruction.settings,
      inputs: inputs.map(concrete),
      output: concrete(instruction.type),
    };
    const { path } = instruction;
    const owner = ownerOf(path, instruction);
    for (const [key, spec] of Object.entries(row.parameters?.(call) ?? {})) {
      const name = `${path}.${key}`;
      if (!parameters.has(name)) parameters.set(name, { ...spec, name, owner, path });
    }
    for (const [key, spec] of Object.entries(row.states?.(call) ?? {})) {
      const name = `${path}.${key}`;
      if (!states.has(name)) states.set(name, { ...spec, name, owner, path });
    }
  });
  for (const info of lossParameters(model, registry)) parameters.set(info.name, info);
  return { parameters: [...parameters.values()], states: [...states.values()] };
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
      return Object.entries(specs).map(([key, spec]) => ({ ...spec, name: `${path}.${key}`, owner: task.name, path }));
    }),
  );
}
