import type { Engine } from "../engines/engine.ts";
import type { Weights } from "./evaluate.ts";
import type { TrainingState } from "./state.ts";

/** Evaluation reads the same buffers as training: the parameters, or their moving average; norms' statistics either way. */
export function weightsOf(engine: Engine, state: TrainingState, averaged: boolean): Weights {
  const flat = averaged ? state.average! : state.parameters;
  return {
    parameter: (name, shape) => engine.view(flat, state.layout.slots.get(name)!.offset, { element: "f32", shape }),
    statistic: (name) => state.statistics.get(name)!.current,
  };
}
