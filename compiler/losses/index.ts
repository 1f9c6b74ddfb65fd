import type { LossRow } from "../registry/rows.ts";

export const lossRows: readonly LossRow[] = [];
