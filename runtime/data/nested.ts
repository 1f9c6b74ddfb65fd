import { listWords } from "../../compiler/words/cells.ts";

/** Lists in lists, as cells hold them: words at the innermost level, "" for an empty one, null for a list that is not there. */
export type NestedList = readonly (NestedList | string | null)[];

/** Lists in lists by their elements. */
export function nestedList(value: readonly unknown[]): NestedList {
  const words = listWords(value.map((each) => (isList(each) ? null : each)));
  if (!value.some(isList)) return words;
  return value.map((each, k) => (isList(each) ? nestedList(each) : words[k] === "" ? null : words[k]));
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** How many lists lie in each other, and whether any word says so: lists of nothing may stand for deeper ones. */
export interface Depth {
  readonly depth: number;
  readonly isOpen: boolean;
}

/** Null where words stand at several levels. */
export function depthOf(list: NestedList): Depth | null {
  let found: Depth = { depth: 1, isOpen: true };
  for (const each of list) {
    let one: Depth | null = { depth: 1, isOpen: each === null || each === "" };
    if (each !== null && typeof each !== "string") {
      const inner = depthOf(each);
      one = inner && { ...inner, depth: inner.depth + 1 };
    }
    if (one === null) return null;
    if (!goTogether(found, one)) return null;
    found = { depth: Math.max(found.depth, one.depth), isOpen: found.isOpen && one.isOpen };
  }
  return found;
}

/** Whether lists of one depth may be among those of another. */
export function goTogether(one: Depth, other: Depth): boolean {
  const least = Math.min(one.isOpen ? Infinity : one.depth, other.isOpen ? Infinity : other.depth);
  return one.depth <= least && other.depth <= least;
}

/** An array's numbers, row-major, as lists in lists. */
export function nestedNumbers(values: ArrayLike<number>, shape: readonly number[]): NestedList {
  return nestedWords(listWords(Array.from(values)), shape);
}

export function nestedWords(words: readonly string[], [size, ...rest]: readonly number[]): NestedList {
  if (rest.length === 0) return words;
  const step = rest.reduce((product, each) => product * each, 1);
  return Array.from({ length: size }, (_, k) => nestedWords(words.slice(k * step, (k + 1) * step), rest));
}

/** The words of a cell, in their order. */
export function wordsOf(list: NestedList): readonly string[] {
  return list.flatMap((each) => (each === null ? [] : typeof each === "string" ? [each] : wordsOf(each)));
}

/** The same lists with other words. */
export function withWords(list: NestedList, change: (word: string) => string): NestedList {
  return list.map((each) => (each === null ? null : typeof each === "string" ? change(each) : withWords(each, change)));
}

/** The shape of lists that are equally long at every level; null where they are not. */
export function shapeOf(list: NestedList): readonly number[] | null {
  const shapes = list.map((each) => (each === null ? null : typeof each === "string" ? [] : shapeOf(each)));
  const [first] = shapes;
  if (first === undefined) return [0];
  return first !== null && shapes.every((shape) => shape !== null && String(shape) === String(first))
    ? [list.length, ...first]
    : null;
}

/** As messages show it: the first elements of each list. */
export function nestedText(list: NestedList): string {
  const shown = list
    .slice(0, 4)
    .map((each) => (each === null || typeof each === "string" ? (each ?? "") : nestedText(each)));
  return `[${shown.join(", ")}${list.length > 4 ? ", …" : ""}]`;
}
