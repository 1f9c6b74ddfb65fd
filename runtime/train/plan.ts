import type { Model } from "../../compiler/ir/model.ts";
import type { ModelFacts } from "../../compiler/lower/forward.ts";
import { modelParameters } from "../../compiler/ir/parameters.ts";
import { lowerStep, type StepProgram } from "../../compiler/lower/step.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import type { BoundData } from "../data/data.ts";
import type { Engine } from "../engines/engine.ts";
import { layOut } from "./layout.ts";
import { rowNumbers } from "./rows.ts";
import { ruleScalars } from "./scalars.ts";
import { initialize } from "./start.ts";
import { createState, window, type TrainingState } from "./state.ts";

/** A run before its first step: a program for each phase, and the state they share. */
export interface Plan {
  readonly programs: readonly StepProgram[];
  readonly state: TrainingState;
}

/** What lowering needs to know of the data beside sizes. */
export function factsOf(data: Pick<BoundData, "codes">): ModelFacts {
  const targetScales: Record<string, ModelFacts["targetScales"][string]> = {};
  const classCounts: Record<string, readonly number[]> = {};
  for (const [task, { scale, counts }] of Object.entries(data.codes.tasks)) {
    if (scale) targetScales[task] = scale;
    if (counts) classCounts[task] = counts;
  }
  return { targetScales, classCounts };
}

export function planRun(engine: Engine, registry: Registry, model: Model, facts: ModelFacts): Plan {
  const { phases } = model;
  const programs = phases.map((phase) => lowerStep(model, registry, phase, facts));
  const scalars = new Map(programs.flatMap(ruleScalars).map((entry) => [entry.name, entry]));
  const layout = layOut(programs[0].parameters, [...scalars.values()]);
  const vectors = new Set(
    phases.flatMap(({ optimizer: { word, settings } }) =>
      registry.optimizer
        .get(word)!
        .state(settings)
        .map((name) => `${word}/${name}`),
    ),
  );
  const { states, parameters } = modelParameters(model, registry);
  const state = createState(engine, layout, states, {
    vectors: [...vectors],
    average: phases.some((phase) => phase.average !== null),
    accumulate: phases.some((phase) => phase.accumulate > 1),
    penalty: programs.some(({ graph }) => [...graph.outputs.keys()].some((name) => name.startsWith("penalty/"))),
    rows: Math.max(...programs.map(rowNumbers)),
  });
  initialize(state, parameters, registry, facts, phases[0].seed);
  for (const { name, start } of scalars.values()) window(state.parameters, layout, name).fill(start);
  return { programs, state };
}
