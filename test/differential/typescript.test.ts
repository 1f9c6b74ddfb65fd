import { describe, expect, it } from "vitest";
import { openEngine } from "../../runtime/engines/index.ts";
import { prepare } from "../../src/project/prepare.ts";
import { openSource, type ModelSource } from "../../src/project/sources.ts";
import { sourceOf } from "../runtime/small-training.ts";
import { loadModule, moduleText, traceOfModule } from "./generated.ts";
import { smallPrograms } from "./small-programs.ts";
import { differences, traceOn, type Trace } from "./trace.ts";

/**
 * Generated modules on TensorFlow.js against training on onnx, from the same weights: every loss, every parameter and every
 * running statistic after every step, dropout included.
 */
const STEPS = 10;
const TOLERANCE = 1e-5;

async function expected(source: ModelSource): Promise<Trace> {
  const engine = await openEngine({ engine: "onnx", threads: 1 });
  try {
    const { losses, weights } = await traceOn(engine, await prepare(source), STEPS);
    // What a rule on losses trains stands beside the network.
    const own = weights.map((each) => new Map([...each].filter(([name]) => !/^parameter.balance[./]/.test(name))));
    return { losses, weights: own };
  } finally {
    await engine.close();
  }
}

async function compared(source: ModelSource, without = /^$/): Promise<string[]> {
  const found = await traceOfModule(await loadModule(await moduleText(source)), source, STEPS);
  return differences(found, await expected(source), TOLERANCE, without);
}

describe("small programs", () => {
  it.each(smallPrograms)("$name", async ({ text, rows, without }) => {
    expect(await compared(sourceOf(text, { "rows.jsonl": rows }), without)).toEqual([]);
  });
});

describe("examples", () => {
  it.each(["examples/penguins/penguins.mtl", "examples/films/films.mtl"])("%s", async (file) => {
    expect(await compared(openSource(file))).toEqual([]);
  });
});

describe("the module that ran", () => {
  it("is the generated one: another sign in it is found", async () => {
    const source = openSource("examples/penguins/penguins.mtl");
    const text = await moduleText(source);
    const other = text.replace("x.matMul(kernel).add(bias)", "x.matMul(kernel).sub(bias)");
    expect(other).not.toBe(text);
    const found = await traceOfModule(await loadModule(other), source, STEPS);
    expect(differences(found, await expected(source), TOLERANCE, /^$/)).not.toEqual([]);
  });
});
