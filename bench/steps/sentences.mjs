import { generator } from "./random.mjs";

/** Sentences of 50 words out of some 8,000, with a class each and a tag for each word. */
export default function* rows() {
  const random = generator(3);
  for (let row = 0; row < 1024; row++) {
    const words = Array.from({ length: 50 }, () => `w${random.below(7998)}`);
    const slot = words.map(() => random.below(72));
    yield { words, intent: random.below(7), slot };
  }
}
