import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { valuesBehind } from "../../compiler/ir/behind.ts";
import type { Model } from "../../compiler/ir/model.ts";
import { modelParameters, namesOf } from "../../compiler/ir/parameters.ts";
import { registry } from "../../compiler/registry/index.ts";
import { openEngine } from "../../runtime/engines/index.ts";
import type { Engine } from "../../runtime/engines/engine.ts";
import { prepare, type Prepared } from "../../src/project/prepare.ts";
import type { ModelSource } from "../../src/project/sources.ts";
import { Draw } from "../property/draw.ts";
import { EnginesDiffer, comparingEngine } from "./comparing-engine.ts";
import { loadModule, moduleText, traceOfModule } from "./generated.ts";
import { moduleDifference } from "./module-difference.ts";
import { referenceEngine, roundedEngine } from "./reference-engine.ts";
import { shakenStarts } from "./shaken.ts";
import { deviations, OPERATION_TOLERANCE, traceOn, type Deviation, type Trace } from "./trace.ts";

/**
 * One model on all four executors: the reference interpreter, live onnx, live TensorFlow.js, and its generated module. Each
 * makes its own start weights from the seed, and every loss, parameter and running statistic of every step is compared, each
 * executor with each other.
 */
export type Executor = "reference" | "onnx" | "tfjs" | "module";

export interface Lengths {
  /** Steps of onnx, TensorFlow.js and the module. */
  readonly steps: number;
  /** Steps of the interpreter; as many where absent. */
  readonly referenceSteps?: number;
  /** Changes the module's text before it runs: for showing that it is the one that ran. */
  readonly changed?: (text: string) => string;
}

export interface Verdict {
  /**
   * `same`; `soft`, where something lies apart and rounding alone moves it as far; `different`; `refused`, where a diagnostic
   * says that it cannot be trained; `no module`, where only TypeScript cannot be made of it.
   */
  readonly outcome: "same" | "soft" | "different" | "refused" | "no module";
  /** What differs, the first operation first; what rounding moves; why it was refused. */
  readonly lines: readonly string[];
  /**
   * Weights without a true gradient: in 64 bits they hardly leave their start, in 32 bits an optimizer makes whole steps of
   * what rounding leaves (the bias of a key, which softmax takes away; one before a norm). They are not compared.
   */
  readonly idle: readonly string[];
  /** Steps that every executor but the interpreter has taken, and the interpreter. */
  readonly steps: number;
  readonly referenceSteps: number;
  /** Whether training ended by itself on a loss or gradient that is not finite: on all of them, at the same step. */
  readonly diverged: boolean;
}

/** The limit of the issue: relative, over the first steps, in 32-bit floats. */
export const TOLERANCE = 1e-5;
/** How often more than what rounding was seen to move a number, it may differ by. */
const MARGIN = 16;
const SHAKES = 3;

export async function checkEverywhere(source: ModelSource, lengths: Lengths): Promise<Verdict> {
  const none = { steps: 0, referenceSteps: 0, diverged: false, idle: [] };
  let ready: Prepared;
  let text: string;
  try {
    ready = await prepare(source);
    text = await moduleText(source);
    text = lengths.changed?.(text) ?? text;
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    const lines = error.diagnostics.map(({ code, message }) => `${code} ${message}`);
    return {
      ...none,
      outcome: error.diagnostics.every(({ code }) => code === "MTL7004") ? "no module" : "refused",
      lines,
    };
  }
  const traces: Partial<Record<Executor, Trace>> = {};
  try {
    traces.onnx = await onEngine("onnx", (engine) => traceOn(engine, ready, lengths.steps));
  } catch (error) {
    // Nothing that learns is left: said when the phase begins.
    if (!(error instanceof DiagnosticError)) throw error;
    return { ...none, outcome: "refused", lines: error.diagnostics.map(({ code, message }) => `${code} ${message}`) };
  }
  const { onnx } = traces;
  const reference = await traceOn(referenceEngine(), ready, lengths.referenceSteps ?? lengths.steps);
  const tfjs = await onEngine("tfjs", (engine) => traceOn(engine, ready, lengths.steps));
  const module = await ranModule(text, source, lengths.steps);
  const told = toldBy(ready.model);
  const pairs: readonly (readonly [Executor, Trace, Executor, Trace])[] = [
    ["onnx", onnx, "reference", reference],
    ["tfjs", tfjs, "reference", reference],
    ["tfjs", tfjs, "onnx", onnx],
    ["module", module, "reference", told(reference)],
    ["module", module, "onnx", told(onnx)],
    ["module", module, "tfjs", told(tfjs)],
  ];
  const idle = idleWeights(ready.model, reference);
  const met = new Set<string>();
  const result = {
    steps: onnx.losses.length,
    referenceSteps: reference.losses.length,
    diverged: onnx.diverged,
    idle: [],
  };
  for (const [name, trace] of [["tfjs", tfjs] as const, ["module", module] as const]) {
    if (trace.losses.length === onnx.losses.length && trace.diverged === onnx.diverged) continue;
    const ends = (other: Trace): string =>
      `${other.losses.length} steps${other.diverged ? " and then what is not finite" : ""}`;
    return { ...result, outcome: "different", lines: [`${name} takes ${ends(trace)}, onnx ${ends(onnx)}`] };
  }
  const soft: string[] = [];
  let movements: Movements | null = null;
  for (const [one, found, other, expected] of pairs) {
    const all = deviations(found, expected, TOLERANCE);
    if (all.length === 0) continue;
    const shaken: Movements = (movements ??= await movementsOf(ready, { onnx, reference }, lengths, source.text));
    const unexplained = all.filter((each) => !shaken.explain(each));
    if (unexplained.length > 0) {
      const first = await firstOperation(one, other, { ready, source, text, step: unexplained[0].step });
      const lines = unexplained.slice(0, 6).map((each) => each.text);
      return { ...result, outcome: "different", lines: [`${one} and ${other}: ${first}`, ...lines] };
    }
    for (const { name } of all) if (idle.has(name)) met.add(name);
    const apart = all.filter(({ name }) => !idle.has(name));
    if (apart.length === 0) continue;
    const worst = apart.reduce((a, b) => (b.relative > a.relative ? b : a));
    soft.push(`${one} and ${other}: ${worst.text}; rounding moves it by ${shaken.of(worst).toExponential(1)}`);
  }
  return { ...result, outcome: soft.length > 0 ? "soft" : "same", lines: soft, idle: [...met] };
}

async function onEngine<Result>(name: "onnx" | "tfjs", use: (engine: Engine) => Promise<Result>): Promise<Result> {
  const engine = await openEngine(name === "onnx" ? { engine: "onnx", threads: 1 } : { engine: testedTfjs });
  try {
    return await use(engine);
  } finally {
    await engine.close();
  }
}

const testedTfjs = process.env["MTLC_TEST_ENGINE"] ?? "tfjs";

async function ranModule(text: string, source: ModelSource, steps: number): Promise<Trace> {
  try {
    return await traceOfModule(await loadModule(text), source, steps);
  } catch (error) {
    throw new Error(`the module failed\n${source.text}\n${text}`, { cause: error });
  }
}

/** A trace as far as a module tells of it: what a rule on losses trains stands beside its network, and statistics of what no head reads stand still there. */
function toldBy(model: Model): (trace: Trace) => Trace {
  const ends = [...model.tasks.flatMap(({ head }) => head ?? []), ...model.penalties.map(({ value }) => value)];
  const alive = valuesBehind(model.instructions, ends);
  const dead = model.instructions.filter(({ id }) => !alive.has(id)).map(({ path }) => `statistic/${path}.`);
  const isTold = (name: string): boolean =>
    !/^parameter.balance[./]/.test(name) && !dead.some((path) => name.startsWith(path));
  const told = (weights: ReadonlyMap<string, Float32Array>): Map<string, Float32Array> =>
    new Map([...weights].filter(([name]) => isTold(name)));
  return (trace) => ({ ...trace, weights: trace.weights.map(told), result: trace.result && told(trace.result) });
}

/** Weights that may learn, and that the interpreter moves by no more than rounding would. */
function idleWeights(model: Model, { weights }: Trace): ReadonlySet<string> {
  const [first] = weights;
  const last = weights[weights.length - 1];
  const learning = modelParameters(model, registry).parameters.filter(
    ({ owner, trainable }) =>
      trainable !== false &&
      !model.phases.every(({ freeze }) => namesOf(model, owner).some((name) => freeze.includes(name))),
  );
  const names = learning.map(({ name }) => `parameter/${name}`);
  return new Set(
    names.filter((name) => {
      const [from, to] = [first?.get(name), last?.get(name)];
      return from && to && to.every((value, k) => Math.abs(value - from[k]) < 1e-7);
    }),
  );
}

/**
 * How far rounding moves the numbers of a training: found out on onnx with start weights that are moved by as little, and on
 * the interpreter with every number that it calculates moved so.
 */
interface Movements {
  of(deviation: Deviation): number;
  explain(deviation: Deviation): boolean;
}

async function movementsOf(
  ready: Prepared,
  { onnx, reference }: { readonly onnx: Trace; readonly reference: Trace },
  { steps, referenceSteps = steps }: Lengths,
  name: string,
): Promise<Movements> {
  const moved = new Map<string, number>();
  const note = (found: Trace, expected: Trace): void => {
    for (const { step, name: of, relative } of deviations(found, expected, 0)) {
      const key = `${step} ${of}`;
      moved.set(key, Math.max(moved.get(key) ?? 0, relative));
    }
  };
  for (let k = 0; k < SHAKES; k++) {
    const starts = shakenStarts(new Draw(k, `shake/${name}`));
    note(await onEngine("onnx", (engine) => traceOn(engine, ready, steps, starts)), onnx);
    const rounded = roundedEngine(new Draw(k, `round/${name}`));
    note(await traceOn(rounded, ready, referenceSteps), reference);
  }
  const find = ({ step, name: of }: Deviation): number => moved.get(`${step} ${of}`) ?? 0;
  return { of: find, explain: (deviation) => deviation.relative <= MARGIN * find(deviation) };
}

interface Situation {
  readonly ready: Prepared;
  readonly source: ModelSource;
  readonly text: string;
  /** From 1. */
  readonly step: number;
}

/** The first operation that two executors compute differently, in words. */
async function firstOperation(one: Executor, other: Executor, at: Situation): Promise<string> {
  if (one === "module") return moduleDifference(at);
  const open = async (name: Executor): Promise<Engine> =>
    name === "reference"
      ? referenceEngine()
      : openEngine(name === "onnx" ? { engine: "onnx", threads: 1 } : { engine: testedTfjs });
  const [trusted, tried] = [await open(other), await open(one)];
  try {
    await traceOn(comparingEngine(trusted, tried, OPERATION_TOLERANCE), at.ready, at.step);
    return "no operation by itself differs: the difference grows over many";
  } catch (problem) {
    if (problem instanceof EnginesDiffer) return problem.message;
    throw problem;
  } finally {
    await trusted.close();
    await tried.close();
  }
}
