import { join } from "node:path";
import { expect, it } from "vitest";
import { csv, folderOf, numbersFrom } from "../runtime/small-training.ts";
import { mtlc } from "../slow/command.ts";

it("training tells when a phase begins, that one stopped early, and which epoch is kept", async () => {
  const number = numbersFrom(2);
  const a = Array.from({ length: 40 }, number);
  const text = `model Told
input a: f32
task y: real { head: a -> dense(16) -> tanh -> dense }
train first { optimizer: sgd(rate: 0.3), clip: none, batch: 4, epochs: 40, stop: early(patience: 3) }
train second { optimizer: sgd(rate: 0.01), stop: none, epochs: 2 }
data { train: csv("rows.csv"), validation: part(0.25, of: train) }`;
  const folder = folderOf({ "told.mtl": text, "rows.csv": csv({ a, y: a.map(() => number()) }) });
  const { code, err } = await mtlc("train", join(folder, "told.mtl"), "--run", join(folder, "run"));
  expect(code, err).toBe(0);
  const lines = err.split("\n");
  const best = lines.flatMap((line) => (line.endsWith("(best)") ? [Number(/^epoch (\d+)/.exec(line)?.[1])] : []));
  const kept = best.at(-1) ?? 0;
  const last = kept + 3;
  expect(last).toBeLessThan(40);
  const told = lines.flatMap((line) => {
    const [shown] = /^(phase .*|stopped .*|epoch \d+ of \d+)/.exec(line) ?? [];
    return shown === undefined ? [] : [shown];
  });
  expect(told).toEqual([
    "phase first (1 of 2), epochs 1 to 40",
    ...Array.from({ length: last }, (_, k) => `epoch ${k + 1} of 40`),
    `stopped after epoch ${last}: no better for 3; epoch ${kept} is kept`,
    `phase second (2 of 2), epochs ${last + 1} to ${last + 2}`,
    `epoch ${last + 1} of ${last + 2}`,
    `epoch ${last + 2} of ${last + 2}`,
  ]);
});

it("training tells which value of a search it takes, as a file would say it", async () => {
  const text = `model Told
input a: f32
task y: real { head: a -> dense }
train { epochs: 1, optimizer: search([sgd(rate: 0.5), adam]), clip: search([none, norm(1.0)]) }
data { train: csv("rows.csv") }`;
  const folder = folderOf({ "told.mtl": text, "rows.csv": csv({ a: [1, 2, 3], y: [1, 2, 3] }) });
  const { err } = await mtlc("train", join(folder, "told.mtl"), "--dry-run");
  expect(err).toMatch(/^search {5}train\.optimizer is sgd\(rate: 0\.5, .*\) here; `search` is for tuning$/m);
  expect(err).toMatch(/^search {5}train\.clip is none here; `search` is for tuning$/m);
});
