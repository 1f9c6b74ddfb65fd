import { describe as group, expect, it } from "vitest";
import { describe } from "../../compiler/describe.ts";
import { elementCount } from "../../compiler/graph/graph.ts";
import { modelParameters } from "../../compiler/ir/parameters.ts";
import { reachOf } from "../../compiler/ir/reach.ts";
import { registry } from "../../compiler/registry/index.ts";
import { around, modelOf } from "./checked.ts";

const described = (declarations: string, sizes = {}) => describe(modelOf(around(declarations), { sizes }), registry);

group("describe", () => {
  it("counts parameters, shared and own, and the work of one example", () => {
    const { parameters, work, tensors, tasks, inputs, unknown } = described(`shared trunk = x -> dense(32) -> relu
task a: class(3) { head: trunk -> dense, weight: 0.5 }
task b: real { head: trunk -> dense(16) -> relu -> dense }`);
    const trunk = 8 * 32 + 32;
    const a = 32 * 3 + 3;
    const b = 32 * 16 + 16 + 16 + 1;
    expect(parameters).toEqual({
      total: trunk + a + b,
      trainable: trunk + a + b,
      shared: trunk,
      tasks: { a, b },
    });
    expect(work).toBe(8 * 32 + 32 * 3 + 32 * 16 + 16);
    expect(inputs).toEqual([{ name: "x", shape: ["_", 8] }]);
    expect(tensors).toContainEqual({ name: "trunk", shape: ["_", 32], owner: "trunk" });
    expect(tensors).toContainEqual({ name: "b.dense_1", shape: ["_", 16], owner: "b" });
    expect(tasks).toMatchObject([
      {
        name: "a",
        kind: "class(3)",
        loss: [{ factor: 1, loss: "cross_entropy" }],
        weight: 0.5,
        metrics: ["accuracy", "f1"],
      },
      { name: "b", kind: "real", loss: [{ factor: 1, loss: "mse" }], weight: 1 },
    ]);
    expect(unknown).toEqual([]);
  });

  it("knows what only data tell, and counts it once told", () => {
    const text = `shared a = concat(x, island -> embed(2)) -> dense(4)
task y: class { head: a -> dense }
task z: real { head: a -> dense }`;
    expect(described(text).unknown).toEqual(["codes(island)", "labels(y)"]);
    const { parameters, unknown } = described(text, { "codes(island)": 4, "labels(y)": 3 });
    expect(unknown).toEqual([]);
    expect(parameters).toMatchObject({ shared: 8 + 44, tasks: { y: 15, z: 5 } });
  });

  it("tells unknown from none: a part or a task with parameters that only data count has no number", () => {
    const { parameters, parts } = described(`shared a = concat(x, island -> embed(2)) -> dense(4)
task y: class { head: a -> dense(3) -> relu -> dense }
task z: real { head: a -> dense }`);
    expect(parts).toEqual([
      { name: "a", parameters: null },
      { name: "y", parameters: null },
      { name: "z", parameters: 5 },
    ]);
    expect(parameters.tasks).toEqual({ y: null, z: 5 });
    // Of `a` the layer, of `y` what comes before its labels.
    expect(parameters).toMatchObject({ shared: 44, total: 44 + 15 + 5 });
  });

  it("shows the settings of metrics whose word a task has twice", () => {
    const { tasks } = described("task y: class(9) { head: x -> dense, metrics: [accuracy, top_k(2), top_k(3)] }");
    expect(tasks[0].metrics).toEqual(["accuracy", "top_k(k: 2)", "top_k(k: 3)"]);
  });

  it("counts a head that another head reads as shared", () => {
    const { parameters } = described(`shared trunk = x -> dense(4)
task a: real { head: trunk -> dense }
task b: real { head: concat(trunk, a.output) -> dense }
task c: real { head: concat(x, b.output -> stop_gradient) -> dense }`);
    expect(parameters).toMatchObject({ shared: 36 + 5, tasks: { a: 0, b: 6, c: 10 } });
  });

  it("counts what a layer's two uses share once, and what is held still as not trained", () => {
    const text = around(`layer project = dense(4)
shared a = concat(x -> project, x -> relu -> project)
task y: real { head: a -> dense }
train { freeze: [project], epochs: 3 }`).replace("\ntrain { epochs: 3 }", "");
    expect(describe(modelOf(text), registry).parameters).toMatchObject({ total: 36 + 9, trainable: 9 });
  });

  it("counts copies for every task as that task's own, until they are mixed", () => {
    const copies = described(`shared low = x -> per_task(dense(4))
task a: real { head: low -> dense }
task b: real { head: low -> dense }`);
    expect(copies.parameters).toMatchObject({ total: 72 + 10, shared: 0, tasks: { a: 41, b: 41 } });
    const mixed = described(`shared low = x -> per_task(dense(4)) -> cross_stitch
task a: real { head: low -> dense }
task b: real { head: low -> dense }`);
    expect(mixed.parameters).toMatchObject({ total: 72 + 4 + 10, shared: 76, tasks: { a: 5, b: 5 } });
  });

  it("counts experts as shared and gates as a task's own", () => {
    const { parameters } = described(`shared mixed = x -> mmoe(experts: 3, expert: dense(4))
task a: real { head: mixed -> dense }
task b: real { head: mixed -> dense }`);
    expect(parameters).toMatchObject({ shared: 3 * 36, tasks: { a: 24 + 5, b: 24 + 5 } });
  });

  it("counts the weights that a model has, with their names, owners, tasks and copies", () => {
    const weights = (shared: string): Record<string, unknown>[] => {
      const model = modelOf(
        around(`${shared}\ntask a: real { head: low -> dense }\ntask b: real { head: low -> dense }`),
      );
      const { parameters } = modelParameters(model, registry);
      const total = parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);
      expect(describe(model, registry).parameters.total).toBe(total);
      return parameters
        .filter(({ owner }) => owner !== "a" && owner !== "b")
        .map(({ name, shape, task, copies }) => ({ name, shape, ...(task && { task }), ...(copies && { copies }) }));
    };
    expect(weights("shared low = x -> omoe(experts: 5, expert: dense(6))")).toEqual([
      { name: "low.omoe_1.expert.dense_1.kernel", shape: [5, 8, 6], copies: [5] },
      { name: "low.omoe_1.expert.dense_1.bias", shape: [5, 6], copies: [5] },
      { name: "low.omoe_1.gate.kernel", shape: [8, 5] },
    ]);
    expect(weights("shared low = x -> per_task(dense(6, bias: false) -> relu)")).toEqual([
      { name: "low.a.dense_1.kernel", shape: [8, 6], task: "a" },
      { name: "low.b.dense_1.kernel", shape: [8, 6], task: "b" },
    ]);
    expect(weights("shared low = x -> ple(levels: 2, shared: 2, own: 1, expert: dense(6, bias: false))")).toEqual(
      expect.arrayContaining([
        { name: "low.ple_1.level_2.a.own.dense_1.kernel", shape: [1, 6, 6], task: "a", copies: [1] },
        { name: "low.ple_1.level_2.shared.dense_1.kernel", shape: [2, 6, 6], copies: [2] },
        { name: "low.ple_1.level_2.b.gate.kernel", shape: [6, 3], task: "b" },
      ]),
    );
    expect(
      weights("shared low = x -> per_task(repeat(2, omoe(experts: 3, expert: dense(8, bias: false))))").map(
        ({ name, shape, task }) => [name, shape, task],
      ),
    ).toEqual(
      expect.arrayContaining([
        ["low.b.repeat_1.2.omoe_1.expert.dense_1.kernel", [3, 8, 8], "b"],
        ["low.b.repeat_1.2.omoe_1.gate.kernel", [8, 3], "b"],
      ]),
    );
  });
});

group("tensors of chains", () => {
  const shown = (declarations: string): string[] =>
    described(declarations).tensors.map(
      ({ name, shape, copies = 1 }) => `${name} [${shape.join(", ")}]${copies > 1 ? ` x ${copies}` : ""}`,
    );

  it("stand once for a repeated chain, with their number, before the layer's result", () => {
    const repeated =
      shown(`shared trunk = x -> repeat(3, dense(16) -> relu -> residual(dense(4) -> dense(16)) -> dense(8))
task y: real { head: trunk -> dense }`);
    expect(repeated).toEqual([
      "trunk.repeat_1.1.dense_1 [_, 16] x 3",
      "trunk.repeat_1.1.relu_1 [_, 16] x 3",
      "trunk.repeat_1.1.dense_2 [_, 4] x 3",
      "trunk.repeat_1.1.dense_3 [_, 16] x 3",
      "trunk.repeat_1.1.residual_1 [_, 16] x 3",
      "trunk.repeat_1.1.dense_4 [_, 8] x 3",
      "trunk [_, 8]",
      "y [_, 1]",
    ]);
  });

  it("count the repeats within repeats, the experts, and the copies for tasks", () => {
    const tasks = "task a: real { head: trunk -> dense }\ntask b: real { head: trunk -> dense }";
    const only = (text: string): string[] => shown(`${text}\n${tasks}`).filter((line) => line.startsWith("trunk."));
    expect(only("shared trunk = x -> repeat(2, repeat(3, dense(8)) -> relu)")).toEqual([
      "trunk.repeat_1.1.repeat_1.1.dense_1 [_, 8] x 6",
      "trunk.repeat_1.1.repeat_1 [_, 8] x 2",
      "trunk.repeat_1.1.relu_1 [_, 8] x 2",
    ]);
    expect(only("shared trunk = x -> mmoe(experts: 5, expert: dense(6) -> relu)")).toEqual([
      "trunk.mmoe_1.expert.dense_1 [_, 6] x 5",
      "trunk.mmoe_1.expert.relu_1 [_, 6] x 5",
    ]);
    expect(only("shared trunk = x -> per_task(dense(6) -> tanh)")).toEqual([
      expect.stringMatching(/dense_1 \[_, 6\] x 2$/),
      expect.stringMatching(/tanh_1 \[_, 6\] x 2$/),
    ]);
  });
});

group("reach", () => {
  it("says who reads a value and whose loss reaches it", () => {
    const model = modelOf(
      around(`shared trunk = x -> dense(4)
task a: real { head: trunk -> dense }
task b: real { head: trunk -> stop_gradient -> dense }`),
    );
    const reach = reachOf(model, registry);
    const trunk = model.instructions.find(({ id }) => id === "trunk");
    expect(reach.readers("trunk")).toEqual(["a", "b"]);
    expect(trunk && reach.reachedBy(trunk)).toEqual(["a"]);
  });

  it("leaves out a task that has no loss of its own", () => {
    const model = modelOf(
      around(`task click: flag { head: x -> dense }
task convert: flag { head: x -> dense, target: none }
task bought: flag { probability: click.prediction * convert.prediction }`),
    );
    const reach = reachOf(model, registry);
    const heads = model.instructions.filter(({ layer }) => layer === "dense");
    expect(heads.map((head) => reach.reachedBy(head))).toEqual([["click", "bought"], ["bought"]]);
  });

  it.each([
    ["plain layers", "task y: class(3) { head: x -> dense(4) -> batch_norm -> relu -> dense }"],
    ["a chain that is repeated", "task y: class(3) { head: x -> repeat(4, dense(8) -> relu) -> dense }"],
    [
      "chains for experts and tasks",
      "shared e = x -> mmoe(experts: 3, expert: dense(4) -> relu)\ntask y: real { head: e -> dense }\ntask z: real { head: e -> dense }",
    ],
    [
      "a layer that is applied twice",
      "layer half = dense(8)\nshared a = x -> half -> half\ntask y: real { head: a -> dense }",
    ],
    ["a loss of its own", "task y: class(3)[words] { head: words -> embed(4) -> dense, loss: crf }"],
  ])("counts the parameters of %s layer by layer", (_, declarations) => {
    const { layers, parameters } = described(declarations, { "codes(words)": 9, "codes(island)": 4 });
    expect(layers.reduce((sum, { parameters: own }) => sum + (own ?? Number.NaN), 0)).toBe(parameters.total);
  });

  it("names each layer, what it gives and what it brings", () => {
    const text = `layer half = dense(8)
shared a = x -> half -> relu -> half
task y: class { head: a -> repeat(2, dense(8)) -> dense }`;
    const shown = described(text).layers.map(({ name, layer, parameters, copies }) => [
      name,
      layer,
      parameters,
      copies,
    ]);
    expect(shown).toEqual([
      ["half.dense_1", "dense", 72, undefined],
      ["a.relu_1", "relu", 0, undefined],
      ["a", "dense", 0, undefined],
      ["y.repeat_1.1.dense_1", "dense", 144, 2],
      ["y.repeat_1", "repeat", 0, undefined],
      ["y", "dense", null, undefined],
    ]);
  });
});
