/** Numbers for the benchmark's rows: the same on every run, and nothing that could be learnt fast. */
export function generator(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return {
    /** A whole number from 0, below `n`. */
    below: (n) => Math.floor(uniform() * n),
    /** Roughly normal: the sum of twelve uniform numbers. */
    normal: () => {
      let sum = -6;
      for (let k = 0; k < 12; k++) sum += uniform();
      return sum;
    },
  };
}
