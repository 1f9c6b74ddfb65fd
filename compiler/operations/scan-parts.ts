import { graphOf, numberOf, type Attributes } from "../graph/attributes.ts";

/**
 * A loop over axis 0. Inputs: the initial carries, the sequences, then whatever else the body uses, the same at every step.
 * `body` reads them as `carry0 …`, `element0 …`, `outside0 …` and gives `carry0 …`, `output0 …`. Results: the last carries,
 * the outputs stacked on axis 0, then the carries that entered each step, stacked (what the gradient starts from; a target
 * leaves out the results that nobody reads).
 */
export interface ScanParts<T> {
  readonly initial: readonly T[];
  readonly sequences: readonly T[];
  readonly outside: readonly T[];
}

export function scanParts<T>(inputs: readonly T[], attributes: Attributes): ScanParts<T> {
  const carries = numberOf(attributes, "carries");
  const sequences = numberOf(attributes, "sequences");
  return {
    initial: inputs.slice(0, carries),
    sequences: inputs.slice(carries, carries + sequences),
    outside: inputs.slice(carries + sequences),
  };
}

/** How many results of the body are stacked. */
export function scanOutputs(attributes: Attributes): number {
  return graphOf(attributes, "body").outputs.size - numberOf(attributes, "carries");
}
