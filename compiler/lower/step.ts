import { createBuilder } from "../graph/create.ts";
import { gradients, reaches } from "../graph/gradients.ts";
import type { Graph, Node } from "../graph/graph.ts";
import type { Model, Phase } from "../ir/model.ts";
import type { Registry } from "../registry/registry.ts";
import { ratio, traceAnswers } from "./answers.ts";
import { traceLossRules, type LossStage } from "./balance.ts";
import { traceForward, type ModelFacts, type RandomInput } from "./forward.ts";
import type { ParameterInfo } from "./parameters.ts";
import { tracePenalties } from "./penalties.ts";

/** How a parameter learns in a phase. */
export interface TrainedParameter {
  readonly info: ParameterInfo;
  /** Names of tasks whose loss reaches it; empty where only penalties do. */
  readonly reachedBy: readonly string[];
  /** Reached by two tasks or more. */
  readonly shared: boolean;
  readonly frozen: boolean;
  /** Multiplies the schedule's rate: `rates:` and the layer's own factor. */
  readonly rateFactor: number;
}

/**
 * One training step up to its gradients.
 *
 * Inputs of the graph: `parameter/<name>`, `state/<name>`, `input/<name>`, `target/<task>`, `weight/<task>`, `rows`,
 * `random/…`, `balance/<stage>/<name>` ([tasks]).
 * Outputs: `losses`, `present`, `factors` ([tasks]: loss before any weight, 1 where present, the factor of each loss after
 * all rules on losses), `next/<state>`, `gradient/<parameter>`; under a rule on gradients instead, for shared parameters,
 * `row/<task>/<parameter>`; there `penalty/<parameter>` stands by itself for every parameter that a penalty reaches; `balance/<stage>/…` for the rules' own.
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
  const frozenNames = new Set(phase.freeze);
  const forward = traceForward(g, model, registry, { batch, training: true, frozen: frozenNames, facts });
  const answers = traceAnswers(g, model, registry, forward, { batch, plain: false, facts });
  const learnt = answers.flatMap(({ task, loss }) => (loss ? [{ task, loss, value: ratio(g, loss) }] : []));
  const tasks = learnt.map(({ task }) => task);

  const vector = (parts: readonly Node[]): Node =>
    g.concat(
      parts.map((part) => g.reshape(part, [1])),
      0,
    );
  const losses = vector(learnt.map(({ value }) => value));
  const present = vector(learnt.map(({ loss }) => g.cast(g.greater(loss.count, g.constant(0)), "f32")));
  const gradientRule = phase.balance.some((rule) => registry.balance.get(rule.word)?.family === "gradient");
  const { stages, factors, outputs } = traceLossRules(g, registry, phase, tasks, losses, present);
  const held = g.stopGradient(factors);
  const weighted = learnt.map(({ value }, k) => g.mul(value, g.reshape(g.slice(held, [k], [1]), [])));

  const named = forward.parameterInfo.flatMap((info) => {
    const node = forward.parameters.get(info.name);
    return node ? [{ info, node, frozen: frozenNames.has(info.owner) || info.trainable === false }] : [];
  });
  const trained = named.filter(({ frozen }) => !frozen);
  const wrt = trained.map(({ node }) => node);
  const penalty = tracePenalties(g, model, phase, forward, trained);

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
  const backward = (node: Node): (Node | null)[] => gradients(g, [{ node, cotangent: null }], wrt);
  if (!gradientRule) {
    // The rules are inside: one backward pass of the weighted sum.
    const parts = penalty ? [...weighted, penalty] : weighted;
    backward(parts.reduce((a, b) => g.add(a, b))).forEach((gradient, index) => {
      if (gradient) results[`gradient/${trained[index].info.name}`] = gradient;
    });
  } else {
    const byTask = weighted.map(backward);
    const byPenalty = penalty ? backward(penalty) : wrt.map(() => null);
    trained.forEach(({ info }, index) => {
      const extra = byPenalty[index];
      const rows = byTask.map((list) => list[index]);
      if (isShared(info)) {
        rows.forEach((row, k) => {
          if (row) results[`row/${tasks[k].name}/${info.name}`] = row;
        });
        if (extra) results[`penalty/${info.name}`] = extra;
        return;
      }
      // Own parameters have one row at the most.
      const own = rows.filter((row) => row !== null);
      if (own[0]) results[`gradient/${info.name}`] = own[0];
      if (extra) results[`penalty/${info.name}`] = extra;
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
      rateFactor: (phase.rates[info.owner] ?? 1) * (info.rateFactor ?? 1),
    })),
    stages,
    gradientRule,
    random: forward.random,
  };
}
