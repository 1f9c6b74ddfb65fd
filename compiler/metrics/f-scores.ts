import type { MetricInput } from "../registry/rows.ts";
import { choice } from "../registry/settings.ts";
import { codes, flagsApart } from "./answers.ts";
import { confusionOf, countPairs, hits, occurring } from "./confusion.ts";
import { meanOf, metric } from "./row.ts";

/** Precision, recall and the harmonic mean of the two: three readings of the same three counts. */

interface Tally {
  readonly right: number;
  /** How often the class is the target. */
  readonly support: number;
  readonly predicted: number;
}
type Score = (tally: Tally) => number;
type Average = "macro" | "micro" | "weighted";

const share = (part: number, whole: number) => (whole > 0 ? part / whole : 0);
const precisionScore: Score = ({ right, predicted }) => share(right, predicted);
const recallScore: Score = ({ right, support }) => share(right, support);
const f1Score: Score = ({ right, support, predicted }) => share(2 * right, support + predicted);

/** The classes that are averaged: those that occur for `class`, the positive one of each flag. */
function tallies(input: MetricInput): Tally[] {
  if (input.kind.word === "class") {
    const table = confusionOf(input);
    return occurring(table).map((c) => ({
      right: hits(table, c),
      support: table.targets[c],
      predicted: table.predictions[c],
    }));
  }
  return flagsApart(input, "code")
    .filter(({ target }) => target.length > 0)
    .map(({ target, predicted }) => {
      const table = countPairs(2, target, predicted);
      return { right: hits(table, 1), support: table.targets[1], predicted: table.predictions[1] };
    });
}

function averaged(input: MetricInput, average: Average, score: Score): number | null {
  if (codes(input).target.length === 0) return null;
  const all = tallies(input);
  switch (average) {
    case "macro":
      return meanOf(all.map(score));
    case "micro":
      return score({
        right: all.reduce((sum, { right }) => sum + right, 0),
        support: all.reduce((sum, { support }) => sum + support, 0),
        predicted: all.reduce((sum, { predicted }) => sum + predicted, 0),
      });
    case "weighted": {
      const support = all.reduce((sum, tally) => sum + tally.support, 0);
      return share(
        all.reduce((sum, tally) => sum + tally.support * score(tally), 0),
        support,
      );
    }
  }
}

function scored(name: string, doc: string, score: Score, aliases: readonly string[]) {
  return metric({
    name,
    doc: `${doc} 0 where the denominator is 0. For a flag of its yes; for classes and flags averaged as \`average\` says.`,
    kinds: ["class", "flag", "flags"],
    better: "up",
    inUnits: false,
    settings: {
      average: choice("macro", "micro", "weighted")
        .positional()
        .default("macro")
        .describe(
          "`macro`: the mean over the classes that occur, or over the flags; `micro`: of the sums over all elements; `weighted`: the mean by how often each is the target.",
        ),
    },
    aliases,
    compute: ({ average }, input) => averaged(input, average, score),
  });
}

export const f1 = scored("f1", "Harmonic mean of precision and recall, 2·TP / (2·TP + FP + FN).", f1Score, [
  "f1_score",
  "F1Score",
  "f_score",
]);
export const precision = scored(
  "precision",
  "Share of what was predicted that is right, TP / (TP + FP).",
  precisionScore,
  ["Precision", "precision_score"],
);
export const recall = scored("recall", "Share of what is there that was found, TP / (TP + FN).", recallScore, [
  "Recall",
  "recall_score",
  "sensitivity",
]);
