import { describe, expect, it } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { around, messages, said } from "./checked.ts";

describe("names", () => {
  it("knows what is near, and reports a name that is used often once", () => {
    const text = around(`shared trunk = x -> dense(16) -> relu
shared a = trnk -> dense(4)
task y: real { head: concat(a, trnk) -> dense }`);
    const { diagnostics } = compile(text);
    expect(diagnostics).toMatchObject([
      {
        code: "MTL2001",
        message: "there is no `trnk` here",
        help: "did you mean `trunk`?",
        labels: [{ message: "and here" }],
        fixes: [{ edits: [{ text: "trunk" }, { text: "trunk" }] }],
      },
    ]);
  });

  it("knows what other libraries call a layer", () => {
    const { diagnostics } = compile(around("task y: real { head: x -> Linear(16) -> ReLU -> dense }"));
    expect(diagnostics.map(({ message, fixes }) => [message, fixes[0].edits[0].text])).toEqual([
      ["there is no layer `Linear`", "dense"],
      ["there is no layer `ReLU`", "relu"],
    ]);
  });

  it("reads from top to bottom", () => {
    expect(
      said(`shared a = later -> dense(4)
shared later = x -> dense(8)
task y: real { head: a -> dense }`),
    ).toEqual(["1:12 MTL2003 `later` is declared further down"]);
    expect(said("block again(t) { return t -> again }\ntask y: real { head: x -> again -> dense }")).toEqual([
      "1:30 MTL2003 `again` cannot use itself",
    ]);
  });

  it("wants one meaning for a name", () => {
    expect(
      said(`shared x = image -> flatten
task y: real { head: x -> dense }`),
    ).toContain("1:8 MTL2004 `x` is declared twice");
  });

  it("lets a file's own layer win over a built-in one", () => {
    expect(
      said(`layer relu = leaky_relu(0.2)
task y: real { head: x -> relu -> dense }`),
    ).toEqual([]);
  });

  it("does not let a file mean two things by one word", () => {
    expect(
      said(`shared relu = x -> dense(8)
task y: real { head: relu -> dense(4) -> relu -> dense }`),
    ).toEqual(["1:8 MTL2008 `relu` is also a layer that this file uses"]);
    expect(
      said(`shared a = x -> relu
layer relu = leaky_relu(0.2)
task y: real { head: a -> relu -> dense }`),
    ).toEqual(["2:7 MTL2008 `relu` is also a layer that this file uses"]);
  });

  it("applies layers, blocks and chains only", () => {
    expect(
      said(`const n = 3
shared a = x -> dense(8)
task y: real { head: x -> a -> dense }
task z: real { head: a -> n -> dense }
task w: real { head: a -> 3 -> dense }`),
    ).toEqual([
      "3:27 MTL2005 `a` is a tensor, not a layer",
      "4:27 MTL2005 `n` is a constant, not a layer",
      "5:27 MTL2005 `3` is a number, not a layer",
    ]);
  });

  it("wants tensors where tensors are needed", () => {
    expect(
      said(`shared a = dense(16) -> relu
task y: real { head: a -> dense }
shared b = y -> dense(4)
task z: real { head: concat(b, dense) -> dense }`),
    ).toEqual([
      "1:12 MTL2006 `dense` is a layer that nothing is fed to, and a tensor is needed here",
      "3:12 MTL2006 `y` is a task, and a tensor is needed here",
      "4:32 MTL2006 `dense` is a layer that nothing is fed to, and a tensor is needed here",
    ]);
  });

  it("wants chains where chains are needed", () => {
    expect(
      said(`layer a = x -> dense(8)
task y: real { head: x -> residual(x) -> a -> dense }`),
    ).toEqual([
      "1:11 MTL2007 a chain of layers is needed here, not yet fed with a tensor",
      "2:36 MTL2007 a chain of layers is needed here, not yet fed with a tensor",
    ]);
  });

  it("gives members to tasks alone", () => {
    expect(
      said(`task a: real { head: x -> dense }
task b: real { head: concat(a.output, a.values) -> dense }
task c: real { head: x.output -> dense }`),
    ).toEqual(["2:41 MTL2010 task `a` has no `values`", "3:22 MTL2010 `x`, an input, has no `output`"]);
  });

  it("warns of names that nothing uses, in a model", () => {
    const text = around(`const width = 8
layer project = dense(4)
block wide(t, n: int) { u = t -> dense(n)  return t -> dense(4) }
shared a = x -> dense(4)`);
    expect(messages(text)).toEqual([
      "3:7 MTL2009 constant `width` is never used",
      "4:7 MTL2009 layer `project` is never used",
      "5:7 MTL2009 block `wide` is never used",
      "5:25 MTL2009 the name `u` is never used",
      "6:8 MTL2009 tensor `a` is never used",
    ]);
    expect(messages("const width = 8\nblock wide(t, n: int) { u = t -> dense(n)  return t }")).toEqual([]);
  });

  it("reads a misspelt declaration as what was meant", () => {
    expect(
      said(`shard a = x -> dense(4)
tsk z: real { head: a -> dens }`),
    ).toEqual([
      "1:1 MTL2011 `shard` opens no declaration",
      "2:1 MTL2011 `tsk` opens no declaration",
      "2:26 MTL2002 there is no layer `dens`",
    ]);
  });

  it("tells a library from a model", () => {
    expect(compile("block wide(t) { return t -> dense(64) }")).toMatchObject({ library: true, model: null });
    expect(messages("input x: f32\ntask y: real { head: x -> dense }")).toContain(
      "1:1 MTL2012 `input` belongs to a model, and this file declares none",
    );
    expect(messages('model A\nmodel B\ninput x: f32\ndata { train: csv("a.csv") }')).toEqual(
      expect.arrayContaining(["1:7 MTL2014 model `A` has no task", "2:7 MTL2013 `B` is the second model of this file"]),
    );
  });

  it("gives five messages for five mistakes", () => {
    expect(
      said(`const width = 16 / 0
shared trunk = x -> dens(width) -> relu
shared deep = trunk -> dense(width, bais: false)
task digit: class(10) { head: deep -> dense(9) }
task box: real[4] { head: trnk -> dense -> sigmoid, loss: mze }`),
    ).toEqual([
      "1:15 MTL2015 a number cannot be divided by 0",
      "2:21 MTL2002 there is no layer `dens`",
      "3:37 MTL3001 `dense` has no setting `bais`",
      "5:27 MTL2001 there is no `trnk` here",
      "5:59 MTL3006 there is no loss `mze`",
    ]);
  });

  it("says nothing further of what cannot be read", () => {
    expect(
      said(`shared trunk = x -> dense(16 -> relu
task y: real { head: trunk -> dense }`),
    ).toHaveLength(1);
    expect(
      said(`shared = x -> dense(16) -> relu
task y: real { head: trunk -> dense }
task z: real { head: concat(trunk, x) -> dense }`),
    ).toHaveLength(1);
  });
});
