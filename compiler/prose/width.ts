/** How wide text is on a terminal: the places of its letters, which are not its UTF-16 units. */

let graphemes: Intl.Segmenter | undefined;

/** Letters that take two places: East Asian Width W and F of Unicode 16, without its emoji. */
const wide =
  /^[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]/u;
/** Letters that are one place each, whatever stands beside them: most text is of these alone. */
const plain = /^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u22ff\u2500-\u257f]*$/;
const emoji = /^\p{Emoji_Presentation}|^\p{Emoji}\ufe0f|^\p{Regional_Indicator}{2}/u;
/** What stands on or beside another letter and takes no place of its own. */
const placeless = /^[\p{Mn}\p{Me}\p{Cc}\p{Default_Ignorable_Code_Point}]/u;

/** Places that a text takes on a terminal: none for a combining mark, two for 字 and for emoji. */
export function widthOf(text: string): number {
  if (plain.test(text)) return text.length;
  let width = 0;
  for (const letter of lettersOf(text)) width += letterWidth(letter);
  return width;
}

/** What a reader takes for one letter: with its marks, an emoji with its parts. */
export function lettersOf(text: string): string[] {
  graphemes ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return [...graphemes.segment(text)].map(({ segment }) => segment);
}

/** The longest beginning of a text that takes at most so many places. */
export function beginningOf(text: string, places: number): string {
  if (widthOf(text) <= places) return text;
  let begin = "";
  let width = 0;
  for (const letter of lettersOf(text)) {
    width += letterWidth(letter);
    if (width > places) break;
    begin += letter;
  }
  return begin;
}

/** A text of at most so many places; `…` stands for the end that is left out. */
export function cutTo(text: string, places: number): string {
  return widthOf(text) <= places ? text : `${beginningOf(text, Math.max(0, places - 1))}…`;
}

export function padTo(text: string, places: number): string {
  return text + " ".repeat(Math.max(0, places - widthOf(text)));
}

function letterWidth(letter: string): number {
  if (wide.test(letter) || emoji.test(letter)) return 2;
  return placeless.test(letter) ? 0 : 1;
}
