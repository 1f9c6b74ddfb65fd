import type { LayerRow } from "../registry/layer.ts";
import { activations, prelu } from "./activations.ts";
import { adapter, aitm, film, gate, lora } from "./adapters.ts";
import { arithmetic } from "./arithmetic.ts";
import { addPositions } from "./add-positions.ts";
import { attention, crossAttention } from "./attention.ts";
import { attentionPool } from "./attention-pool.ts";
import { batchNorm } from "./batch-norm.ts";
import { repeat, residual } from "./chains.ts";
import { concat } from "./concat.ts";
import { conv1d } from "./conv1d.ts";
import { conv2d } from "./conv2d.ts";
import { conv2dTranspose } from "./conv2d-transpose.ts";
import { dense } from "./dense.ts";
import { depthwiseConv2d, separableConv2d } from "./depthwise.ts";
import { dropout } from "./dropout.ts";
import { embed } from "./embed.ts";
import { cgc, dselectK, mmoe, omoe, ple } from "./experts.ts";
import { flatten } from "./flatten.ts";
import { reverseGradient, stopGradient } from "./gradients.ts";
import { groupNorm, layerNorm, rmsNorm } from "./norms.ts";
import { crossStitch, mixLevels, nddr, perTask, sluice } from "./per-task.ts";
import { avgPool2d, maxPool2d } from "./pool2d.ts";
import { broadcast, first, slice } from "./positions.ts";
import { prediction } from "./prediction.ts";
import { recurrentLayers } from "./recurrent.ts";
import { maxPool, mean, meanPool, sum } from "./reductions.ts";
import { reshape } from "./reshape.ts";
import { mtan, taskAttention } from "./task-attention.ts";
import { transformer } from "./transformer.ts";

/** Every layer of the language, in the order of the manual. A layer is one file here (small kindred ones share it) and one line below. */
export const layerRows: readonly LayerRow[] = [
  dense,
  embed,
  conv2d,
  conv2dTranspose,
  depthwiseConv2d,
  separableConv2d,
  maxPool2d,
  avgPool2d,
  conv1d,
  first,
  ...recurrentLayers,
  attention,
  transformer,
  addPositions,
  attentionPool,
  batchNorm,
  layerNorm,
  groupNorm,
  rmsNorm,
  dropout,
  ...activations,
  prelu,
  flatten,
  reshape,
  concat,
  slice,
  broadcast,
  meanPool,
  maxPool,
  residual,
  repeat,
  ...arithmetic,
  mean,
  sum,
  perTask,
  crossStitch,
  sluice,
  nddr,
  mixLevels,
  mmoe,
  omoe,
  cgc,
  ple,
  dselectK,
  mtan,
  taskAttention,
  crossAttention,
  adapter,
  lora,
  film,
  gate,
  aitm,
  stopGradient,
  reverseGradient,
  prediction,
];
