import type { MetricRow } from "../registry/rows.ts";

export const metricRows: readonly MetricRow[] = [];
