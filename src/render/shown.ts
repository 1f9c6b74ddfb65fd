/**
 * What a terminal would obey, or would not show: control characters, marks that turn the direction of writing, letters without
 * a place, halves of a pair. Emoji keep what joins them.
 */
const unseen =
  /(?<!\p{Extended_Pictographic}\p{Emoji_Modifier}?|[#*0-9])\ufe0f|(?<!\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]?)\u200d|\u200d(?!\p{Extended_Pictographic})|[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufff9-\ufffb]|(?![\ufe0f\u200d])\p{Default_Ignorable_Code_Point}/gu;

const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Text from elsewhere, such as cells, names and paths, as a person may see it: what a terminal would obey, or would not show,
 * is written out as in a string of the language (`\u{1b}`, `\t`). What is in `keep` stays.
 */
export function shown(text: string, keep = ""): string {
  if (/^[\u0020-\u007e]*$/.test(text)) return text;
  return text.replace(unseen, (letter) =>
    keep.includes(letter) ? letter : (short[letter] ?? `\\u{${letter.codePointAt(0)!.toString(16)}}`),
  );
}

/** JSON in which the same letters are written as `\u202e`: the same data, whoever shows it. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(unseen, (letter) =>
    letter === "\n"
      ? letter
      : [...Array(letter.length).keys()]
          .map((k) => `\\u${letter.charCodeAt(k).toString(16).padStart(4, "0")}`)
          .join(""),
  );
}
