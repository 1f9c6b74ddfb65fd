import type { LayerRow } from "../registry/layer.ts";
import { activations, prelu } from "./activations.ts";
import { concat } from "./concat.ts";
import { conv2d } from "./conv2d.ts";
import { dense } from "./dense.ts";
import { embed } from "./embed.ts";
import { flatten } from "./flatten.ts";
import { avgPool2d, maxPool2d } from "./pool2d.ts";

/** Every layer of the language, in the order of the manual. A layer is one file here and one line below. */
export const layerRows: readonly LayerRow[] = [
  dense,
  embed,
  conv2d,
  maxPool2d,
  avgPool2d,
  ...activations,
  prelu,
  flatten,
  concat,
];
