import type { Phase, Word } from "../../compiler/ir/model.ts";
import { ruleKeys } from "../../compiler/lower/balance.ts";
import type { StepProgram } from "../../compiler/lower/step.ts";
import { optimize } from "../../compiler/passes/index.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import type { Engine, Run } from "../engines/engine.ts";
import { bindAccumulation, type Accumulation } from "./accumulation.ts";
import { batchBuffers, type BatchBuffers } from "./batch.ts";
import { bindRows, type BoundRows } from "./rows.ts";
import { bindSegments, clipLimit, type BoundSegment } from "./segments.ts";
import type { TrainingState } from "./state.ts";
import { bindStatistics, type Statistics } from "./statistics.ts";
import { wireStep, type Wiring } from "./wiring.ts";

/** A phase made ready: its graph compiled, every buffer bound once. `takeStep` works on it. */
export interface BoundPhase {
  readonly phase: Phase;
  readonly registry: Registry;
  readonly program: StepProgram;
  /** Written weights of the tasks. */
  readonly weights: readonly number[];
  /** Runs the graph on what stands in its buffers. */
  readonly run: Run;
  readonly wiring: Wiring;
  readonly batches: BatchBuffers;
  readonly statistics: Statistics;
  readonly accumulation: Accumulation;
  /** The rule on gradients with its key, and the tasks' gradients of what is shared; null where there is no such rule. */
  readonly gradientRule: { readonly rule: Word; readonly key: string; readonly rows: BoundRows } | null;
  readonly segments: readonly BoundSegment[];
  readonly clip: ReturnType<typeof clipLimit>;
  /** A rule that needs losses above 0, by its word. */
  readonly positiveRule: string | null;
  /** Whether a task whose loss is not finite is left out of the step, instead of ending training. */
  readonly skipsTasks: boolean;
  close(): Promise<void>;
}

export interface PhaseSetting {
  readonly engine: Engine;
  readonly registry: Registry;
  readonly phase: Phase;
  readonly program: StepProgram;
  readonly state: TrainingState;
  /** Steps that each parameter and each scalar of a rule has taken so far. */
  readonly steps: Readonly<Record<string, number>>;
  readonly weights: readonly number[];
}

export async function preparePhase(setting: PhaseSetting): Promise<BoundPhase> {
  const { engine, registry, phase, program, state, steps, weights } = setting;
  const { graph } = optimize(program.graph);
  const compiled = await engine.prepare(graph, { name: "step" });
  const wiring = wireStep(engine, state, program, graph);
  const batches = batchBuffers(engine, graph.inputs, program.batch);
  const rows = program.gradientRule ? await bindRows(engine, state, program) : null;
  const optimizer = registry.optimizer.get(phase.optimizer.word)!;
  const last = phase.balance.length - 1;
  return {
    phase,
    registry,
    program,
    weights,
    run: compiled.bind({ ...wiring.inputs, ...batches.buffers }, wiring.outputs),
    wiring,
    batches,
    statistics: bindStatistics(state, program),
    accumulation: bindAccumulation(engine, state),
    gradientRule: rows && { rule: phase.balance[last], key: ruleKeys(phase.balance)[last], rows },
    segments: bindSegments(engine, state, program, phase, optimizer, steps),
    clip: clipLimit(phase.clip),
    positiveRule: phase.balance.find((rule) => registry.balance.get(rule.word)?.positive)?.word ?? null,
    skipsTasks: phase.balance.some((rule) => rule.settings.on_nonfinite === "skip"),
    async close() {
      await compiled.close();
      await rows?.close();
    },
  };
}
