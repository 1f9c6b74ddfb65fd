import type { InferenceSession, Tensor } from "onnxruntime-node";
import type { EmittedModel } from "../../compiler/emit/onnx/index.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { memoryNotHad } from "../../compiler/diagnostics/engines.ts";
import type { Graph, TensorType } from "../../compiler/graph/graph.ts";
import { binding } from "./binding.ts";
import type { EngineBuffer, HostArray, Program, Run } from "./engine.ts";

export type Runtime = typeof import("onnxruntime-node");

/**
 * Whether this release copies every result into a new array after a run, beside the array that it was given to write to: 6 MB
 * in each step of a network of 1.6 million parameters, and as much work for the garbage collector. It hands results over in
 * their order and gives up at the first that it cannot: an empty list, which models have first for that reason. By then every
 * array that it was given is written.
 */
export function copiesResults({ env: { versions } }: Runtime): boolean {
  return versions.node === "1.30.0";
}

/** What it says when it meets the list and nothing went wrong before. */
const LIST_MET = "Non tensor type is temporarily not supported.";

/** What it says where a step's own tensors find no room. */
const NO_ROOM = /allocate memory for requested buffer of size (\d+)/;

export class OnnxProgram implements Program {
  private readonly runtime: Runtime;
  private readonly session: InferenceSession;
  private readonly graph: Graph;
  private readonly model: EmittedModel;
  /** Takes the session off the engine's list; false where it was closed already. */
  private readonly forget: () => boolean;

  constructor(runtime: Runtime, session: InferenceSession, graph: Graph, model: EmittedModel, forget: () => boolean) {
    this.runtime = runtime;
    this.session = session;
    this.graph = graph;
    this.model = model;
    this.forget = forget;
  }

  bind(inputs: Readonly<Record<string, EngineBuffer>>, outputs: Readonly<Record<string, EngineBuffer>>): Run {
    const { feeds: fed, fetches: fetched, copies } = binding(this.graph, inputs, outputs);
    const { session, model } = this;
    const feeds: Record<string, Tensor> = {};
    for (const { name, value, type } of model.inputs) feeds[value] = this.tensor(type, fed[name]);
    const fetches: Record<string, Tensor | null> = {};
    if (model.list !== null) fetches[model.list] = null;
    for (const { name, value, type } of model.outputs) fetches[value] = this.tensor(type, fetched[name]);
    return async () => {
      try {
        await session.run(feeds, fetches);
      } catch (problem) {
        if (model.list === null || !isListMet(problem)) throw explained(problem);
      }
      for (const { from, to } of copies) to.set(from);
    };
  }

  async close(): Promise<void> {
    if (this.forget()) await this.session.release();
  }

  private tensor(type: TensorType, data: HostArray): Tensor {
    const { Tensor } = this.runtime;
    if (data instanceof Float32Array) return new Tensor("float32", data, type.shape);
    if (data instanceof Int32Array) return new Tensor("int32", data, type.shape);
    return new Tensor("bool", data, type.shape);
  }
}

function isListMet(problem: unknown): boolean {
  return problem instanceof Error && problem.message === LIST_MET;
}

/** The problem in the user's words, where it is theirs. */
function explained(problem: unknown): unknown {
  const size = problem instanceof Error ? NO_ROOM.exec(problem.message) : null;
  return size ? new DiagnosticError([report(memoryNotHad, { bytes: Number(size[1]) })]) : problem;
}
