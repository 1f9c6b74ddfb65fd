import { spelt } from "../../compiler/words/look-alikes.ts";

/** Spellings that a person reads as one word: they differ by case, blanks, or marks that cannot be seen. */

/** What such spellings have in common. */
function likeness(text: string): string {
  return text
    .normalize("NFC")
    .replace(/[\s\p{Cf}]+/gu, "")
    .toLowerCase();
}

/** The known word that a word was probably meant to be; undefined where there is none, or it is known itself. */
export function meantBy(word: string, known: Iterable<unknown>): string | undefined {
  const wanted = likeness(word);
  if (!hasLetter.test(wanted)) return undefined;
  for (const one of known) if (typeof one === "string" && one !== word && likeness(one) === wanted) return one;
  return undefined;
}

/** Words of two letters and more that are spelt in several ways, each group in the order given. */
export function spelledApart(words: Iterable<unknown>): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>();
  for (const word of words) {
    if (typeof word !== "string" || !hasLetter.test(word)) continue;
    const like = likeness(word);
    // Of single letters the case matters.
    if ([...like].length < 2) continue;
    const group = groups.get(like);
    if (group === undefined) groups.set(like, [word]);
    else group.push(word);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

const hasLetter = /\p{L}/u;

/** In quotes, with what cannot be seen written out. */
function shown(word: string): string {
  const letters = spelt(word);
  return letters === `"${word}"` ? JSON.stringify(word) : letters;
}

/** `"NA" (12), "?" (3)`: words by how often they occur, a few of them. */
export function counted(words: ReadonlyMap<string, number>): string {
  const sorted = [...words].sort(([, a], [, b]) => b - a);
  const said = sorted.slice(0, 6).map(([word, times]) => `${shown(word)} (${times})`);
  return `${said.join(", ")}${sorted.length > said.length ? `, … (${sorted.length} in all)` : ""}`;
}
