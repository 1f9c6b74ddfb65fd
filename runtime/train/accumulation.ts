import type { Engine, EngineBuffer } from "../engines/engine.ts";
import { createKernels } from "./kernels.ts";
import { floats, type TrainingState } from "./state.ts";

/** Means over the batches of one step: of gradients, and of the tasks' rows. */
export interface Accumulation {
  clear(): void;
  /** Adds what the last batch gave, times `share`. */
  add(share: number): void;
  /** Puts the means where the gradients were. */
  finish(): void;
}

export function bindAccumulation(engine: Engine, state: TrainingState): Accumulation {
  if (state.accumulated.length === 0) return { clear: noBatches, add: noBatches, finish: noBatches };
  const kernels = createKernels(engine);
  const pairs = state.accumulated.map(({ source, sum }) => ({
    source,
    sum,
    add: kernels.addScaled(sum, source),
    put: kernels.addScaled(source, sum),
  }));
  // Zeros are written, not multiplied: 0 times infinity would stay in the sum for ever.
  const clear = (buffer: EngineBuffer): void => {
    floats(buffer).fill(0);
    buffer.upload();
  };
  return {
    clear: () => pairs.forEach(({ sum }) => clear(sum)),
    add: (share) => pairs.forEach(({ add }) => add(share)),
    finish: () =>
      pairs.forEach(({ source, put }) => {
        clear(source);
        put(1);
      }),
  };
}

function noBatches(): void {
  throw new Error("no phase of this run accumulates");
}
