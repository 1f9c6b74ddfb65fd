import { multiplySizes } from "../ir/size.ts";
import { layer } from "../registry/layer.ts";
import { zeroPadding } from "./padding.ts";
import { resultType } from "./types.ts";

/** All axes of an example as one vector. */
export const flatten = layer({
  name: "flatten",
  doc: "All axes of an example as one vector, in row-major order: [_, 4, 4, 8] becomes [_, 128]. Padded positions of a token axis read as 0.",
  group: "shape",
  aliases: ["Flatten", "view", "ravel"],
  operands: { min: 1, max: 1 },
  settings: {},
  shape: ({ inputs: [x] }) => resultType([x], [multiplySizes(...x.shape)], [], x.element),
  forward: (g, { inputs: [x], inputTypes: [type], outputType }) =>
    g.reshape(type.element === "f32" ? zeroPadding(g, x, type) : x, [g.batch, ...outputType.shape]),
  example: "shared trunk = image -> flatten -> dense(32) -> relu",
});
