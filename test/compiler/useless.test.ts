import { describe, expect, it } from "vitest";
import { askedBy } from "../../compiler/check/tables/asked.ts";
import { checkColumns, type TableHead } from "../../compiler/check/tables/columns.ts";
import type { Source } from "../../compiler/ir/model.ts";
import { diagnosed } from "./diagnosed.ts";

/** What a model has and cannot learn from, or learns from without learning anything: targets among inputs, weights of 0. */

const file = (declarations: string, data = 'data { train: csv("rows.csv") }', train = "epochs: 1"): string =>
  `model T\n${declarations}\ntrain { ${train} }\n${data}`;
const told = (text: string): string[] =>
  diagnosed(text).said.map(({ code, message, at, help }) => [`${code} ${message}`, at, help].join(" | "));

/** What the heads of the tables show beside. */
function inTable(text: string, ...columns: readonly string[]): string[] {
  const { model } = diagnosed(text);
  if (!model) throw new Error("a sound model was expected");
  const head: TableHead = { columns: columns.map((name) => ({ name, kind: "number" })) };
  const heads = new Map<Source, TableHead>([[model.data[0].train, head]]);
  const asked = askedBy(model);
  return [...checkColumns(asked, heads), ...asked.advice(columns)].map(({ code, message }) => `${code} ${message}`);
}

describe("a target among the inputs", () => {
  const auxiliary = "; a task that is there to reconstruct it is `role: auxiliary`";

  it("is told of where the file names it", () => {
    expect(told(file('input x: f32[2] { from: ["a", "price"] }\ntask price: real { head: x -> dense }'))).toEqual([
      `MTL9010 input \`x\` reads the column "price", which task \`price\` is to predict from it | ["a", "price"] | leave it out of \`from\`${auxiliary}`,
    ]);
    expect(told(file('input x: f32 { from: "y" }\ntask y: flag { head: x -> dense }'))).toEqual([
      `MTL9010 input \`x\` reads the column "y", which task \`y\` is to predict from it | "y" | read another column, or predict another one${auxiliary}`,
    ]);
    expect(
      told(file('input v: category { from: "y" }\ntask z: class { head: v -> embed(2) -> dense, target: "y" }')),
    ).toHaveLength(1);
    const ends = 'input x: f32[3] { from: columns("a", "price") }\ntask price: real { head: x -> dense }';
    expect(told(file(ends))).toEqual([
      `MTL9010 input \`x\` reads the column "price", which task \`price\` is to predict from it | columns | list the columns of the input without it, or let the range end before it${auxiliary}`,
    ]);
    // Said once: the table shows nothing new.
    expect(inTable(file(ends), "a", "b", "price")).toEqual([]);
  });

  it("is told of where a range takes it in, all tasks in one warning", () => {
    const text = file(
      'input x: f32[4] { from: columns("a", "d") }\ntask b: real { head: x -> dense }\ntask c: real { head: x -> dense }\ntask e: real { head: x -> dense }',
    );
    expect(told(text)).toEqual([]);
    expect(inTable(text, "a", "b", "c", "d", "e")).toEqual([
      'MTL9010 input `x` reads the columns "b" and "c", which tasks `b` and `c` are to predict from it',
    ]);
    expect(inTable(text, "b", "c", "a", "f", "g", "d", "e")).toEqual([]);
  });

  it.each([
    [
      "an auxiliary task",
      'input v: f32 { from: "y" }\ninput x: f32\ntask z: real { head: x -> dense }\ntask y: real { head: concat(x, v) -> dense, role: auxiliary }',
    ],
    [
      "a task that does not read it",
      'input v: f32 { from: "y" }\ninput x: f32\ntask z: real { head: v -> dense }\ntask y: real { head: x -> dense }',
    ],
    [
      "a vector that is reconstructed",
      'input x: f32[2] { from: ["a", "b"] }\ntask r: real[2] { head: x -> dense, target: ["a", "b"] }',
    ],
    [
      "an image that is reconstructed",
      'input i: f32[4, 4]\ntask r: real[4, 4] { head: i -> flatten -> dense(16) -> reshape([4, 4]), target: "i" }',
    ],
    ["tokens", 'input w: tokens(4)\ntask t: class(9)[w] { head: w -> embed(4) -> dense, target: "w" }'],
  ])("is meant in %s", (_, declarations) => {
    expect(told(file(declarations))).toEqual([]);
  });
});

it("a category that names the groups of a part is told of", () => {
  const text = (kind: string, group: string) =>
    file(
      `input u: ${kind} { from: "user" }\ntask y: real { head: u -> ${kind === "f32" ? "" : "embed(2) -> "}dense }`,
      `data { train: csv("r.csv"), validation: part(0.1, of: train${group}) }`,
    );
  expect(told(text("category", ', group: "user"'))).toEqual([
    'MTL9011 input `u` reads "user", by which `validation` is cut into groups: none of its values there is seen in training | "user" | leave the input out, or cut the part without `group`',
  ]);
  expect(told(text("category", ""))).toEqual([]);
  expect(told(text("f32", ', group: "user"'))).toEqual([]);
});

describe("losses that weigh nothing", () => {
  const tasks = (a: string, b: string) =>
    told(file(`input x: f32\ntask a: class(2) { head: x -> dense${a} }\ntask b: real { head: x -> dense${b} }`));
  const nothing = "MTL9012 the loss of every task weighs 0: nothing is learnt from the answers";

  it.each([
    [", weight: 0", ", weight: 0", [`${nothing} | 0 | `]],
    [", weight: 0", "", []],
    [", loss: cross_entropy(class_weights: [0, 0])", ", weight: 0", [`${nothing} | a | `]],
    [
      ", loss: cross_entropy(class_weights: [0, 0])",
      "",
      [
        "MTL9013 the loss of `a` is always 0: its classes all weigh 0 | cross_entropy | a task that is to be measured only says `weight: 0`",
      ],
    ],
    [", loss: cross_entropy(class_weights: [0, 1])", "", []],
  ])("%s and %s", (a, b, wanted) => {
    expect(tasks(a, b)).toEqual(wanted);
  });
});

describe("batch_norm", () => {
  const of = (layers: string, batch: number) =>
    told(
      file(
        `input x: f32[4]\ninput i: f32[4, 4, 1]\nshared h = ${layers}\ntask y: real { head: concat(h, x, i -> flatten) -> dense }`,
        undefined,
        `batch: ${batch}`,
      ),
    );
  const warning = (path: string) =>
    `MTL9014 \`${path}\` has one value of each channel in a batch of 1: it gives its offset, whatever comes in | batch_norm | use \`layer_norm\`, or a larger \`batch\`; \`accumulate\` does not help, as each batch is normed by itself`;

  it.each([
    ["x -> dense(4) -> batch_norm", 1, [warning("h.batch_norm_1")]],
    ["x -> residual(dense(4) -> batch_norm)", 1, [warning("h.batch_norm_1")]],
    ["x -> dense(4) -> batch_norm", 2, []],
    ["x -> dense(4) -> layer_norm", 1, []],
    ["i -> conv2d(4, kernel: 3) -> batch_norm -> mean_pool", 1, []],
    ["i -> conv2d(4, kernel: 4, padding: valid) -> batch_norm -> flatten", 1, [warning("h.batch_norm_1")]],
  ])("in %s with batches of %i", (layers, batch, wanted) => {
    expect(of(layers, batch)).toEqual(wanted);
  });
});
