import type { Graph, TensorType } from "../../compiler/graph/graph.ts";
import type { EngineBuffer, HostArray } from "./engine.ts";

/** A result that is made apart and copied, because its buffer is read while it is made. */
export interface Copy {
  readonly from: HostArray;
  readonly to: HostArray;
}

export interface Binding {
  readonly feeds: Readonly<Record<string, HostArray>>;
  readonly fetches: Readonly<Record<string, HostArray>>;
  readonly copies: readonly Copy[];
}

/**
 * Arrays by name for a graph's inputs and outputs. Throws on a missing or unknown name and on a buffer of another type.
 * An output that shares memory with any input gets memory of its own and a copy afterwards: a runtime may write a result
 * before the last reader of an input has read it.
 */
export function binding(
  graph: Graph,
  inputs: Readonly<Record<string, EngineBuffer>>,
  outputs: Readonly<Record<string, EngineBuffer>>,
): Binding {
  const feeds = matched("input", new Map(graph.inputs.map(({ name, node }) => [name, node.type])), inputs);
  const targets = matched("output", new Map([...graph.outputs].map(([name, node]) => [name, node.type])), outputs);
  const read = Object.values(feeds);
  const fetches: Record<string, HostArray> = {};
  const copies: Copy[] = [];
  for (const [name, to] of Object.entries(targets)) {
    if (read.some((array) => overlap(array, to))) {
      const from = to.slice();
      copies.push({ from, to });
      fetches[name] = from;
    } else {
      fetches[name] = to;
    }
  }
  return { feeds, fetches, copies };
}

function matched(
  role: "input" | "output",
  types: ReadonlyMap<string, TensorType>,
  buffers: Readonly<Record<string, EngineBuffer>>,
): Record<string, HostArray> {
  const arrays: Record<string, HostArray> = {};
  for (const [name, type] of types) {
    if (!Object.hasOwn(buffers, name)) throw new Error(`${role} ${name} is not bound`);
    const buffer = buffers[name];
    if (!sameType(buffer.type, type)) {
      throw new Error(`${role} ${name} is ${show(type)}, and its buffer ${show(buffer.type)}`);
    }
    arrays[name] = buffer.host;
  }
  for (const name of Object.keys(buffers)) {
    if (!types.has(name)) throw new Error(`there is no ${role} ${name}`);
  }
  return arrays;
}

function sameType(a: TensorType, b: TensorType): boolean {
  return (
    a.element === b.element && a.shape.length === b.shape.length && a.shape.every((size, k) => size === b.shape[k])
  );
}

function show(type: TensorType): string {
  return `${type.element}[${type.shape.join(", ")}]`;
}

function overlap(a: HostArray, b: HostArray): boolean {
  return (
    a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength
  );
}
