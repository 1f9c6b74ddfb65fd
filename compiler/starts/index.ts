import type { StartRow } from "../registry/rows.ts";

export const startRows: readonly StartRow[] = [];
