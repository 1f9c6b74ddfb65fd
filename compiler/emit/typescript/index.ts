import type { Model } from "../../ir/model.ts";
import type { Registry } from "../../registry/registry.ts";
import { answersInterface, dataCode, inputsInterface, type KnownCells } from "./data.ts";
import { declarationFunctions } from "./declarations.ts";
import type { FunctionDescription, Item, ModuleDescription } from "./description.ts";
import { Mismatch } from "./agree.ts";
import { Unexplained } from "./formula.ts";
import { layerFunctions } from "./layer-functions.ts";
import { literalCode } from "./literal.ts";
import { lossItems } from "./loss-items.ts";
import { writeLosses } from "./losses.ts";
import { Names } from "./names.ts";
import { weightItems } from "./network-items.ts";
import { learntTasks, writeNetwork } from "./network.ts";
import { reachCode } from "./reach.ts";
import { sitesOf, sizedModels } from "./sites.ts";
import { writeTraining } from "./training.ts";
import { ownFunctions, ownNames } from "./own-functions.ts";
import { Unsupported } from "./unsupported.ts";
import { trainedItems, useItems } from "./use-items.ts";
import { writeWeights } from "./weights.ts";

/**
 * A model as a TypeScript module for TensorFlow.js: pure, from IR to a description that a printer lays out. Layers, losses,
 * optimizers and balance rules become functions by being traced; `layer-functions.ts` tells how.
 */
export { Unsupported } from "./unsupported.ts";
export type * from "./description.ts";

export interface EmitOptions {
  /** Version of the compiler. */
  readonly version: string;
  /** Hash of the IR. */
  readonly hash: string;
  /** Name of the file without its folders. */
  readonly file: string;
  /** What the module is imported from at run time: `mtlc/runtime`. */
  readonly runtime: string;
  /** True where the runtime will be written into the module. */
  readonly standalone?: boolean;
  /** Makes a data path of the file one that is relative to the module. */
  readonly relocate: (path: string) => string;
  /** What a trained network brings. */
  readonly trained: TrainedNetwork | null;
}

export interface TrainedNetwork {
  /** The folder of the run, for the comment. */
  readonly run: string;
  /** The seed of its training. */
  readonly seed: number;
  readonly codes: unknown;
  readonly known: KnownCells;
  readonly weights: TrainedWeights;
}

/** Few weights stand in the module, many in a file beside it, which is read when they are needed. */
export type TrainedWeights =
  | {
      readonly place: "module";
      /** Names of the weights with how many numbers each has, and all numbers in base64. */
      readonly names: readonly (readonly [string, number])[];
      readonly base64: string;
    }
  | { readonly place: "file"; readonly file: string };

const moduleNames = [
  "Inputs",
  "Answers",
  "Network",
  "Weights",
  "Learning",
  "data",
  "tasks",
  "reach",
  "phases",
  "startWeights",
  "startLearning",
  "createNetwork",
  "heads",
  "losses",
  "meanLoss",
  "meanLosses",
  "sumOfLosses",
  "train",
  "readRows",
  "evaluate",
  "predict",
  "save",
  "load",
  "trained",
  "known",
  "trainedCodes",
  "weightSizes",
  "weightNumbers",
  ...ownNames,
];

/** Throws Unsupported for what a module cannot hold, sizes that no source could tell among it. */
export function emitTypeScript(model: Model, registry: Registry, options: EmitOptions): ModuleDescription {
  try {
    return moduleOf(model, registry, options);
  } catch (error) {
    if (!(error instanceof Unexplained || error instanceof Mismatch)) throw error;
    throw new Unsupported("a network with sizes that only the data tell", undefined);
  }
}

function moduleOf(model: Model, registry: Registry, options: EmitOptions): ModuleDescription {
  if (model.data.length !== 1) throw new Unsupported("several data sections", model.data.at(1)?.span);
  const names = new Names(moduleNames);
  const tasks = learntTasks(model);
  const sized = sizedModels(model);
  const sites = sitesOf(model, registry, sized);
  const taskKind = (name: string): string => {
    const task = model.tasks.find((each) => each.name === name);
    if (!task) throw new Error(`there is no task ${name}`);
    return task.kind.word;
  };
  const weights = writeWeights(model, registry, sized, names);
  const isScaled = (name: string): boolean => model.tasks.find((task) => task.name === name)?.scale !== "none";
  const layers = layerFunctions([...sites.values()], { names, taskKind, isScaled, tree: weights.tree });
  const frozen = new Set(model.phases.flatMap(({ freeze }) => freeze));
  const declared = declarationFunctions({
    model,
    sites,
    layers,
    tree: weights.tree,
    names,
    valueName: valueNames(model),
    taskKind,
    isScaled,
    frozen,
  });
  const network = writeNetwork(model, declared, sites, sized, names);
  const skips = model.phases.some(({ balance }) => balance.some(({ settings }) => settings.on_nonfinite === "skip"));
  const losses = writeLosses(model.tasks, registry, sized, names, weights.tree, skips);
  const training = writeTraining({
    model,
    registry,
    names,
    tasks,
    wants: {
      codes: network.takesCodes,
      layers: network.takesTraining,
      losses: losses.reads,
      penalty: network.hasPenalty || layers.penalize,
    },
  });
  const known = options.trained?.known ?? { categories: {}, labels: {} };
  const alive = declared.filter(({ value }) => network.needed.has(value));
  const used = new Set(
    callsOf([
      ...alive.map(({ description }) => description),
      ...layers.functions.map(({ description }) => description),
    ]),
  );
  const helpers = layers.functions.map(({ description }) => description).filter(({ name }) => used.has(name));
  const own = new Set(callsOf([...alive.map(({ description }) => description), ...helpers, ...losses.functions]));
  const items: Item[] = [
    { kind: "import", namespace: "tf", from: "@tensorflow/tfjs" },
    { kind: "import", namespace: "mtlc", from: options.runtime },
    inputsInterface(model, known),
    answersInterface(model, known),
    {
      kind: "const",
      name: "data",
      doc: "What is read, and where it is read from.",
      value: `${dataCode(model, registry, options.relocate)} as const satisfies mtlc.DataDescription`,
    },
    {
      kind: "const",
      name: "tasks",
      doc: tasks.length === model.tasks.length ? undefined : "Tasks that have a loss.",
      value: `${literalCode(tasks.map(({ name }) => name))} as const`,
    },
    {
      kind: "const",
      name: "reach",
      doc: "Whose losses reach the weights of each declaration.",
      value: reachCode(model, registry, sized, weights.tree),
    },
    ...weightItems(weights),
    ...helpers,
    ...ownFunctions(own),
    ...alive.map(({ description }) => description),
    network.description,
    ...losses.functions,
    ...lossItems(losses),
    ...training.rules,
    ...(training.phases ? [training.phases] : []),
    training.learning,
    { kind: "type", name: "Learning", type: "ReturnType<typeof startLearning>" },
    ...training.steps,
    training.train,
    ...useItems(losses.reads, network.takesCodes, {
      trained: options.trained,
      seed: options.trained?.seed ?? model.phases[0].seed,
    }),
    ...trainedItems(options.trained),
  ];
  return { header: headerOf(model, options), items };
}

function headerOf(model: Model, { version, hash, file, trained, standalone }: EmitOptions): string {
  const from = trained ? `${trained.run}, trained from ${file}` : file;
  return [
    ...(model.doc ? [model.doc, ""] : []),
    `Generated by mtlc ${version} from ${from} (IR ${hash}): change that file, not this one, and compile it again.`,
    `For any backend of TensorFlow.js: npm install ${standalone ? "" : "mtlc "}@tensorflow/tfjs`,
  ].join("\n");
}

/** What a value is called where another declaration reads it. */
function valueNames(model: Model): (value: string) => string {
  const known = new Map([
    ...model.inputs.map(({ name }) => [name, name] as const),
    ...model.tasks.flatMap(({ name, head }) => (head === null ? [] : [[head, name] as const])),
    ...model.shared.map(({ name, value }) => [value, name] as const),
    ...model.penalties.map(({ name, value }) => [value, name] as const),
  ]);
  return (value) => {
    const name = known.get(value);
    if (name === undefined) throw new Error(`the value ${value} has no name`);
    return name;
  };
}

/** Names of functions that are called. */
function callsOf(functions: readonly FunctionDescription[]): string[] {
  return functions.flatMap(({ statements }) =>
    statements.flatMap(({ code }) => [...code.matchAll(/(?<![.\w])([A-Za-z_]\w*)\(/g)].map(([, name]) => name)),
  );
}
