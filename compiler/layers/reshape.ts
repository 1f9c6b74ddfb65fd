import { isKnown, equalSizes, multiplySizes, showSize } from "../ir/size.ts";
import { layer, ShapeProblem } from "../registry/layer.ts";
import { int, list } from "../registry/settings.ts";
import { zeroPadding } from "./padding.ts";
import { resultType, showType } from "./types.ts";

/** The same numbers under other axes. */
export const reshape = layer({
  name: "reshape",
  doc: "The same numbers, in row-major order, under other axes: [_, 64] -> reshape([8, 8, 1]) gives [_, 8, 8, 1]. Padded positions of a token axis read as 0.",
  group: "shape",
  aliases: ["Reshape", "Unflatten", "unflatten"],
  operands: { min: 1, max: 1 },
  settings: {
    sizes: list(int({ min: 1 }))
      .positional()
      .describe("The new sizes, without the batch axis."),
  },
  shape({ settings: { sizes }, inputs: [x] }) {
    const before = multiplySizes(...x.shape);
    const after = multiplySizes(...sizes);
    if (!equalSizes(before, after)) {
      const others = sizes.slice(0, -1).reduce((product, size) => product * size, 1);
      throw new ShapeProblem(
        `this is ${showType(x)}, ${showSize(before)} numbers an example, and [${sizes.join(", ")}] holds ${showSize(after)}`,
        {
          operand: 0,
          help:
            isKnown(before) && before % others === 0
              ? `\`reshape([${[...sizes.slice(0, -1), before / others].join(", ")}])\` holds as many`
              : undefined,
        },
      );
    }
    return resultType([x], sizes, [], x.element);
  },
  forward: (g, { inputs: [x], inputTypes: [type], outputType }) =>
    g.reshape(type.element === "f32" ? zeroPadding(g, x, type) : x, [g.batch, ...outputType.shape]),
  example: "shared grid = x -> dense(36) -> reshape([6, 6, 1]) -> conv2d(4, kernel: 3)",
});
