/**
 * Sizes of axes. A size is a number, or an expression over sizes that only the data know (`labels(intent) + 200`).
 * Such expressions are kept as polynomials in a canonical order, so that equal sizes compare equal.
 */

/** A product of unknowns, sorted by name; the empty product is the constant term. */
interface Term {
  readonly unknowns: readonly string[];
  readonly factor: number;
}
export interface UnknownSize {
  readonly terms: readonly Term[];
}
export type Size = number | UnknownSize;

/** The size that data will tell: `labels(intent)`, `codes(island)`. */
export function unknownSize(name: string): Size {
  return { terms: [{ unknowns: [name], factor: 1 }] };
}

export function isKnown(size: Size): size is number {
  return typeof size === "number";
}

function terms(size: Size): readonly Term[] {
  return isKnown(size) ? (size === 0 ? [] : [{ unknowns: [], factor: size }]) : size.terms;
}

function fromTerms(list: readonly Term[]): Size {
  const sums = new Map<string, Term>();
  for (const term of list) {
    const key = term.unknowns.join("*");
    const before = sums.get(key);
    sums.set(key, before ? { unknowns: term.unknowns, factor: before.factor + term.factor } : term);
  }
  const kept = [...sums.values()].filter((term) => term.factor !== 0);
  // Unknowns first, the constant last; among unknowns by degree, then by name.
  kept.sort(
    (a, b) => b.unknowns.length - a.unknowns.length || a.unknowns.join("*").localeCompare(b.unknowns.join("*")),
  );
  if (kept.length === 0) return 0;
  if (kept.length === 1 && kept[0].unknowns.length === 0) return kept[0].factor;
  return { terms: kept };
}

export function addSizes(...sizes: readonly Size[]): Size {
  return fromTerms(sizes.flatMap((size) => terms(size)));
}

export function multiplySizes(...sizes: readonly Size[]): Size {
  return sizes.reduce<Size>(
    (product, size) =>
      fromTerms(
        terms(product).flatMap((a) =>
          terms(size).map((b) => ({ unknowns: [...a.unknowns, ...b.unknowns].sort(), factor: a.factor * b.factor })),
        ),
      ),
    1,
  );
}

export function equalSizes(a: Size, b: Size): boolean {
  return showSize(a) === showSize(b);
}

/** `64`, `labels(intent) + 200`, `2*codes(user)`. */
export function showSize(size: Size): string {
  if (isKnown(size)) return String(size);
  return size.terms
    .map((term) =>
      (term.factor === 1 && term.unknowns.length > 0 ? term.unknowns : [term.factor, ...term.unknowns]).join("*"),
    )
    .join(" + ")
    .replaceAll("+ -", "- ");
}
