import { numeralIn } from "../../compiler/words/cells.ts";

/**
 * Cells that are numbers for a person and none for a program: with commas between thousands, a sign of currency, a unit. One
 * remedy is told where all cells with the same trouble are of this sort.
 */

/** What stands beside the digits, as a message names it. */
interface Marked {
  readonly marks: readonly string[];
  /** The number, plainly written. */
  readonly plain: string;
}

const decimalComma = "a decimal comma";
const thousandsCommas = "commas between thousands";
/** `1,037`, which may be either. */
const eitherComma = "a comma";

/** Takes a mark away: the text without it, or null where it has none. */
interface Step {
  readonly mark: string;
  readonly without: (text: string) => string | null;
}

const replacing = (mark: string, pattern: RegExp, by: string): Step => ({
  mark,
  without: (text) => (pattern.test(text) ? text.replace(pattern, by) : null),
});

const currencies = "EUR|USD|GBP|JPY|CNY|CHF|INR|BRL|CAD|AUD|SEK|NOK|DKK|PLN|CZK|Rs\\.?|US\\$|R\\$|kr\\.?";

const steps: readonly Step[] = [
  { mark: "digits of another script", without: asciiDigits },
  replacing("a sign such as `<` before it", /^[<>≤≥≈~±]=?\s*/, ""),
  replacing("a minus sign that is not `-`", /[\u2010-\u2015\u2212\ufe63\uff0d]/, "-"),
  replacing("a sign of currency", new RegExp(`^([-+]?)\\s*(?:\\p{Sc}|(?:${currencies})(?=[\\s\\d-]))\\s*`, "u"), "$1"),
  replacing("a sign of currency", new RegExp(`\\s*(?:\\p{Sc}|(?<=[\\s\\d])(?:${currencies}))$`, "u"), ""),
  replacing("a sign for per cent", /\s*[%‰٪]$/, ""),
  replacing("brackets for negative numbers", /^\((.*)\)$/, "-$1"),
  replacing("a minus sign behind it", /^(\d.*\d|\d)\s*-$/, "-$1"),
  replacing("blanks behind its sign", /^([-+])\s+(?=[\d.,])/, "$1"),
  replacing("apostrophes between thousands", /(?<=^[-+]?\d[\d'’ʼ]*)['’ʼ](?=\d{3}(?:\D|$))/g, ""),
  replacing("blanks between thousands", /(?<=^[-+]?\d[\d\s]*)\s(?=\d{3}(?:\D|$))/g, ""),
  replacing("underscores between digits", /(?<=\d)_(?=\d)/g, ""),
];

/** Longer texts are no numbers. */
const LONGEST = 60;

/** A word behind the number: `12 kg`, `3.5 km/h`, `20°C`. */
const unit = /^(.*?\d[.,]?)\s*((?:°\s?)?[\p{L}µ°²³]{1,8}\.?(?:\/[\p{L}²³]{1,6})?[²³]?)$/u;
/** More different words than these are names or codes. */
const MOST_UNITS = 3;

/** The number in a cell's text and what stands beside it; null where it is something else. */
function marked(text: string): Marked | null {
  if (text.length > LONGEST) return null;
  const marks: string[] = [];
  let rest = text;
  for (const { mark, without } of steps) {
    const shorter = without(rest);
    if (shorter === null) continue;
    marks.push(mark);
    rest = shorter;
  }
  const [, before, word] = unit.exec(rest) ?? [];
  if (word !== undefined && numeralIn(rest) === null) {
    marks.push(`a unit (\`${word}\`)`);
    rest = before;
  }
  if (!/^[-+]?[\d.,]+(?:[eE][-+]?\d+)?$/.test(rest)) return null;
  if (/^[-+]?\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d*)?$/.test(rest)) {
    marks.push(/^[-+]?(?!0,)\d{1,3},\d{3}$/.test(rest) ? eitherComma : thousandsCommas);
    if (/^[-+]?0,\d{3}$/.test(rest)) {
      marks.splice(-1, 1, decimalComma);
      rest = rest.replace(",", ".");
    } else rest = rest.replaceAll(",", "");
  } else if (/^[-+]?\d{1,3}(?:\.\d{3})+,\d*$|^[-+]?\d{1,3}(?:\.\d{3}){2,}$/.test(rest)) {
    marks.push("points between thousands", ...(rest.includes(",") ? [decimalComma] : []));
    rest = rest.replaceAll(".", "").replace(",", ".");
  } else if (/^[-+]?\d*,\d+(?:[eE][-+]?\d+)?$/.test(rest)) {
    marks.push(decimalComma);
    rest = rest.replace(",", ".");
  }
  return numeralIn(rest) === null || marks.length === 0 ? null : { marks, plain: rest };
}

/** Decimal digits of other scripts, of full width too, as those of ASCII. Unicode keeps the ten of a script together. */
function asciiDigits(text: string): string | null {
  if (!/(?![0-9])\p{Nd}/u.test(text)) return null;
  return text.replace(/(?![0-9])\p{Nd}/gu, (digit) => {
    const point = digit.codePointAt(0) ?? 0;
    let below = 0;
    while (below < 9 && /\p{Nd}/u.test(String.fromCodePoint(point - below - 1))) below++;
    return String(below % 10);
  });
}

/** Cells that are no numbers but say one in another way. */
const others: readonly { readonly are: RegExp; readonly remedy: string }[] = [
  {
    are: /^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})(?:[T\s]+\d{1,2}:\d{2}.*)?$|^(?=.*\d)(?:\d{1,2}[.\s-]*)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[.\s-]*\d.*$/i,
    remedy:
      "these are dates, and a network reads numbers: give it columns of numbers, such as year, month and day, or the days since one day",
  },
  {
    are: /^\d{1,3}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s*[ap]\.?m\.?)?$/i,
    remedy: "these are times: write each as one number, such as minutes",
  },
  {
    are: /^[-+]?(?:\d+\s+)?\d+\s*[/⁄]\s*\d+$|^[-+]?\d*\s*[¼½¾⅓⅔⅛⅜⅝⅞]$/,
    remedy: "these are fractions: write each as one number with a point, such as 0.5",
  },
  {
    are: /^\d+(?:[.,]\d+)?\s*(?:[-–—]|to|\.\.)\s*\d+(?:[.,]\d+)?$/,
    remedy: "these are ranges: write one number, such as the middle, or the two ends as two columns",
  },
  {
    are: /^0x[0-9a-f]+$/i,
    remedy: "these are hexadecimal numbers: write them with the digits 0 to 9",
  },
];

/** What all cells of some trouble have in common. */
export class Marks {
  readonly #marks = new Set<string>();
  readonly #known = new Map<string, Marked | null>();
  #units = 0;
  #first: { readonly text: string; readonly plain: string } | null = null;
  #remedies: Set<string | null> = new Set();

  add(text: string): void {
    // Cells that were met before tell nothing new, and one that is neither leaves nothing to tell.
    if (this.#remedies.has(null) || this.#known.has(text)) return;
    const found = marked(text);
    if (this.#known.size < MOST_KNOWN) this.#known.set(text, found);
    if (found === null) {
      this.#remedies.add(text.length > LONGEST ? null : (others.find(({ are }) => are.test(text))?.remedy ?? null));
      return;
    }
    this.#first ??= { text, plain: found.plain };
    for (const mark of found.marks) if (!this.#marks.has(mark)) this.#units += mark.startsWith("a unit") ? 1 : 0;
    for (const mark of found.marks) this.#marks.add(mark);
  }

  /** What to do about them; null where they are not all of one sort. `trained`: the source's settings are what they are. */
  remedy(trained = false): string | null {
    if (this.#remedies.has(null)) return null;
    if (this.#first === null) return this.#remedies.size === 1 ? ([...this.#remedies][0] ?? null) : null;
    if (this.#remedies.size > 0 || this.#units > MOST_UNITS) return null;
    const marks = new Set(this.#marks);
    const either = marks.delete(eitherComma);
    if (either && !marks.has(decimalComma)) marks.add(thousandsCommas);
    const { text, plain } = this.#first;
    const number = either && marks.has(decimalComma) && !marks.has(thousandsCommas) ? null : plain;
    const shown = number === null ? "" : `: ${number} for ${text}`;
    const setting =
      trained || [...marks].some((mark) => mark !== decimalComma) ? "" : '; or say `decimal: ","` in a `csv` source';
    return `these are numbers with ${inWords([...marks])}: write them plainly, with a point before the decimals${shown}${setting}`;
  }
}

/** Texts whose sort is remembered, so that a column of a few texts is cheap. */
const MOST_KNOWN = 1 << 14;

function inWords(marks: readonly string[]): string {
  return marks.length < 2 ? marks.join("") : `${marks.slice(0, -1).join(", ")} and ${marks[marks.length - 1]}`;
}
