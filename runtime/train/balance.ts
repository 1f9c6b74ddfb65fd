import { solveGradientRule, subGram } from "../../compiler/balance/solve.ts";
import { scaledAlpha, smoothedAlpha } from "../../compiler/balance/scale.ts";
import { scaleOf } from "../../compiler/lower/balance.ts";
import type { StepProgram } from "../../compiler/lower/step.ts";
import type { Word } from "../../compiler/ir/model.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import { randomStream } from "../../compiler/random/stream.ts";

/** State of the balance between steps: plain data, all of it in the checkpoint. */
export interface BalanceState {
  /** Weights of the last step of each stage that remembers them, by stage index; null before a task's first. */
  readonly previous: Record<string, (number | null)[]>;
  /** What a rule on gradients keeps. */
  readonly rule: Record<string, unknown>;
  /** Mean weighted loss of each task in each finished epoch of the phase; null where it was absent throughout. */
  epochMeans: (number | null)[][];
  /** Sums over the epoch under way. */
  sums: number[];
  counts: number[];
  /** Steps at which a rule gave no finite weights. */
  fallbacks: number;
}

export function freshBalance(tasks: number): BalanceState {
  return {
    previous: {},
    rule: {},
    epochMeans: [],
    sums: new Array<number>(tasks).fill(0),
    counts: new Array<number>(tasks).fill(0),
    fallbacks: 0,
  };
}

/** Notes a step's weighted losses for rules that look back over epochs. */
export function noteLosses(state: BalanceState, weighted: readonly number[], present: readonly boolean[]): void {
  present.forEach((here, k) => {
    if (!here) return;
    state.sums[k] += weighted[k];
    state.counts[k] += 1;
  });
}

export function closeEpoch(state: BalanceState): void {
  state.epochMeans.push(state.sums.map((sum, k) => (state.counts[k] > 0 ? sum / state.counts[k] : null)));
  state.sums.fill(0);
  state.counts.fill(0);
}

/** What the host feeds the stages of rules on losses before a step: `balance/<stage>/<name>` to a value for each task. */
export function hostFeeds(
  program: StepProgram,
  registry: Registry,
  state: BalanceState,
  at: { readonly seed: number; readonly step: number; readonly present: readonly boolean[] },
): Map<string, readonly number[]> {
  const feeds = new Map<string, readonly number[]>();
  const tasks = program.tasks.length;
  for (const stage of program.stages) {
    const row = registry.balance.get(stage.word)!;
    if (stage.host.length > 0) {
      const vectors = row.host!(stage.settings, {
        tasks,
        present: at.present,
        epochMeans: state.epochMeans,
        random: randomStream(at.seed, `balance/${stage.index}/${at.step}`),
      });
      for (const [name, values] of Object.entries(vectors)) feeds.set(`balance/${stage.index}/${name}`, values);
    }
    if (stage.remembers) {
      const previous = state.previous[stage.index] ?? new Array<null>(tasks).fill(null);
      const solves = (at.step - 1) % stage.every === 0 ? 1 : 0;
      feeds.set(
        `balance/${stage.index}/previous`,
        previous.map((weight) => weight ?? 1),
      );
      feeds.set(
        `balance/${stage.index}/seen`,
        previous.map((weight) => (weight === null ? 0 : 1)),
      );
      feeds.set(
        `balance/${stage.index}/solve`,
        previous.map(() => solves),
      );
    }
  }
  return feeds;
}

/** Keeps what a remembering stage used, for present tasks. */
export function keepWeights(
  state: BalanceState,
  stage: number,
  weights: ArrayLike<number>,
  present: readonly boolean[],
): void {
  const before = state.previous[stage] ?? present.map(() => null);
  state.previous[stage] = present.map((here, k) => (here ? weights[k] : before[k]));
}

export interface GradientWeights {
  /** Weight of each task's gradient of what is shared. */
  readonly shared: readonly number[];
  /** What gradients of own parameters are multiplied with. */
  readonly own: number;
}

/** Asks the rule on gradients for its weights, then smoothing and scale. `gram` is [tasks × tasks] over what is shared. */
export function gradientWeights(
  rule: Word,
  registry: Registry,
  state: BalanceState,
  at: {
    readonly gram: Float64Array;
    readonly losses: readonly number[];
    readonly present: readonly boolean[];
    readonly seed: number;
    readonly step: number;
    readonly index: number;
  },
): GradientWeights {
  const row = registry.balance.get(rule.word)!;
  const { settings } = rule;
  const every = typeof settings.every === "number" ? settings.every : 1;
  const smoothing = typeof settings.smoothing === "number" ? settings.smoothing : 0;
  const scale = scaleOf(settings, row.scale);
  const tasks = at.losses.length;
  const present = at.present.flatMap((here, k) => (here ? [k] : []));
  const kept = (state.previous[at.index] ??= new Array<number | null>(tasks).fill(null));
  let alpha: Float64Array = new Float64Array(tasks);
  let live: readonly number[] = present;
  if ((at.step - 1) % every === 0) {
    const solved = solveGradientRule(row, settings, {
      tasks,
      present,
      gram: subGram(at.gram, tasks, present),
      losses: Float64Array.from(present, (k) => at.losses[k]),
      random: randomStream(at.seed, `balance/${at.step}`),
      state: state.rule,
    });
    if (solved.fallback) state.fallbacks += 1;
    live = solved.live;
    alpha = smoothedAlpha(kept, solved.alpha, live, smoothing);
  } else {
    for (const k of present) alpha[k] = kept[k] ?? 1;
  }
  return {
    shared: [...scaledAlpha(alpha, live.length, present.length, scale)],
    own: scale === "mean" ? 1 / Math.max(present.length, 1) : 1,
  };
}
