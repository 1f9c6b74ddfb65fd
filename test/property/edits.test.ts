import { expect, test } from "vitest";
import { Draw } from "./draw.ts";
import { checkTwice, edited, wholeTexts } from "./edits.ts";
import { seeds } from "./check.ts";

/** Whole programs with random edits; many more of them in the slow suite. */
const texts = wholeTexts();
const chosen = seeds(10);

test.each(texts.map((text) => [text.name, text] as const))(
  `%s, edited ${chosen.length} times from seed ${chosen[0]}, is checked soon and twice alike`,
  (name, whole) => {
    expect(() => checkTwice(whole)).not.toThrow();
    for (const seed of chosen) {
      const draw = new Draw(seed, `edits/${name}`);
      const text = edited(draw, whole.text, draw.pick(texts).text);
      try {
        checkTwice({ path: whole.path, text });
      } catch (error) {
        throw new Error(`MTLC_PROPERTY_SEED=${seed}:\n${text}`, { cause: error });
      }
    }
  },
);
