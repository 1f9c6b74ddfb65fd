import { choice, number } from "../registry/settings.ts";
import { balance, cost, positive } from "./row.ts";

/** Rules on losses that can run: one forward and one backward pass, the rule inside the step's graph. */

export const fixed = balance({
  name: "static",
  doc: "The written weights and nothing else: Σ w_i L_i.",
  family: "loss",
  needs: "losses",
  positive: false,
  scale: "paper",
  cost: cost.one,
  settings: {},
  aliases: ["none", "uniform", "sum", "equal", "equal_weighting", "linear", "linear_scalarization", "fixed", "ew"],
  lossRule: (_, { present }) => ({ weights: present }),
});

export const random = balance({
  name: "random",
  doc: "Random weights, fresh at every step: softmax(z) over the present tasks, z standard normal. They add up to 1 before `scale`.",
  family: "loss",
  needs: "losses",
  positive: false,
  scale: "sum",
  cost: cost.one,
  settings: {},
  source: "2111.10603",
  aliases: ["rlw", "random_loss_weighting"],
  // Every task draws, present or not: what one task lacks moves no other task's numbers.
  host: (_, { tasks, random }) => ({ z: Array.from({ length: tasks }, () => random.normal()) }),
  lossRule(g, { present, host }) {
    // Absent tasks get no share: e^(-1e30 - …) is 0.
    const here = g.greater(present, g.constant(0));
    return { weights: g.mul(present, g.softmax(g.select(here, host.z, g.constant(-1e30)))) };
  },
});

export const uncertainty = balance({
  name: "uncertainty",
  doc: "Weighs each task by a learned uncertainty s_i: α_i = e^(-s_i)/2; objective Σ e^(-s_i) l_i/2 + s_i/2, ∂s_i = ½ - ½ e^(-s_i) l_i. `form: positive`: objective Σ e^(-s_i) l_i/2 + log(1 + e^(s_i)), ∂s_i = σ(s_i) - ½ e^(-s_i) l_i, which never falls below 0. The s_i have an optimizer state of their own, no weight decay and no part in clipping; an absent task's stands still.",
  family: "loss",
  needs: "losses",
  positive: false,
  scale: "paper",
  cost: cost.one,
  settings: {
    start: number().positional().default(0).describe("What every s_i starts at."),
    rate: number({ above: 0 })
      .optional()
      .describe("Learning rate of the s_i, before the schedule; the optimizer's where not written."),
    form: choice("half", "positive")
      .default("half")
      .describe("Whether the objective ends in s/2, or in log(1 + e^s) which keeps it above 0."),
  },
  source: "1705.07115; positive: 1805.06334",
  aliases: ["uw", "kendall", "homoscedastic", "uncertainty_weighting", "automatic_weighted_loss"],
  trainable: ({ start }) => ({ s: start }),
  lossRule(g, { settings, losses, present, state }) {
    const weights = g.mul(present, g.mul(g.constant(0.5), g.exp(g.neg(state.s))));
    const weighed = g.mul(weights, losses);
    const half = g.constant(0.5);
    const [regulariser, slope] =
      settings.form === "half" ? [g.mul(half, state.s), half] : [g.softplus(state.s), g.sigmoid(state.s)];
    return {
      weights,
      gradients: { s: g.sub(g.mul(present, slope), weighed) },
      objective: g.sum(g.add(weighed, g.mul(present, regulariser))),
    };
  },
});

/** The last two means of a task that has had labels in at least two epochs. */
function lastTwo(means: readonly (readonly (number | null)[])[], task: number): [number, number] | null {
  const had = means.map((epoch) => epoch[task]).filter((mean) => mean !== null);
  const [before, last] = had.slice(-2);
  return had.length < 2 ? null : [before, last];
}

export const dwa = balance({
  name: "dwa",
  doc: "Dynamic weight average: tasks whose loss falls slowly get more. α_i = P · softmax(r/temperature), r_i = L̄_i(e-1)/L̄_i(e-2), L̄ the mean loss of an epoch; all 1 until every present task has two such epochs; a ratio with a part ≤ 0 counts as 1.",
  family: "loss",
  needs: "losses",
  positive: false,
  scale: "sum",
  cost: cost.one,
  settings: {
    temperature: positive(2).positional().describe("How even the weights are: large values bring them near 1."),
  },
  source: "1803.10704",
  aliases: ["dynamic_weight_average", "dynamic_weight_averaging"],
  host({ temperature }, { tasks, present, epochMeans }) {
    const here = present.flatMap((is, task) => (is ? [task] : []));
    const histories = here.map((task) => lastTwo(epochMeans, task));
    const weights: number[] = Array.from({ length: tasks }, (_, task) => (present[task] ? 1 : 0));
    if (histories.some((history) => history === null)) return { weights };
    const ratios = histories.map((history) => {
      const [before, last] = history ?? [1, 1];
      return before > 0 && last > 0 ? last / before / temperature : 1 / temperature;
    });
    const most = Math.max(...ratios);
    const powers = ratios.map((ratio) => Math.exp(ratio - most));
    const total = powers.reduce((sum, power) => sum + power, 0);
    here.forEach((task, k) => (weights[task] = (here.length * powers[k]) / total));
    return { weights };
  },
  lossRule: (_, { host }) => ({ weights: host.weights }),
});
