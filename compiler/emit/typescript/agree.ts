import type { TermArgument } from "./term.ts";

/** What several traces of one thing say, where they say the same. */

/** Two traces that are not of one piece of source. */
export class Mismatch extends Error {
  constructor(what: string) {
    super(`the traces differ in ${what}`);
    this.name = "Mismatch";
  }
}

export function same<From, Value>(from: readonly From[], read: (each: From) => Value | null): Value {
  const value = read(from[0]);
  if (value === null || from.some((each) => read(each) !== value)) throw new Mismatch(String(value));
  return value;
}

export function equal(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, k) => value === b[k]);
}

export function differs(argument: TermArgument): never {
  throw new Mismatch(argument.kind);
}
