import type * as morph from "ts-morph";

export type Morph = typeof morph;

/** ts-morph, which brings a TypeScript compiler of its own along: loaded when something is printed. */
export function loadMorph(): Promise<Morph> {
  return import("ts-morph");
}
