import type { OperationName } from "../../operations/index.ts";
import { composites, gradientControl } from "./composites.ts";
import { binary, unary } from "./elementwise.ts";
import type { OnnxSpelling } from "./emission.ts";
import { images } from "./images.ts";
import { indexing } from "./indexing.ts";
import { scanWith } from "./loops.ts";
import type { WriteGraph } from "./loops.ts";
import { products } from "./products.ts";
import { reductions } from "./reductions.ts";
import { shapes } from "./shape.ts";
import { sources } from "./sources.ts";

/** The ONNX column of the operation table: how every operation is written. `write` writes the bodies of loops. */
export function onnxSpellings(write: WriteGraph): Readonly<Record<OperationName, OnnxSpelling>> {
  return {
    ...sources,
    ...unary,
    ...binary,
    ...reductions,
    ...shapes,
    ...indexing,
    ...products,
    ...images,
    ...composites,
    ...gradientControl,
    scan: scanWith(write),
  };
}
