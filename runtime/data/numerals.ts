import { numberText, plainNumberIn } from "../../compiler/words/cells.ts";

/**
 * Plain numerals (`plainNumberIn`) in the bytes of a text file, without making strings of them: 4, -0.5, 4.0, without leading
 * zeros or more digits than a number holds.
 */

/** `decimals` of a numeral whose text is the shortest spelling of its number. */
export const SHORTEST = 255;

/** What `plainNumber` finds besides the number: the digits behind the point where that is not the shortest spelling. */
export const found = { decimals: SHORTEST };

const powers = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
const ZERO = 48;
const NINE = 57;
const POINT = 46;
const MINUS = 45;
const PLUS = 43;
/** Digits that a number surely holds: with a power of ten up to 22, one rounding gives the nearest number. */
const EXACT_DIGITS = 15;

/** Further digits whose product with the first ones is still exact as the sum of two doubles. */
const TAIL_DIGITS = 4;
/** Cuts a double into two halves whose products are exact (Dekker 1971). */
const SPLITTER = 2 ** 27 + 1;

/** What `a * b` loses to rounding, exactly. */
function productError(a: number, b: number, product: number): number {
  const bigA = a * SPLITTER;
  const a1 = bigA - (bigA - a);
  const a2 = a - a1;
  const bigB = b * SPLITTER;
  const b1 = bigB - (bigB - b);
  const b2 = b - b1;
  return a2 * b2 - (product - a1 * b1 - a2 * b1 - a1 * b2);
}

/**
 * (head · 10^digits + tail) / 10^places to the nearest double, or NaN where the result is too near to a tie to tell: numbers
 * with all of their 16 or 17 digits are common, and making a string of each would take most of the time of reading them.
 */
function longQuotient(head: number, digits: number, tail: number, places: number): number {
  const product = head * powers[digits];
  const top = product + tail;
  const low = tail - (top - product) + productError(head, powers[digits], product);
  const divisor = powers[places];
  const quotient = top / divisor;
  const back = quotient * divisor;
  const correction = (top - back - productError(quotient, divisor, back) + low) / divisor;
  const result = quotient + correction;
  const slack = Math.abs(correction) * 1e-12;
  return quotient + (correction - slack) === result && quotient + (correction + slack) === result ? result : NaN;
}

/** The number that `bytes[start … end)` spell as a plain numeral, else NaN. Sets `found.decimals`. */
export function plainNumber(bytes: Uint8Array, start: number, end: number): number {
  found.decimals = SHORTEST;
  const negative = bytes[start] === MINUS;
  const first = negative ? start + 1 : start;
  let mantissa = 0;
  let tail = 0;
  let digits = 0;
  let point = -1;
  let at = first;
  for (; at < end; at++) {
    const byte = bytes[at];
    if (byte >= ZERO && byte <= NINE) {
      if (digits > 0 || byte !== ZERO) digits++;
      if (digits <= EXACT_DIGITS) mantissa = mantissa * 10 + (byte - ZERO);
      else tail = tail * 10 + (byte - ZERO);
    } else if (byte === POINT && point < 0) point = at;
    else break;
  }
  const whole = (point < 0 ? at : point) - first;
  const places = point < 0 ? 0 : at - point - 1;
  if (whole + places === 0 || (whole > 1 && bytes[first] === ZERO)) return NaN;
  if (at < end) return isExponent(bytes, at, end) ? finite(slowNumber(bytes, start, end)) : NaN;
  if (places > 0 && places <= 100 && bytes[end - 1] === ZERO) found.decimals = places;
  if (digits <= EXACT_DIGITS && places < powers.length) {
    const size = mantissa / powers[places];
    return negative ? -size : size;
  }
  if (point >= 0 && digits <= EXACT_DIGITS + TAIL_DIGITS && places < powers.length) {
    const size = longQuotient(mantissa, digits - EXACT_DIGITS, tail, places);
    if (!Number.isNaN(size)) return negative ? -size : size;
  }
  const number = slowNumber(bytes, start, end);
  // A whole number that is not exact is a key, not a quantity.
  return point < 0 && !Number.isSafeInteger(number) ? NaN : number;
}

function isExponent(bytes: Uint8Array, start: number, end: number): boolean {
  if ((bytes[start] | 32) !== 101) return false;
  let at = start + 1;
  if (bytes[at] === PLUS || bytes[at] === MINUS) at++;
  if (at === end) return false;
  for (; at < end; at++) if (bytes[at] < ZERO || bytes[at] > NINE) return false;
  return true;
}

const latin = new TextDecoder("latin1");

function slowNumber(bytes: Uint8Array, start: number, end: number): number {
  return Number(latin.decode(bytes.subarray(start, end)));
}

function finite(number: number): number {
  return Number.isFinite(number) ? number : NaN;
}

const encoder = new TextEncoder();

/** `plainNumber` of a text, NaN where it is none. Sets `found.decimals`. */
export function plainNumberOf(text: string): number {
  if (plainNumberIn(text) === null) return NaN;
  const bytes = encoder.encode(text);
  return plainNumber(bytes, 0, bytes.length);
}

/** The text of a plain numeral. */
export function numeralText(number: number, decimals: number): string {
  return decimals === SHORTEST ? numberText(number) : number.toFixed(decimals);
}
