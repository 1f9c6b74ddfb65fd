import type { BalanceRow } from "../registry/rows.ts";
import * as unbuiltGradientRules from "./unbuilt-gradient-rules.ts";
import * as unbuiltLossRules from "./unbuilt-loss-rules.ts";
import { dwa, fixed, random, uncertainty } from "./loss-rules.ts";
import { aligned, config, imtlG } from "./equal-projections.ts";
import { pcgrad } from "./pcgrad.ts";

/**
 * Balance rules: from the tasks' losses (inside the step's graph) or from the Gram matrix of their gradients (on the host,
 * in 64-bit floats) to a weight for each task. Weights come in the paper's scale; `scale.ts` brings them to a common one.
 */
export const balanceRows: readonly BalanceRow[] = [
  fixed,
  random,
  uncertainty,
  dwa,
  ...Object.values(unbuiltLossRules),
  pcgrad,
  imtlG,
  config,
  aligned,
  ...Object.values(unbuiltGradientRules),
];

export { scaledAlpha, scaleWeights, smoothedAlpha, smoothWeights } from "./scale.ts";
export { liveRows, solveGradientRule } from "./solve.ts";
