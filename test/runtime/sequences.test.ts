import { describe, expect, it } from "vitest";
import { describe as describeModel } from "../../compiler/describe.ts";
import { modelParameters } from "../../compiler/ir/parameters.ts";
import { registry } from "../../compiler/registry/index.ts";
import { createOnnxEngine } from "../../runtime/engines/onnx.ts";
import { prepareEvaluator, type SetResult } from "../../runtime/train/evaluate.ts";
import { metricsOf } from "../../runtime/train/metrics.ts";
import { factsOf } from "../../runtime/train/plan.ts";
import { answersOf } from "../../runtime/train/answers.ts";
import type { Prepared } from "../../src/project/prepare.ts";
import { numbersFrom, prepared, trained, type Trained } from "./small-training.ts";

/** Small models of sentences, from their file to their answers. */

/** Sentences in which `in` opens a span of every following capital letter. */
function sentences(count: number, seed: number): string {
  const next = numbersFrom(seed);
  const pick = (list: readonly string[]): string => list[Math.floor(((next() + 1) / 2) * list.length) % list.length];
  return Array.from({ length: count }, () => {
    const lines: string[] = [];
    const length = 2 + (Math.floor((next() + 1) * 4) % 4);
    while (lines.length < length) {
      if (next() < 0) lines.push(`${pick(["a", "b", "c"])}\tO`);
      else lines.push("in\tO", `${pick(["A", "B"])}\tB-place`, ...(next() < 0 ? [] : [`${pick(["A", "B"])}\tI-place`]));
    }
    const spans = lines.filter((line) => line.endsWith("B-place")).length;
    return `# kind = ${spans > 1 ? "many" : "few"}\n${lines.join("\n")}\n`;
  }).join("\n");
}

const text = (loss: string, head = "lstm(8, bidirectional: true)"): string => `
model Places
input words: tokens(9) { tokenizer: words }
shared sentence = words -> embed(8) -> ${head}
task place: class[words] {
  head:    sentence -> dense
  loss:    ${loss}
  metrics: [span_f1, accuracy, log_loss]
}
task kind: class { head: sentence -> attention_pool -> dense }
train { optimizer: adam(rate: 0.02), epochs: 6, batch: 16, seed: 3 }
data {
  train: conll("train.conll", columns: [words, place], comments: [kind])
  test:  conll("test.conll", columns: [words, place], comments: [kind])
}`;
const tables = { "train.conll": sentences(120, 1), "test.conll": sentences(40, 2) };

async function evaluated({ model, data }: Prepared, { weights }: Trained): Promise<SetResult> {
  const engine = await createOnnxEngine({ threads: 1 });
  try {
    const load = (name: string) => {
      const values = weights.get(name)!;
      const info = modelParameters(model, registry).parameters.find((one) => one.name === name);
      const buffer = engine.buffer({ element: "f32", shape: info?.shape ?? [values.length] });
      buffer.host.set(values);
      buffer.upload();
      return buffer;
    };
    const places = { parameter: load, statistic: load };
    const evaluator = await prepareEvaluator(engine, registry, model, 16, factsOf(data), places);
    const result = await evaluator.run(data.sections[0].test!);
    await evaluator.close();
    return result;
  } finally {
    await engine.close();
  }
}

describe("sentences", () => {
  it.each([
    ["lstm(8, bidirectional: true)", 6],
    ["gru(8, bidirectional: true)", 6],
    ["add_positions(learned) -> transformer(layers: 1, heads: 2, hidden: 16)", 40],
  ])("learn spans and kinds with %s", async (head, epochs) => {
    const ready = await prepared(text("cross_entropy", head), tables, [`train.epochs=${epochs}`]);
    const { metrics } = (await trained(ready)).parts.get("test")!;
    expect(metrics.place.span_f1).toBeGreaterThan(0.9);
    expect(metrics.kind.accuracy).toBeGreaterThan(0.85);
  });

  it("learn with a conditional random field, whose parameters are the task's own", async () => {
    const ready = await prepared(text("crf"), tables);
    const { model, data } = ready;
    const crf = modelParameters(model, registry).parameters.filter(({ path }) => path === "place.crf");
    expect(crf.map(({ name, shape, decay, owner }) => [name, shape, decay, owner])).toEqual([
      ["place.crf.transitions", [3, 3], false, "place"],
      ["place.crf.start", [3], false, "place"],
      ["place.crf.end", [3], false, "place"],
    ]);
    const plain = describeModel((await prepared(text("cross_entropy"), tables)).model, registry).parameters;
    const { total, tasks, trainable } = describeModel(model, registry).parameters;
    const own = Number(tasks.place) - Number(plain.tasks.place);
    expect([total - plain.total, trainable - plain.trainable, own]).toEqual([15, 15, 15]);

    const run = await trained(ready);
    const { metrics } = run.parts.get("test")!;
    expect(metrics.place.span_f1).toBeGreaterThan(0.9);
    const transitions = run.weights.get("place.crf.transitions")!;
    const at = (from: string, to: string): number => {
      const labels = data.codes.tasks.place.labels!;
      return transitions[labels.indexOf(from) * 3 + labels.indexOf(to)];
    };
    // No I follows an O, and every B is followed by O or I.
    expect(at("O", "I-place")).toBeLessThan(at("O", "O"));
    expect(at("B-place", "B-place")).toBeLessThan(at("B-place", "I-place"));

    const result = await evaluated(ready, run);
    expect(metricsOf(model, registry, data.sections[0].test!, result, data.codes)).toEqual(metrics);
  });

  it("answer as many labels as a sentence has tokens, with the chances of each", async () => {
    for (const loss of ["cross_entropy", "crf"]) {
      const ready = await prepared(text(loss), tables);
      const { model, data } = ready;
      const run = await trained(ready);
      const set = data.sections[0].test!;
      const answers = answersOf(model, data.codes, set, await evaluated(ready, run));
      const lengths = tables["test.conll"].split("\n\n").map((block) => block.trim().split("\n").length - 1);
      const right = set.targets.place;
      let [agreeing, all] = [0, 0];
      answers.forEach(({ place, kind }, row) => {
        if (!Array.isArray(place)) throw new Error("a list was expected");
        expect(place).toHaveLength(Math.min(9, lengths[row]));
        expect(kind).toMatchObject({ label: expect.stringMatching(/few|many/) });
        place.forEach((answer, k) => {
          expect(Object.values<number>(answer.probabilities).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
          all++;
          if (answer.label === data.codes.tasks.place.labels![right.values[row * 9 + k]]) agreeing++;
        });
      });
      expect(agreeing / all).toBeCloseTo(Number(run.parts.get("test")!.metrics.place.accuracy), 10);
    }
  });

  it("answer every kind along their tokens", async () => {
    const next = numbersFrom(4);
    const rows = Array.from({ length: 80 }, () => {
      const words = Array.from(
        { length: 1 + Math.floor((next() + 1) * 5) },
        () => "abcdef"[Math.floor((next() + 1) * 3)],
      );
      const codes = words.map((word) => word.charCodeAt(0) - 97);
      const flags = words.map((word) => ("ab".includes(word) ? "yes" : "no"));
      return {
        words,
        score: codes.map((code) => 10 * code),
        yes: flags,
        many: codes,
        level: codes.map((code) => code % 3),
      };
    });
    const every = `
model Along
input words: tokens(8) { tokenizer: words }
shared sentence = words -> embed(8) -> lstm(8)
task score: real[words] { head: sentence -> dense, scale: standard }
task yes: flag[words] { head: sentence -> dense, loss: binary_cross_entropy(positive_weight: balanced) }
task many: count[words] { head: sentence -> dense }
task level: ordinal(3)[words] { head: sentence -> dense }
train { optimizer: adam(rate: 0.03), epochs: 30, batch: 16 }
data { train: jsonl("rows.jsonl"), test: part(0.25, of: train) }`;
    const ready = await prepared(every, { "rows.jsonl": rows.map((row) => JSON.stringify(row)).join("\n") });
    const { metrics } = (await trained(ready)).parts.get("test")!;
    expect(metrics.score.r2).toBeGreaterThan(0.9);
    expect(metrics.yes.accuracy).toBeGreaterThan(0.95);
    expect(metrics.many.mae).toBeLessThan(0.5);
    expect(metrics.level.accuracy).toBeGreaterThan(0.9);
  });
});
