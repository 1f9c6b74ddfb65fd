import { describe, expect, it } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { applyFixes } from "../../compiler/fix.ts";
import type { Fix } from "../../compiler/diagnostics/diagnostic.ts";
import { withData, withTask, withTrain } from "./diagnosed.ts";

const fix = (...edits: readonly [start: number, end: number, text: string][]): Fix => ({
  title: "",
  edits: edits.map(([start, end, text]) => ({ span: { file: "a", start, end }, text })),
});

describe("applying fixes", () => {
  it("goes from right to left", () => {
    expect(applyFixes("one two three", [fix([0, 3, "1"]), fix([8, 13, "3"]), fix([4, 7, "2"])])).toBe("1 2 3");
  });
  it("makes a fix of several edits whole or not at all", () => {
    expect(applyFixes("a b c", [fix([2, 3, "B"]), fix([0, 1, "x"], [2, 3, "y"])])).toBe("a B c");
    expect(applyFixes("a b c", [fix([0, 1, "x"], [2, 3, "y"]), fix([2, 3, "B"])])).toBe("x y c");
  });
  it("makes the same fix once", () => {
    expect(applyFixes("epochs 3", [fix([6, 6, ":"]), fix([6, 6, ":"])])).toBe("epochs: 3");
  });
  it("keeps the order of insertions at one place", () => {
    expect(applyFixes("x", [fix([0, 0, "("]), fix([0, 0, "["]), fix([1, 1, "]"]), fix([1, 1, ")"])])).toBe("([x])");
  });
  it("inserts beside what it replaces", () => {
    expect(applyFixes("dens(3", [fix([0, 4, "dense"]), fix([6, 6, ")"]), fix([0, 0, "-> "])])).toBe("-> dense(3)");
  });
  it("changes nothing without fixes", () => {
    expect(applyFixes("model A", [])).toBe("model A");
  });
});

/** The text once the first fix of every diagnostic is made, round after round. */
function mended(text: string): string {
  for (let round = 0; round < 5; round++) {
    const { diagnostics } = compile(text);
    const fixes = diagnostics.flatMap((one) => one.fixes.slice(0, 1));
    if (fixes.length === 0) return text;
    text = applyFixes(text, fixes);
  }
  return text;
}

describe("what fixes mend", () => {
  it.each([
    ["train { epohcs: 3 }", "train { epochs: 3 }"],
    ["train { epochs 3 }", "train { epochs: 3 }"],
    ["train { optimizer: Adam(lr: 1e-3) }", "train { optimizer: adam(rate: 1e-3) }"],
    ['train { optimizer: "sgd" }', "train { optimizer: sgd }"],
    ["train { freeze: trunk }", "train { freeze: [trunk] }"],
    ["train { freeze: [Trunk] }", "train { freeze: [trunk] }"],
    ["train { stop: early(on: validation.digit.Accuracy) }", "train { stop: early(on: validation.digit.accuracy) }"],
    ["train { shuffle: no }", "train { shuffle: false }"],
  ])("%s", (bad, good) => {
    expect(mended(withTrain(bad))).toBe(withTrain(good));
    expect(compile(withTrain(good)).diagnostics).toEqual([]);
  });
  it.each([
    [
      "task z: Class(3) { head: x -> Dense(8) -> ReLU -> dense }",
      "task z: class(3) { head: x -> dense(8) -> relu -> dense }",
    ],
    [
      "task z: class(3) { head: x -> dense, loss: CrossEntropyLoss }",
      "task z: class(3) { head: x -> dense, loss: cross_entropy }",
    ],
    [
      "task z: class(3) { head: x -> dense, metrics: accuracy }",
      "task z: class(3) { head: x -> dense, metrics: [accuracy] }",
    ],
    ["task z: real { head: x -> dense, unit: kg }", 'task z: real { head: x -> dense, unit: "kg" }'],
    ["task z: class(3) { head: x -> dense -> softmax }", "task z: class(3) { head: x -> dense }"],
  ])("%s", (bad, good) => {
    expect(mended(withTask(bad))).toBe(withTask(good));
    expect(compile(withTask(good)).diagnostics).toEqual([]);
  });
  it.each([
    ['data { train: "a.csv.gz" }', 'data { train: csv("a.csv.gz") }'],
    [
      'data { train: CSV("a.csv"), val: part(0.1, of: training) }',
      'data { train: csv("a.csv"), validation: part(0.1, of: training) }',
    ],
    [
      'data { train: csv("a.csv"), test: part(0.1, of: trian) }',
      'data { train: csv("a.csv"), test: part(0.1, of: train) }',
    ],
  ])("%s", (bad, good) => {
    expect(mended(withData(bad))).toBe(withData(good));
  });
});
