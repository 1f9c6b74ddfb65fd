import { afterAll, describe, expect, it } from "vitest";
import { registry } from "../../compiler/registry/index.ts";
import { rewrite } from "../../compiler/passes/rewrite.ts";
import { openEngine, type EngineChoice } from "../../runtime/engines/index.ts";
import type { Engine } from "../../runtime/engines/engine.ts";
import { loadTfjs } from "../../runtime/engines/tfjs/loading.ts";
import { trainModel } from "../../runtime/train/train.ts";
import { prepare } from "../../src/project/prepare.ts";
import { openSource } from "../../src/project/sources.ts";
import { prepared } from "../runtime/small-training.ts";
import { comparingEngine, EnginesDiffer } from "./comparing-engine.ts";
import { smallPrograms } from "./small-programs.ts";
import { traceOn, trainingDifferences } from "./trace.ts";

/**
 * Training on TensorFlow.js against training on onnx, from the same weights: every loss, every parameter and every running
 * statistic after every step, dropout included.
 */
const STEPS = 20;
const TOLERANCE = 1e-5;
const { MTLC_TEST_ENGINE: engine = "tfjs", MTLC_TEST_DEVICE: device } = process.env;
const tfjs: EngineChoice = { engine, device };
const onnx: EngineChoice = { engine: "onnx", threads: 1 };
const choices = { found: tfjs, expected: onnx };

describe("whole programs", () => {
  it.each(["examples/penguins/penguins.mtl", "examples/films/films.mtl"])("%s", async (file) => {
    const ready = await prepare(openSource(file));
    expect(await trainingDifferences(ready, choices, { steps: STEPS, tolerance: TOLERANCE })).toEqual([]);
  });
});

describe("small programs", () => {
  it.each(smallPrograms)("$name", async ({ text, rows, without }) => {
    const ready = await prepared(text, { "rows.jsonl": rows });
    expect(await trainingDifferences(ready, choices, { steps: STEPS, tolerance: TOLERANCE, without })).toEqual([]);
  });
});

describe("a difference", () => {
  const [{ text, rows }] = smallPrograms;
  let engines: Engine[] = [];
  afterAll(async () => {
    for (const engine of engines) await engine.close();
  });

  /** The plain engine, but one operation is another. */
  async function wrong(operation: string, taken: string): Promise<Engine> {
    const engine = await openEngine({ engine: "tfjs" });
    return {
      description: engine.description,
      reserve: (bytes) => engine.reserve(bytes),
      buffer: (type, options) => engine.buffer(type, options),
      view: (buffer, offset, type) => engine.view(buffer, offset, type),
      vectorProgram: (graph) => engine.vectorProgram(graph),
      prepare: (graph) =>
        engine.prepare(
          rewrite(
            graph,
            () => (g, node, inputs) =>
              g.apply(node.operation === operation ? taken : node.operation, inputs, node.attributes),
          ),
        ),
      close: () => engine.close(),
    };
  }

  it("is named by the first operation that makes it, and the part of the model", async () => {
    engines = [await openEngine(onnx), await wrong("tanh", "sigmoid")];
    const ready = await prepared(text, { "rows.jsonl": rows });
    const problem: unknown = await traceOn(comparingEngine(engines[0], engines[1], 1e-4), ready, 1).catch(
      (error: unknown) => error,
    );
    if (!(problem instanceof EnginesDiffer)) throw new Error(`no difference: ${String(problem)}`);
    expect(problem.difference).toMatchObject({ operation: "tanh", origin: "trunk.tanh_1" });
    expect(problem.message).toMatch(/^tanh of trunk\.tanh_1 \(f32\[8, 6\] -> f32\[8, 6\]\) gives .* in run 1$/);
  });
});

describe("1,000 steps", () => {
  it("leave no tensor behind", async () => {
    const [{ text, rows }] = smallPrograms;
    const { model, data } = await prepared(text, { "rows.jsonl": rows }, ["train.steps=1000"]);
    const engine = await openEngine(tfjs);
    const name = engine.description.name === "tfjs-node" ? "tfjs-node" : "tfjs";
    const { tf } = await loadTfjs({ engine: name, device: "cpu", threads: undefined });
    const before = tf.memory().numTensors;
    const counts = new Set<number>();
    let steps = 0;
    await trainModel({
      engine,
      registry,
      model,
      data,
      hooks: {
        onStep() {
          steps += 1;
          // Tensors of inputs are there from the first step on.
          if (steps > 1) counts.add(tf.memory().numTensors);
        },
      },
    });
    await engine.close();
    expect(steps).toBe(1000);
    expect(counts.size).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
  });
});
