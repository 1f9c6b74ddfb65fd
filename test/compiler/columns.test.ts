import { describe, expect, it } from "vitest";
import { askedBy } from "../../compiler/check/tables/asked.ts";
import { checkColumns, type ColumnHead, type TableHead } from "../../compiler/check/tables/columns.ts";
import type { Source } from "../../compiler/ir/model.ts";
import { diagnosed } from "./diagnosed.ts";

const numbers = (...names: string[]): ColumnHead[] => names.map((name) => ({ name, kind: "number" }));
const texts = (...names: string[]): ColumnHead[] => names.map((name) => ({ name, kind: "text" }));

/** The columns of a table; those of the tables that it is made of follow. */
type Head = readonly ColumnHead[] | readonly (readonly ColumnHead[])[] | null;

function ofTables(head: Head | undefined): readonly (readonly ColumnHead[])[] {
  if (head === null || head === undefined) return [];
  const isOne = (given: NonNullable<Head>): given is readonly ColumnHead[] => given.every((each) => "name" in each);
  return isOne(head) ? [head] : head;
}

/** Checks against one head for each part that has rows of its own, in the order of the file. */
function check(text: string, ...heads: readonly Head[]) {
  const { model, said } = diagnosed(`model T\n${text}\ntrain { epochs: 1 }`);
  expect(said).toEqual([]);
  if (!model) return [];
  const sources = model.data.flatMap(({ train, validation, test }) => [train, validation, test]);
  const known = new Map<Source, TableHead>();
  sources
    .filter((source) => source !== null && source.word !== "part")
    .forEach((source, index) => {
      const [head, ...operands] = ofTables(heads[index]);
      if (source && head) known.set(source, { columns: head });
      operands.forEach((operand, k) => source && operand && known.set(source.operands[k], { columns: operand }));
    });
  const whole = `model T\n${text}\ntrain { epochs: 1 }`;
  return checkColumns(askedBy(model), known).map(({ code, message, span, help }) =>
    [`${code} ${message}`, span && whole.slice(span.start, span.end), help].join(" | "),
  );
}

const model = `input beak: f32[2] { from: ["Beak Length (mm)", "Beak Depth (mm)"] }
input island: category { from: "Island" }
task species: class { head: concat(beak, island -> embed(2)) -> dense, target: "Species" }
`;
const penguins = [...numbers("Beak Length (mm)", "Beak Depth (mm)"), ...texts("Island", "Species")];

describe("columns in the heads of tables", () => {
  it("are all there", () => {
    expect(check(`${model}data { train: csv("a.csv") }`, penguins)).toEqual([]);
  });
  it("are missed where they are named, with what was meant", () => {
    const head = [...numbers("Beak Length mm", "Beak Depth (mm)"), ...texts("Iland", "species")];
    expect(check(`${model}data { train: csv("a.csv") }`, head)).toEqual([
      'MTL8003 a.csv has no column "Beak Length (mm)" | "Beak Length (mm)" | did you mean "Beak Length mm"?',
      'MTL8003 a.csv has no column "Island" | "Island" | did you mean "Iland"?',
      'MTL8003 a.csv has no column "Species" | "Species" | did you mean "species"?',
    ]);
  });
  it("are listed where nothing is near", () => {
    expect(check(`${model}data { train: csv("a.csv") }`, [...penguins.slice(0, 3), ...texts("kind")])).toEqual([
      'MTL8003 a.csv has no column "Species" | "Species" | its columns are "Beak Length (mm)", "Beak Depth (mm)", "Island", "kind"',
    ]);
  });
  it("are not asked of a table that cannot be looked into", () => {
    expect(check(`${model}data { train: csv("a.csv") }`, null)).toEqual([]);
  });
  it("may lack a target in a test table, but no input", () => {
    const text = `${model}data { train: csv("a.csv"), test: csv("b.csv") }`;
    expect(check(text, penguins, penguins.slice(0, 3))).toEqual([]);
    expect(check(text, penguins, penguins.slice(1))).toEqual([
      'MTL8003 b.csv has no column "Beak Length (mm)" | "Beak Length (mm)" | its columns are "Beak Depth (mm)", "Island", "Species"',
    ]);
  });
  it("are those of filters, keys and groups too, and what both tables have matters where it is read", () => {
    const [left, right] = [[...penguins, ...texts("user_id", "spilt", "patient")], texts("user", "Island", "patient")];
    const text = `${model}data {
  train: csv("a.csv", only: { split: "x" }) -> join(csv("b.csv"), on: "user")
  test: part(0.1, of: train, group: "patint")
}`;
    expect(check(text, [left, left, right])).toEqual([
      'MTL8003 a.csv has no column "split" | split | did you mean "spilt"?',
      'MTL8003 a.csv has no column "user" | "user" | did you mean "user_id"?',
      'MTL8021 both a.csv and b.csv have a column "Island" | csv("a.csv", only: { split: "x" }) -> join(csv("b.csv"), on: "user") | ',
      'MTL8003 a.csv with b.csv has no column "patint" | "patint" | did you mean "patient"?',
    ]);
  });
  it("are single cells where filters, keys and groups compare them", () => {
    const text = `${model}data { train: csv("a.csv", only: { box: 1 }), test: part(0.1, of: train, group: box) }`;
    const box = { name: "box", kind: "array", shape: [2] } as const;
    expect(check(text, [...penguins, box])).toEqual([
      'MTL8044 column "box" of a.csv holds an array of 2 in every cell, not one word or number | box | ',
      'MTL8044 column "box" of a.csv holds an array of 2 in every cell, not one word or number | box | ',
    ]);
    expect(check(text, [...penguins, { ...box, shape: [1] }])).toEqual([]);
  });
  it("hold as many numbers as the tensor", () => {
    const pixels = `input p: f32[2, 2] { from: columns("p0", "p3") }\ntask y: real[2] { head: p -> flatten -> dense, target: "both" }\n`;
    const good = [...numbers("p0", "p1", "p2", "p3"), { name: "both", kind: "array", shape: [2] } as const];
    expect(check(`${pixels}data { train: csv("a.csv") }`, good)).toEqual([]);
    expect(
      check(`${pixels}data { train: csv("a.csv") }`, [...numbers("p0", "p2", "p3"), { ...good[4], shape: [3] }]),
    ).toEqual([
      "MTL8004 input `p` wants `f32[2, 2]`, but a.csv gives 3 columns of single cells | p | ",
      'MTL8004 task `y` wants `real[2]`, but a.csv gives an array of 3 in each cell | "both" | ',
    ]);
  });
  it("fit but for axes of size 1", () => {
    const image = `input image: f32[4, 4, 1]\ntask y: flag { head: image -> flatten -> dense }\ndata { train: idx(image: "i", y: "l") }`;
    expect(check(image, [{ name: "image", kind: "array", shape: [4, 4] }, ...numbers("y")])).toEqual([]);
    expect(check(image, [{ name: "image", kind: "array", shape: [4, 5] }, ...numbers("y")])).toHaveLength(1);
  });
  it("hold one word or number where a category or a label is read", () => {
    expect(
      check(`${model}data { train: csv("a.csv") }`, [
        ...penguins.slice(0, 3),
        { name: "Species", kind: "array", shape: [3] },
      ]),
    ).toEqual([
      'MTL8044 column "Species" of a.csv holds an array of 3 in every cell, not one word or number | "Species" | a class is one number a row, the place of the 1; several answers at once are `task species: flags(3)`',
    ]);
  });
  it("are those that a source's own tasks read", () => {
    const text = `input a: f32
input b: f32
task p: real { head: a -> dense }
task q: real { head: b -> dense }
data one { train: csv("one.csv"), tasks: [p] }
data two { train: csv("two.csv"), tasks: [q] }`;
    expect(check(text, numbers("a", "p"), numbers("b", "q"))).toEqual([]);
    expect(check(text, numbers("a", "p"), numbers("a", "q"))).toEqual([
      'MTL8003 two.csv has no column "b" | b | its columns are "a", "q"',
    ]);
  });
  it("are a target's in at least one training table", () => {
    const text = `input a: f32
task p: real { head: a -> dense }
task q: real { head: a -> dense }
data one { train: csv("one.csv") }
data two { train: csv("two.csv") }`;
    expect(check(text, numbers("a", "p"), numbers("a", "q"))).toEqual([]);
    expect(check(text, numbers("a", "p"), numbers("a", "p"))).toEqual([
      'MTL8101 no training source has the column "q" that task `q` is to predict | q | ',
    ]);
  });
});
