import type { OptimizerRow } from "../registry/rows.ts";

export const optimizerRows: readonly OptimizerRow[] = [];
