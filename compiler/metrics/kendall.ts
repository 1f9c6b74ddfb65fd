import type { Pairs } from "./answers.ts";

/** Pairs among `n`. */
const pairsOf = (n: number) => (n * (n - 1)) / 2;

/** Pairs within runs of neighbours that `same` holds equal. */
function tiedPairs(count: number, same: (a: number, b: number) => boolean): number {
  let tied = 0;
  for (let i = 0; i < count;) {
    const from = i;
    while (i < count && same(from, i)) i++;
    tied += pairsOf(i - from);
  }
  return tied;
}

/** Sorts `numbers` in place and says how many pairs stood in falling order. */
function sortCounting(numbers: Float64Array): number {
  let from: Float64Array = numbers;
  let to: Float64Array = new Float64Array(numbers.length);
  let swaps = 0;
  for (let width = 1; width < numbers.length; width *= 2) {
    for (let start = 0; start < numbers.length; start += 2 * width) {
      const middle = Math.min(start + width, numbers.length);
      const end = Math.min(start + 2 * width, numbers.length);
      let left = start;
      let right = middle;
      for (let at = start; at < end; at++) {
        if (right >= end || (left < middle && from[left] <= from[right])) to[at] = from[left++];
        else {
          to[at] = from[right++];
          swaps += middle - left;
        }
      }
    }
    [from, to] = [to, from];
  }
  if (from !== numbers) numbers.set(from);
  return swaps;
}

/** Kendall's tau-b in n log n steps (Knight 1966); null when either side is constant. */
export function kendallTau({ target, predicted }: Pairs): number | null {
  const count = target.length;
  const order = Uint32Array.from(target, (_, i) => i).sort(
    (a, b) => target[a] - target[b] || predicted[a] - predicted[b],
  );
  const x = Float64Array.from(order, (index) => target[index]);
  const y = Float64Array.from(order, (index) => predicted[index]);
  const tiedX = tiedPairs(count, (a, b) => x[a] === x[b]);
  const tiedBoth = tiedPairs(count, (a, b) => x[a] === x[b] && y[a] === y[b]);
  const discordant = sortCounting(y);
  const tiedY = tiedPairs(count, (a, b) => y[a] === y[b]);
  const all = pairsOf(count);
  if (all === tiedX || all === tiedY) return null;
  const concordantLess = all - tiedX - tiedY + tiedBoth - 2 * discordant;
  return concordantLess / (Math.sqrt(all - tiedX) * Math.sqrt(all - tiedY));
}
