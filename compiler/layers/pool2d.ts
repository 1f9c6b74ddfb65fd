import type { Node } from "../graph/graph.ts";
import type { Pool2dAttributes } from "../graph/builder.ts";
import type { Type } from "../ir/model.ts";
import type { ConcreteType } from "../registry/layer.ts";
import { layer } from "../registry/layer.ts";
import { choice, pair, type SettingValues } from "../registry/settings.ts";
import { zeroPadding } from "./padding.ts";
import { axisName, needImage, resultType } from "./types.ts";
import { keptAxis, planeWindows, windowCount, windowPadding, type Window } from "./windows.ts";

/** Pooling over windows of an image. */

const settings = {
  size: pair().positional().describe("Size of the window: one number or [height, width]."),
  stride: pair().optional().describe("How far the window moves; its own size where it is left out."),
  padding: choice("valid", "same")
    .default("valid")
    .describe("`valid` keeps windows that lie inside, `same` ⌈n / stride⌉ places."),
};
type Settings = SettingValues<typeof settings>;

function windows({ size, stride, padding }: Settings): readonly [Window, Window] {
  return planeWindows({ kernel: size, stride: stride ?? size, padding });
}

function shape(name: string, values: Settings, x: Type): Type {
  needImage(name, x);
  const [high, wide] = windows(values);
  return resultType(
    [x],
    [windowCount(name, "height", x.shape[0], high), windowCount(name, "width", x.shape[1], wide), x.shape[2]],
    [keptAxis(axisName(x, 0), high), keptAxis(axisName(x, 1), wide), null],
  );
}

function attributes(values: Settings, type: ConcreteType): Pool2dAttributes {
  const [high, wide] = windows(values);
  return {
    window: values.size,
    strides: values.stride ?? values.size,
    padding: [...windowPadding(type.shape[0], high), ...windowPadding(type.shape[1], wide)],
  };
}

/** 1 / (cells of each window that lie inside the image), as [height, width, 1] in row-major order. */
function shares(values: Settings, type: ConcreteType, output: ConcreteType): number[] {
  const { window, strides, padding } = attributes(values, type);
  const inside = (axis: 0 | 1, place: number): number => {
    const first = place * strides[axis] - padding[2 * axis];
    return Math.min(first + window[axis], type.shape[axis]) - Math.max(first, 0);
  };
  return Array.from({ length: output.shape[0] }, (_, row) =>
    Array.from({ length: output.shape[1] }, (_, column) => 1 / (inside(0, row) * inside(1, column))),
  ).flat();
}

export const maxPool2d = layer({
  name: "max_pool2d",
  doc: "The largest value of each window and channel. Padding never wins. Windows do not overlap unless `stride` says so.",
  group: "images",
  aliases: ["MaxPooling2D", "MaxPool2d", "maxpool", "MaxPool2D"],
  operands: { min: 1, max: 1 },
  settings,
  shape: (call) => shape("max_pool2d", call.settings, call.inputs[0]),
  forward: (g, call) =>
    g.maxPool2d(zeroPadding(g, call.inputs[0], call.inputTypes[0]), attributes(call.settings, call.inputTypes[0])),
  example: "shared trunk = image -> conv2d(8, kernel: 3) -> relu -> max_pool2d(2)",
});

export const avgPool2d = layer({
  name: "avg_pool2d",
  doc: "The mean of each window and channel. With `padding: same` a window at the border is divided by the cells that lie inside.",
  group: "images",
  aliases: ["AveragePooling2D", "AvgPool2d", "avgpool", "AvgPool2D"],
  operands: { min: 1, max: 1 },
  settings,
  shape: (call) => shape("avg_pool2d", call.settings, call.inputs[0]),
  forward(g, call): Node {
    const [type] = call.inputTypes;
    const sums = g.sumPool2d(zeroPadding(g, call.inputs[0], type), attributes(call.settings, type));
    const share = shares(call.settings, type, call.outputType);
    const equal = share.every((value) => value === share[0]);
    const [height, width] = call.outputType.shape;
    return g.mul(sums, equal ? g.constant(share[0]) : g.constant(share, { element: "f32", shape: [height, width, 1] }));
  },
  example: "shared trunk = image -> conv2d(8, kernel: 3) -> relu -> avg_pool2d(2)",
});
