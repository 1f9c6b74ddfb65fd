import { describe, expect, it } from "vitest";
import { sourceOf } from "../runtime/small-training.ts";
import { checkEverywhere } from "./executors.ts";
import { loadModule, moduleText, traceOfModule } from "./generated.ts";
import { smallPrograms } from "./small-programs.ts";

/**
 * The reference interpreter, onnx, TensorFlow.js and generated modules train the same models alike, from the same weights:
 * every loss, parameter and running statistic after every step, dropout included. The slow suite goes through all programs,
 * examples and rows, and 200 random programs.
 */
const STEPS = 5;
/** The interpreter is slow. */
const REFERENCE_STEPS = 2;

describe("small programs", () => {
  it.each(smallPrograms)("$name", async ({ text, rows }) => {
    const { outcome, lines, steps, referenceSteps } = await checkEverywhere(sourceOf(text, { "rows.jsonl": rows }), {
      steps: STEPS,
      referenceSteps: REFERENCE_STEPS,
    });
    expect({ outcome, lines, steps, referenceSteps }).toEqual({
      outcome: "same",
      lines: [],
      steps: STEPS,
      referenceSteps: REFERENCE_STEPS,
    });
  });
});

describe("the module that ran", () => {
  const { text: written, rows } = smallPrograms[0];
  const source = sourceOf(written, { "rows.jsonl": rows });

  it.each([
    ["another function in a layer", /\.tanh\(\)/, ".sin()", /^tanh of trunk\.tanh_1 .* has no counterpart$/],
    [
      "another sign of a layer's bias",
      "x.matMul(kernel).add(bias)",
      "x.matMul(kernel).sub(bias)",
      /gradient\/\w+\.dense_\d\.bias,$/,
    ],
    ["another rate", "rate: 0.01", "rate: 0.02", /the balance or the optimizer differs$/],
  ] as const)("is the generated one: %s is found and named", async (_, from, to, named) => {
    expect((await moduleText(source)).replace(from, to)).not.toBe(await moduleText(source));
    const changed = (text: string): string => text.replace(from, to);
    const { outcome, lines } = await checkEverywhere(source, { steps: 2, changed });
    expect(outcome).toBe("different");
    expect(lines[0]).toMatch(/^module and reference: /);
    expect(lines[0].replace("module and reference: ", "")).toMatch(named);
  });

  it("leaves no tensor behind: one that does is found", async () => {
    const text = await moduleText(source);
    const leaking = text.replace("losses: value,", "losses: tf.keep(value.clone()).sub(0),");
    expect(leaking).not.toBe(text);
    await expect(traceOfModule(await loadModule(leaking), source, STEPS)).rejects.toThrow("leaves tensors behind");
  });
});
