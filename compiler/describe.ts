import { elementCount } from "./graph/graph.ts";
import type { Instruction, Model, Type, ValueId } from "./ir/model.ts";
import { reachOf, type Reach } from "./ir/reach.ts";
import { metricName } from "./ir/metric-names.ts";
import { isKnown, showSize } from "./ir/size.ts";
import { unknownSizes, withSizes } from "./ir/sized.ts";
import { copiesOf, layersOf, type PlacedLayer } from "./ir/layers.ts";
import { lossParameters, parametersOf } from "./ir/parameters.ts";
import type { Registry } from "./registry/registry.ts";

/** A shape with the batch axis as `_` in front (where there is one) and unknown sizes by name. */
export type ShownShape = readonly (number | string)[];

/** Every tensor with its shape, every part with its parameters, and the work of one example. */
export interface Description {
  readonly schema: 1;
  readonly model: string;
  readonly inputs: readonly { readonly name: string; readonly shape: ShownShape }[];
  /** In the order of computation, those inside chains before the result of their layer. */
  readonly tensors: readonly ShownTensor[];
  /** The same with the layers that make them, as model summaries have it; then the losses that have parameters. */
  readonly layers: readonly ShownLayer[];
  readonly parameters: {
    readonly total: number;
    /** Those that some phase trains. */
    readonly trainable: number;
    /** Those that the losses of two or more tasks reach. */
    readonly shared: number;
    /** Those that one task's loss alone reaches; null where only data tell how many. */
    readonly tasks: Readonly<Record<string, number | null>>;
  };
  readonly tasks: readonly {
    readonly name: string;
    readonly kind: string;
    readonly loss: readonly { readonly factor: number; readonly loss: string }[];
    readonly weight: number;
    readonly metrics: readonly string[];
  }[];
  /** Declarations that own parameters, in the order of the file; null where only data tell how many. */
  readonly parts: readonly { readonly name: string; readonly parameters: number | null }[];
  /** Multiply-adds of one example's forward pass. */
  readonly work: number;
  /** Sizes that only data tell. While there are any, `total`, `trainable`, `shared` and `work` count what is known. */
  readonly unknown: readonly string[];
}

export interface ShownTensor {
  readonly name: string;
  readonly shape: ShownShape;
  readonly owner: string;
  /** How often it exists, where a chain is copied: by `repeat`, for experts, for tasks. The name is the first one's. */
  readonly copies?: number;
}

export interface ShownLayer extends ShownTensor {
  /** The layer's word, or the loss's. */
  readonly layer: string;
  /**
   * Numbers of its own parameters, of all its copies: 0 where an earlier layer brings them, null where only data tell how many.
   * Over all layers they add up to the total.
   */
  readonly parameters: number | null;
}

/** Tallies of one model, filled while its instructions are visited. */
interface Tally {
  readonly registry: Registry;
  readonly reach: Reach;
  /** Parameters by name: how many numbers, and whose losses reach them. */
  readonly parameters: Map<string, Counted>;
  /** Parameters that an instruction brings, by its value. */
  readonly brought: Map<ValueId, number>;
  /** The path of the loss, `tags.crf`, that each of the losses' own parameters belongs to. */
  readonly losses: Map<string, string>;
  work: number;
}
interface Counted {
  readonly owner: string;
  /** Null where only data tell. */
  readonly count: number | null;
  readonly trainable: boolean;
  readonly tasks: Set<string>;
}

export function describe(model: Model, registry: Registry): Description {
  const tally = tallyOf(model, registry);
  const unknown = unknownSizes(model);
  // Which parameters there are does not depend on sizes: with any numbers for them all are found.
  const all = tallyOf(withSizes(model, Object.fromEntries(unknown.map((name) => [name, 1]))), registry);
  const parameters = [...all.parameters].map(
    ([name, found]): Counted => tally.parameters.get(name) ?? { ...found, count: null },
  );
  const frozen = (owner: string) =>
    model.phases.length > 0 && model.phases.every((phase) => phase.freeze.includes(owner));
  const parts = [...new Set(parameters.map(({ owner }) => owner))];
  const brought = (id: ValueId): number | null => tally.brought.get(id) ?? (all.brought.get(id) ? null : 0);
  const layers = shownLayers(tally, model.instructions, { copies: 1, repeats: 1, around: null, brought });
  return {
    schema: 1,
    model: model.name,
    inputs: model.inputs.map(({ name, type }) => ({ name, shape: showShape(type) })),
    tensors: layers.map(({ name, shape, owner, copies }) => ({ name, shape, owner, ...(copies && { copies }) })),
    parameters: {
      total: sum(parameters),
      trainable: sum(parameters.filter(({ trainable, owner }) => trainable && !frozen(owner))),
      shared: sum(parameters.filter(({ tasks }) => tasks.size > 1)),
      tasks: Object.fromEntries(
        model.tasks.map(({ name }) => [
          name,
          wholeSum(parameters.filter(({ tasks }) => tasks.size === 1 && tasks.has(name))),
        ]),
      ),
    },
    tasks: model.tasks.map((task) => ({
      name: task.name,
      kind: showKind(task.kind),
      loss: task.loss.map(({ factor, loss }) => ({ factor, loss: loss.word })),
      weight: task.weight,
      metrics: task.metrics.map((metric) => metricName(task, metric)),
    })),
    parts: parts.map((name) => ({ name, parameters: wholeSum(parameters.filter(({ owner }) => owner === name)) })),
    work: tally.work,
    unknown,
    layers: [...layers, ...shownLosses(tally, all)],
  };
}

function tallyOf(model: Model, registry: Registry): Tally {
  const tally: Tally = {
    registry,
    reach: reachOf(model, registry),
    parameters: new Map(),
    brought: new Map(),
    losses: new Map(),
    work: 0,
  };
  countLayers(tally, model);
  countLosses(tally, model);
  return tally;
}

/** Where instructions stand that are shown. */
interface Place {
  /** How often they exist. */
  readonly copies: number;
  /** How often they are written, of which they are shown once. */
  readonly repeats: number;
  /** The instruction of the whole list that they belong to. */
  readonly around: Instruction | null;
  brought(id: ValueId): number | null;
}

function shownLayers(tally: Tally, instructions: readonly Instruction[], place: Place): ShownLayer[] {
  const { copies, repeats, around, brought } = place;
  return instructions.flatMap((instruction) => {
    const { id, owner, path, type, layer, settings, regions = [] } = instruction;
    const tasks = tally.reach.readers((around ?? instruction).id);
    const row = tally.registry.layer.get(layer);
    const repeated = areCopies(instruction);
    const inside = (repeated ? regions.slice(0, 1) : regions).flatMap((region, chain) => {
      const own = copiesOf(row?.chainWeights?.({ settings, tasks, chain }));
      const times = repeated ? regions.length : 1;
      return shownLayers(tally, region.instructions, {
        copies: copies * own * times,
        repeats: repeats * times,
        around: around ?? instruction,
        brought,
      });
    });
    const name = id === owner && around === null ? id : path;
    const numbers = brought(id);
    const parameters = numbers === null ? null : numbers * repeats;
    return [...inside, { name, layer, shape: showShape(type), owner, parameters, ...(copies > 1 && { copies }) }];
  });
}

/** Losses with parameters of their own, in place of a tensor. */
function shownLosses(tally: Tally, all: Tally): ShownLayer[] {
  const paths = [...new Set([...all.losses.values()])];
  return paths.map((path) => {
    const [owner, layer] = [path.slice(0, path.lastIndexOf(".")), path.slice(path.lastIndexOf(".") + 1)];
    const own = [...all.losses].flatMap(([name, of]) =>
      of === path ? [tally.parameters.get(name)?.count ?? null] : [],
    );
    const parameters = own.reduce((sum, numbers) => (sum === null || numbers === null ? null : sum + numbers), 0);
    return { name: path, layer, shape: [], owner, parameters };
  });
}

/** Whether a layer's chains are one chain several times: their paths differ in a number alone. */
function areCopies({ path, regions = [] }: Instruction): boolean {
  const pathsOf = (instructions: readonly Instruction[]): string[] =>
    instructions.flatMap((each) => [
      each.path,
      ...(each.regions ?? []).flatMap((region) => pathsOf(region.instructions)),
    ]);
  const [first, ...others] = regions.map((region) => pathsOf(region.instructions));
  const isNumbered = (paths: readonly string[], copy: number): boolean =>
    paths.every((one) => one.startsWith(`${path}.${copy}.`));
  const tails = (paths: readonly string[], copy: number): string =>
    paths.map((one) => one.slice(`${path}.${copy}.`.length)).join("\n");
  return (
    others.length > 0 &&
    isNumbered(first, 1) &&
    others.every((paths, k) => isNumbered(paths, k + 2) && tails(paths, k + 2) === tails(first, 1))
  );
}

/** Of those that are known. */
function sum(parameters: readonly Counted[]): number {
  return parameters.reduce((total, { count: numbers }) => total + (numbers ?? 0), 0);
}

/** Null where one of them is not known. */
function wholeSum(parameters: readonly Counted[]): number | null {
  return parameters.some(({ count: numbers }) => numbers === null) ? null : sum(parameters);
}

/** Counts the parameters and the work of every layer. */
function countLayers(tally: Tally, model: Model): void {
  for (const layer of layersOf(model, tally.registry, tally.reach)) {
    const { instruction, row, call, sets, around } = layer;
    if (!call) continue;
    const copies = sets.reduce((sum, set) => sum + set.copies.reduce((product, size) => product * size, 1), 0);
    const each = appliedPerTask(layer) ? tally.reach.readers(around.id).length : 1;
    tally.work += (row.work?.(call) ?? 0) * copies * each;
    let brought = 0;
    for (const { name, owner, shape, trainable = true, task = null } of parametersOf(layer)) {
      const numbers = elementCount(shape);
      const known = tally.parameters.get(name) ?? { owner, count: numbers, trainable, tasks: new Set() };
      for (const reached of tally.reach.reachedBy(around, task)) known.tasks.add(reached);
      if (!tally.parameters.has(name)) brought += numbers;
      tally.parameters.set(name, known);
    }
    tally.brought.set(instruction.id, brought);
  }
}

/** Parameters of the losses themselves (crf), once their sizes are known. */
function countLosses(tally: Tally, model: Model): void {
  const sized = { tasks: model.tasks.filter(({ kind }) => isKnown(kind.size)) };
  for (const { name, owner, path, shape } of lossParameters(sized, tally.registry)) {
    tally.losses.set(name, path);
    const numbers = elementCount(shape);
    tally.parameters.set(name, { owner, count: numbers, trainable: true, tasks: new Set([owner]) });
  }
}

/** A layer without weights for each task, fed with a per-task tensor, runs once for every task. */
function appliedPerTask({ instruction, row, inputs }: PlacedLayer): boolean {
  return instruction.type.perTask === true && row.group !== "sharing" && inputs.some(({ perTask }) => perTask);
}

function showShape(type: Type): ShownShape {
  const sizes = type.shape.map((size) => (isKnown(size) ? size : showSize(size)));
  return type.batch === false ? sizes : ["_", ...sizes];
}

/** `class(10)`, `real[4]`, `class(17)[words]`. */
function showKind({ word, size, shape, axes, learnt }: Model["tasks"][number]["kind"]): string {
  const counted = (word === "class" && !learnt) || word === "flags" || word === "ordinal";
  const along = shape.map((axis, index) => axes?.[index] ?? showSize(axis));
  return `${word}${counted ? `(${showSize(size)})` : ""}${along.length > 0 ? `[${along.join(", ")}]` : ""}`;
}
