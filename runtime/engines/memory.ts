import { elementCount } from "../../compiler/graph/graph.ts";
import type { TensorType } from "../../compiler/graph/graph.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { memoryNotHad, memoryTooLarge } from "../../compiler/diagnostics/engines.ts";
import type { EngineBuffer, HostArray } from "./engine.ts";

/** Host memory of an engine whose device is the processor: buffers are typed arrays, and what the host writes is there. */

const PAGE = 65_536;
/** WebAssembly addresses are 32 bits wide. */
const LARGEST = 4 * 1024 ** 3;
const ALIGNMENT = 16;
/** Room for what alignment takes from many small buffers. */
const SLACK = 65_536;

const ELEMENT_BYTES = { f32: 4, i32: 4, bool: 1 } as const;

export class HostBuffer implements EngineBuffer {
  readonly type: TensorType;
  readonly host: HostArray;
  constructor(type: TensorType, host: HostArray) {
    this.type = type;
    this.host = host;
  }
  upload(): void {}
  async download(): Promise<void> {}
}

function arrayOver(type: TensorType, memory: ArrayBuffer, byteOffset: number): HostArray {
  const count = elementCount(type.shape);
  switch (type.element) {
    case "f32":
      return new Float32Array(memory, byteOffset, count);
    case "i32":
      return new Int32Array(memory, byteOffset, count);
    case "bool":
      return new Uint8Array(memory, byteOffset, count);
    default:
      throw new Error(`no array for ${type.element satisfies never}`);
  }
}

export function bytesOf(type: TensorType): number {
  return elementCount(type.shape) * ELEMENT_BYTES[type.element];
}

/** A buffer in memory of its own. Throws a DiagnosticError where there is none. */
export function ordinaryBuffer(type: TensorType): HostBuffer {
  const bytes = bytesOf(type);
  try {
    return new HostBuffer(type, arrayOver(type, new ArrayBuffer(bytes), 0));
  } catch (problem) {
    if (problem instanceof RangeError) throw new DiagnosticError([report(memoryNotHad, { bytes })]);
    throw problem;
  }
}

/** A window of a flat buffer, sharing its memory; `offset` in elements. */
export function viewOf(buffer: EngineBuffer, offset: number, type: TensorType): HostBuffer {
  const { host } = buffer;
  const count = elementCount(type.shape);
  if (type.element !== buffer.type.element) throw new Error(`a view of ${buffer.type.element} is no ${type.element}`);
  if (offset < 0 || offset + count > host.length) {
    throw new Error(`elements ${offset} to ${offset + count} lie outside a buffer of ${host.length}`);
  }
  return new HostBuffer(type, host.subarray(offset, offset + count));
}

/**
 * One block of WebAssembly memory that persistent buffers are windows of, so that vector kernels reach them all. It never
 * grows: growing would cut every window off.
 */
export class ReservedMemory {
  readonly memory: WebAssembly.Memory;
  private next = ALIGNMENT;

  constructor(bytes: number) {
    if (bytes + SLACK > LARGEST) throw new DiagnosticError([report(memoryTooLarge, { bytes, largest: LARGEST })]);
    const pages = Math.ceil((bytes + SLACK) / PAGE);
    try {
      this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    } catch (problem) {
      if (problem instanceof RangeError) throw new DiagnosticError([report(memoryNotHad, { bytes })]);
      throw problem;
    }
  }

  buffer(type: TensorType): HostBuffer {
    const bytes = Math.ceil(bytesOf(type) / ALIGNMENT) * ALIGNMENT;
    const { buffer } = this.memory;
    if (this.next + bytes > buffer.byteLength) {
      throw new Error(`a persistent buffer of ${bytes} bytes does not fit into what was reserved`);
    }
    const array = arrayOver(type, buffer, this.next);
    this.next += bytes;
    return new HostBuffer(type, array);
  }
}
