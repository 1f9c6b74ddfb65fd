import { int } from "../registry/settings.ts";
import { codes, predictedCode } from "./answers.ts";
import { confusionOf, hits } from "./confusion.ts";
import { meanOf, metric } from "./row.ts";

/** Shares of right answers. */

export const accuracy = metric({
  name: "accuracy",
  doc: "Share of right answers among all present elements. A class is the largest logit (the lowest index on ties), a flag is yes above 0, a level the number of thresholds passed.",
  kinds: ["class", "flag", "flags", "ordinal"],
  better: "up",
  inUnits: false,
  settings: {},
  aliases: ["acc", "Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "SparseCategoricalAccuracy"],
  compute(_, input) {
    const { target, predicted } = codes(input);
    if (target.length === 0) return null;
    return target.reduce((right, code, i) => right + (code === predicted[i] ? 1 : 0), 0) / target.length;
  },
});

export const exactMatch = metric({
  name: "exact_match",
  doc: "Share of rows whose flags are all right, among the rows where all of them are present.",
  kinds: ["flags"],
  better: "up",
  inUnits: false,
  settings: {},
  aliases: ["subset_accuracy"],
  compute(_, input) {
    const { rows, elements, present, target } = input;
    let whole = 0;
    let right = 0;
    for (let row = 0; row < rows; row++) {
      const from = row * elements;
      if (present.subarray(from, from + elements).includes(0)) continue;
      whole++;
      let wrong = 0;
      for (let i = from; i < from + elements; i++) if (predictedCode(input, i) !== target[i]) wrong++;
      if (wrong === 0) right++;
    }
    return whole > 0 ? right / whole : null;
  },
});

export const balancedAccuracy = metric({
  name: "balanced_accuracy",
  doc: "Mean over the classes that occur in the targets of the share of each that was found: rare classes count as much as common ones.",
  kinds: ["class"],
  better: "up",
  inUnits: false,
  settings: {},
  aliases: ["mean_recall"],
  compute(_, input) {
    const table = confusionOf(input);
    return meanOf(Array.from(table.targets, (count, c) => (count > 0 ? hits(table, c) / count : null)));
  },
});

export const topK = metric({
  name: "top_k",
  doc: "Share of elements whose right class is among the k with the largest logits; on ties lower indices come first.",
  kinds: ["class"],
  better: "up",
  inUnits: false,
  settings: { k: int({ min: 1 }).positional().describe("How many of the largest logits count.") },
  aliases: ["top_k_accuracy", "TopKCategoricalAccuracy", "top_k_categorical_accuracy"],
  compute({ k }, { rows, elements, width, prediction, target, present }) {
    let count = 0;
    let found = 0;
    for (let i = 0; i < rows * elements; i++) {
      if (present[i] === 0) continue;
      count++;
      const right = prediction[i * width + target[i]];
      let before = 0;
      for (let c = 0; c < width; c++) {
        const logit = prediction[i * width + c];
        if (logit > right || (logit === right && c < target[i])) before++;
      }
      if (before < k) found++;
    }
    return count > 0 ? found / count : null;
  },
});
