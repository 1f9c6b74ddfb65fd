import { registry as language } from "../../compiler/registry/index.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import { openEngine, type EngineChoice } from "../../runtime/engines/index.ts";
import type { Engine } from "../../runtime/engines/engine.ts";
import { trainModel } from "../../runtime/train/train.ts";
import type { Prepared } from "../../src/project/prepare.ts";
import { comparingEngine } from "./comparing-engine.ts";

/** Every loss of every step, and after each step every parameter and running statistic. */
export interface Trace {
  readonly losses: readonly Readonly<Record<string, number>>[];
  readonly weights: readonly ReadonlyMap<string, Float32Array>[];
}

/** Takes so many steps from the start on an engine, and notes all that comes of each. */
export async function traceOn(
  engine: Engine,
  { model, data }: Prepared,
  steps: number,
  registry: Registry = language,
): Promise<Trace> {
  const losses: Record<string, number>[] = [];
  const weights: Map<string, Float32Array>[] = [];
  await trainModel({
    engine,
    registry,
    model,
    data,
    saveEvery: 0,
    hooks: {
      onStep: (event) => void losses.push({ ...event.losses }),
      // Nothing is evaluated after an interruption.
      interrupted: () => losses.length === steps,
      async save({ tensors }) {
        const taken = [...tensors].filter(([name]) => /^(parameter|statistic)\//.test(name));
        weights[losses.length - 1] = new Map(taken.map(([name, { data: values }]) => [name, values.slice()]));
      },
    },
  });
  if (weights.filter((taken) => taken !== undefined).length !== losses.length)
    throw new Error("weights of a step are missing");
  return { losses, weights };
}

export interface Comparison {
  readonly steps: number;
  readonly tolerance: number;
  /** Names of weights that are left out: where the true gradient is 0, an optimizer makes whole steps of mere rounding. */
  readonly without?: RegExp;
}

/** Near 0 nothing is relative: biases start there, and a loss may reach it. */
const SMALLEST_WEIGHT = 1e-2;
const SMALLEST_LOSS = 1e-3;

/**
 * What differs between two traces, in words; empty where nothing does. A loss counts relative to itself, a weight relative to
 * the largest of its tensor.
 */
export function differences(found: Trace, expected: Trace, tolerance: number, without: RegExp): string[] {
  if (found.losses.length !== expected.losses.length) {
    return [`${found.losses.length} steps, and ${expected.losses.length} expected`];
  }
  const list: string[] = [];
  expected.losses.forEach((losses, step) => {
    for (const [task, loss] of Object.entries(losses)) {
      const other = found.losses[step][task];
      if (!(Math.abs(other - loss) <= tolerance * Math.max(Math.abs(loss), SMALLEST_LOSS))) {
        list.push(`step ${step + 1}: the loss of ${task} is ${other}, expected ${loss}`);
      }
    }
    for (const [name, values] of expected.weights[step]) {
      if (without.test(name)) continue;
      const others = found.weights[step].get(name);
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const worst = values.reduce(
        (most, value, k) => Math.max(most, others ? Math.abs(others[k] - value) : Infinity),
        0,
      );
      if (!(worst <= tolerance * Math.max(largest, SMALLEST_WEIGHT))) {
        list.push(`step ${step + 1}: ${name} differs by ${worst}, its largest element is ${largest}`);
      }
    }
  });
  return list;
}

/** The limit of one operation by itself: sums of thousands in another order may differ that much. */
const OPERATION_TOLERANCE = 1e-4;

/**
 * Trains the same model from the same weights on two engines. Gives what differs; the first entry names the first operation
 * that does.
 */
export async function trainingDifferences(
  prepared: Prepared,
  choices: { readonly found: EngineChoice; readonly expected: EngineChoice },
  { steps, tolerance, without = /^$/ }: Comparison,
): Promise<string[]> {
  const traces: Trace[] = [];
  for (const choice of [choices.found, choices.expected]) {
    const engine = await openEngine(choice);
    try {
      traces.push(await traceOn(engine, prepared, steps));
    } finally {
      await engine.close();
    }
  }
  const list = differences(traces[0], traces[1], tolerance, without);
  return list.length === 0 ? [] : [await explain(prepared, choices.found, choices.expected, steps), ...list];
}

async function explain(
  prepared: Prepared,
  found: EngineChoice,
  expected: EngineChoice,
  steps: number,
): Promise<string> {
  const [trusted, other] = [await openEngine(expected), await openEngine(found)];
  try {
    await traceOn(comparingEngine(trusted, other, OPERATION_TOLERANCE), prepared, steps);
    return "no operation by itself differs: the difference grows over many";
  } catch (problem) {
    return problem instanceof Error ? problem.message : String(problem);
  } finally {
    await trusted.close();
    await other.close();
  }
}
