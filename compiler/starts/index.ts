import type { StartRow } from "../registry/rows.ts";
import { fanRows } from "./fans.ts";
import { matrixRows } from "./matrices.ts";
import { plainStartRows } from "./plain.ts";

/** Initial values of parameters: each row fills a tensor from the random stream that carries the parameter's name. */
export const startRows: readonly StartRow[] = [...fanRows, ...plainStartRows, ...matrixRows];
