import { solveGradientRule, subGram } from "../../compiler/balance/solve.ts";
import { scaledAlpha, smoothedAlpha } from "../../compiler/balance/scale.ts";
import type { LossStage } from "../../compiler/lower/balance.ts";
import { scaleOf } from "../../compiler/lower/balance.ts";
import type { Word } from "../../compiler/ir/model.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import { randomStream } from "../../compiler/random/stream.ts";

/** State of the balance between steps: plain data, all of it in the checkpoint. It goes on from phase to phase. */
export interface BalanceState {
  /** By the rule's key in `balance:`. */
  readonly rules: Record<string, RuleState>;
  /** Steps at which a rule gave no finite weights. */
  fallbacks: number;
}

/** What one rule remembers; lists hold one entry a task. */
export interface RuleState {
  /** Its last weight, for `smoothing`; null before the task's first. */
  kept: (number | null)[];
  /** Its weight in the last solution, for `every`; null where the task was not live there. */
  solved: (number | null)[];
  /** Mean loss, as the rule saw it, in each finished epoch; null where the task was absent throughout. */
  epochMeans: (number | null)[][];
  /** Sums over the epoch under way. */
  sums: number[];
  counts: number[];
  /** What a rule on gradients keeps for itself. */
  own: Record<string, unknown>;
}

export function freshBalance(): BalanceState {
  return { rules: {}, fallbacks: 0 };
}

function ruleState(balance: BalanceState, key: string, tasks: number): RuleState {
  return (balance.rules[key] ??= {
    kept: new Array<null>(tasks).fill(null),
    solved: new Array<null>(tasks).fill(null),
    epochMeans: [],
    sums: new Array<number>(tasks).fill(0),
    counts: new Array<number>(tasks).fill(0),
    own: {},
  });
}

/** When a step takes place: over the whole run from 1, and from 0 in its phase. */
export interface StepTime {
  readonly seed: number;
  readonly step: number;
  readonly phaseStep: number;
}

function solves(every: number, { phaseStep }: StepTime): boolean {
  return phaseStep % every === 0;
}

/** What the host feeds the stages of rules on losses before a batch: `balance/<stage>/<name>` to a value for each task. */
export function hostFeeds(
  stages: readonly LossStage[],
  registry: Pick<Registry, "balance">,
  balance: BalanceState,
  at: StepTime & { readonly present: readonly boolean[] },
): Map<string, readonly number[]> {
  const feeds = new Map<string, readonly number[]>();
  const tasks = at.present.length;
  for (const { index, word, key, settings, host, remembers, every } of stages) {
    if (host.length === 0 && !remembers) continue;
    const state = ruleState(balance, key, tasks);
    if (host.length > 0) {
      const vectors = registry.balance.get(word)!.host!(settings, {
        tasks,
        present: at.present,
        epochMeans: state.epochMeans,
        random: randomStream(at.seed, `balance/${key}/${at.step}`),
      });
      for (const [name, values] of Object.entries(vectors)) feeds.set(`balance/${index}/${name}`, values);
    }
    if (!remembers) continue;
    const { kept, solved } = state;
    feeds.set(
      `balance/${index}/kept`,
      kept.map((weight) => weight ?? 0),
    );
    feeds.set(
      `balance/${index}/seen`,
      kept.map((weight) => (weight === null ? 0 : 1)),
    );
    feeds.set(
      `balance/${index}/solved`,
      solved.map((weight) => weight ?? 1),
    );
    feeds.set(`balance/${index}/solve`, new Array<number>(tasks).fill(solves(every, at) ? 1 : 0));
  }
  return feeds;
}

/** What a stage gave in a step that was taken: means over the batches in which a task was present, null where it was in none. */
export interface StageResult {
  readonly stage: LossStage;
  /** What it saw; null for a rule that never looks back. */
  readonly losses: readonly (number | null)[] | null;
  /** Its weights before `scale`; null for a stage that does not remember. */
  readonly weights: readonly (number | null)[] | null;
}

export function noteStages(balance: BalanceState, results: readonly StageResult[], at: StepTime): void {
  for (const { stage, losses, weights } of results) {
    const known = losses ?? weights;
    if (known === null) continue;
    const state = ruleState(balance, stage.key, known.length);
    losses?.forEach((loss, k) => {
      if (loss === null) return;
      state.sums[k] += loss;
      state.counts[k] += 1;
    });
    if (weights === null || !solves(stage.every, at)) continue;
    state.kept = state.kept.map((before, k) => weights[k] ?? before);
    state.solved = [...weights];
  }
}

/** An epoch is over: the means of what each rule saw in it join the earlier ones. */
export function closeEpoch(balance: BalanceState): void {
  for (const state of Object.values(balance.rules)) {
    const { sums, counts } = state;
    if (counts.every((count) => count === 0)) continue;
    state.epochMeans.push(sums.map((sum, k) => (counts[k] > 0 ? sum / counts[k] : null)));
    sums.fill(0);
    counts.fill(0);
  }
}

export interface GradientWeights {
  /** Weight of each task's gradient of what is shared. */
  readonly shared: readonly number[];
  /** What gradients of own parameters are multiplied with. */
  readonly own: number;
  /** Makes the rule's next state the current one: for a step that is taken. */
  commit(): void;
}

/** Asks the rule on gradients for its weights, then smoothing and scale. `gram` is [tasks × tasks] over what is shared. */
export function gradientWeights(
  rule: Word,
  key: string,
  registry: Pick<Registry, "balance">,
  balance: BalanceState,
  at: StepTime & {
    readonly gram: Float64Array;
    readonly losses: readonly number[];
    readonly present: readonly boolean[];
  },
): GradientWeights {
  const row = registry.balance.get(rule.word)!;
  const { settings } = rule;
  const every = typeof settings.every === "number" ? settings.every : 1;
  const smoothing = typeof settings.smoothing === "number" ? settings.smoothing : 0;
  const scale = scaleOf(settings, row.scale);
  const tasks = at.losses.length;
  const present = at.present.flatMap((here, k) => (here ? [k] : []));
  // The step may yet be refused: what changes is a copy.
  const state = structuredClone(ruleState(balance, key, tasks));
  let alpha: Float64Array = new Float64Array(tasks);
  let live: readonly number[] = present;
  let fallback = false;
  if (solves(every, at)) {
    const solved = solveGradientRule(row, settings, {
      tasks,
      present,
      gram: subGram(at.gram, tasks, present),
      losses: Float64Array.from(present, (k) => at.losses[k]),
      random: randomStream(at.seed, `balance/${key}/${at.step}`),
      state: state.own,
    });
    ({ live, fallback } = solved);
    alpha = smoothedAlpha(state.kept, solved.alpha, live, smoothing);
    state.solved = Array.from(alpha, (weight, k) => (solved.live.includes(k) ? weight : null));
  } else {
    for (const k of present) alpha[k] = state.solved[k] ?? 1;
  }
  return {
    shared: [...scaledAlpha(alpha, live.length, present.length, scale)],
    own: scale === "mean" ? 1 / Math.max(present.length, 1) : 1,
    commit() {
      balance.rules[key] = state;
      if (fallback) balance.fallbacks += 1;
    },
  };
}
