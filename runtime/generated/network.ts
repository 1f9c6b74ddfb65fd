import { elementCount } from "../../compiler/graph/graph.ts";
import { startRows } from "../../compiler/starts/index.ts";
import type { Codes } from "../data/data.ts";
import { startValues, type Started } from "../train/start.ts";
import { showModelLines } from "./stack.ts";
import type { TensorFlow, Variable } from "./tensors.ts";
import { mapWeights, type Variables, type Weight, type WeightOptions } from "./weights.ts";

/** What belongs to a variable beside its values. */
export interface WeightInfo extends WeightOptions {
  /** `bird.dense_2.kernel` */
  readonly name: string;
  /** Tasks whose losses reach it, where no declaration tells. */
  readonly tasks?: readonly string[];
  /** A learning rate of its own, which the schedule alone multiplies. */
  readonly ownRate?: number;
}

const infos = new WeakMap<object, WeightInfo>();

export function infoOf(variable: Variable): WeightInfo {
  const info = infos.get(variable);
  if (!info) throw new Error("this variable belongs to no network");
  return info;
}

function isWeight(value: object): value is Variable {
  return infos.has(value);
}

/** Every variable of a tree of weights, in the order of its branches. */
export function variablesOf(tree: object): Variable[] {
  return Object.values(tree).flatMap((branch: object) => (isWeight(branch) ? [branch] : variablesOf(branch)));
}

/** A tree with variables of its own for what gradients move; `note` is told of each. */
export function copyWeights<T extends object>(
  tf: TensorFlow,
  tree: T,
  note: (weight: Variable, copy: Variable) => void,
): T;
export function copyWeights(tf: TensorFlow, tree: object, note: (weight: Variable, copy: Variable) => void): object {
  const copyOf = (branch: object): unknown => {
    if (!isWeight(branch)) return copyWeights(tf, branch, note);
    if (!branch.trainable) return branch;
    const copy = tf.tidy(() => tf.variable(tf.clone(branch)));
    infos.set(copy, infoOf(branch));
    note(branch, copy);
    return copy;
  };
  if (Array.isArray(tree)) return tree.map(copyOf);
  return Object.fromEntries(Object.entries(tree).map(([key, branch]) => [key, copyOf(branch)]));
}

/** Where weights come from: a seed and the counts of labels that some start at, or values by name. */
export type WeightSource = { readonly seed: number; readonly codes: Codes } | ReadonlyMap<string, ArrayLike<number>>;

/** A tree of weights as variables. Each start value is drawn from a stream of random numbers of the weight's own name. */
export function createWeights<T extends object>(tf: TensorFlow, tree: T, from: WeightSource): Variables<T> {
  showModelLines();
  return mapWeights(tree, (weight, name) => {
    const values = "seed" in from ? startOf(weight, name, from.seed, from.codes) : from.get(name);
    if (!values) throw new Error(`there are no values for the weight ${name}`);
    if (values.length !== elementCount(weight.shape))
      throw new Error(`the weight ${name} is [${weight.shape.join(", ")}], and ${values.length} values were given`);
    return createVariable(tf, values, weight.shape, { ...weight.options, name });
  });
}

/** A number of each task that a balance rule trains beside the network: it stands outside of clipping and decay. */
export function trainedScalars(
  tf: TensorFlow,
  tasks: readonly string[],
  rule: { readonly name: string; readonly start: number; readonly rate?: number },
): Variable[] {
  return tasks.map((task) =>
    createVariable(tf, [rule.start], [], {
      name: `${rule.name}.${task}`,
      tasks: [task],
      outside: true,
      ownRate: rule.rate,
    }),
  );
}

function createVariable(
  tf: TensorFlow,
  values: ArrayLike<number>,
  shape: readonly number[],
  info: WeightInfo,
): Variable {
  const variable = tf.tidy(() => tf.variable(tf.tensor(Float32Array.from(values), [...shape]), info.fixed !== true));
  infos.set(variable, info);
  return variable;
}

const starts = { start: new Map(startRows.map((row) => [row.name, row])) };

function startOf({ shape, options }: Weight, name: string, seed: number, codes: Codes): Float32Array {
  const { start = "zeros", values, fans = fansOf(shape), blocks, zeroRows } = options;
  const [word, settings] = typeof start === "string" ? [start, {}] : start;
  const path = name.slice(0, name.lastIndexOf("."));
  // A task's name may hold a dot of its own.
  const owner =
    Object.keys(codes.tasks).find((task) => path.startsWith(`${task}.`)) ?? path.slice(0, path.indexOf("."));
  const info: Started = {
    name,
    owner,
    shape,
    start: { word, settings },
    fanIn: fans[0],
    fanOut: fans[1],
    decay: options.decay ?? false,
    ...(values && { values: () => Float32Array.from(values) }),
    ...(blocks !== undefined && { blocks }),
    ...(zeroRows && { zeroRows }),
  };
  const counts = Object.entries(codes.tasks).flatMap(([task, { counts: known }]) =>
    known ? [[task, known] as const] : [],
  );
  return startValues(info, starts, { classCounts: Object.fromEntries(counts) }, seed);
}

/** The last axis are units, the one before it their inputs, and what stands in front of both is the field that each sees. */
function fansOf(shape: readonly number[]): readonly [number, number] {
  const [last = 1] = shape.slice(-1);
  if (shape.length < 2) return [last, last];
  const field = elementCount(shape.slice(0, -2));
  return [field * shape[shape.length - 2], field * last];
}
