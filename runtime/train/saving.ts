import type { TrainHooks } from "./hooks.ts";
import type { Snapshot } from "./snapshot.ts";

/** Seconds between two snapshots: where an epoch ends, and within one. */
const AFTER_EPOCH = 5;
const WITHIN_EPOCH = 30;
/** Within an epoch saving takes at most this share of the time. */
const SHARE = 0.05;

/** When a snapshot is worth its time. */
export interface Saving {
  /** Saves if it is time to. */
  offer(moment: "epoch" | "step", take: () => Snapshot): Promise<void>;
  save(take: () => Snapshot): Promise<void>;
}

/** `seconds` between two snapshots at ends of epochs; at 0 every offer is taken. */
export function createSaving(hooks: TrainHooks, seconds: number = AFTER_EPOCH): Saving {
  let last = performance.now();
  let cost = 0;
  const save = async (take: () => Snapshot): Promise<void> => {
    if (!hooks.save) return;
    const started = performance.now();
    await hooks.save(take());
    last = performance.now();
    cost = last - started;
  };
  return {
    save,
    async offer(moment, take) {
      const within = Math.max(1000 * Math.max(seconds, WITHIN_EPOCH), cost / SHARE);
      const wait = seconds === 0 ? 0 : moment === "epoch" ? 1000 * seconds : within;
      if (performance.now() - last >= wait) await save(take);
    },
  };
}
