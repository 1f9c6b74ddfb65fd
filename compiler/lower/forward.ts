import { ownOf } from "../ir/own.ts";
import type { Builder } from "../graph/builder.ts";
import type { Node } from "../graph/graph.ts";
import type { Instruction, Model, ValueId } from "../ir/model.ts";
import type { Registry } from "../registry/registry.ts";
import { createLayerContext, type LayerContextOptions } from "./layer-context.ts";
import { layersOf } from "../ir/layers.ts";
import { concrete, modelParameters, sizedCall, ownerOf, type ParameterInfo } from "../ir/parameters.ts";

/** What the data told beside sizes. */
export interface ModelFacts {
  /** How scaled targets were made, by task: (value - shift) / factor. */
  readonly targetScales: Readonly<
    Record<string, { readonly shift: readonly number[]; readonly factor: readonly number[] }>
  >;
  /** Counts of labels (class), or [no, yes] of each flag, in the training rows. */
  readonly classCounts: Readonly<Record<string, readonly number[]>>;
}

export interface ForwardOptions {
  readonly batch: number;
  readonly training: boolean;
  /** Whether a declaration is held still: its norms use and keep their running statistics. */
  readonly frozen: (owner: string) => boolean;
  readonly facts: ModelFacts;
}

/** Random numbers that the host fills before a step: `random/<path>/<name>`. */
export interface RandomInput {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface Forward {
  readonly values: ReadonlyMap<ValueId, Node>;
  readonly parameters: ReadonlyMap<string, Node>;
  /** The input of a parameter of the model, made when it is first asked for. */
  parameter(info: ParameterInfo): Node;
  readonly parameterInfo: readonly ParameterInfo[];
  /** Next running statistics by name. */
  readonly nextStates: ReadonlyMap<string, Node>;
  /** Scalars that layers add to the loss. */
  readonly penalties: readonly Node[];
  readonly random: readonly RandomInput[];
  /** [batch]: 1 for a real row. */
  readonly rows: Node;
  /** By token axis: [batch, length], 1 for a token. */
  readonly masks: ReadonlyMap<string, Node>;
}

/** Traces a model's forward pass into a graph. Inputs of the graph: `parameter/…`, `state/…`, `input/…`, `rows`, `random/…`. */
export function traceForward(g: Builder, model: Model, registry: Registry, options: ForwardOptions): Forward {
  const { parameters: parameterInfo, states: stateInfo } = modelParameters(model, registry);
  const { batch } = options;
  const rows = g.input("rows", { element: "f32", shape: [batch] });
  const values = new Map<ValueId, Node>();
  const masks = new Map<string, Node>();
  const placed = new Map(layersOf(model, registry).map((layer) => [layer.instruction, layer]));

  for (const input of model.inputs) {
    const type = concrete(input.type);
    const node = g.input(`input/${input.name}`, { element: type.element, shape: [batch, ...type.shape] });
    values.set(input.name, node);
    // Code 0 is padding.
    if (input.kind.word === "tokens")
      masks.set(input.name, g.cast(g.greater(node, g.cast(g.constant(0), "i32")), "f32"));
  }

  const parameters = new Map<string, Node>();
  const parameter = (info: ParameterInfo): Node => {
    let node = parameters.get(info.name);
    if (!node) {
      node = g.input(`parameter/${info.name}`, { element: "f32", shape: info.shape });
      parameters.set(info.name, node);
    }
    return node;
  };
  const states = new Map<string, Node>();
  const nextStates = new Map<string, Node>();
  const penalties: Node[] = [];
  const random: RandomInput[] = [];

  const common: Omit<LayerContextOptions, "training" | "path"> = {
    batch,
    rows,
    masks,
    // A layer used twice sees, the second time, what the first use made of its statistics.
    state: (name) => {
      let node = nextStates.get(name) ?? states.get(name);
      if (!node) {
        const info = stateInfo.find((state) => state.name === name);
        if (!info) throw new Error(`no layer declares the state ${name}`);
        node = g.input(`state/${name}`, { element: "f32", shape: info.shape });
        states.set(name, node);
      }
      return node;
    },
    setState: (name, next) => nextStates.set(name, next),
    random: (name, shape) => {
      const uses = random.filter(
        (other) => other.name === `random/${name}` || other.name.startsWith(`random/${name}#`),
      );
      const unique = uses.length === 0 ? `random/${name}` : `random/${name}#${uses.length + 1}`;
      random.push({ name: unique, shape });
      return g.input(unique, { element: "f32", shape });
    },
    penalize: (value) => penalties.push(value),
    targetScale: (task) => ownOf(options.facts.targetScales, task) ?? { shift: [0], factor: [1] },
    taskKind: (name) => {
      const task = model.tasks.find((candidate) => candidate.name === name);
      if (!task) throw new Error(`there is no task ${name}`);
      return task.kind.word;
    },
  };

  const byPath = new Map<string, ParameterInfo[]>();
  for (const info of parameterInfo) byPath.set(info.path, [...(byPath.get(info.path) ?? []), info]);
  const run = (instructions: readonly Instruction[], scope: Map<ValueId, Node>): void => {
    for (const instruction of instructions) {
      const layer = placed.get(instruction);
      if (!layer) throw new Error(`the layer at ${instruction.path} is not the model's`);
      const { row } = layer;
      const { inputs: inputTypes, output: outputType } = sizedCall(layer);
      if (!row.forward) throw new Error(`the layer ${row.name} cannot run yet`);
      const { path } = instruction;
      const own: Record<string, Node> = {};
      for (const info of byPath.get(path) ?? []) own[info.key] = parameter(info);
      const held = row.states !== undefined && options.frozen(ownerOf(path, instruction));
      const context = createLayerContext(g, { ...common, path, training: options.training && !held });
      const chains = (instruction.regions ?? []).map((region) => (argument: Node): Node => {
        const inner = new Map(scope).set(region.argument, argument);
        run(region.instructions, inner);
        return valueOf(inner, region.result);
      });
      const result = g.within(path, () =>
        row.forward!(context, {
          settings: instruction.settings,
          inputs: instruction.inputs.map((id) => valueOf(scope, id)),
          inputTypes,
          outputType,
          parameters: own,
          chains,
        }),
      );
      scope.set(instruction.id, result);
    }
  };
  run(model.instructions, values);
  return { values, parameters, parameter, parameterInfo, nextStates, penalties, random, rows, masks };
}

function valueOf(scope: ReadonlyMap<ValueId, Node>, id: ValueId): Node {
  const node = scope.get(id);
  if (!node) throw new Error(`value ${id} is read before it is made`);
  return node;
}
