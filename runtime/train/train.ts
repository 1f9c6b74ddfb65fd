import type { Model, Phase, Word } from "../../compiler/ir/model.ts";
import { hasLoss } from "../../compiler/ir/kinds.ts";
import { decayAt } from "../../compiler/optimizers/average.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import { plateauDrops } from "../../compiler/schedules/index.ts";
import type { BoundData, RowSet } from "../data/data.ts";
import type { Engine } from "../engines/engine.ts";
import { closeEpoch } from "./balance.ts";
import { enterPhase, startOfRun, type Cursor } from "./cursor.ts";
import { metricsOf, prepareEvaluator, type Evaluator } from "./evaluate.ts";
import { epochOrder } from "./order.ts";
import { preparePhase, type PhaseRunner, type StepOutcome } from "./phase.ts";
import { factsOf, planRun } from "./plan.ts";
import { gradientProblem, lossProblem, nothingToTrain, skipProblem } from "./problems.ts";
import {
  copyWeights,
  restoreSnapshot,
  restoreWeights,
  takeSnapshot,
  type Snapshot,
  type WeightCopy,
} from "./snapshot.ts";
import type { TrainingState } from "./state.ts";
import { totalLoss, watchOf, type PartResult } from "./watch.ts";
import { weightsOf } from "./weights.ts";

export interface StepEvent {
  /** From 1, over the whole run. */
  readonly step: number;
  /** Losses before any weight and the factors finally applied; absent tasks are left out. */
  readonly losses: Readonly<Record<string, number>>;
  readonly weights: Readonly<Record<string, number>>;
  readonly rate: number;
  /** Where the step stands: for progress. */
  readonly epoch: number;
  readonly epochs: number;
  readonly done: number;
  readonly total: number;
}

export interface EpochEvent {
  /** From 1, over the whole run. */
  readonly epoch: number;
  /** Name of the phase, or null. */
  readonly phase: string | null;
  readonly step: number;
  readonly rate: number;
  readonly seconds: number;
  /** Means over the epoch's steps in which the task was present. */
  readonly losses: Readonly<Record<string, number>>;
  readonly weights: Readonly<Record<string, number>>;
  readonly validation: PartResult | null;
  /** True where the watched value is the best so far. */
  readonly best: boolean;
}

export interface TrainHooks {
  onStep?(event: StepEvent): void;
  onEpoch?(event: EpochEvent): void | Promise<void>;
  /** Keeps a snapshot; asked for at moments that suit, and when training is interrupted. */
  save?(snapshot: Snapshot): Promise<void>;
  /** True once somebody wants training to stop after the step under way. */
  interrupted?(): boolean;
}

export interface TrainSetting {
  readonly engine: Engine;
  readonly registry: Registry;
  /** All sizes known. */
  readonly model: Model;
  readonly data: BoundData;
  readonly seed: number;
  /** Where to go on from. */
  readonly from?: Snapshot;
  readonly hooks?: TrainHooks;
  /** Seconds between two snapshots (5). */
  readonly saveEvery?: number;
}

export interface TrainResult {
  readonly cursor: Cursor;
  readonly interrupted: boolean;
  readonly state: TrainingState;
  readonly weights: WeightCopy;
  /** Results on the parts with the final weights; empty where training was interrupted. */
  readonly parts: ReadonlyMap<"validation" | "test", PartResult>;
  readonly snapshot: Snapshot;
  readonly warnings: { readonly skipped: number; readonly fallbacks: number };
}

/** Trains a model from its first phase, or from where a snapshot stands, to its end. */
export async function trainModel(setting: TrainSetting): Promise<TrainResult> {
  const { engine, registry, model, data, seed, hooks = {} } = setting;
  const facts = factsOf(data);
  const [section] = data.sections;
  const { programs, state } = planRun(engine, registry, model, model.phases, facts, seed);
  const tasks = model.tasks.filter(hasLoss);
  if (section.train.rows === 0) throw nothingToTrain("no row is left to train on");
  const cursor = setting.from ? structuredClone(setting.from.cursor) : startOfRun(tasks.length);
  let best = setting.from ? restoreSnapshot(state, setting.from) : null;
  const evaluators = new Map<string, Evaluator>();
  const evaluate = async (set: RowSet, phase: Phase, only: "all" | "main"): Promise<PartResult> => {
    const averaged = phase.average !== null;
    let evaluator = evaluators.get(String(averaged));
    if (!evaluator) {
      const batch = Math.max(phase.batch, Math.min(128, set.rows));
      evaluator = await prepareEvaluator(engine, registry, model, batch, facts, weightsOf(engine, state, averaged));
      evaluators.set(String(averaged), evaluator);
    }
    const result = await evaluator.run(set);
    const metrics = metricsOf(model, registry, set, result, data.codes, only);
    return { loss: totalLoss(model, result.losses), losses: result.losses, metrics };
  };
  let lastSave = performance.now();
  const save = async (force: boolean): Promise<void> => {
    if (!hooks.save || (!force && performance.now() - lastSave < 1000 * (setting.saveEvery ?? 5))) return;
    await hooks.save(takeSnapshot(state, cursor, best));
    lastSave = performance.now();
  };

  let interrupted = false;
  const started = performance.now() - 1000 * cursor.seconds;
  const clock = (): number => (performance.now() - started) / 1000;
  while (cursor.phase < model.phases.length && !interrupted) {
    const phase = model.phases[cursor.phase];
    const setSteps = new Map(Object.entries(cursor.stepCounts));
    const runner = await preparePhase({
      engine,
      registry,
      phase,
      program: programs[cursor.phase],
      state,
      seed,
      steps: setSteps,
      weights: tasks.map((task) => task.weight),
    });
    const restarts = cursor.phaseStep === 0 && cursor.epochStep === 0;
    if (phase.average && restarts) restoreAverage(state);
    const finished = await runPhase(phase, runner);
    cursor.stepCounts = Object.fromEntries(runner.stepCounts());
    interrupted = !finished;
    if (finished) {
      if (phase.stop && best) restoreWeights(state, best);
      best = null;
      enterPhase(cursor);
    }
    await runner.close();
  }
  cursor.seconds = clock();
  const last = model.phases[Math.min(cursor.phase, model.phases.length) - (interrupted ? 0 : 1)] ?? model.phases[0];
  const parts = new Map<"validation" | "test", PartResult>();
  if (!interrupted) {
    for (const part of ["validation", "test"] as const) {
      const set = section[part];
      if (set) parts.set(part, await evaluate(set, last, "all"));
    }
  }
  const snapshot = takeSnapshot(state, cursor, best);
  if (hooks.save) await hooks.save(snapshot);
  for (const evaluator of evaluators.values()) await evaluator.close();
  return {
    cursor,
    interrupted,
    state,
    weights: copyWeights(state),
    parts,
    snapshot,
    warnings: { skipped: cursor.skipped, fallbacks: cursor.balance.fallbacks },
  };

  /** Runs what is left of a phase; false where it was interrupted. */
  async function runPhase(phase: Phase, runner: PhaseRunner): Promise<boolean> {
    const set = section.train;
    const perEpoch = Math.ceil(Math.ceil(set.rows / phase.batch) / phase.accumulate);
    const total = phase.steps ?? phase.epochs! * perEpoch;
    const epochs = Math.ceil(total / perEpoch);
    const schedule = registry.schedule.get(phase.schedule.word)!;
    const baseRate = phase.optimizer.settings.rate;
    if (typeof baseRate !== "number") throw new Error(`the optimizer ${phase.optimizer.word} has no rate`);
    const watch = phase.stop ? watchOf(phase.stop.on, model, registry) : null;
    const plateau =
      phase.schedule.word === "plateau" ? watchOf(String(phase.schedule.settings.on), model, registry) : null;
    while (cursor.phaseStep < total) {
      const order = epochOrder(set.rows, phase.shuffle, seed, section.name, cursor.epoch);
      let rate = 0;
      while (cursor.epochStep < perEpoch && cursor.phaseStep < total) {
        const drops = plateau
          ? plateauDrops(cursor.plateau, plateau.up ? "up" : "down", Number(phase.schedule.settings.patience))
          : 0;
        const factor = schedule.factor!(phase.schedule.settings, {
          step: cursor.phaseStep,
          total,
          epoch: cursor.phaseEpoch,
          plateau: drops,
        });
        rate = baseRate * factor;
        const ranges = [];
        for (let k = 0; k < phase.accumulate; k++) {
          const from = (cursor.epochStep * phase.accumulate + k) * phase.batch;
          if (from < set.rows) ranges.push({ from, count: Math.min(phase.batch, set.rows - from) });
        }
        const keep = phase.average ? keptByAverage(phase.average, cursor.averaged) : null;
        const request = { set, order, ranges, step: cursor.step + 1, rate, factor, keep };
        const outcome = await runner.step(request, cursor.balance);
        settle(outcome, phase, ranges[0]);
        cursor.step += 1;
        cursor.phaseStep += 1;
        cursor.epochStep += 1;
        if (outcome.kind === "taken") {
          if (phase.average) cursor.averaged += 1;
          hooks.onStep?.(stepEvent(outcome, rate, epochs, total));
        }
        if (hooks.interrupted?.()) {
          cursor.stepCounts = Object.fromEntries(runner.stepCounts());
          cursor.seconds = clock();
          return false;
        }
      }
      const validation = section.validation;
      const watched = watch?.part === "test" || plateau?.part === "test" ? section.test : validation;
      const result = watched ? await evaluate(watched, phase, watch || plateau ? "all" : "main") : null;
      cursor.epoch += 1;
      cursor.phaseEpoch += 1;
      cursor.epochStep = 0;
      closeEpoch(cursor.balance);
      if (plateau && result) cursor.plateau.push(plateau.read(result));
      let isBest = false;
      if (watch && result) {
        const value = watch.read(result);
        isBest =
          value !== null &&
          (cursor.best === null || (watch.up ? value > cursor.best.value : value < cursor.best.value));
        if (isBest && value !== null) {
          cursor.best = { value, epoch: cursor.epoch };
          best = copyWeights(state);
        }
        cursor.waited = isBest ? 0 : cursor.waited + 1;
      }
      const means = epochMeans(cursor);
      cursor.sums = {};
      cursor.seconds = clock();
      cursor.stepCounts = Object.fromEntries(runner.stepCounts());
      await hooks.onEpoch?.({
        epoch: cursor.epoch,
        phase: phase.name,
        step: cursor.step,
        rate,
        seconds: cursor.seconds,
        ...means,
        validation: result,
        best: isBest,
      });
      await save(false);
      if (phase.stop && cursor.waited >= phase.stop.patience) break;
    }
    return true;
  }

  /** Counts skipped steps, and stops where a step could not be taken. */
  function settle(outcome: StepOutcome, phase: Phase, range: { from: number; count: number }): void {
    const where = {
      step: cursor.step + 1,
      epoch: cursor.epoch + 1,
      rows: `rows ${range.from + 1} to ${range.from + range.count} of the epoch's order`,
    };
    const skips = phase.balance.some((rule) => rule.settings.on_nonfinite === "skip");
    switch (outcome.kind) {
      case "taken":
        for (const [k, { name }] of tasks.entries()) {
          const loss = outcome.losses[k];
          const factor = outcome.factors[k];
          if (loss === null || factor === null) continue;
          const sums = (cursor.sums[name] ??= { loss: 0, factor: 0, steps: 0 });
          sums.loss += loss;
          sums.factor += factor;
          sums.steps += 1;
        }
        cursor.skippedInRow = outcome.skipped.length > 0 ? cursor.skippedInRow + 1 : 0;
        cursor.skipped += outcome.skipped.length > 0 ? 1 : 0;
        if (cursor.skippedInRow >= 10) throw skipProblem(tasks[outcome.skipped[0]], 10);
        return;
      case "loss-not-finite":
        throw lossProblem(tasks[outcome.task], outcome.value, where, null);
      case "loss-negative":
        throw lossProblem(tasks[outcome.task], outcome.value, where, outcome.rule);
      case "gradient-not-finite":
        cursor.skippedInRow += 1;
        cursor.skipped += 1;
        if (!skips || cursor.skippedInRow >= 10) throw gradientProblem(tasks, where);
        return;
      default: {
        const never: never = outcome;
        throw new Error(`no such outcome ${String(never)}`);
      }
    }
  }

  function stepEvent(
    outcome: Extract<StepOutcome, { kind: "taken" }>,
    rate: number,
    epochs: number,
    total: number,
  ): StepEvent {
    const losses: Record<string, number> = {};
    const weights: Record<string, number> = {};
    tasks.forEach(({ name }, k) => {
      const loss = outcome.losses[k];
      const factor = outcome.factors[k];
      if (loss === null || factor === null) return;
      losses[name] = loss;
      weights[name] = factor;
    });
    return {
      step: cursor.step,
      losses,
      weights,
      rate,
      epoch: cursor.epoch + 1,
      epochs: cursor.epoch - cursor.phaseEpoch + epochs,
      done: cursor.phaseStep,
      total,
    };
  }
}

function epochMeans(cursor: Cursor): { losses: Record<string, number>; weights: Record<string, number> } {
  const losses: Record<string, number> = {};
  const weights: Record<string, number> = {};
  for (const [name, { loss, factor, steps }] of Object.entries(cursor.sums)) {
    losses[name] = loss / steps;
    weights[name] = factor / steps;
  }
  return { losses, weights };
}

/** What the average keeps of itself in the step after `steps` others. */
function keptByAverage({ settings }: Word, steps: number): number {
  return decayAt({ decay: Number(settings.decay), ramp: settings.ramp === true }, steps);
}

/** A moving average starts at the parameters as they are. */
function restoreAverage(state: TrainingState): void {
  const { average, parameters } = state;
  if (average?.host instanceof Float32Array && parameters.host instanceof Float32Array)
    average.host.set(parameters.host);
}
