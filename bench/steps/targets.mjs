import { generator } from "./random.mjs";

/** Rows of 64 numbers with 64 answers, y0 to y63. */
export default function* rows() {
  const random = generator(4);
  for (let row = 0; row < 1024; row++) {
    const x = Float32Array.from({ length: 64 }, random.normal);
    const answers = Array.from({ length: 64 }, (_, k) => [`y${k}`, random.normal()]);
    yield { x, ...Object.fromEntries(answers) };
  }
}
