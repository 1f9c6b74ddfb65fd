import { expect, it } from "vitest";
import { tableOfRows } from "../../runtime/data/given-rows.ts";
import { encodeRows } from "../../runtime/data/row-sets.ts";
import { encodeExamples } from "../../runtime/generated/rows.ts";
import { compile } from "../../compiler/compile.ts";

/** An array that is missing says the same whatever the rows beside it hold. */

const { model } = compile(`model M
input v: f32[2] { from: "v", fill: 7 }
task y: real { head: v -> dense }
train { epochs: 1 }
data { train: jsonl("rows.jsonl") }`);
const sound = () => {
  if (model === null) throw new Error("the model was expected to be sound");
  return model;
};
const codes = { schema: 1 as const, inputs: { v: { fill: [7, 7] } }, tasks: {} };

it.each([
  ["beside others", [{ v: null }, { v: [1, null] }], [7, 7, 1, 7]],
  ["alone", [{ v: null }], [7, 7]],
  ["where all are", [{ v: null }, { v: "" }], [7, 7, 7, 7]],
])("%s", (_, rows, wanted) => {
  const { inputs } = encodeRows(sound(), codes, tableOfRows(rows), { targets: false });
  expect([...inputs.v]).toEqual(wanted);
});

it("is one number short where single numbers stand", () => {
  expect(() => encodeRows(sound(), codes, tableOfRows([{ v: null }, { v: 1 }]), { targets: false })).toThrow(
    "input `v` wants `f32[2]`, but rows gives 1 column of single cells",
  );
});

it("a vector of an example may lie in a list of its own, or be missing, as a cell's may", () => {
  const description = {
    inputs: { v: { kind: "numbers" as const, shape: [2], fill: 7 } },
    tasks: { y: { kind: "real" as const } },
    rows: { train: { source: "jsonl", paths: ["rows.jsonl"], missing: ["NA", 99] } },
  };
  const examples = [{ v: [[1, 2]] }, { v: null }, { v: "NA" }, { v: "99.0" }, { v: NaN }];
  const { inputs } = encodeExamples(description, codes, examples);
  expect([...inputs.v]).toEqual([1, 2, 7, 7, 7, 7, 7, 7, 7, 7]);
});
