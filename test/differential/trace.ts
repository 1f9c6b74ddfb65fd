import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { registry as language } from "../../compiler/registry/index.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import { openEngine, type EngineChoice } from "../../runtime/engines/index.ts";
import type { Engine } from "../../runtime/engines/engine.ts";
import type { NamedWeights } from "../../runtime/train/snapshot.ts";
import { trainModel } from "../../runtime/train/train.ts";
import type { Prepared } from "../../src/project/prepare.ts";
import { comparingEngine } from "./comparing-engine.ts";

/** Every loss of every step, and after each step every parameter and running statistic. */
export interface Trace {
  readonly losses: readonly Readonly<Record<string, number>>[];
  readonly weights: readonly ReadonlyMap<string, Float32Array>[];
  /** Whether a loss or a gradient that is not finite ended it. */
  readonly diverged: boolean;
  /** What training hands over where it came to its end: the best weights, or their average. */
  readonly result: ReadonlyMap<string, Float32Array> | null;
}

const NOT_FINITE = new Set(["loss-not-finite", "gradient-not-finite"]);

/** Takes so many steps from the start on an engine, and notes all that comes of each. */
export async function traceOn(
  engine: Engine,
  { model, data }: Prepared,
  steps: number,
  registry: Registry = language,
): Promise<Trace> {
  const losses: Record<string, number>[] = [];
  const weights: Map<string, Float32Array>[] = [];
  let diverged = false;
  const result = await trainModel({
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
        // The last of all may stand behind the best weights, which are brought back at the end.
        weights[losses.length - 1] ??= new Map(taken.map(([name, { data: values }]) => [name, values.slice()]));
      },
    },
  }).catch((problem: unknown) => {
    diverged = problem instanceof DiagnosticError && problem.diagnostics.every(({ name }) => NOT_FINITE.has(name));
    if (!diverged) throw problem;
    return null;
  });
  if (weights.filter((taken) => taken !== undefined).length !== losses.length)
    throw new Error("weights of a step are missing");
  return { losses, weights, diverged, result: result && !result.interrupted ? handedOver(result.weights) : null };
}

function handedOver({ parameters, statistics }: NamedWeights): Map<string, Float32Array> {
  const named = (kind: string, of: NamedWeights["parameters"]): [string, Float32Array][] =>
    [...of].map(([name, { data }]) => [`${kind}/${name}`, data.slice()]);
  return new Map([...named("parameter", parameters), ...named("statistic", statistics)]);
}

export interface Comparison {
  readonly steps: number;
  readonly tolerance: number;
  /** Names of weights that are left out: where the true gradient is 0, an optimizer makes whole steps of mere rounding. */
  readonly without?: RegExp;
}

/** Near 0 nothing is relative: biases start there and may come back, and a loss may reach it. */
const SMALLEST_WEIGHT = 1e-2;
const SMALLEST_LOSS = 1e-3;

/** How far a loss or a weight of one trace lies from that of another. */
export interface Deviation {
  readonly step: number;
  /** `loss/<task>`, `parameter/<path>` or `statistic/<path>`. */
  readonly name: string;
  /** Of a loss to itself, of a weight to the largest that its tensor has had. */
  readonly relative: number;
  readonly text: string;
}

/** What lies apart by more than `tolerance`, over the steps that both have taken. */
export function deviations(found: Trace, expected: Trace, tolerance: number): Deviation[] {
  const list: Deviation[] = [];
  const note = (step: number, name: string, relative: number, text: string): void => {
    if (!(relative <= tolerance)) list.push({ step, name, relative, text: `step ${step}: ${text}` });
  };
  const largest = new Map<string, number>();
  const compare = (
    step: number,
    weights: ReadonlyMap<string, Float32Array>,
    others: Trace["weights"][number],
  ): void => {
    for (const [name, values] of weights) {
      const now = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const scale = Math.max(now, largest.get(name) ?? SMALLEST_WEIGHT);
      largest.set(name, scale);
      const other = others.get(name);
      const worst = values.reduce(
        (most, value, at) => Math.max(most, other ? Math.abs(other[at] - value) : Infinity),
        0,
      );
      note(step, name, worst / scale, `${name} differs by ${worst}, its largest element was ${scale}`);
    }
  };
  const steps = Math.min(found.losses.length, expected.losses.length);
  for (let k = 0; k < steps; k++) {
    for (const [task, loss] of Object.entries(expected.losses[k])) {
      const other = found.losses[k][task];
      const relative = Math.abs(other - loss) / Math.max(Math.abs(loss), SMALLEST_LOSS);
      note(k + 1, `loss/${task}`, relative, `the loss of ${task} is ${other}, expected ${loss}`);
    }
    compare(k + 1, expected.weights[k], found.weights[k]);
  }
  if (expected.result && found.result) compare(steps + 1, expected.result, found.result);
  return list;
}

/**
 * What differs between two traces, in words; empty where nothing does. A loss counts relative to itself, a weight relative to
 * the largest that its tensor has had.
 */
export function differences(found: Trace, expected: Trace, tolerance: number, without: RegExp): string[] {
  if (found.losses.length !== expected.losses.length) {
    return [`${found.losses.length} steps, and ${expected.losses.length} expected`];
  }
  return deviations(found, expected, tolerance)
    .filter(({ name }) => !without.test(name))
    .map(({ text }) => text);
}

/** The limit of one operation by itself: sums of thousands in another order may differ that much. */
export const OPERATION_TOLERANCE = 1e-4;

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
