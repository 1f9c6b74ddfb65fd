import { createBuilder } from "../graph/create.ts";
import { gradients, reaches } from "../graph/gradients.ts";
import type { Graph, Node } from "../graph/graph.ts";
import type { Model, Phase } from "../ir/model.ts";
import type { Registry } from "../registry/registry.ts";
import { batchLoss, traceAnswers } from "./answers.ts";
import { traceLossRules, type LossStage } from "./balance.ts";
import { traceForward, type ModelFacts, type RandomInput } from "./forward.ts";
import { namesOf, type ParameterInfo } from "../ir/parameters.ts";
import { tracePenalties } from "./penalties.ts";

/** How a parameter learns in a phase. */
export interface TrainedParameter {
  readonly info: ParameterInfo;
  /** Names of tasks whose loss reaches it; empty where only penalties do, or nothing. */
  readonly reachedBy: readonly string[];
  /** Reached by two tasks or more. */
  readonly shared: boolean;
  readonly frozen: boolean;
  /** Whether the step gives it a gradient: not where it is frozen, or where neither a loss nor a penalty reaches it. */
  readonly trained: boolean;
  /** Multiplies the schedule's rate: `rates:` and the layer's own factor. */
  readonly rateFactor: number;
}

/**
 * One training step up to its gradients.
 *
 * Inputs of the graph: `parameter/<name>`, `state/<name>`, `input/<name>`, `target/<task>`, `weight/<task>`, `rows`,
 * `random/…`, `balance/<stage>/<name>` ([tasks]).
 * Outputs: `losses`, `present`, `factors` ([tasks]: loss before any weight, 1 where present, the factor of each loss after
 * all rules on losses), `next/<state>`, `gradient/<parameter>`, and `balance/<stage>/…` for the rules' own. Under a rule on
 * gradients a shared parameter has `row/<task>/<parameter>` instead, and what penalties add to a parameter that losses reach
 * stands by itself as `penalty/<parameter>`.
 */
export interface StepProgram {
  readonly graph: Graph;
  readonly batch: number;
  /** Tasks with a loss, in the order of the file. */
  readonly tasks: readonly string[];
  readonly parameters: readonly TrainedParameter[];
  readonly stages: readonly LossStage[];
  /** True where a rule on gradients comes last. */
  readonly gradientRule: boolean;
  readonly random: readonly RandomInput[];
}

export function lowerStep(model: Model, registry: Registry, phase: Phase, facts: ModelFacts): StepProgram {
  const g = createBuilder();
  const { batch } = phase;
  const isFrozen = (owner: string): boolean => namesOf(model, owner).some((name) => phase.freeze.includes(name));
  const forward = traceForward(g, model, registry, { batch, training: true, frozen: isFrozen, facts });
  const guarded = phase.balance.some((rule) => rule.settings.on_nonfinite === "skip");
  const answers = traceAnswers(g, model, registry, forward, { batch, plain: false, guarded, facts });
  const learnt = answers.flatMap(({ task, terms }) => (terms.length > 0 ? [{ task, ...batchLoss(g, terms) }] : []));
  const tasks = learnt.map(({ task }) => task);

  const vector = (parts: readonly Node[]): Node =>
    g.concat(
      parts.map((part) => g.reshape(part, [1])),
      0,
    );
  const losses = vector(learnt.map(({ value }) => value));
  const present = vector(learnt.map(({ some }) => g.cast(some, "f32")));
  const gradientRule = phase.balance.some((rule) => registry.balance.get(rule.word)?.family === "gradient");
  const { stages, factors, outputs } = traceLossRules(g, registry, phase, tasks, losses, present);
  const held = g.stopGradient(factors);
  const weighted = learnt.map(({ value }, k) => g.mul(value, g.reshape(g.slice(held, [k], [1]), [])));

  const named = forward.parameterInfo.flatMap((info) => {
    const node = forward.parameters.get(info.name);
    return node ? [{ info, node, frozen: isFrozen(info.owner) || info.trainable === false }] : [];
  });
  const trained = named.filter(({ frozen }) => !frozen);
  const wrt = trained.map(({ node }) => node);
  const penalty = tracePenalties(g, model, registry, phase, forward, trained);

  // Reach belongs to the model, not to the phase: frozen parameters keep theirs.
  const reach = new Map<string, string[]>(named.map(({ info }) => [info.name, []]));
  const everything = named.map(({ node }) => node);
  for (const { task, value } of learnt) {
    reaches(value, everything).forEach((reached, index) => {
      if (reached) reach.get(named[index].info.name)!.push(task.name);
    });
  }
  const isShared = (info: ParameterInfo): boolean => reach.get(info.name)!.length > 1;

  const results: Record<string, Node> = { losses, present, factors, ...outputs };
  for (const [name, node] of forward.nextStates) results[`next/${name}`] = node;
  const learning = new Set<string>();
  const give = (kind: string, info: ParameterInfo, gradient: Node): void => {
    results[`${kind}/${info.name}`] = gradient;
    learning.add(info.name);
  };
  const backward = (node: Node): (Node | null)[] => gradients(g, [{ node, cotangent: null }], wrt);
  if (!gradientRule) {
    // The rules are inside: one backward pass of the weighted sum.
    const parts = penalty ? [...weighted, penalty] : weighted;
    backward(parts.reduce((a, b) => g.add(a, b))).forEach((gradient, index) => {
      if (gradient) give("gradient", trained[index].info, gradient);
    });
  } else {
    const byTask = weighted.map(backward);
    const byPenalty = penalty ? backward(penalty) : wrt.map(() => null);
    trained.forEach(({ info }, index) => {
      const extra = byPenalty[index];
      const rows = byTask.flatMap((list, k) => (list[index] ? [{ row: list[index], task: tasks[k] }] : []));
      if (isShared(info)) for (const { row, task } of rows) give(`row/${task.name}`, info, row);
      else if (rows.length > 0) give("gradient", info, rows[0].row);
      if (extra) give(rows.length > 0 ? "penalty" : "gradient", info, extra);
    });
  }

  return {
    graph: g.finish(results),
    batch,
    tasks: tasks.map((task) => task.name),
    parameters: named.map(({ info, frozen }) => ({
      info,
      reachedBy: reach.get(info.name)!,
      shared: isShared(info),
      frozen,
      trained: learning.has(info.name),
      rateFactor: rateOf(model, phase, info.owner) * (info.rateFactor ?? 1),
    })),
    stages,
    gradientRule,
    random: forward.random,
  };
}

/** The factor that `rates` gives a part: under its own name, else under that of its group. */
function rateOf(model: Model, phase: Phase, owner: string): number {
  const name = namesOf(model, owner).find((candidate) => Object.hasOwn(phase.rates, candidate));
  return name === undefined ? 1 : phase.rates[name];
}
