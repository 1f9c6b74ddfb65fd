/** Texts that a person cannot tell apart: letters put together or taken apart, blanks of other kinds, marks that cannot be seen. */

const blanks = /[\p{Z}\s]+/gu;
const invisible = /\p{Cf}/gu;
const telling = /[\p{M}\p{Cf}\p{Cc}]|(?! )\p{Z}/gu;

/** What one sees of a text. */
function looks(text: string): string {
  return text.normalize("NFKC").replace(invisible, "").replace(blanks, " ").trim();
}

/** Whether two texts are two and look like one. */
export function lookAlike(one: string, other: string): boolean {
  return one !== other && looks(one) === looks(other);
}

/** In quotes, with all that is hard to see written out as in a string of the language: `"cafe\u{301}"`, `"Total\u{a0}(€)"`. */
export function spelt(text: string): string {
  const letters = text.replace(telling, (letter) => `\\u{${letter.codePointAt(0)?.toString(16) ?? ""}}`);
  return `"${letters}"`;
}

/** How a word differs from one that it was meant to be: visibly, or not. */
export function difference(word: string, meant: string): string {
  return lookAlike(word, meant)
    ? `${spelt(word)} only looks like ${spelt(meant)}`
    : `"${word}" differs from "${meant}" by case or blanks only`;
}
