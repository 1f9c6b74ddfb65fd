import type { Builder } from "../graph/builder.ts";
import type { Node } from "../graph/graph.ts";
import { isKnown } from "../ir/size.ts";
import type { TaskKind } from "../ir/model.ts";
import type { LossCall } from "../registry/rows.ts";
import { choice } from "../registry/settings.ts";
import type { SettingRows } from "../registry/settings.ts";
import { inShapeOf, loss, weightedSum } from "./row.ts";

type BoxFormat = "xyxy" | "xywh" | "cxcywh";
const settings = {
  box: choice("xyxy", "xywh", "cxcywh")
    .positional()
    .default("xyxy")
    .describe("How four numbers are a box: two corners, corner and size, or centre and size."),
};
/** Keeps divisions by areas finite. */
const SMALL = 1e-7;

/** Low and high ends along one axis. */
interface Side {
  readonly low: Node;
  readonly high: Node;
}

function sides(g: Builder, boxes: Node, format: BoxFormat): [Side, Side] {
  const { shape } = boxes.type;
  const column = (k: number): Node =>
    g.slice(boxes, [...shape.slice(0, -1).map(() => 0), k], [...shape.slice(0, -1), 1]);
  return [side(g, column(0), column(2), format), side(g, column(1), column(3), format)];
}
function side(g: Builder, first: Node, second: Node, format: BoxFormat): Side {
  switch (format) {
    case "xyxy":
      return { low: first, high: second };
    case "xywh":
      return { low: first, high: g.add(first, second) };
    case "cxcywh": {
      const half = g.mul(second, g.constant(0.5));
      return { low: g.sub(first, half), high: g.add(first, half) };
    }
    default:
      return format satisfies never;
  }
}

/**
 * Intersection, union and hull of predicted and true boxes. A box with a side's ends the wrong way round is empty: were its
 * area taken as it comes, one with both sides turned would have a union larger than its hull, and giou would fall without
 * bound. The hull and a loss on corners beside it bring the ends in order.
 */
function overlap(g: Builder, prediction: Node, target: Node, format: BoxFormat) {
  const p = sides(g, prediction, format);
  const t = sides(g, target, format);
  const length = (s: Side): Node => g.sub(s.high, s.low);
  const area = (box: readonly [Side, Side]): Node => g.mul(g.relu(length(box[0])), g.relu(length(box[1])));
  const both = (k: 0 | 1): Side => ({ low: g.maximum(p[k].low, t[k].low), high: g.minimum(p[k].high, t[k].high) });
  const around = (k: 0 | 1): Side => ({ low: g.minimum(p[k].low, t[k].low), high: g.maximum(p[k].high, t[k].high) });
  const intersection = g.mul(g.relu(length(both(0))), g.relu(length(both(1))));
  const union = g.sub(g.add(area(p), area(t)), intersection);
  return { intersection, union, hull: () => area([around(0), around(1)]) };
}

type BoxCall = Omit<LossCall<SettingRows>, "settings"> & { readonly settings: { readonly box: BoxFormat } };

function boxLoss(g: Builder, { settings, prediction, target, weight }: BoxCall, withHull: boolean) {
  const { intersection, union, hull } = overlap(g, inShapeOf(g, target, prediction), target, settings.box);
  const share = g.div(intersection, g.add(union, g.constant(SMALL)));
  const outside = (whole: Node): Node => g.div(g.sub(whole, union), g.add(whole, g.constant(SMALL)));
  const score = withHull ? g.sub(share, outside(hull())) : share;
  return weightedSum(g, g.sub(g.constant(1), score), g.min(weight, [-1], true));
}

function fits(kind: TaskKind): string | null {
  const last = kind.shape.at(-1);
  return last !== undefined && isKnown(last) && last === 4 ? null : "a box is four numbers: it needs real[4]";
}

export const iou = loss({
  name: "iou",
  doc: "One minus the overlap of two boxes: 1 - I/(U + 1e-7), I their intersection and U their union. No gradient where they do not meet; giou has one. A row with a missing element is missing.",
  kinds: ["real"],
  wants: "values",
  positive: true,
  settings,
  aliases: ["IoULoss", "iou_loss", "jaccard"],
  fits,
  parts: (g, call) => boxLoss(g, call, false),
  example: "loss: iou(box: xywh)",
});

export const giou = loss({
  name: "giou",
  doc: "Overlap of two boxes that also pulls at boxes apart: 1 - [I/(U + 1e-7) - (H - U)/(H + 1e-7)], I their intersection, U their union, H the smallest box around both. Between 0 and 2. A box whose ends come in the wrong order is empty. A row with a missing element is missing.",
  kinds: ["real"],
  wants: "values",
  positive: true,
  settings,
  source: "1902.09630",
  aliases: ["GIoU", "GIoULoss", "generalized_iou", "generalized_box_iou_loss", "diou", "ciou"],
  fits,
  parts: (g, call) => boxLoss(g, call, true),
  example: "loss: smooth_l1 + 0.5 * giou",
});
