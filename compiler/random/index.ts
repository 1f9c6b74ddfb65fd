/**
 * Random numbers by name: every number is a function of seed, name and position, made of integer arithmetic, so it is the
 * same on every platform and engine, and what one part of a model draws never moves what another draws.
 */
export { normalQuantile, portableLog } from "./normal.ts";
export { permutation, randomStream } from "./stream.ts";
export type { SeekableStream } from "./stream.ts";
export { fillUniform } from "./uniform.ts";
