import type { StepTime } from "./balance.ts";
import type { Batch } from "./batches.ts";
import type { Evaluation } from "./results.ts";
import type { Tensor, Tensors } from "./tensors.ts";
import type { ListeningOptions } from "./warnings.ts";

/** What a step has told of its tasks: losses before any weight, and the factors that were finally applied; absent tasks are left out. */
export interface StepResult {
  readonly losses: Readonly<Record<string, number>>;
  readonly factors: Readonly<Record<string, number>>;
}

/** What a batch gives that is one number a task, [tasks] each. */
export interface MadeOfTasks<Seen extends string = never> {
  readonly losses: Tensor;
  readonly factors: Tensor;
  /** What rules of the balance look back on. */
  readonly seen?: Tensors<Seen>;
}

/** A step's result with what rules of the balance look back on, by name and task. */
export interface ReadStep<Seen extends string = string> extends StepResult {
  readonly seen: Readonly<Record<Seen, Readonly<Record<string, number>>>>;
  /** A present task whose loss is not finite, where such are left out. */
  readonly lost: string | null;
}

/**
 * Reads what a batch gave for each task, and disposes of it. Where the loss of a present task is not finite it throws, or
 * names the task as lost.
 */
export async function readStep<Seen extends string = never>(
  tasks: readonly string[],
  batch: Batch,
  made: MadeOfTasks<Seen>,
  nonfinite?: "stop" | "skip",
): Promise<ReadStep<Seen>>;
export async function readStep(
  tasks: readonly string[],
  batch: Batch,
  { losses, factors, seen = {} }: MadeOfTasks<string>,
  nonfinite: "stop" | "skip" = "stop",
): Promise<ReadStep> {
  const present = tasks.flatMap((task, k) => (batch.present.has(task) ? [{ task, k }] : []));
  const read = async (tensor: Tensor): Promise<Record<string, number>> => {
    const values = await tensor.data();
    tensor.dispose();
    return Object.fromEntries(present.map(({ task, k }) => [task, values[k]]));
  };
  const names = Object.keys(seen);
  const [first, second, ...others] = await Promise.all([losses, factors, ...Object.values(seen)].map(read));
  const [lost = null] = Object.keys(first).filter((task) => !Number.isFinite(first[task]));
  if (lost !== null && nonfinite === "stop") throw new Error(`the loss of ${lost} is not finite; try a smaller rate`);
  return { losses: first, factors: second, seen: Object.fromEntries(others.map((each, k) => [names[k], each])), lost };
}

/** Where a step stands, and its learning rate. */
export interface At extends StepTime {
  readonly rate: number;
  /** What the schedule has multiplied the rate with. */
  readonly factor: number;
  /** Declarations that are held still. */
  readonly freeze?: readonly string[];
}

export interface StepEvent<Network> extends StepResult {
  /** From 1 over the whole run. */
  readonly step: number;
  readonly rate: number;
  readonly network: Network;
}

export interface EpochEvent<Network> {
  /** From 1 over the whole run. */
  readonly epoch: number;
  readonly network: Network;
  /** What the validation part gave, where there is one. */
  readonly validation: Evaluation | null;
}

export interface ReadingOptions extends ListeningOptions {
  /** Decides everything random; that of the file where absent. */
  readonly seed?: number;
  /** The folder that data paths are relative to, or a file in it; the module itself where absent. */
  readonly from?: string | URL;
}

export interface TrainOptions<Network> extends ReadingOptions {
  readonly onStep?: (event: StepEvent<Network>) => void;
  readonly onEpoch?: (event: EpochEvent<Network>) => void | Promise<void>;
}

/** The gradients of each task's loss by itself, and the losses, which do not depend on whose gradients are asked for. */
export function gradientRows(
  tasks: readonly string[],
  gradientsOf: (task: number) => { readonly value: Tensor; readonly grads: Tensor[] },
): { readonly value: Tensor; readonly rows: Tensor[][] } {
  const rows = tasks.map((_, task) => gradientsOf(task));
  const [first] = rows;
  if (!first) throw new Error("there is no task");
  return { value: first.value, rows: rows.map(({ grads }) => grads) };
}
