import type { Phase } from "../../compiler/ir/model.ts";
import type { StepProgram } from "../../compiler/lower/step.ts";
import { clipFactor } from "../../compiler/optimizers/clip.ts";
import { optimize } from "../../compiler/passes/index.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import type { RowSet } from "../data/data.ts";
import type { Engine, EngineBuffer } from "../engines/engine.ts";
import { bindAccumulation } from "./accumulation.ts";
import { gradientWeights, hostFeeds, keepWeights, noteLosses, type BalanceState } from "./balance.ts";
import { batchBuffers } from "./batch.ts";
import { createKernels, createUpdater } from "./kernels.ts";
import { cutSegments } from "./layout.ts";
import { bindRows } from "./rows.ts";
import { ruleScalars } from "./scalars.ts";
import { floats, type TrainingState } from "./state.ts";
import { bindStatistics } from "./statistics.ts";
import { wireStep } from "./wiring.ts";

/** One batch of a step: rows `order[from … from + count)`. */
export interface BatchRange {
  readonly from: number;
  readonly count: number;
}

export interface StepRequest {
  readonly set: RowSet;
  readonly order: Int32Array;
  /** One range, or several whose gradients are averaged. */
  readonly ranges: readonly BatchRange[];
  /** Step of the whole run, from 1: random numbers belong to it. */
  readonly step: number;
  /** The optimizer's rate times the schedule's factor. */
  readonly rate: number;
  /** The schedule's factor alone. */
  readonly factor: number;
  /** What the moving average keeps of itself; null where there is none. */
  readonly keep: number | null;
}

export type StepOutcome =
  | {
      readonly kind: "taken";
      /** For each task with a loss: its loss before any weight, null where absent. */
      readonly losses: readonly (number | null)[];
      /** The factor finally applied to each loss, null where absent. */
      readonly factors: readonly (number | null)[];
      /** Norm of the gradient before clipping. */
      readonly norm: number;
      /** Tasks left out because their loss was not finite. */
      readonly skipped: readonly number[];
    }
  // Nothing was changed by these.
  | { readonly kind: "loss-not-finite"; readonly task: number; readonly value: number }
  | { readonly kind: "loss-negative"; readonly task: number; readonly value: number; readonly rule: string }
  | { readonly kind: "gradient-not-finite" };

/** A phase made ready: its graph compiled, every buffer bound once. */
export interface PhaseRunner {
  readonly program: StepProgram;
  step(request: StepRequest, balance: BalanceState): Promise<StepOutcome>;
  /** Steps that every parameter and rule scalar has taken. */
  stepCounts(): ReadonlyMap<string, number>;
  close(): Promise<void>;
}

export interface PhaseSetting {
  readonly engine: Engine;
  readonly registry: Registry;
  readonly phase: Phase;
  readonly program: StepProgram;
  readonly state: TrainingState;
  readonly seed: number;
  /** Steps taken so far, by parameter. */
  readonly steps: ReadonlyMap<string, number>;
  /** Written weights of the tasks. */
  readonly weights: readonly number[];
}

/** What the batches of a step gave, by task. */
interface Totals {
  readonly kind: "totals";
  readonly losses: number[];
  readonly factors: number[];
  readonly batches: number[];
  /** What remembering stages used in the last batch. */
  readonly remembered: Map<number, Float32Array>;
}

export async function preparePhase(setting: PhaseSetting): Promise<PhaseRunner> {
  const { engine, registry, phase, program, state, seed } = setting;
  const { graph } = optimize(program.graph);
  const compiled = await engine.prepare(graph, { name: "step" });
  const wiring = wireStep(engine, state, program, graph);
  const batches = batchBuffers(engine, graph.inputs, program.batch);
  const run = compiled.bind({ ...wiring.inputs, ...batches.buffers }, wiring.outputs);
  const rows = program.gradientRule ? await bindRows(engine, state, program) : null;
  const statistics = bindStatistics(state, program, new Set(Object.keys(wiring.outputs)));
  const kernels = createKernels(engine);
  const accumulation = bindAccumulation(kernels, state);
  const optimizer = registry.optimizer.get(phase.optimizer.word)!;
  const updater = createUpdater(engine, state, optimizer, phase.optimizer.settings, phase.clip);
  const segments = cutSegments(state.layout, program, ruleScalars(program), setting.steps).map((segment) => {
    const at = (flat: EngineBuffer): EngineBuffer =>
      engine.view(flat, segment.offset, { element: "f32", shape: [segment.length] });
    const gradient = at(state.gradient);
    return {
      segment,
      update: updater.bind(segment.offset, segment.length),
      squaredNorm: kernels.squaredNorm(gradient),
      scale: kernels.scale(gradient),
      addPenalty: state.penalty ? kernels.addScaled(gradient, at(state.penalty)) : null,
      moveAverage: state.average ? kernels.average(at(state.average), at(state.parameters)) : null,
      isOwn: segment.tasks.length === 1 && segment.rule === null,
    };
  });
  const tasks = program.tasks.length;
  const positiveRule = phase.balance.find((rule) => registry.balance.get(rule.word)?.positive);
  const skipsTasks = phase.balance.some((rule) => rule.settings.on_nonfinite === "skip");
  const clipLimit = limitOf(phase);

  /** Runs the batches of a step, without tasks that are left out; nothing that outlives the step is changed. */
  async function batchesOf(
    request: StepRequest,
    balance: BalanceState,
    left: ReadonlySet<number>,
  ): Promise<Totals | StepOutcome> {
    const zeros = (): number[] => new Array<number>(tasks).fill(0);
    const totals: Totals = {
      kind: "totals",
      losses: zeros(),
      factors: zeros(),
      batches: zeros(),
      remembered: new Map(),
    };
    accumulation.clear();
    for (const [k, { from, count }] of request.ranges.entries()) {
      batches.fill(request.set, request.order, from, count);
      for (const task of left) batches.leaveOut(program.tasks[task]);
      wiring.draw(seed, request.step, k);
      const at = { seed, step: request.step, present: program.tasks.map((task) => batches.isPresent(task)) };
      for (const [name, values] of hostFeeds(program, registry, balance, at)) {
        const buffer = wiring.fed.get(name);
        if (!buffer) continue;
        floats(buffer).set(values);
        buffer.upload();
      }
      await run();
      for (let task = 0; task < tasks; task++) {
        if (wiring.present[task] === 0) continue;
        const value = wiring.losses[task];
        if (!Number.isFinite(value)) return { kind: "loss-not-finite", task, value };
        if (positiveRule && value < 0) return { kind: "loss-negative", task, value, rule: positiveRule.word };
        totals.losses[task] += value;
        totals.factors[task] += wiring.factors[task];
        totals.batches[task] += 1;
      }
      for (const { remembers, index } of program.stages) {
        if (remembers) totals.remembered.set(index, floats(wiring.outputs[`balance/${index}/weights`]).slice());
      }
      accumulation.add(1 / request.ranges.length);
      // The next batch goes on from these statistics; those of the last wait until the step is taken.
      if (k < request.ranges.length - 1) statistics.keep((reached) => takesPart(reached, totals));
    }
    accumulation.finish();
    return totals;
  }

  function takesPart(reached: readonly string[], totals: Totals): boolean {
    return reached.length === 0 || reached.some((task) => totals.batches[program.tasks.indexOf(task)] > 0);
  }

  async function step(request: StepRequest, balance: BalanceState): Promise<StepOutcome> {
    const left = new Set<number>();
    const restore = request.ranges.length > 1 || skipsTasks ? statistics.snapshot() : () => {};
    let totals = await batchesOf(request, balance, left);
    while (skipsTasks && totals.kind === "loss-not-finite") {
      restore();
      left.add(totals.task);
      totals = await batchesOf(request, balance, left);
    }
    if (totals.kind !== "totals") {
      restore();
      return totals;
    }
    const { batches: counts } = totals;
    const present = counts.map((count) => count > 0);
    const mean = (sums: readonly number[]): (number | null)[] =>
      sums.map((sum, k) => (present[k] ? sum / counts[k] : null));
    const losses = mean(totals.losses);
    let factors = mean(totals.factors);
    let ownFactor = 1;
    if (rows) {
      const weights = gradientWeights(phase.balance.at(-1)!, registry, balance, {
        gram: await rows.gram(),
        losses: losses.map((loss, k) => (loss ?? 0) * (factors[k] ?? 0)),
        present,
        seed,
        step: request.step,
        index: phase.balance.length - 1,
      });
      await rows.combine(weights.shared);
      factors = factors.map((factor, k) => (factor === null ? null : factor * weights.shared[k]));
      ownFactor = weights.own;
    }

    const taking = segments.filter(({ segment }) => takesPart(segment.tasks, totals));
    let squared = 0;
    for (const { segment, squaredNorm, scale, addPenalty, isOwn } of taking) {
      if (rows && isOwn && ownFactor !== 1) scale(ownFactor);
      if (!segment.rule) addPenalty?.(1);
      const part = squaredNorm();
      // A rule's scalars stand outside the norm, but must be finite too.
      squared += segment.rule && Number.isFinite(part) ? 0 : part;
    }
    const norm = Math.sqrt(squared);
    if (!Number.isFinite(norm)) {
      restore();
      return { kind: "gradient-not-finite" };
    }
    const limit = clipLimit.model(norm);
    for (const { segment, update, moveAverage } of taking) {
      segment.steps += 1;
      const ownRate = segment.rule?.rate;
      const rate =
        ownRate !== undefined && ownRate !== null ? ownRate * request.factor : request.rate * segment.rateFactor;
      update({ t: segment.steps, rate, decay: segment.decay }, segment.rule ? clipLimit.none : limit);
      if (request.keep !== null) moveAverage?.(request.keep);
    }
    statistics.keep((reached) => takesPart(reached, totals));
    for (const [stage, weights] of totals.remembered) keepWeights(balance, stage, weights, present);
    noteLosses(
      balance,
      losses.map((loss, k) => (loss ?? 0) * setting.weights[k]),
      present,
    );
    return { kind: "taken", losses, factors, norm, skipped: [...left] };
  }

  return {
    program,
    step,
    stepCounts() {
      const counts = new Map(setting.steps);
      for (const { segment } of segments) for (const member of segment.members) counts.set(member, segment.steps);
      return counts;
    },
    async close() {
      await compiled.close();
      await rows?.close();
    },
  };
}

/** What the update's `clip` is: a factor for the whole model's norm, a bound for each element, or what changes nothing. */
function limitOf({ clip }: Phase): { model(norm: number): number; none: number } {
  if (!clip) return { model: () => 1, none: 1 };
  const { limit } = clip.settings;
  if (typeof limit !== "number") throw new Error(`clip ${clip.word} has no limit`);
  if (clip.word === "value") return { model: () => limit, none: Number.MAX_VALUE };
  return { model: (norm) => clipFactor(norm, limit), none: 1 };
}
