import type { Mark } from "./lexer.ts";

/** Marks of other languages and of typesetters, read as ours: the longest that fits. */
const meant = new Map<string, Mark>([
  ...["-->", "=>", "==>", "|>", "~>", ">>", ">", "|", "–>", "—>", "−>", "→", "⟶", "⇒", "➔", "➜", "➝"].map(
    (text) => [text, "->"] as const,
  ),
  ...["–", "—", "−", "‐", "‑"].map((text) => [text, "-"] as const),
  ["×", "*"],
  ["÷", "/"],
  ["：", ":"],
  ["，", ","],
  ["＝", "="],
  ["（", "("],
  ["）", ")"],
  ["［", "["],
  ["］", "]"],
  ["｛", "{"],
  ["｝", "}"],
]);
const longest = Math.max(...[...meant.keys()].map((text) => text.length));

/** The foreign mark at this place, and ours; undefined where none stands. `open` is the innermost bracket that is open. */
export function foreignMark(
  text: string,
  at: number,
  open: string | undefined,
): { readonly found: string; readonly mark: Mark } | undefined {
  const assigned = text.slice(at, at + 2);
  if (assigned === ":=" || assigned === "<-") return { found: assigned, mark: open === undefined ? "=" : ":" };
  const apart = text[at] === "-" ? /^-[ \t]+>(?!=)/.exec(text.slice(at, at + 16)) : null;
  if (apart) return { found: apart[0], mark: "->" };
  for (let length = longest; length > 0; length--) {
    const found = text.slice(at, at + length);
    const mark = found.length === length && text[at + length] !== "=" ? meant.get(found) : undefined;
    if (mark) return { found, mark };
  }
  return undefined;
}

/** Quotes of typesetters, each with those that may close it. */
const quotes = new Map([
  ["“", "”“"],
  ["”", "”"],
  ["„", "“”"],
  ["«", "»"],
  ["‘", "’‘"],
  ["’", "’"],
  ["`", "`´"],
]);

/** What may close a text that is opened by this character; undefined where it opens none. */
export function closingQuotes(open: string): string | undefined {
  return open === '"' || open === "'" ? open : quotes.get(open);
}
