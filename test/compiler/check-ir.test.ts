import { describe, expect, it } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { around, lines, modelOf, said } from "./checked.ts";

const ir = (declarations: string) => lines(modelOf(around(declarations)).instructions);

describe("what a file means", () => {
  it("names values by declarations and counts layers in the order of the text", () => {
    expect(
      ir(`shared trunk = concat(x -> dense(4), x -> dense(3) -> relu) -> dense(16) -> relu
task y: real { head: trunk -> dense(8) -> relu -> dense }`),
    ).toEqual([
      "trunk.1 = dense(x) trunk.dense_1 [_, 4]",
      "trunk.2 = dense(x) trunk.dense_2 [_, 3]",
      "trunk.3 = relu(trunk.2) trunk.relu_1 [_, 3]",
      "trunk.4 = concat(trunk.1, trunk.3) trunk.concat_1 [_, 7]",
      "trunk.5 = dense(trunk.4) trunk.dense_3 [_, 16]",
      "trunk = relu(trunk.5) trunk.relu_2 [_, 16]",
      "y.1 = dense(trunk) y.dense_1 [_, 8]",
      "y.2 = relu(y.1) y.relu_1 [_, 8]",
      "y = dense(y.2) y.dense_2 [_, 1]",
    ]);
  });

  it("gives a layer one set of weights and a block fresh ones", () => {
    expect(
      ir(`layer project = dense(8) -> relu
block step(t, width: int = 8) {
  u = t -> dense(width)
  return t + u
}
shared a = x -> project -> project
shared b = a -> step -> step(width: 8)
task y: real { head: b -> dense }`),
    ).toEqual([
      "a.1 = dense(x) project.dense_1 [_, 8]",
      "a.2 = relu(a.1) project.relu_1 [_, 8]",
      "a.3 = dense(a.2) project.dense_1 [_, 8]",
      "a = relu(a.3) project.relu_1 [_, 8]",
      "b.1 = dense(a) b.step_1.dense_1 [_, 8]",
      "b.2 = add(a, b.1) b.step_1.add_1 [_, 8]",
      "b.3 = dense(b.2) b.step_2.dense_1 [_, 8]",
      "b = add(b.2, b.3) b.step_2.add_1 [_, 8]",
      "y = dense(b) y.dense_1 [_, 1]",
    ]);
  });

  it("hands chains to blocks", () => {
    expect(
      ir(`block twice(t, body: chain, rate: number = 0.5) { return t -> body -> dropout(rate) -> body }
shared a = x -> twice(dense(8) -> relu)
task y: real { head: a -> twice(body: dense(4), rate: 0.1) -> dense }`),
    ).toEqual([
      "a.1 = dense(x) a.twice_1.dense_1 [_, 8]",
      "a.2 = relu(a.1) a.twice_1.relu_1 [_, 8]",
      "a.3 = dropout(a.2) a.twice_1.dropout_1 [_, 8]",
      "a.4 = dense(a.3) a.twice_1.dense_2 [_, 8]",
      "a = relu(a.4) a.twice_1.relu_2 [_, 8]",
      "y.1 = dense(a) y.twice_1.dense_1 [_, 4]",
      "y.2 = dropout(y.1) y.twice_1.dropout_1 [_, 4]",
      "y.3 = dense(y.2) y.twice_1.dense_2 [_, 4]",
      "y = dense(y.3) y.dense_1 [_, 1]",
    ]);
  });

  it("counts on in wrapped chains and anew in copies", () => {
    expect(
      ir(`shared a = x -> dense(8) -> residual(dense(8) -> relu) -> dense(8) -> repeat(2, dense(8))
task y: real { head: a -> dense }`),
    ).toEqual([
      "a.1 = dense(x) a.dense_1 [_, 8]",
      "a.5 = residual(a.1) a.residual_1 [_, 8]",
      "  a.3 = dense(a.2) a.dense_2 [_, 8]",
      "  a.4 = relu(a.3) a.relu_1 [_, 8]",
      "a.6 = dense(a.5) a.dense_3 [_, 8]",
      "a = repeat(a.6) a.repeat_1 [_, 8]",
      "  a.8 = dense(a.7) a.repeat_1.1.dense_1 [_, 8]",
      "  a.10 = dense(a.9) a.repeat_1.2.dense_1 [_, 8]",
      "y = dense(a) y.dense_1 [_, 1]",
    ]);
  });

  it("keeps per-task tensors apart from a task's own", () => {
    expect(
      ir(`shared low = x -> per_task(dense(8) -> relu) -> cross_stitch
shared high = low -> dense(4) -> concat(x)
task a: real { head: high -> dense }
task b: flag { head: high -> dense }`),
    ).toEqual([
      "low.4 = per_task(x) low.per_task_1 [_, 8] per task",
      "  low.2 = dense(low.1) low.dense_1 [_, 8]",
      "  low.3 = relu(low.2) low.relu_1 [_, 8]",
      "low = cross_stitch(low.4) low.cross_stitch_1 [_, 8] per task",
      "high.1 = dense(low) high.dense_1 [_, 4] per task",
      "high = concat(high.1, x) high.concat_1 [_, 12] per task",
      "a = dense(high) a.dense_1 [_, 1]",
      "b = dense(high) b.dense_1 [_, 1]",
    ]);
  });

  it("gives experts and stages paths of their own", () => {
    const paths = ir(`shared mixed = x -> mmoe(experts: 3, expert: dense(8) -> relu)
shared look = image -> mtan(stages: [conv2d(4, kernel: 3), conv2d(8, kernel: 3) -> relu])
task a: real { head: concat(mixed, look -> flatten) -> dense }`).join("\n");
    for (const path of ["mixed.mmoe_1.expert.dense_1", "look.mtan_1.stage_2.conv2d_1"]) expect(paths).toContain(path);
  });

  it("reads other tasks' outputs and predictions", () => {
    expect(
      ir(`task first: flag { head: x -> dense }
task second: real { head: concat(x, first.output, first.prediction -> stop_gradient) -> dense }`),
    ).toEqual([
      "first = dense(x) first.dense_1 [_, 1]",
      "second.1 = prediction(first) second.prediction_1 [_, 1]",
      "second.2 = stop_gradient(second.1) second.stop_gradient_1 [_, 1]",
      "second.3 = concat(x, first, second.2) second.concat_1 [_, 10]",
      "second = dense(second.3) second.dense_1 [_, 1]",
    ]);
  });

  it("takes a group apart into tasks", () => {
    const model = modelOf(
      around(`task assay: flag { target: each(["NR-AR", "SR-p53"]), head: x -> dense(4) -> relu -> dense }
task sum: real { head: concat(assay."NR-AR".output, assay."SR-p53".prediction) -> dense }`),
    );
    expect(model.tasks.map(({ name, group, target, head }) => ({ name, group, target, head }))).toMatchObject([
      { name: "assay.NR-AR", group: "assay", target: { names: ["NR-AR"] }, head: "assay.NR-AR" },
      { name: "assay.SR-p53", group: "assay", target: { names: ["SR-p53"] }, head: "assay.SR-p53" },
      { name: "sum", head: "sum" },
    ]);
    expect(lines(model.instructions)).toContain("assay.SR-p53 = dense(assay.SR-p53.2) assay.SR-p53.dense_2 [_, 1]");
  });

  it("makes a flag of a product of probabilities", () => {
    const model = modelOf(
      around(`task click: flag { head: x -> dense }
task convert: flag { head: x -> dense, target: none }
task bought: flag { probability: click.prediction * convert.prediction }`),
    );
    expect(
      model.tasks.map(({ name, head, probability, target }) => [name, head, probability, target === null]),
    ).toEqual([
      ["click", "click", null, false],
      ["convert", "convert", null, true],
      ["bought", null, "bought", false],
    ]);
    expect(lines(model.instructions).at(-1)).toBe("bought = mul(bought.1, bought.2) bought.mul_1 [_, 1]");
  });

  it("keeps sizes that only data know by name, until they are told", () => {
    const text = around(`shared a = concat(x, island -> embed(2))
task y: class { head: a -> dense }
task z: class[words] { head: words -> embed(4) -> dense }`);
    expect(lines(modelOf(text).instructions).filter((line) => /^[yz]/.test(line))).toEqual([
      "y = dense(a) y.dense_1 [_, labels(y)]",
      "z.1 = embed(words) z.embed_1 [_, 10, 4]",
      "z = dense(z.1) z.dense_1 [_, 10, labels(z)]",
    ]);
    const sizes = { "labels(y)": 3, "labels(z)": 17, "codes(island)": 4, "codes(words)": 100 };
    const bound = modelOf(text, { sizes });
    expect(lines(bound.instructions).filter((line) => /^[yz] =/.test(line))).toEqual([
      "y = dense(a) y.dense_1 [_, 3]",
      "z = dense(z.1) z.dense_1 [_, 10, 17]",
    ]);
    const widths = (model: typeof bound) =>
      model.instructions.filter(({ layer }) => layer === "dense").map(({ settings }) => settings.width);
    expect([widths(modelOf(text)), widths(bound)]).toEqual([
      [null, null],
      [3, 17],
    ]);
    expect(bound.inputs.map(({ name, type: { codes, axes } }) => [name, codes, axes])).toEqual([
      ["x", undefined, undefined],
      ["words", 100, ["words"]],
      ["island", 4, undefined],
    ]);
  });

  it("lets a name stand for another's value", () => {
    const model = modelOf(around("shared a = x -> dense(4)\nshared b = a\ntask y: real { head: mean(b) }"));
    expect(model.shared).toEqual([
      { name: "a", value: "a" },
      { name: "b", value: "a" },
    ]);
    expect(lines(model.instructions).at(-1)).toBe("y = mean(a) y.mean_1 [_]");
  });

  it("names the result of a block that returns what it made before", () => {
    expect(
      lines(
        modelOf(
          around(`block both(t) {
  u = t -> dense(4)
  v = u -> relu
  w = u + v
  return w
}
shared a = x -> both
task y: real { head: a -> dense }`),
        ).instructions,
      ).slice(0, 3),
    ).toEqual([
      "a.1 = dense(x) a.both_1.dense_1 [_, 4]",
      "a.2 = relu(a.1) a.both_1.relu_1 [_, 4]",
      "a = add(a.1, a.2) a.both_1.add_1 [_, 4]",
    ]);
  });

  it("keeps searches by their paths", () => {
    const { searches } = modelOf(
      around(`const width = search(16, 64)
task y: real { head: x -> dense(width) -> dropout(search([0.1, 0.3])) -> dense }`),
    );
    expect(searches).toEqual([
      { path: "width", choices: { low: 16, high: 64, scale: "linear" }, chosen: 40 },
      { path: "y.dropout_1.p", choices: [0.1, 0.3], chosen: 0.1 },
    ]);
  });

  it("finds a block's own mistakes without a use, and each once", () => {
    expect(
      said(`block bad(t, width: int) {
  u = t -> dens(width)
  return u -> dense(widht)
}
shared a = x -> bad(4) -> bad(8)
task y: real { head: a -> dense }`),
    ).toEqual(["2:12 MTL2002 there is no layer `dens`", "3:21 MTL2001 there is no `widht` here"]);
    const text = around(`block fits(t) { return t -> conv2d(4, kernel: 3) }
shared a = x -> fits
task y: real { head: a -> dense }`);
    const [problem] = compile(text).diagnostics;
    expect(problem).toMatchObject({
      code: "MTL4002",
      labels: expect.arrayContaining(
        [{ message: "in this use of `fits`" }].map((label) => expect.objectContaining(label)),
      ),
    });
  });

  it("checks five hundred layers", () => {
    const steps = Array.from(
      { length: 500 },
      (_, at) => `shared t${at + 1} = ${at === 0 ? "x" : `t${at}`} -> dense(8)`,
    );
    const text = around(`${steps.join("\n")}\ntask y: real { head: t500 -> dense }`);
    expect(compile(text).model?.instructions).toHaveLength(501);
  });
});
