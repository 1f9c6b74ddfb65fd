import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Codes } from "../data/data.ts";

/** What a module tells of the rows that it reads: to who listens, else on the console. */

export interface ListeningOptions {
  /**
   * Is told what is strange about rows, each matter once and counted: categories and words that training did not see, labels
   * that only look like others, texts that are cut. `console.warn` says it where this is absent. Answers are the same with and
   * without.
   */
  readonly onWarning?: ((warning: Diagnostic) => void) | undefined;
}

export function warnOnConsole({ code, message, help }: Diagnostic): void {
  console.warn(`${code} ${message}${help === undefined ? "" : `; ${help}`}`);
}

const told = new WeakMap<Codes, Set<string>>();

/** Says each matter of a network once: examples may come one by one. */
export function warnOnce(codes: Codes): (warning: Diagnostic, matter: string) => void {
  const before = told.get(codes) ?? new Set<string>();
  told.set(codes, before);
  return (warning, matter) => {
    if (!before.has(matter)) warnOnConsole(warning);
    before.add(matter);
  };
}
