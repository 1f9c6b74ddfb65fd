/**
 * What is decided by a value that is watched after each epoch: which epoch is the best, whether patience is at its end, how often
 * a rate has dropped. Live training and generated modules decide by these alone.
 */

export type Better = "up" | "down";

/** The best value so far (null before there is one), and the epochs since. */
export interface Standing {
  readonly best: number | null;
  readonly waited: number;
}

/** Before the first epoch of a phase. */
export const unwatched: Standing = { best: null, waited: 0 };

/** After an epoch with this value. Only what is strictly better counts; a value that is undefined (null) does not. */
export function afterEpoch({ best, waited }: Standing, value: number | null, better: Better): Standing {
  const isBest = value !== null && (best === null || (better === "up" ? value > best : value < best));
  return isBest ? { best: value, waited: 0 } : { best, waited: waited + 1 };
}

/** Whether so many epochs without an improvement are as many as are waited for. */
export function isPatienceOver({ waited }: Pick<Standing, "waited">, patience: number): boolean {
  return waited >= patience;
}

/**
 * How many drops a plateau schedule has made after epochs with these values of what it watches. After a drop the count of
 * epochs without improvement starts anew; the best value stays.
 */
export function plateauDrops(values: readonly (number | null)[], better: Better, patience: number): number {
  let standing = unwatched;
  let drops = 0;
  for (const value of values) {
    standing = afterEpoch(standing, value, better);
    if (!isPatienceOver(standing, patience)) continue;
    drops++;
    standing = { ...standing, waited: 0 };
  }
  return drops;
}

/** A group of tasks is watched by the mean over those where the value is defined; null where it is for none. */
export function meanWatched(values: readonly unknown[]): number | null {
  const known = values.filter((value) => typeof value === "number");
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / known.length;
}
