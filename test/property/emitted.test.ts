import { expect, test } from "vitest";
import { moduleText } from "../differential/generated.ts";
import { sourceOf } from "../runtime/small-training.ts";
import { seeds } from "./check.ts";
import { emitRandom } from "./emitted.ts";

/** Whatever checks becomes a module, or is named with what it cannot be made of; 5,000 more in the slow suite. */
const chosen = seeds(12);

test(`programs ${chosen[0]} to ${chosen[chosen.length - 1]} become modules`, () => {
  for (const seed of chosen) emitRandom(seed);
});

const file = (lines: string): string => `model Sizes
input x: f32[2]
task kind: class { head: x -> dense }
task place: class { head: x -> dense }
${lines}
data { train: jsonl("rows.jsonl") }
`;

test("sizes that follow from what the data tell are written as sums of them", async () => {
  const lines =
    "task size: real { head: concat(kind.output, kind.prediction, place.output, x) -> dense(3) -> tanh -> dense }";
  const text = await moduleText(sourceOf(file(lines), { "rows.jsonl": "" }));
  expect(text).toContain("denseWeights(2 * labels.kind + labels.place + 2, 3)");
});

test("uses of a layer with other numbers of tensors have functions of their own", async () => {
  const lines = `shared one = x -> concat -> dense(2)
task size: real { head: concat(one, x, x) -> dense }`;
  const text = await moduleText(sourceOf(file(lines), { "rows.jsonl": "" }));
  expect(text).toContain("...parts: tf.Tensor[]");
});
