import { scaleWeights, smoothWeights } from "../balance/scale.ts";
import type { Builder } from "../graph/builder.ts";
import type { Node } from "../graph/graph.ts";
import type { Phase, Task, Value, Word } from "../ir/model.ts";
import type { Registry } from "../registry/registry.ts";

/** A rule on losses as one step of the list in `balance:`. */
export interface LossStage {
  /** Its place in the list, from 0: names of its inputs and outputs begin with `balance/<index>/`. */
  readonly index: number;
  readonly word: string;
  /** What its state is kept under: the word, with a number where the list has it more than once. */
  readonly key: string;
  readonly settings: Readonly<Record<string, Value>>;
  /** Scalars it trains, one a task, by name with their start. */
  readonly trainable: Readonly<Record<string, number>>;
  /** Vectors that the host feeds, by name. */
  readonly host: readonly string[];
  /** True where earlier weights are fed, for `smoothing` or `every`. */
  readonly remembers: boolean;
  /** It solves in every so many steps of its phase, beginning with the first. */
  readonly every: number;
}

export interface TracedRules {
  readonly stages: readonly LossStage[];
  /** [tasks]: written weight times every stage's weight; 0 where absent. */
  readonly factors: Node;
  readonly outputs: Readonly<Record<string, Node>>;
}

/** A stream for asking a rule which vectors it will feed; the numbers drawn are thrown away. */
const noChance = { uniform: () => 0, normal: () => 0, below: () => 0 };

/** Keys of a list of rules: a rule that goes on in the next phase finds its state under the same one. */
export function ruleKeys(rules: readonly Word[]): readonly string[] {
  return rules.map(({ word }, index) => {
    const before = rules.slice(0, index).filter((other) => other.word === word).length;
    return before === 0 ? word : `${word}#${before + 1}`;
  });
}

/**
 * Records the rules on losses into the step's graph, in the written order; each multiplies.
 *
 * Inputs of stage k, [tasks] each: `balance/<k>/<name>` of what it trains and of what the host makes for it; where it
 * remembers, `kept` (its last weights) and `seen` (1 for tasks that have such), `solved` (weights of the last solution, 1 for
 * tasks that were not there) and `solve` (1 in steps that solve anew).
 * Outputs: `balance/<k>/losses` (what it sees), `balance/<k>/gradient/<name>` for what it trains, and where it remembers
 * `balance/<k>/weights`, before `scale`.
 */
export function traceLossRules(
  g: Builder,
  registry: Registry,
  phase: Phase,
  tasks: readonly Task[],
  losses: Node,
  present: Node,
): TracedRules {
  const count = tasks.length;
  const written = g.constant(
    tasks.map((task) => task.weight),
    { element: "f32", shape: [count] },
  );
  const stages: LossStage[] = [];
  const keys = ruleKeys(phase.balance);
  const outputs: Record<string, Node> = {};
  let factors = g.mul(written, present);
  let weighted = g.mul(losses, written);
  phase.balance.forEach((rule, index) => {
    const row = registry.balance.get(rule.word);
    if (!row || row.family !== "loss") return;
    if (!row.lossRule) throw new Error(`the rule ${rule.word} cannot run yet`);
    const { settings } = rule;
    const trainable = row.trainable?.(settings) ?? {};
    const host = Object.keys(
      row.host?.(settings, { tasks: count, present: tasks.map(() => true), epochMeans: [], random: noChance }) ?? {},
    );
    const smoothing = typeof settings.smoothing === "number" ? settings.smoothing : 0;
    const every = typeof settings.every === "number" ? settings.every : 1;
    const remembers = smoothing > 0 || every > 1;
    const feed = (name: string): Node => g.input(`balance/${index}/${name}`, { element: "f32", shape: [count] });
    const feeds = (names: readonly string[]): Record<string, Node> =>
      Object.fromEntries(names.map((name) => [name, feed(name)]));
    const result = g.within("balance", () =>
      row.lossRule!(g, {
        settings,
        tasks: count,
        losses: g.stopGradient(weighted),
        present,
        state: feeds(Object.keys(trainable)),
        host: feeds(host),
      }),
    );
    let weights = result.weights;
    if (remembers) {
      const solve = g.greater(feed("solve"), g.constant(0));
      const smoothed = smoothWeights(g, { kept: feed("kept"), seen: feed("seen") }, weights, present, smoothing);
      weights = g.mul(g.select(solve, smoothed.weights, feed("solved")), present);
      outputs[`balance/${index}/weights`] = weights;
    }
    if (host.length > 0) outputs[`balance/${index}/losses`] = weighted;
    const isLast = index === phase.balance.length - 1;
    if (isLast) weights = scaleWeights(g, weights, present, scaleOf(settings, row.scale));
    for (const [name, gradient] of Object.entries(result.gradients ?? {})) {
      outputs[`balance/${index}/gradient/${name}`] = gradient;
    }
    factors = g.mul(factors, weights);
    weighted = g.mul(weighted, weights);
    stages.push({ index, word: rule.word, key: keys[index], settings, trainable, host, remembers, every });
  });
  return { stages, factors, outputs };
}

/** The scale in force: the written one, else the rule's own. */
export function scaleOf(
  settings: Readonly<Record<string, Value>>,
  own: "sum" | "mean" | "paper",
): "sum" | "mean" | "paper" {
  const { scale } = settings;
  return scale === "sum" || scale === "mean" || scale === "paper" ? scale : own;
}
