import type { LossRow } from "../registry/rows.ts";
import { binaryCrossEntropy } from "./binary-cross-entropy.ts";
import { giou, iou } from "./boxes.ts";
import { crossEntropy } from "./cross-entropy.ts";
import { crf } from "./crf.ts";
import { dice } from "./dice.ts";
import { distillation } from "./distillation.ts";
import { huber, logCosh, mae, mse, poisson, quantile, smoothL1 } from "./errors.ts";
import { focal } from "./focal.ts";
import { ordinal } from "./ordinal.ts";
import { cosine } from "./cosine.ts";

/**
 * Losses: each is a sum over the present elements and what it is divided by. A missing element has the weight 0 and adds
 * nothing to either, nor to any gradient; a task without a present element has no loss.
 */
export const lossRows: readonly LossRow[] = [
  crossEntropy,
  binaryCrossEntropy,
  focal,
  dice,
  mse,
  mae,
  huber,
  smoothL1,
  logCosh,
  quantile,
  cosine,
  poisson,
  ordinal,
  iou,
  giou,
  crf,
  distillation,
];
