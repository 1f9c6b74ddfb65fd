import type { Graph, TensorType } from "../../compiler/graph/graph.ts";
import type { EngineBuffer, VectorProgram } from "./engine.ts";
import { compileKernel } from "./kernel/index.ts";
import { ordinaryBuffer, ReservedMemory, viewOf } from "./memory.ts";

/** The part of an engine that keeps what training changes in the host's memory, where WebAssembly kernels update it. */
export abstract class HostState {
  private reserved: ReservedMemory | undefined;
  private readonly kernels = new WeakMap<Graph, VectorProgram>();

  reserve(bytes: number): void {
    if (this.reserved) throw new Error("memory is reserved once");
    this.reserved = new ReservedMemory(bytes);
  }

  buffer(type: TensorType, options: { persistent?: boolean } = {}): EngineBuffer {
    if (!options.persistent) return ordinaryBuffer(type);
    if (!this.reserved) throw new Error("persistent buffers come after reserve");
    return this.reserved.buffer(type);
  }

  view(buffer: EngineBuffer, offset: number, type: TensorType): EngineBuffer {
    return viewOf(buffer, offset, type);
  }

  vectorProgram(graph: Graph): VectorProgram {
    if (!this.reserved) throw new Error("vector programs come after reserve");
    const known = this.kernels.get(graph);
    if (known) return known;
    const program = compileKernel(graph, this.reserved.memory);
    this.kernels.set(graph, program);
    return program;
  }
}
