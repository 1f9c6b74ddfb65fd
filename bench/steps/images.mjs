import { generator } from "./random.mjs";

/** Pictures of noise, 28 × 28, with a class and a place. */
export default function* rows() {
  const random = generator(2);
  for (let row = 0; row < 1024; row++) {
    const image = Array.from({ length: 28 }, () => Float32Array.from({ length: 28 }, random.normal));
    yield { image, kind: random.below(10), x: random.normal(), y: random.normal() };
  }
}
