/** Steps that change nothing, or leave a task out, because a number is not finite: where they may be skipped, not for ever. */

const MOST = 10;

/** How many steps in a row were skipped, after another one. */
export function skipsInARow(before: number, isSkipped: boolean): number {
  return isSkipped ? before + 1 : 0;
}

/** Whether so many in a row end training. */
export function areTooMany(inARow: number): boolean {
  return inARow >= MOST;
}
