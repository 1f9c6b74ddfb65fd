import type { StateInfo } from "../../compiler/ir/parameters.ts";
import type { Engine, EngineBuffer } from "../engines/engine.ts";
import type { Layout } from "./layout.ts";

/**
 * All that changes while a network is trained and lives in the engine: parameters, gradients, optimizer vectors, averages and
 * running statistics. Flat buffers share one layout.
 */
export interface TrainingState {
  readonly layout: Layout;
  readonly parameters: EngineBuffer;
  readonly gradient: EngineBuffer;
  /** Optimizer vectors by `<optimizer>/<name>`. */
  readonly vectors: ReadonlyMap<string, EngineBuffer>;
  /** The moving average of the parameters, where a phase asks for one. */
  readonly average: EngineBuffer | null;
  /** Gradients of the tasks for shared parameters, block after block; where a rule on gradients is in use. */
  readonly rows: EngineBuffer | null;
  /** Gradients of penalties by themselves, where a rule on gradients must not see them. */
  readonly penalty: EngineBuffer | null;
  /** Sums over the batches of one step, where gradients are accumulated. */
  readonly accumulated: readonly { readonly source: EngineBuffer; readonly sum: EngineBuffer }[];
  /** Running statistics by name, and their next values. */
  readonly statistics: ReadonlyMap<string, { readonly current: EngineBuffer; readonly next: EngineBuffer }>;
}

export interface StateNeeds {
  readonly vectors: readonly string[];
  readonly average: boolean;
  readonly accumulate: boolean;
  readonly penalty: boolean;
  /** Numbers in all row blocks; 0 where there is no rule on gradients. */
  readonly rows: number;
}

const BYTES = 4;
/** Every persistent buffer may be moved up to the next multiple of this. */
const ALIGNMENT = 64;

export function createState(
  engine: Engine,
  layout: Layout,
  states: readonly StateInfo[],
  needs: StateNeeds,
): TrainingState {
  const copies = needs.accumulate ? 2 : 1;
  const flat = 1 + copies * (1 + Number(needs.penalty)) + needs.vectors.length + Number(needs.average);
  engine.reserve(BYTES * (flat * layout.length + copies * needs.rows) + (flat + copies) * ALIGNMENT);
  const vector = (length: number): EngineBuffer =>
    engine.buffer({ element: "f32", shape: [length] }, { persistent: true });
  const flatVector = (): EngineBuffer => vector(layout.length);
  const statistics = new Map(
    states.map((info) => {
      const type = { element: "f32", shape: info.shape } as const;
      const current = engine.buffer(type);
      floats(current).fill(info.start);
      return [info.name, { current, next: engine.buffer(type) }] as const;
    }),
  );
  const gradient = flatVector();
  const penalty = needs.penalty ? flatVector() : null;
  const rows = needs.rows > 0 ? vector(needs.rows) : null;
  const summed = [gradient, penalty, rows].filter((buffer) => buffer !== null);
  return {
    layout,
    parameters: flatVector(),
    gradient,
    penalty,
    rows,
    vectors: new Map(needs.vectors.map((name) => [name, flatVector()])),
    average: needs.average ? flatVector() : null,
    accumulated: needs.accumulate ? summed.map((source) => ({ source, sum: vector(source.type.shape[0]) })) : [],
    statistics,
  };
}

/** The host's view of an f32 buffer. */
export function floats(buffer: EngineBuffer): Float32Array {
  if (!(buffer.host instanceof Float32Array)) throw new Error("not a buffer of f32");
  return buffer.host;
}

/** A parameter's window of a flat buffer. */
export function window(flat: EngineBuffer, layout: Layout, name: string): Float32Array {
  const slot = layout.slots.get(name);
  if (!slot) throw new Error(`no parameter ${name}`);
  return floats(flat).subarray(slot.offset, slot.offset + slot.size);
}
