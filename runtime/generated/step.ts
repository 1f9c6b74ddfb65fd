import type { StepTime } from "./balance.ts";
import type { Batch } from "./batches.ts";
import type { Evaluation } from "./results.ts";
import type { Tensor } from "./tensors.ts";

/** What a step has told of its tasks: losses before any weight, and the factors that were finally applied; absent tasks are left out. */
export interface StepResult {
  readonly losses: Readonly<Record<string, number>>;
  readonly factors: Readonly<Record<string, number>>;
}

/** Reads losses and factors, [tasks] each, and disposes of them. Throws where the loss of a present task is not finite. */
export async function readStep(
  tasks: readonly string[],
  batch: Batch,
  made: { readonly losses: Tensor; readonly factors: Tensor },
): Promise<StepResult> {
  const read = [made.losses, made.factors];
  const [losses, factors] = await Promise.all(read.map((tensor) => tensor.data()));
  for (const tensor of read) tensor.dispose();
  const present = tasks.flatMap((task, k) => (batch.present.has(task) ? [{ task, k }] : []));
  for (const { task, k } of present)
    if (!Number.isFinite(losses[k])) throw new Error(`the loss of ${task} is ${losses[k]}; try a smaller rate`);
  return {
    losses: Object.fromEntries(present.map(({ task, k }) => [task, losses[k]])),
    factors: Object.fromEntries(present.map(({ task, k }) => [task, factors[k]])),
  };
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

export interface TrainOptions<Network> {
  /** Decides everything random; that of the file where absent. */
  readonly seed?: number;
  /** The folder that data paths are relative to, or a file in it; the module itself where absent. */
  readonly from?: string | URL;
  readonly onStep?: (event: StepEvent<Network>) => void;
  readonly onEpoch?: (event: EpochEvent<Network>) => void | Promise<void>;
}
