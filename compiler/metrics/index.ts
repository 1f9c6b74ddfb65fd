import type { MetricRow } from "../registry/rows.ts";
import { accuracy, balancedAccuracy, exactMatch, topK } from "./accuracy.ts";
import { kappa, mcc } from "./agreement.ts";
import { confusion } from "./confusion.ts";
import { kendall, pearson, r2, spearman } from "./correlations.ts";
import { mae, mape, mse, poissonDeviance, rmse } from "./errors.ts";
import { f1, precision, recall } from "./f-scores.ts";
import { iou, meanIou } from "./iou.ts";
import { brier, logLoss } from "./probabilities.ts";
import { auc, averagePrecision } from "./ranking.ts";
import { spanF1 } from "./spans.ts";

/**
 * Metrics: pure functions of a whole set's predictions and targets, in 64-bit floats. Only present labels count, and
 * what is undefined is null, never 0 or NaN. A family of metrics is one file.
 */
export const metricRows: readonly MetricRow[] = [
  accuracy,
  exactMatch,
  balancedAccuracy,
  topK,
  f1,
  precision,
  recall,
  auc,
  averagePrecision,
  logLoss,
  brier,
  mcc,
  kappa,
  mae,
  mse,
  rmse,
  mape,
  r2,
  pearson,
  spearman,
  kendall,
  poissonDeviance,
  iou,
  meanIou,
  spanF1,
  confusion,
];
