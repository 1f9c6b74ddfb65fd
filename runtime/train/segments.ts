import type { Phase, Word } from "../../compiler/ir/model.ts";
import type { StepProgram } from "../../compiler/lower/step.ts";
import { clipFactor } from "../../compiler/optimizers/clip.ts";
import type { OptimizerRow } from "../../compiler/registry/rows.ts";
import type { Engine, EngineBuffer } from "../engines/engine.ts";
import { createKernels, createUpdater } from "./kernels.ts";
import { cutSegments, type Segment } from "./layout.ts";
import { ruleScalars } from "./scalars.ts";
import type { TrainingState } from "./state.ts";

/** A segment with all that a step does to it, bound once. */
export interface BoundSegment {
  readonly segment: Segment;
  /** One step of the optimizer. */
  readonly update: (step: { t: number; rate: number; decay: boolean }, clip: number) => void;
  readonly squaredNorm: () => number;
  /** Multiplies the gradient. */
  readonly scale: (factor: number) => void;
  /** Adds the penalties' gradient, where it stands by itself. */
  readonly addPenalty: (() => void) | null;
  /** Moves the average, which keeps this share of itself. */
  readonly moveAverage: ((keep: number) => void) | null;
  /** Parameters that one task's loss alone reaches. */
  readonly isOwn: boolean;
}

export function bindSegments(
  engine: Engine,
  state: TrainingState,
  program: StepProgram,
  phase: Phase,
  optimizer: OptimizerRow,
  steps: Readonly<Record<string, number>>,
): BoundSegment[] {
  const kernels = createKernels(engine);
  const updater = createUpdater(engine, state, optimizer, phase.optimizer.settings, phase.clip);
  const taken = new Map(Object.entries(steps));
  const cut = cutSegments(state.layout, program, ruleScalars(program), taken, optimizer.wholeTensors === true);
  return cut.map((segment) => {
    const { offset, length, rule, tasks } = segment;
    const at = (flat: EngineBuffer): EngineBuffer => engine.view(flat, offset, { element: "f32", shape: [length] });
    const gradient = at(state.gradient);
    const add = segment.penalty && state.penalty ? kernels.addScaled(gradient, at(state.penalty)) : null;
    const averages = phase.average !== null && state.average !== null && rule === null;
    return {
      segment,
      update: updater.bind(offset, length, { bare: rule !== null }),
      squaredNorm: kernels.squaredNorm(gradient),
      scale: kernels.scale(gradient),
      addPenalty: add && (() => add(1)),
      moveAverage: averages ? kernels.average(at(state.average!), at(state.parameters)) : null,
      isOwn: tasks.length === 1 && rule === null,
    };
  });
}

/** Steps that every member has taken: those of the phase's segments, and of what stands still in it. */
export function stepCounts(
  before: Readonly<Record<string, number>>,
  segments: readonly BoundSegment[],
): Record<string, number> {
  const counts = { ...before };
  for (const { segment } of segments) for (const member of segment.members) counts[member] = segment.steps;
  return counts;
}

/** What the update's `clip` is: a factor for the whole model's norm, a bound for each element, or what changes nothing. */
export function clipLimit(clip: Word | null): { ofModel(norm: number): number; readonly none: number } {
  if (!clip) return { ofModel: () => 1, none: 1 };
  const { limit } = clip.settings;
  if (typeof limit !== "number") throw new Error(`clip ${clip.word} has no limit`);
  if (clip.word === "value") return { ofModel: () => limit, none: Number.MAX_VALUE };
  return { ofModel: (norm) => clipFactor(norm, limit), none: 1 };
}
