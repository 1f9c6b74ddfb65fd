import type { MetricInput } from "../registry/rows.ts";
import { predictedCode } from "./answers.ts";
import { metric } from "./row.ts";

/** Spans of tagged tokens (IOB2): names of people in a sentence, slots of a request. */

export interface TokenSpan {
  readonly first: number;
  readonly last: number;
  readonly type: string;
}

/** A span opens at B, and at I after O, after another type or at the start; it ends before B, O or another type. */
export function spansOf(tags: readonly string[]): TokenSpan[] {
  const spans: TokenSpan[] = [];
  let open: { first: number; type: string } | null = null;
  for (let i = 0; i <= tags.length; i++) {
    const mark = i < tags.length ? /^([BI])(?:-(.*))?$/s.exec(tags[i]) : null;
    const type = mark ? (mark[2] ?? "") : null;
    if (open !== null && mark?.[1] === "I" && open.type === type) continue;
    if (open !== null) spans.push({ ...open, last: i - 1 });
    open = type === null ? null : { first: i, type };
  }
  return spans;
}

/** How many spans are right, how many there are, how many were predicted; null where no token is present. */
export function countSpans(input: MetricInput): { right: number; gold: number; predicted: number } | null {
  const { rows, elements, present, target, labels } = input;
  if (!labels) return null;
  let tokens = 0;
  const counts = { right: 0, gold: 0, predicted: 0 };
  for (let row = 0; row < rows; row++) {
    const goldTags: string[] = [];
    const predictedTags: string[] = [];
    for (let i = row * elements; i < (row + 1) * elements; i++) {
      if (present[i] === 0) continue;
      goldTags.push(labels[target[i]]);
      predictedTags.push(labels[predictedCode(input, i)]);
    }
    tokens += goldTags.length;
    const gold = new Set(spansOf(goldTags).map(keyOf));
    const found = spansOf(predictedTags).map(keyOf);
    counts.gold += gold.size;
    counts.predicted += found.length;
    counts.right += found.filter((key) => gold.has(key)).length;
  }
  return tokens > 0 ? counts : null;
}
function keyOf({ first, last, type }: TokenSpan): string {
  return `${first} ${last} ${type}`;
}

export const spanF1 = metric({
  name: "span_f1",
  doc: "F1 of whole spans over all rows, for labels O, B-… and I-…: a span counts only where first token, last token and type are all right. 0 where there are no spans at all.",
  kinds: ["class"],
  fits: ({ shape, axes }) =>
    shape.length === 1 && axes?.[0] ? null : "it compares one label a token, as in class[words] along a token input",
  better: "up",
  inUnits: false,
  settings: {},
  aliases: ["seqeval", "entity_f1", "chunk_f1", "conll_f1"],
  compute(_, input) {
    const counts = countSpans(input);
    if (!counts) return null;
    const all = counts.gold + counts.predicted;
    return all > 0 ? (2 * counts.right) / all : 0;
  },
});
