import type { TaskKind } from "../ir/model.ts";
import type { MetricInput } from "../registry/rows.ts";
import { choice } from "../registry/settings.ts";
import { type Confusion, confusionOf, hits } from "./confusion.ts";
import { meanOf, metric } from "./row.ts";

/** Intersection over union: of classes along axes, and of boxes. */

/** TP / (TP + FP + FN) of each class over the whole set; null for one that occurs nowhere. */
export function classOverlaps(table: Confusion): (number | null)[] {
  return Array.from({ length: table.size }, (_, c) => {
    const union = table.targets[c] + table.predictions[c] - hits(table, c);
    return union > 0 ? hits(table, c) / union : null;
  });
}

type BoxForm = "xyxy" | "xywh" | "cxcywh";
interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}
function boxAt(numbers: Float64Array | Float32Array, from: number, form: BoxForm): Box {
  const [a, b, c, d] = numbers.subarray(from, from + 4);
  switch (form) {
    case "xyxy":
      return { left: a, top: b, right: c, bottom: d };
    case "xywh":
      return { left: a, top: b, right: a + c, bottom: b + d };
    case "cxcywh":
      return { left: a - c / 2, top: b - d / 2, right: a + c / 2, bottom: b + d / 2 };
  }
}
function area({ left, top, right, bottom }: Box): number {
  return Math.max(0, right - left) * Math.max(0, bottom - top);
}
/** Two empty boxes overlap by 0. */
function overlap(a: Box, b: Box): number {
  const shared = area({
    left: Math.max(a.left, b.left),
    top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
  });
  const union = area(a) + area(b) - shared;
  return union > 0 ? shared / union : 0;
}

/** Overlap of each box whose four numbers are all present. */
export function boxOverlaps({ rows, prediction, target, present }: MetricInput, form: BoxForm): number[] {
  const overlaps: number[] = [];
  for (let row = 0; row < rows; row++) {
    const from = row * 4;
    if (present.subarray(from, from + 4).includes(0)) continue;
    overlaps.push(overlap(boxAt(prediction, from, form), boxAt(target, from, form)));
  }
  return overlaps;
}

function isBox({ word, shape }: TaskKind): boolean {
  return word === "real" && shape.length === 1 && shape[0] === 4;
}
function hasAxes({ word, shape }: TaskKind): boolean {
  return word === "class" && shape.length > 0;
}

export const iou = metric({
  name: "iou",
  doc: "Intersection over union. Of boxes (`real[4]`) the mean overlap; of classes along axes TP / (TP + FP + FN) over the whole set, the mean over the classes that occur in targets or predictions.",
  kinds: ["class", "real"],
  fits: (kind) => (isBox(kind) || hasAxes(kind) ? null : "it compares boxes (real[4]) or classes along axes"),
  better: "up",
  inUnits: false,
  settings: {
    box: choice("xyxy", "xywh", "cxcywh")
      .positional()
      .default("xyxy")
      .describe("What the four numbers of a box are: two corners; a corner and the size; the center and the size."),
  },
  aliases: ["jaccard", "IoU", "intersection_over_union"],
  compute({ box }, input) {
    return meanOf(input.kind.word === "class" ? classOverlaps(confusionOf(input)) : boxOverlaps(input, box));
  },
});

export const meanIou = metric({
  name: "mean_iou",
  doc: "Mean over the classes that occur in targets or predictions of TP / (TP + FP + FN), counted over the whole set.",
  kinds: ["class"],
  fits: (kind) => (hasAxes(kind) ? null : "it compares classes along axes"),
  better: "up",
  inUnits: false,
  settings: {},
  aliases: ["miou", "MeanIoU", "mean_intersection_over_union"],
  compute: (_, input) => meanOf(classOverlaps(confusionOf(input))),
});
