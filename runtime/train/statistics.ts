import type { StepProgram } from "../../compiler/lower/step.ts";
import { floats, type TrainingState } from "./state.ts";

/** Running statistics of norms: they move with the layer they belong to, and only with a step that is taken. */
export interface Statistics {
  /** Takes over the next values that the last batch gave to layers which a present task's loss reaches. */
  keep(present: (task: string) => boolean): void;
  /** What they are now, to go back to. */
  snapshot(): () => void;
}

export function bindStatistics(state: TrainingState, program: StepProgram): Statistics {
  const entries = [...state.statistics].flatMap(([name, { current, next }]) => {
    if (!program.graph.outputs.has(`next/${name}`)) return [];
    const path = name.slice(0, name.lastIndexOf("."));
    // A norm takes part when its own scale does; one that no loss reaches always does.
    const owner = program.parameters.find(({ info }) => info.path === path);
    return [{ current: floats(current), next: floats(next), tasks: owner?.reachedBy ?? [] }];
  });
  return {
    keep(present) {
      for (const { current, next, tasks } of entries) {
        if (tasks.length === 0 || tasks.some(present)) current.set(next);
      }
    },
    snapshot() {
      const copies = entries.map(({ current }) => current.slice());
      return () => entries.forEach(({ current }, k) => current.set(copies[k]));
    },
  };
}
