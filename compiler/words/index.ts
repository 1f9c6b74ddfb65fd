/**
 * Words of the registry that are neither layers nor formulas: kinds of inputs and targets, keys of sections, sources of
 * rows, and plain words with settings (`norm(1.0)`, `early(patience: 3)`). Their meaning lies in checker, step and data.
 */
export { blockKinds, inputKinds, kindRows, taskKinds } from "./kinds.ts";
export { penaltyRows } from "./penalties.ts";
export { plainRows } from "./plain.ts";
export { dataSection, inputSection, sectionRows, taskSection, trainSection } from "./sections.ts";
export { sourceRows } from "./sources.ts";
