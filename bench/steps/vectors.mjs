import { generator } from "./random.mjs";

/** Rows of 64 numbers with a class and a number. */
export default function* rows() {
  const random = generator(1);
  for (let row = 0; row < 8192; row++) {
    const x = Float32Array.from({ length: 64 }, random.normal);
    yield { x, kind: random.below(10), value: random.normal() };
  }
}
