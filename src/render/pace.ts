/** Milliseconds that the pace is measured over, and between two looks. */
const WINDOW = 30_000;
const BETWEEN = 100;

/** How fast steps are taken, over the last half minute: what came before may have been another machine's load. */
export interface Pace {
  note(done: number, now: number): void;
  /** Null until it can be told. */
  stepsPerSecond(): number | null;
}

export function createPace(): Pace {
  const looks: { readonly done: number; readonly at: number }[] = [];
  return {
    note(done, now) {
      const last = looks.at(-1);
      // A new phase counts its steps anew.
      if (last && done <= last.done) looks.length = 0;
      // The latest look is the one that moves.
      if (looks.length > 1 && looks[looks.length - 1].at - looks[looks.length - 2].at < BETWEEN) looks.pop();
      looks.push({ done, at: now });
      while (looks.length > 2 && now - looks[0].at > WINDOW) looks.shift();
    },
    stepsPerSecond() {
      const [first, last] = [looks[0], looks.at(-1)];
      if (!first || !last || last.at <= first.at) return null;
      return ((last.done - first.done) / (last.at - first.at)) * 1000;
    },
  };
}
