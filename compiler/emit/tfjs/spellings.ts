import type { OperationName } from "../../operations/index.ts";
import { composites } from "./composites.ts";
import { convolutions } from "./convolution.ts";
import { binary, gradientControl, unary } from "./elementwise.ts";
import { indexing } from "./indexing.ts";
import { pooling } from "./pooling.ts";
import { products } from "./products.ts";
import { reductions } from "./reductions.ts";
import { shapes } from "./shape.ts";
import { sources } from "./sources.ts";
import type { TfjsEntry } from "./spelling.ts";

/** The TensorFlow.js column of the operation table. No gradient of TensorFlow.js is used: gradients are operations too. */
export const tfjsColumn: Readonly<Record<OperationName, TfjsEntry>> = {
  ...sources,
  ...unary,
  ...binary,
  ...reductions,
  ...shapes,
  ...indexing,
  ...products,
  ...convolutions,
  ...pooling,
  ...composites,
  ...gradientControl,
  scan: "loop",
};
