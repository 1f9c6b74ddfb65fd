/** How texts are cut into tokens, by tokenizer: each match is one. */
export const tokenPatterns = {
  /** Runs of letters, digits and _, and single marks. */
  words: /[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]/gu,
  characters: /[^]/gu,
} as const satisfies Readonly<Record<string, RegExp>>;

export type Tokenizer = keyof typeof tokenPatterns;

export function isTokenizer(word: string): word is Tokenizer {
  return Object.hasOwn(tokenPatterns, word);
}
