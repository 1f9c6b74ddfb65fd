import type { Mutant } from "./mutants.ts";

/** Mutants that no test can notice, because nothing that anyone sees is different. */
export const explained: readonly (Pick<Mutant, "file" | "from" | "to"> & { readonly why: string })[] = [];
