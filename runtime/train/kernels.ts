import {
  lowerAddScaled,
  lowerAverage,
  lowerScale,
  lowerSquaredNorm,
  lowerUpdate,
  type UpdateProgram,
} from "../../compiler/lower/update.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import type { Word } from "../../compiler/ir/model.ts";
import type { OptimizerRow } from "../../compiler/registry/rows.ts";
import type { Engine, EngineBuffer } from "../engines/engine.ts";
import { floats, type TrainingState } from "./state.ts";

/** A scalar that a vector program reads. */
export interface Scalar {
  readonly buffer: EngineBuffer;
  set(value: number): void;
}

function scalar(engine: Engine): Scalar {
  const buffer = engine.buffer({ element: "f32", shape: [1] });
  const values = floats(buffer);
  return {
    buffer,
    set(value) {
      values[0] = value;
      buffer.upload();
    },
  };
}

/** Work on windows of the flat buffers. Each returns a call that was bound once. */
export interface Kernels {
  /** Σ x² of a window. */
  squaredNorm(x: EngineBuffer): () => number;
  /** into += factor · x */
  addScaled(into: EngineBuffer, x: EngineBuffer): (factor: number) => void;
  /** x *= factor */
  scale(x: EngineBuffer): (factor: number) => void;
  /** average = keep · average + (1 - keep) · parameter */
  average(average: EngineBuffer, parameter: EngineBuffer): (keep: number) => void;
}

export function createKernels(engine: Engine): Kernels {
  const norm = engine.vectorProgram(lowerSquaredNorm());
  const addScaled = engine.vectorProgram(lowerAddScaled());
  const scale = engine.vectorProgram(lowerScale());
  const average = engine.vectorProgram(lowerAverage());
  const first = scalar(engine);
  const second = scalar(engine);
  return {
    squaredNorm(x) {
      const sum = engine.buffer({ element: "f32", shape: [1] });
      const run = norm.bind({ x }, { sum });
      const result = floats(sum);
      return () => {
        run();
        return result[0];
      };
    },
    addScaled(into, x) {
      const run = addScaled.bind({ into, x, factor: first.buffer }, { into });
      return (factor) => {
        first.set(factor);
        run();
      };
    },
    scale(x) {
      const run = scale.bind({ x, factor: first.buffer }, { x });
      return (factor) => {
        first.set(factor);
        run();
      };
    },
    average(into, parameter) {
      const run = average.bind(
        { average: into, parameter, keep: first.buffer, take: second.buffer },
        { average: into },
      );
      return (keep) => {
        first.set(keep);
        second.set(1 - keep);
        run();
      };
    },
  };
}

/** The optimizer of a phase, bound to windows of the flat buffers. */
export interface Updater {
  /** Binds a window; the call takes one step with it. `bare` leaves weight decay out whatever the settings say. */
  bind(
    offset: number,
    length: number,
    options: { readonly bare: boolean },
  ): (step: { t: number; rate: number; decay: boolean }, clip: number) => void;
}

export function createUpdater(
  engine: Engine,
  state: TrainingState,
  row: OptimizerRow,
  settings: Word["settings"],
  clip: Word | null,
): Updater {
  const program: UpdateProgram = lowerUpdate(row, settings, clip);
  const vectors = engine.vectorProgram(program.graph);
  const summing = program.sums && engine.vectorProgram(program.sums);
  const sums = Object.fromEntries(
    [...(program.sums?.outputs.keys() ?? [])].map((name) => [name, scalar(engine).buffer]),
  );
  const scalars = new Map(program.scalars.map((name) => [name, scalar(engine)]));
  const limit = scalar(engine);
  return {
    bind(offset, length, { bare }) {
      const type = { element: "f32", shape: [length] } as const;
      const at = (buffer: EngineBuffer): EngineBuffer => engine.view(buffer, offset, type);
      const parameter = at(state.parameters);
      const inputs: Record<string, EngineBuffer> = {
        parameter,
        gradient: at(state.gradient),
        clip: limit.buffer,
        ...sums,
      };
      const outputs: Record<string, EngineBuffer> = { parameter };
      for (const name of program.state) {
        const vector = at(state.vectors.get(`${row.name}/${name}`)!);
        inputs[`state/${name}`] = vector;
        outputs[`state/${name}`] = vector;
      }
      for (const [name, value] of scalars) inputs[`scalar/${name}`] = value.buffer;
      const sum = program.sums && summing?.bind(readBy(program.sums, inputs), sums);
      const run = vectors.bind(readBy(program.graph, inputs), outputs);
      const scaled = bare && settings.decay === "all" ? { ...settings, decay: "kernels" } : settings;
      return (step, clipBy) => {
        for (const [name, value] of Object.entries(row.scalars(scaled, step))) scalars.get(name)!.set(value);
        limit.set(clipBy);
        sum?.();
        run();
      };
    },
  };
}

function readBy({ inputs }: Graph, buffers: Readonly<Record<string, EngineBuffer>>): Record<string, EngineBuffer> {
  return Object.fromEntries(inputs.map(({ name }) => [name, buffers[name]]));
}
