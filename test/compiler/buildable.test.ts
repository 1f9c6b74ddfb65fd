import { describe, expect, it } from "vitest";
import { oversized } from "../../compiler/oversized.ts";
import { compile } from "../../compiler/compile.ts";
import { unbuiltWords } from "../../compiler/unbuilt.ts";
import { prepare } from "../../src/project/prepare.ts";
import { registry as language } from "../../compiler/registry/index.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import { modelOf } from "./checked.ts";

/** What stops `mtlc train` by name. */

const withTrain = (train: string) => `model T
input x: f32[8]
shared trunk = x -> dense(8, start: he_normal) -> gelu
task a: real { head: trunk -> gelu -> dense, loss: huber, metrics: [rmse] }
task b: flag { head: trunk -> dense }
train { ${train} }
data { train: csv("rows.csv"), test: part(0.2, of: train) }`;

/** The language, in which some words cannot run. */
function without(...words: readonly string[]): Registry {
  const dim = <Row extends { readonly name: string }>(table: ReadonlyMap<string, Row>): ReadonlyMap<string, Row> =>
    new Map([...table].map(([name, row]) => [name, words.includes(name) ? { ...row, built: false } : row]));
  const { layer, loss, metric, start, source, schedule } = language;
  return {
    ...language,
    layer: dim(layer),
    loss: dim(loss),
    metric: dim(metric),
    start: dim(start),
    source: dim(source),
    schedule: dim(schedule),
  };
}

function stops(train: string, registry: Registry = language): string[] {
  return unbuiltWords(modelOf(withTrain(train)), registry).map(({ code, message }) => `${code} ${message}`);
}

it("is silent where everything runs", () => {
  expect(stops("balance: pcgrad, schedule: cosine(warmup: 10)")).toEqual([]);
});

it("names each word that cannot run once, wherever it stands", () => {
  expect(stops("schedule: cosine", without("gelu", "huber", "rmse", "csv", "cosine", "he_normal"))).toEqual([
    "MTL7001 the initial value `he_normal` cannot be trained yet",
    "MTL7001 the layer `gelu` cannot be trained yet",
    "MTL7001 the loss `huber` cannot be trained yet",
    "MTL7001 the metric `rmse` cannot be trained yet",
    "MTL7001 the schedule `cosine` cannot be trained yet",
    "MTL7001 the source `csv` cannot be trained yet",
  ]);
});

it("does not pass over what a rule says of its gradients", () => {
  expect(stops("balance: pcgrad(gradients: representation, over: [trunk])")).toEqual([
    "MTL7001 the setting of a balance rule `gradients: representation` cannot be trained yet",
    "MTL7001 the setting of a balance rule `over` cannot be trained yet",
  ]);
  expect(stops("balance: pcgrad(gradients: parameters, over: shared)")).toEqual([]);
});

/** What is too large in a file with these declarations, where all sizes are known. */
function large(declarations: string, train = "epochs: 1", rows = 10_000): string[] {
  const text = `model T
input image: f32[16, 16, 4]
${declarations}
task a: real { head: h -> dense }
train { ${train} }
data { train: csv("rows.csv") }`;
  // What is too large for any rows is told by `check` already.
  const { model, diagnostics } = compile(text);
  return (model === null ? diagnostics : oversized(model, language, rows)).map(({ code, message, span }) => {
    const at = span ? text.slice(span.start, span.end) : "";
    return `${code} ${message} | ${at}`;
  });
}

it("finds parameters and tensors that no engine can hold, in chains too", () => {
  expect(large("shared h = image -> flatten -> dense(30_000) -> dense(30_000)")).toEqual([
    "MTL7002 this network would have 930,810,001 parameters, more than the 268,435,456 that can be trained here; `h.dense_2.kernel` alone has 900,000,000 | dense(30_000)",
  ]);
  const wide = "conv2d(4096, kernel: 1)";
  expect(large(`shared h = image -> ${wide} -> mean_pool`, "batch: 4096")).toEqual([
    `MTL7003 \`h.conv2d_1\` holds 4,294,967,296 numbers for one batch, more than the 2,147,483,647 that an engine can index | ${wide}`,
  ]);
  expect(large(`shared h = image -> residual(${wide} -> conv2d(4, kernel: 1)) -> mean_pool`, "batch: 4096")).toEqual([
    `MTL7003 \`h.conv2d_1\` holds 4,294,967,296 numbers for one batch, more than the 2,147,483,647 that an engine can index | ${wide}`,
  ]);
  expect(large(`shared h = image -> ${wide} -> mean_pool`, "batch: 1024")).toEqual([]);
  // No batch has more rows than there are, and without data nobody knows how many there are.
  expect(large(`shared h = image -> ${wide} -> mean_pool`, "batch: 1_000_000_000", 1000)).toEqual([]);
  expect(large(`shared h = image -> ${wide} -> mean_pool`, "batch: 1_000_000_000", 1)).toEqual([]);
});

describe("the place of a size is where a person wrote it", () => {
  /** Code, and what is pointed at, of each mistake. */
  const pointed = (declarations: string): string[] => {
    const text = `model T\ninput x: f32[8]\ninput t: tokens(8)\n${declarations}\ntrain { epochs: 1 }\ndata { train: csv("r.csv") }`;
    return compile(text).diagnostics.flatMap(({ code, severity, span }) =>
      severity === "error" ? [`${code} ${span && text.slice(span.start, span.end)}`] : [],
    );
  };

  it.each([
    ["task a: class(1_000_000_000) { head: x -> dense }", "MTL7002 class(1_000_000_000)"],
    ["task a: class(1_000_000_000) { head: x -> dense(1_000_000_000) }", "MTL7002 class(1_000_000_000)"],
    ["task a: class(1_000_000_000) { head: x -> gelu -> dense }", "MTL7002 class(1_000_000_000)"],
    ["task a: class(3_000_000_000) { head: x -> dense }", "MTL7002 class(3_000_000_000)"],
    ["task a: class(10_000_000_000_000) { head: x -> dense }", "MTL4010 class(10_000_000_000_000)"],
    ["task a: ordinal(1_000_000_000) { head: x -> dense }", "MTL7002 ordinal(1_000_000_000)"],
    ["task a: flags(1_000_000_000) { head: x -> dense }", "MTL7002 flags(1_000_000_000)"],
    ["task a: real[1_000_000_000] { head: x -> dense }", "MTL7002 real[1_000_000_000]"],
    ["task a: class(100_000)[t] { head: t -> embed(4) -> dense, loss: crf }", "MTL7002 class(100_000)[t]"],
    ["input z: f32[1_000_000_000]\ntask a: real { head: z -> dense }", "MTL7002 f32[1_000_000_000]"],
    ["input z: f32[3_000_000_000]\ntask a: real { head: mean(z) -> dense }", "MTL7003 f32[3_000_000_000]"],
    ["input z: f32[10_000_000_000_000]\ntask a: real { head: z -> dense }", "MTL4010 f32[10_000_000_000_000]"],
    ["task a: real { head: x -> dense(1_000_000_000) -> dense }", "MTL7002 dense(1_000_000_000)"],
    ["task a: class(7) { head: x -> dense(1_000_000_000) -> dense }", "MTL7002 dense(1_000_000_000)"],
  ])("of %s", (declarations, wanted) => {
    expect(pointed(declarations)).toEqual([wanted]);
  });
});

it("counts the layers that a step is made of, those inside a layer too", () => {
  const deep = (chain: string): string[] => large(`shared h = image -> flatten -> dense(4) -> ${chain}`);
  const many = (layers: string, own = ""): string =>
    `MTL7005 this network would have ${layers} layers, more than the 4,000 that are made into one training step here${own}`;
  // flatten, two `dense` and the `repeat` itself beside its copies.
  expect(deep("repeat(1_998, dense(4) -> relu)")).toEqual([]);
  expect(deep("repeat(1_999, dense(4) -> relu)")).toEqual([
    `${many("4,002", "; this `repeat` alone stands for 3,999")} | repeat(1_999, dense(4) -> relu)`,
  ]);
  const stack = (layers: number): string =>
    `reshape([2, 2]) -> transformer(layers: ${layers}, heads: 1, hidden: 2) -> flatten`;
  expect(deep(stack(285))).toEqual([]);
  expect(deep(stack(286))).toEqual([
    `${many("4,009", "; this `transformer` alone stands for 4,004")} | transformer(layers: 286, heads: 1, hidden: 2)`,
  ]);
  expect(deep(`repeat(143, residual(${stack(2)} -> dense(4)))`)[0]).toContain("this `repeat` alone stands for 4,");
  expect(deep(Array.from({ length: 4001 }, () => "relu").join(" -> "))[0]).toContain(many("4,004"));
});

describe("what cannot be trained yet", () => {
  /** `severity | message | place | help` of each that a check says. */
  const warned = (text: string): string[] =>
    compile(text).diagnostics.flatMap(({ code, severity, message, span, help }) =>
      code === "MTL7001" ? [[severity, message, span && text.slice(span.start, span.end), help].join(" | ")] : [],
    );
  const file = (declarations: string, train = "epochs: 1", data = 'data { train: csv("rows.csv") }'): string => `model T
input x: f32[8]
${declarations}
task a: real { head: x -> dense }
task b: flag { head: x -> dense }
train { ${train} }
${data}`;
  const no = (noun: string, word: string, at = word, help = `mtlc explain ${word}`): string =>
    `warning | the ${noun} \`${word}\` cannot be trained yet | ${at} | ${help}`;

  it.each([
    [file("", "balance: gradnorm"), [no("balance rule", "gradnorm")]],
    [file("", "balance: [dwa, gradnorm(alpha: 2)]"), [no("balance rule", "gradnorm")]],
    [
      file("", "balance: [dwa, pcgrad(gradients: representation, over: [a])]"),
      [
        no(
          "setting of a balance rule",
          "gradients: representation",
          "gradients: representation",
          "mtlc explain balance",
        ),
        no("setting of a balance rule", "over", "over: [a]", "mtlc explain balance"),
      ],
    ],
    [
      `model T
input x: f32
task c: flag { head: x -> dense }
task d: flag { probability: c.prediction * c.prediction }
train { epochs: 1 }
data { train: csv("rows.csv") }`,
      [no("task key", "probability", "probability", "give the task a head of its own")],
    ],
    [
      file(
        "",
        "epochs: 1",
        'data one { train: csv("r.csv"), tasks: [a] }\ndata two { train: csv("r.csv"), tasks: [b] }',
      ),
      [
        no(
          "second data section",
          "data two",
          "two",
          "put the rows into one section: where a row has no answer for a task, its cell is empty",
        ),
      ],
    ],
    [
      file("shared h = x -> mmoe(experts: 2, expert: dense(4))\ntask c: real { head: h -> dense }"),
      [no("layer", "mmoe", "mmoe(experts: 2, expert: dense(4))")],
    ],
    [
      file(
        'input t: tokens(8) { tokenizer: wordpiece("bert") }\ntask c: real { head: t -> embed(4) -> mean_pool -> dense }',
      ),
      [no("tokenizer", "wordpiece")],
    ],
    [
      file("input i: image(8, 8, 3) { augment: [flip] }\ntask c: real { head: i -> flatten -> dense }"),
      [no("input kind", "image", "image(8, 8, 3)"), no("augmentation", "flip")],
    ],
    [file("", "epochs: 1", 'data { train: parquet("a.parquet") }'), [no("source", "parquet", 'parquet("a.parquet")')]],
  ])("is a warning of check at the word itself, case %#", (text, wanted) => {
    expect(warned(text)).toEqual(wanted);
  });

  it("is what training stops at, in the same places", async () => {
    const text = file("", "balance: gradnorm");
    const source = { file: "model.mtl", folder: "/", text, read: () => null, overrides: [] };
    const [warning] = compile(text).diagnostics;
    await expect(prepare(source)).rejects.toMatchObject({ diagnostics: [{ ...warning, severity: "error" }] });
  });
});
