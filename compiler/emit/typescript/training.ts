import type { Model, Phase, Task } from "../../ir/model.ts";
import type { Registry } from "../../registry/registry.ts";
import { writeBalance, type WrittenBalance } from "./balance.ts";
import type { FunctionDescription } from "./description.ts";
import { LearningEntries } from "./learning.ts";
import { literalCode } from "./literal.ts";
import { isScheduled, Loop, type WrittenPhase } from "./loop.ts";
import type { Names } from "./names.ts";
import { writeOptimizer } from "./optimizer.ts";
import { isTimed, rememberingRules, writeStep, type StepWants } from "./step.ts";
import { Unsupported } from "./unsupported.ts";

/** Training: what it remembers, its steps, and the loop over phases and epochs. */
export interface WrittenTraining {
  /** Rules of balance and optimizers. */
  readonly rules: readonly FunctionDescription[];
  /** What stands in phases that differ. */
  readonly phases: FunctionDescription | null;
  readonly learning: FunctionDescription;
  readonly steps: readonly FunctionDescription[];
  readonly train: FunctionDescription;
}

export interface TrainingContext {
  readonly model: Model;
  readonly registry: Registry;
  readonly names: Names;
  /** Tasks with a loss. */
  readonly tasks: readonly Task[];
  readonly wants: Omit<StepWants, "accumulates" | "penalty"> & { readonly penalty: boolean };
}

export function writeTraining(context: TrainingContext): WrittenTraining {
  const { model, registry, names, tasks } = context;
  for (const { sampling, span } of model.phases) if (sampling) throw new Unsupported("`sampling`", span);
  const once = <Written>(write: (phase: Phase) => Written, key: (phase: Phase) => unknown) => {
    const known = new Map<string, Written>();
    return {
      of(phase: Phase): Written {
        const text = literalCode(key(phase));
        const written = known.get(text) ?? write(phase);
        known.set(text, written);
        return written;
      },
      all: () => [...known.values()],
    };
  };
  const balances = once(
    (phase) => writeBalance(phase, tasks, registry, names),
    ({ balance }) => balance,
  );
  const optimizers = once(
    ({ optimizer }) => writeOptimizer(optimizer, registry, names),
    ({ optimizer }) => ({ ...optimizer, settings: { ...optimizer.settings, rate: 0 } }),
  );
  const stepNames = new Map<WrittenBalance, string>();
  const phases = model.phases.map((phase): WrittenPhase => {
    const balance = balances.of(phase);
    const step = stepNames.get(balance) ?? names.take("step", [`${phase.name ?? "other"}Step`]);
    stepNames.set(balance, step);
    return { phase, balance, optimizer: optimizers.of(phase), step };
  });
  const wants: StepWants = {
    ...context.wants,
    penalty: {
      layers: context.wants.penalty,
      norms: model.phases.some(({ penalty }) => penalty.length > 0),
    },
    accumulates: model.phases.some(({ accumulate }) => accumulate > 1),
  };
  const timed = isTimed(balances.all(), wants.layers, isScheduled(model));
  const learning = new LearningEntries(balances.all(), tasks);
  const loop = new Loop(phases, { model, registry, wants, timed, learning });
  return {
    rules: [
      ...balances.all().flatMap(({ functions }) => functions),
      ...optimizers.all().map(({ description }) => description),
    ],
    phases: loop.phases(),
    learning: loop.learning(),
    steps: [...stepNames].map(([balance, name]) => writeStep(balance, name, timed, { tasks, wants, learning })),
    train: loop.train(rememberingRules(balances.all())),
  };
}
