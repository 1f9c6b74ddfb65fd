import { ownOf } from "../../compiler/ir/own.ts";
import { gatherRows } from "../data/batches.ts";
import type { RowSet } from "../data/data.ts";
import type { Engine, EngineBuffer, HostArray } from "../engines/engine.ts";
import { floats } from "./state.ts";
import type { GraphInput } from "../../compiler/graph/graph.ts";
import { elementCount } from "../../compiler/graph/graph.ts";

/** The buffers that a graph reads a batch from, filled row by row from encoded data. */
export interface BatchBuffers {
  readonly buffers: Readonly<Record<string, EngineBuffer>>;
  /** Copies rows `order[from … from + count)`; the rest of the batch is zeros that weigh nothing. */
  fill(set: RowSet, order: Int32Array, from: number, count: number): void;
  /** Whether a task has an answer in the batch. */
  isPresent(task: string): boolean;
  /** Takes a task's answers out of the batch. */
  leaveOut(task: string): void;
}

export function batchBuffers(engine: Engine, inputs: readonly GraphInput[], batch: number): BatchBuffers {
  const buffers: Record<string, EngineBuffer> = {};
  const parts: Part[] = [];
  for (const { name, node } of inputs) {
    const [kind, ...rest] = name.split("/");
    if (kind !== "input" && kind !== "target" && kind !== "weight" && kind !== "rows" && kind !== "teacher") continue;
    const buffer = engine.buffer(node.type);
    buffers[name] = buffer;
    const elements = elementCount(node.type.shape) / batch;
    parts.push({ kind, name: rest.join("/"), buffer, elements, ones: null });
  }
  const weightOf = (task: string): EngineBuffer => buffers[`weight/${task}`];
  return {
    buffers,
    isPresent: (task) => floats(weightOf(task)).some((weight) => weight > 0),
    leaveOut(task) {
      floats(weightOf(task)).fill(0);
      weightOf(task).upload();
      for (const part of parts) if (part.kind === "weight" && part.name === task) part.ones = null;
    },
    fill(set, order, from, count) {
      for (const part of parts) {
        const { kind, name, buffer, elements } = part;
        const source = kind === "rows" ? null : sourceOf(set, kind, name);
        const ones = source === null || (kind === "weight" && isAllOnes(source)) ? count * elements : null;
        if (ones !== null && ones === part.ones) continue;
        part.ones = ones;
        if (ones !== null) floats(buffer).fill(1, 0, ones).fill(0, ones);
        else if (source !== null) gatherRows(source, elements, order, from, count, numeric(buffer.host));
        buffer.upload();
      }
    },
  };
}

interface Part {
  readonly kind: string;
  readonly name: string;
  readonly buffer: EngineBuffer;
  /** Numbers of a row. */
  readonly elements: number;
  /** How many ones stand in the buffer, where it holds nothing else but zeros after them; null where it was gathered. */
  ones: number | null;
}

/** Weights that are all 1, as where no answer is missing, need no gathering. */
function isAllOnes(source: Float32Array | Int32Array): boolean {
  let known = allOnes.get(source);
  if (known === undefined) allOnes.set(source, (known = source.every((weight) => weight === 1)));
  return known;
}

const allOnes = new WeakMap<object, boolean>();

function sourceOf(set: RowSet, kind: string, name: string): Float32Array | Int32Array {
  const found =
    kind === "input"
      ? ownOf(set.inputs, name)
      : kind === "teacher"
        ? ownOf(set.lessons ?? {}, name)
        : answersOf(set, kind, name);
  if (!found) throw new Error(`the rows hold no ${kind} ${name}`);
  return found;
}

function answersOf({ targets }: RowSet, kind: string, name: string): Float32Array | Int32Array | undefined {
  const target = ownOf(targets, name);
  return kind === "target" ? target?.values : target?.weight;
}

function numeric(host: HostArray): Float32Array | Int32Array {
  if (host instanceof Uint8Array) throw new Error("batches hold no booleans");
  return host;
}
