import type { Batch } from "./batches.ts";
import { readStep, type MadeOfTasks, type ReadStep } from "./step.ts";
import type { Tensor, TensorFlow } from "./tensors.ts";

/** What a batch gives of gradients: of all losses, of what rules train, of penalties, and of each task by itself. */
export interface MadeGradients {
  readonly gradients?: readonly Tensor[];
  readonly pulls?: readonly Tensor[];
  readonly penalties?: readonly Tensor[];
  readonly rows?: readonly (readonly Tensor[])[];
}

export interface Accumulated<Seen extends string> {
  /** Means over the batches. */
  readonly made: { gradients: Tensor[]; pulls: Tensor[]; penalties: Tensor[]; rows: Tensor[][] };
  /** Means over the batches in which a task was present. */
  readonly result: ReadStep<Seen>;
  readonly present: ReadonlySet<string>;
  /** The last batch that was run. */
  readonly last: Batch;
}

/**
 * A step of several batches: runs them one after another, each told of the one before it, and takes the means of what they give. Where the loss of a task is
 * not finite it throws, or ends early with that task as lost.
 */
export async function accumulate<Seen extends string = never>(
  tf: TensorFlow,
  tasks: readonly string[],
  batches: readonly Batch[],
  run: (batch: Batch, before: Batch | null) => MadeOfTasks<Seen> & MadeGradients,
  nonfinite?: "stop" | "skip",
): Promise<Accumulated<Seen>>;
export async function accumulate(
  tf: TensorFlow,
  tasks: readonly string[],
  batches: readonly Batch[],
  run: (batch: Batch, before: Batch | null) => MadeOfTasks<string> & MadeGradients,
  nonfinite: "stop" | "skip" = "stop",
): Promise<Accumulated<string>> {
  const results: ReadStep[] = [];
  let sums: Tensor[][] = [];
  for (const [index, batch] of batches.entries()) {
    const {
      gradients = [],
      pulls = [],
      penalties = [],
      rows = [],
      ...ofTasks
    } = run(batch, batches[index - 1] ?? null);
    const lists = [gradients, pulls, penalties, ...rows];
    const before = sums;
    sums = tf.tidy(() =>
      lists.map((list, i) =>
        list.map((gradient, k) => {
          const share = tf.mul(gradient, 1 / batches.length);
          return index === 0 ? share : tf.addN([before[i][k], share]);
        }),
      ),
    );
    tf.dispose([...before, ...lists].flat());
    const result = await readStep(tasks, batch, ofTasks, nonfinite);
    results.push(result);
    if (result.lost !== null) break;
  }
  const last = batches[results.length - 1];
  if (!last) throw new Error("a step needs a batch");
  const [gradients, pulls, penalties, ...rows] = sums;
  return {
    made: { gradients, pulls, penalties, rows },
    result: meanOf(results),
    present: new Set(results.flatMap(({ losses }) => Object.keys(losses))),
    last,
  };
}

type ByTask = Readonly<Record<string, number>>;

function meanOf(results: readonly ReadStep[]): ReadStep {
  const mean = (records: readonly ByTask[]): ByTask => {
    const tasks = new Set(records.flatMap((record) => Object.keys(record)));
    return Object.fromEntries(
      [...tasks].map((task) => {
        const values = records.flatMap((record) => (Object.hasOwn(record, task) ? [record[task]] : []));
        return [task, values.reduce((a, b) => a + b, 0) / values.length];
      }),
    );
  };
  const [first] = results;
  return {
    losses: mean(results.map(({ losses }) => losses)),
    factors: mean(results.map(({ factors }) => factors)),
    seen: Object.fromEntries(
      Object.keys(first.seen).map((name) => [name, mean(results.map(({ seen }) => seen[name]))]),
    ),
    lost: results.at(-1)?.lost ?? null,
  };
}
