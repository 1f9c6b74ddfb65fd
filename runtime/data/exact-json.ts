import { plainNumberIn } from "../../compiler/words/cells.ts";

/** A text of JSON in quotes, or a number that may be more than a double holds. */
const longNumber = /"(?:[^"\\]|\\[^])*"|-?\d[\d.]*(?:[eE][+-]?\d+)?/g;
/** Shorter numbers are exact and finite. */
const mayBeLong = /\d{16}|[eE]\+?\d{3}/;

/**
 * What a JSON text says. Numbers that a double does not hold (keys of twenty digits, 1e400) are the texts that they are written
 * as: reading them as numbers would make one of two.
 */
export function parseExactly(text: string): unknown {
  if (!mayBeLong.test(text)) return JSON.parse(text);
  // A text that is no JSON is refused as it is written.
  const exact = text.replace(longNumber, (found) =>
    found.startsWith('"') || plainNumberIn(found) !== null || !isNumber(found) ? found : `"${found}"`,
  );
  return exact === text ? JSON.parse(text) : firstThatParses(exact, text);
}

function firstThatParses(exact: string, text: string): unknown {
  try {
    return JSON.parse(exact);
  } catch {
    return JSON.parse(text);
  }
}

function isNumber(text: string): boolean {
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text);
}
