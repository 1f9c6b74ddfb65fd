import type { BalanceRow } from "../registry/rows.ts";

export const balanceRows: readonly BalanceRow[] = [];
