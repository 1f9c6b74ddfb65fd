import type { Graph, TensorType } from "../../compiler/graph/graph.ts";

/**
 * The one small interface behind which engines stand. An engine runs tensor graphs over buffers that live as long as
 * training does. Buffers are bound once; a step writes what is new into `host`, calls the run, and reads what came back.
 */

export type HostArray = Float32Array | Int32Array | Uint8Array;

/** Memory of an engine. bool tensors are Uint8Array on the host. */
export interface EngineBuffer {
  readonly type: TensorType;
  /** What the host sees: written before `upload`, valid after `download`. */
  readonly host: HostArray;
  /** Hands `host` to the device; nothing to do where both are the same memory. */
  upload(): void;
  /** Brings the device's values to `host`. */
  download(): Promise<void>;
}

/** Runs what it was bound to. */
export type Run = () => Promise<void>;

export interface Program {
  /** Every input and output of the graph by name; an unknown or missing name is an error. */
  bind(inputs: Readonly<Record<string, EngineBuffer>>, outputs: Readonly<Record<string, EngineBuffer>>): Run;
  close(): Promise<void>;
}

/**
 * A program over flat vectors of any length: its graph is element by element on vectors (declared with the nominal length
 * `VECTOR`) and scalars (shape []); outputs are vectors, or scalars made by `sum` over a vector. An output may be the same
 * buffer as an input of the same role (updates in place).
 */
export interface VectorProgram {
  bind(inputs: Readonly<Record<string, EngineBuffer>>, outputs: Readonly<Record<string, EngineBuffer>>): () => void;
}
export { VECTOR } from "../../compiler/lower/update.ts";

export interface EngineDescription {
  /** `onnx`, `tfjs` … */
  readonly name: string;
  /** `cpu`, `webgpu`, `cuda`. */
  readonly device: string;
  readonly threads: number;
  /** Why this engine: for the line that `train` prints first. */
  readonly reason: string;
  /** Versions that a run's bits depend on. */
  readonly version: string;
}

export interface Engine {
  readonly description: EngineDescription;
  /** Sets aside memory for `persistent` buffers, once, before the first of them. Throws a DiagnosticError where it cannot be had. */
  reserve(bytes: number): void;
  /** Zeros. `persistent` buffers live in reserved memory, and vector programs work on them. */
  buffer(type: TensorType, options?: { persistent?: boolean }): EngineBuffer;
  /** A window of a flat persistent buffer, sharing its memory. `offset` in elements. */
  view(buffer: EngineBuffer, offset: number, type: TensorType): EngineBuffer;
  prepare(graph: Graph, options?: { name?: string }): Promise<Program>;
  vectorProgram(graph: Graph): VectorProgram;
  close(): Promise<void>;
}
