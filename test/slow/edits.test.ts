import { test } from "vitest";
import { Draw } from "../property/draw.ts";
import { seeds } from "../property/check.ts";
import { checkMended } from "../property/mended.ts";
import { checkTwice, edited, wholeTexts } from "../property/edits.ts";

/** 500 random edits of every program: checking each ends soon, in diagnostics, and says the same twice. */
const texts = wholeTexts();
const chosen = seeds(500);

test.each(texts.map((text) => [text.name, text] as const))(
  `%s, edited ${chosen.length} times from seed ${chosen[0]}`,
  (name, whole) => {
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

const mendings = seeds(60);

test.each(texts.map((text) => [text.name, text] as const))(
  `%s, edited ${mendings.length} times from seed ${mendings[0]}, is mended and never for the worse`,
  async (name, whole) => {
    for (const seed of mendings) {
      const draw = new Draw(seed, `mended/${name}`);
      const text = edited(draw, whole.text, draw.pick(texts).text);
      try {
        await checkMended({ path: whole.path, text });
      } catch (error) {
        throw new Error(`MTLC_PROPERTY_SEED=${seed}: ${String(error)}\n${text}`, { cause: error });
      }
    }
  },
);
