/**
 * What a number depends on, found from how it changes. A layer is traced at several sizes; a number in what it does is then a
 * list, one value a trace, and so is every quantity that source can name (the size of an axis, a setting). A formula is sought
 * that gives the one list from the others.
 */

/** Something that source can name, and its value in each trace. */
export interface Quantity {
  readonly code: string;
  readonly values: readonly number[];
  /** Sizes explain sizes, settings explain any number. */
  readonly kind: "size" | "setting";
}

/** A number that no formula explains: the traces are not of one piece of source. */
export class Unexplained extends Error {
  constructor(values: readonly number[]) {
    super(`nothing explains the numbers ${values.join(", ")}`);
    this.name = "Unexplained";
  }
}

/** A size: a number, the size of an axis, or a product or quotient of such. */
export function sizeFormula(values: readonly number[], quantities: readonly Quantity[]): string {
  const found = sizeOrNull(values, quantities);
  if (found === null) throw new Unexplained(values);
  return found;
}

export function sizeOrNull(values: readonly number[], quantities: readonly Quantity[]): string | null {
  if (isConstant(values)) return String(values[0]);
  const named = quantities.find((quantity) => agree(quantity.values, values));
  if (named) return named.code;
  const factors = distinct(quantities);
  for (const [k, a] of factors.entries()) {
    for (const b of factors.slice(k)) {
      if (agree(times(a.values, b.values), values)) return `${a.code} * ${b.code}`;
    }
  }
  for (const a of factors)
    for (const b of factors) if (a !== b && agree(over(a.values, b.values), values)) return `${a.code} / ${b.code}`;
  for (const a of factors) {
    const [multiple] = over(values, a.values);
    if (
      Number.isInteger(multiple) &&
      agree(
        a.values.map((value) => value * multiple),
        values,
      )
    )
      return `${a.code} * ${multiple}`;
  }
  for (const a of factors) {
    const [divisor] = over(a.values, values);
    if (
      Number.isInteger(divisor) &&
      agree(
        a.values.map((value) => value / divisor),
        values,
      )
    )
      return `${a.code} / ${divisor}`;
    const difference = values[0] - a.values[0];
    if (
      agree(
        a.values.map((value) => value + difference),
        values,
      )
    )
      return difference > 0 ? `${a.code} + ${difference}` : `${a.code} - ${-difference}`;
  }
  for (const [i, a] of factors.entries())
    for (const [j, b] of factors.slice(i).entries())
      for (const c of factors.slice(i + j))
        if (agree(times(times(a.values, b.values), c.values), values)) return `${a.code} * ${b.code} * ${c.code}`;
  return sumFormula(values, factors);
}

/** Multiples of one or two sizes and a number: `2 * labels.kind + codes.city + 1`. */
function sumFormula(values: readonly number[], factors: readonly Quantity[]): string | null {
  const sum = (parts: readonly (readonly [times: number, of: Quantity])[]): string | null => {
    if (!parts.every(([times]) => Number.isInteger(times) && times >= 1)) return null;
    const left = values.map((value, k) => parts.reduce((rest, [times, of]) => rest - times * of.values[k], value));
    if (!isConstant(left) || !Number.isInteger(left[0])) return null;
    const [rest] = left;
    const codes = parts.map(([times, { code }]) => (times === 1 ? code : `${times} * ${code}`)).join(" + ");
    return rest === 0 ? codes : rest > 0 ? `${codes} + ${rest}` : `${codes} - ${-rest}`;
  };
  const steps = (list: readonly number[]): readonly number[] => list.slice(1).map((value, k) => value - list[k]);
  const [up, on = 0] = steps(values);
  for (const a of factors) {
    const found = sum([[up / steps(a.values)[0], a]]);
    if (found !== null) return found;
  }
  for (const [k, a] of factors.entries())
    for (const b of factors.slice(k + 1)) {
      const [aUp, aOn = 0] = steps(a.values);
      const [bUp, bOn = 0] = steps(b.values);
      const determinant = aUp * bOn - aOn * bUp;
      if (determinant === 0) continue;
      const found = sum([
        [(up * bOn - on * bUp) / determinant, a],
        [(aUp * on - aOn * up) / determinant, b],
      ]);
      if (found !== null) return found;
    }
  return null;
}

/** Any other number: written out where it is always the same, or a simple function of a setting. */
export function numberFormula(values: readonly number[], quantities: readonly Quantity[]): string {
  if (isConstant(values)) return shortest(values[0]);
  const settings = quantities.filter(({ kind }) => kind === "setting");
  for (const { code, values: given } of settings) {
    for (const { write, of } of functions) if (closeTo(given.map(of), values)) return write(code);
  }
  const size = sizeOrNull(values, quantities);
  if (size !== null) return size;
  // 1 / n, and n / (n - 1), which makes a variance unbiased: where there is but one number, it stays as it is.
  const shares = values.map((value) => Math.round(1 / value));
  const share = closeTo(
    shares.map((n) => 1 / n),
    values,
  )
    ? sizeOrNull(shares, quantities)
    : null;
  if (share !== null) return `1 / (${share})`;
  const counts = values.map((value) => Math.round(value / (value - 1)));
  const count = closeTo(
    counts.map((n) => n / (n - 1)),
    values,
  )
    ? sizeOrNull(counts, quantities)
    : null;
  if (count !== null) return `(${count}) / Math.max(${count} - 1, 1)`;
  throw new Unexplained(values);
}

const functions: readonly { readonly write: (s: string) => string; readonly of: (s: number) => number }[] = [
  { write: (s) => s, of: (s) => s },
  { write: (s) => `-${s}`, of: (s) => -s },
  { write: (s) => `1 - ${s}`, of: (s) => 1 - s },
  { write: (s) => `${s} - 1`, of: (s) => s - 1 },
  { write: (s) => `2 * ${s} - 1`, of: (s) => 2 * s - 1 },
  { write: (s) => `1 / ${s}`, of: (s) => 1 / s },
  { write: (s) => `1 / (1 - ${s})`, of: (s) => 1 / (1 - s) },
  { write: (s) => `${s} / 2`, of: (s) => s / 2 },
  { write: (s) => `2 * ${s}`, of: (s) => 2 * s },
  { write: (s) => `1 / Math.sqrt(${s})`, of: (s) => 1 / Math.sqrt(s) },
];

function isConstant(values: readonly number[]): boolean {
  return values.every((value) => Object.is(value, values[0]));
}

function agree(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, k) => value === b[k]);
}

function closeTo(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, k) => Math.fround(value) === Math.fround(b[k]));
}

function times(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, k) => value * b[k]);
}

function over(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, k) => value / b[k]);
}

/** One of those that are always equal, and none that never changes. */
function distinct(quantities: readonly Quantity[]): readonly Quantity[] {
  return quantities.filter(
    (quantity, k) =>
      !isConstant(quantity.values) && quantities.findIndex((other) => agree(other.values, quantity.values)) === k,
  );
}

/** The shortest decimal that is the same number in 32 bits: 1 - 0.9 is written 0.1. */
export function shortest(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : value < 0 ? "-Infinity" : "NaN";
  for (let digits = 1; digits <= 17; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === Math.fround(value)) return String(text);
  }
  return String(value);
}
