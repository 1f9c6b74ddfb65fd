import { describe, expect, it } from "vitest";
import { compile } from "../../compiler/compile.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { around, said } from "./checked.ts";

/** The one error of a file, with the texts at its places. */
function clash(declarations: string) {
  const text = around(declarations);
  const errors = compile(text).diagnostics.filter(({ severity }) => severity === "error");
  expect(errors.map(({ code, message }) => `${code} ${message}`)).toHaveLength(1);
  return shown(text, errors[0]);
}

function shown(text: string, { code, span, note, labels, help, fixes }: Diagnostic) {
  const at = (place: { start: number; end: number } | undefined) => place && text.slice(place.start, place.end);
  return { code, at: at(span), note, labels: labels.map((label) => [at(label.span), label.message]), help, fixes };
}

/** The text after a fix. */
function mended(declarations: string): string {
  const text = around(declarations);
  const { diagnostics } = compile(text);
  const edits = diagnostics.flatMap(({ fixes }) => fixes.flatMap((fix) => fix.edits));
  return [...edits]
    .sort((a, b) => b.span.start - a.span.start)
    .reduce((result, { span, text: by }) => result.slice(0, span.start) + by + result.slice(span.end), text);
}

describe("shapes", () => {
  it("shows both ends of a clash", () => {
    expect(
      clash(`shared trunk = image -> conv2d(32, kernel: 3) -> flatten
shared read = words -> embed(64)
task y: real { head: concat(trunk, read) -> dense }
task z: real { head: x -> dense }`),
    ).toMatchObject({
      code: "MTL4002",
      at: "read",
      note: expect.stringContaining("this is [_, 10, 64]"),
      labels: [["flatten", "this gives [_, 4608]"]],
      help: expect.stringContaining("mean_pool"),
    });
  });

  it("points at the layer where an arrow brings the wrong shape", () => {
    expect(clash("task y: real { head: x -> dense(8) -> conv2d(4, kernel: 3) -> flatten -> dense }")).toMatchObject({
      code: "MTL4002",
      at: "conv2d",
      labels: [["dense(8)", "this gives [_, 8]"]],
    });
  });

  it("never matches two token axes", () => {
    const text = around(`input other: tokens(10)
shared a = (words -> embed(4)) + (other -> embed(4))
task y: real { head: concat(a -> mean_pool, x) -> dense }`);
    expect(compile(text).diagnostics.map(({ code }) => code)).toEqual(["MTL4002"]);
  });

  it("aligns arithmetic from the right, and takes numbers", () => {
    expect(
      said(`shared a = image * (image -> mean_pool) + 1
shared b = 1 - 2 * (a -> flatten)
task y: real { head: concat(b, x / 3, -x) -> dense }`),
    ).toEqual([]);
  });

  it("says which parentheses are missing, and mends it", () => {
    const wrong = `shared y2 = x -> dense(8)
task y: real { head: x -> dense(8) + y2 -> relu -> dense }`;
    expect(clash(wrong)).toMatchObject({
      code: "MTL4005",
      at: "dense(8) + y2",
      help: "write `(x -> dense(8)) + y2`",
    });
    expect(mended(wrong)).toContain("head: (x -> dense(8)) + y2 -> relu -> dense");
    expect(compile(mended(wrong)).diagnostics).toEqual([]);
  });

  it("counts operands and keeps them before settings", () => {
    expect(
      said(`task a: real { head: x -> relu(x) -> dense }
task b: real { head: gate(x) -> dense }
task c: real { head: dense(16, x) -> dense }
task d: real { head: x -> residual -> dense }
task e: real { head: x -> residual(dense(8), relu) -> dense }`),
    ).toEqual([
      "1:32 MTL4001 `relu` takes 1 tensor, and here there are 2",
      "2:22 MTL4001 `gate` takes 2 tensors, and here there is 1",
      "3:32 MTL4007 tensors stand before the settings of `dense`",
      "4:27 MTL4001 `residual` takes 1 chain, and here there is none",
      "5:46 MTL4001 `residual` takes 1 chain, and here there are 2",
    ]);
  });

  it("finds mistakes inside chains once, however often they are copied", () => {
    expect(
      said(`task y: real { head: x -> repeat(3, dense(8) -> conv2d(4, kernel: 3)) -> dense }
task z: real { head: x -> residual(dense(9)) -> dense }`),
    ).toEqual(["1:49 MTL4002 shapes do not meet", "2:27 MTL4002 shapes do not meet"]);
  });

  it("wants divisions that become sizes to come out whole", () => {
    expect(
      said(`const width = 10
task a: real { head: x -> dense(width / 4) -> dense }
task b: real { head: x -> dense(width / 5) -> dropout(1 / 3) -> dense }`),
    ).toEqual(["2:33 MTL4004 10 / 4 does not come out whole, and a size must be a whole number"]);
  });

  it("wants a width everywhere but at the end of a head", () => {
    expect(
      said(`shared a = x -> dense -> relu
task y: real { head: x -> dense -> relu -> dense }
task z: real { head: a -> dense }`),
    ).toEqual(["1:17 MTL4008 this `dense` needs its width", "2:27 MTL4008 this `dense` needs its width"]);
  });

  it("fits a layer's one set of weights to every use", () => {
    expect(
      clash(`layer project = dense(16) -> relu
shared a = x -> project
shared b = image -> flatten -> project
task y: real { head: concat(a, b) -> dense }`),
    ).toMatchObject({
      code: "MTL4006",
      at: "project",
      labels: [
        ["project", "this use brings [_, 8]"],
        ["dense(16)", "these weights are shared by both"],
      ],
    });
  });

  it("checks sizes before anything is made of them", () => {
    expect(said("task y: real { head: x -> dense(90_000_000_000_000) -> dense }")).toEqual([
      "1:27 MTL4010 a tensor of [_, 90000000000000] is more than any machine can hold",
    ]);
    expect(said("shared a = x -> dense(1_000_000)\ntask y: real { head: a -> dense(1_000_000) -> dense }")).toEqual([
      "2:27 MTL4010 a layer of 1000000000000 parameters is more than any machine can hold",
    ]);
    expect(said("task y: real { head: x -> repeat(1_000_000, dense(8)) -> dense }")).toEqual([
      "1:27 MTL4010 a chain of 1000000 copies is more than any machine can hold",
    ]);
  });

  it("wants one number of a penalty", () => {
    expect(said("penalty small = 0.01 * square(x)\npenalty fine = 0.01 * mean(square(x))")).toEqual([
      "1:17 MTL4009 penalty `small` must be one number, and is [_, 8]",
    ]);
  });
});

describe("heads", () => {
  it("fit their kind", () => {
    expect(
      said(`shared read = words -> embed(16)
task a: class(10) { head: x -> dense(9) }
task b: real[4] { head: x -> dense(5) }
task c: ordinal(5) { head: x -> dense(5) }
task d: class(4)[words] { head: x -> dense }
task e: class(4) { head: read -> dense }
task f: flags(3) { head: x -> dense(2) }`),
    ).toEqual([
      "2:32 MTL4003 task `a` is `class(10)`: its head must give [_, 10], and gives [_, 9]",
      "3:30 MTL4003 task `b` is `real[4]`: its head must give [_, 4], and gives [_, 5]",
      "4:33 MTL4003 task `c` is `ordinal(5)`: its head must give [_, 4], and gives [_, 5]",
      "5:38 MTL4003 task `d` is `class(4)[words]`: its head must give [_, words, 4], and gives [_, 4]",
      "6:34 MTL4003 task `e` is `class(4)`: its head must give [_, 4], and gives [_, words, 4]",
      "7:31 MTL4003 task `f` is `flags(3)`: its head must give [_, 3], and gives [_, 2]",
    ]);
    expect(mended("task a: class(10) { head: x -> dense(9) }")).toContain("head: x -> dense }");
  });

  it("may give a single number with or without an axis", () => {
    expect(
      said(`task a: real { head: mean(x) }
task b: flag { head: x -> dense(1) }
task c: real[28, 28, 1] { head: x -> dense(784) -> reshape([28, 28, 1]) }`),
    ).toEqual([]);
  });

  it("end in logits where the loss wants logits", () => {
    const wrong = `task a: class(3) { head: x -> dense(8) -> relu -> dense -> softmax, loss: cross_entropy }
task b: flag { head: x -> dense -> sigmoid }
task c: real { head: x -> dense -> sigmoid }`;
    expect(said(wrong)).toEqual([
      "1:60 MTL5020 the head of `a` ends in `softmax`, and `cross_entropy` wants logits",
      "2:36 MTL5020 the head of `b` ends in `sigmoid`, and `binary_cross_entropy` wants logits",
    ]);
    expect(mended(wrong)).toContain("head: x -> dense(8) -> relu -> dense, loss: cross_entropy");
    expect(compile(mended(wrong)).diagnostics).toEqual([]);
  });

  it("and probabilities alike", () => {
    expect(
      said(`task a: flags(2) { head: x -> dense }
task b: flag { probability: a.prediction }`),
    ).toEqual(["2:29 MTL4003 task `b` is `flag`: its head must give [_, 1], and gives [_, 2]"]);
  });

  it("of a group are checked once", () => {
    expect(said(`task a: flag { target: each(["p", "q", "r"]), head: x -> dense(2) }`)).toEqual([
      "1:58 MTL4003 task `a` is `flag`: its head must give [_, 1], and gives [_, 2]",
    ]);
  });
});

describe("what multiplies", () => {
  const doubled = (first: string, next: (name: string, before: string) => string) =>
    [first, ...Array.from({ length: 40 }, (_, k) => next(`b${k + 1}`, `b${k}`))].join("\n");
  const cases: readonly [string, string][] = [
    ["copies of copies", "shared h = x -> repeat(1000, repeat(1000, dense(3) -> relu))"],
    ["copies of copies of copies", "shared h = x -> repeat(99, repeat(99, repeat(99, repeat(99, relu))))"],
    [
      "blocks that use blocks twice",
      `${doubled("block b0(v) { return v -> dense(3) }", (name, before) => `block ${name}(v) { return v -> ${before} -> ${before} }`)}\nshared h = x -> b40`,
    ],
    [
      "layers that use layers twice",
      `${doubled("layer b0 = relu", (name, before) => `layer ${name} = ${before} -> ${before}`)}\nshared h = x -> b40`,
    ],
    [
      "chains handed on twice",
      `${doubled("block b0(v, c: chain) { return v -> c }", (name, before) => `block ${name}(v, c: chain) { return v -> ${before}(c) -> ${before}(c) }`)}\nshared h = x -> b40(relu)`,
    ],
  ];

  it.each(cases)("%s end in one message", (_, text) => {
    expect(said(text)).toEqual([
      expect.stringMatching(/MTL4010 a network of more than 30000 layers is more than any machine can hold/),
    ]);
  });

  it("experts of experts are counted too", () => {
    const chain = "dense(3) -> relu";
    expect(said(`shared h = x -> mmoe(experts: 900, expert: mmoe(experts: 50, expert: ${chain}))`)).toEqual([
      expect.stringMatching(/MTL4010 a chain of 45000 copies/),
    ]);
    expect(said(`shared h = x -> omoe(experts: 1_000_000, expert: ${chain})`)).toEqual([
      expect.stringMatching(/MTL3005 `experts` is a whole number, 1 or more and at most 1000/),
    ]);
  });
});
