import type { Tensor, TypedArray } from "@tensorflow/tfjs";
import { DTYPES, emitTfjs } from "../../../compiler/emit/tfjs/index.ts";
import { forPlainJavaScript } from "../../../compiler/emit/tfjs/plain.ts";
import { forWebgpu } from "../../../compiler/emit/tfjs/webgpu.ts";
import type { Graph, TensorType } from "../../../compiler/graph/graph.ts";
import { binding } from "../binding.ts";
import type { Engine, EngineBuffer, EngineDescription, HostArray, Program, Run } from "../engine.ts";
import { HostState } from "../host-state.ts";
import type { Tfjs } from "./arguments.ts";
import { PLAIN_BACKEND } from "./backends.ts";
import { prepareProgram, type PreparedProgram } from "./statements.ts";

/** The library, from wherever it was loaded. */
export interface LoadedTfjs {
  readonly tf: Tfjs;
  /** The backend's name within the library. */
  readonly backend: string;
  /** Throws where the device refused to compute something. */
  readonly check: () => void;
}

/**
 * TensorFlow.js as an engine: graphs run operation by operation through the operations' TensorFlow.js column. Parameters and
 * the optimizer's vectors live on the host, where WebAssembly kernels update them, as with the onnx engine.
 */
export class TfjsEngine extends HostState implements Engine {
  readonly description: EngineDescription;
  private readonly loaded: LoadedTfjs;
  /** Where the library has memory of its own, tensors of inputs that did not change are kept. */
  private readonly keepsInputs: boolean;
  private readonly programs = new Set<TfjsGraphProgram>();

  constructor(loaded: LoadedTfjs, description: EngineDescription) {
    super();
    this.loaded = loaded;
    this.description = description;
    this.keepsInputs = loaded.backend !== PLAIN_BACKEND;
  }

  async prepare(graph: Graph): Promise<Program> {
    const { loaded, keepsInputs } = this;
    const program = new TfjsGraphProgram({ ...loaded, keepsInputs }, graph, () => this.programs.delete(program));
    this.programs.add(program);
    return program;
  }

  async close(): Promise<void> {
    for (const program of this.programs) await program.close();
  }
}

interface Library extends LoadedTfjs {
  readonly keepsInputs: boolean;
}

class TfjsGraphProgram implements Program {
  private readonly tf: Tfjs;
  private readonly graph: Graph;
  private readonly prepared: PreparedProgram;
  /** Two engines of one process may share the library, which computes on one backend at a time. */
  private readonly backend: string;
  private readonly keepsInputs: boolean;
  private readonly check: () => void;
  private readonly uploads: Upload[] = [];
  /** Takes the program off the engine's list; false where it was closed already. */
  private readonly forget: () => boolean;

  constructor({ tf, backend, keepsInputs, check }: Library, graph: Graph, forget: () => boolean) {
    this.tf = tf;
    this.backend = backend;
    this.keepsInputs = keepsInputs;
    this.check = check;
    this.graph = graph;
    this.prepared = prepareProgram(tf, emitTfjs(fitted(graph, backend)));
    this.forget = forget;
  }

  bind(inputs: Readonly<Record<string, EngineBuffer>>, outputs: Readonly<Record<string, EngineBuffer>>): Run {
    const { feeds, fetches, copies } = binding(this.graph, inputs, outputs);
    const uploads = this.graph.inputs.map(({ name, node }) => new Upload(this.tf, node.type, feeds[name]));
    if (this.keepsInputs) this.uploads.push(...uploads);
    const targets = [...this.graph.outputs.keys()].map((name) => fetches[name]);
    return async () => {
      if (this.tf.getBackend() !== this.backend) await this.tf.setBackend(this.backend);
      const given = uploads.map((upload) => (this.keepsInputs ? upload.kept() : upload.fresh()));
      const results = this.prepared.run(given);
      if (!this.keepsInputs) for (const tensor of given) tensor.dispose();
      const found = await Promise.all(results.map((tensor) => tensor.data()));
      this.check();
      results.forEach((tensor, k) => {
        copyInto(targets[k], found[k]);
        tensor.dispose();
      });
      for (const { from, to } of copies) to.set(from);
    };
  }

  async close(): Promise<void> {
    if (!this.forget()) return;
    for (const upload of this.uploads) upload.dispose();
    this.prepared.dispose();
  }
}

/** The graph without what a backend computes wrongly or slowly. */
function fitted(graph: Graph, backend: string): Graph {
  if (backend === PLAIN_BACKEND) return forPlainJavaScript(graph);
  return backend === "webgpu" ? forWebgpu(graph) : graph;
}

/** An input on its way into the library. */
class Upload {
  private readonly tf: Tfjs;
  private readonly type: TensorType;
  private readonly host: HostArray;
  private tensor: Tensor | undefined;
  private sent: HostArray | undefined;

  constructor(tf: Tfjs, type: TensorType, host: HostArray) {
    this.tf = tf;
    this.type = type;
    this.host = host;
  }

  /** A tensor that reads the host's own memory: only for the run that is about to start. */
  fresh(): Tensor {
    return this.made(this.host);
  }

  /** A tensor with a copy of the host's values, the one of last time where they did not change. */
  kept(): Tensor {
    if (this.tensor !== undefined && this.sent !== undefined && haveSameBits(this.host, this.sent)) return this.tensor;
    this.tensor?.dispose();
    this.sent = this.host.slice();
    this.tensor = this.made(this.sent);
    return this.tensor;
  }

  dispose(): void {
    this.tensor?.dispose();
    this.tensor = undefined;
    this.sent = undefined;
  }

  private made(values: HostArray): Tensor {
    return this.tf.tensor(values, [...this.type.shape], DTYPES[this.type.element]);
  }
}

function haveSameBits(a: HostArray, b: HostArray): boolean {
  const [left, right] = [a, b].map((array) =>
    array instanceof Float32Array ? new Int32Array(array.buffer, array.byteOffset, array.length) : array,
  );
  for (let k = 0; k < left.length; k++) if (left[k] !== right[k]) return false;
  return left.length === right.length;
}

function copyInto(target: HostArray, found: TypedArray): void {
  if (found.length !== target.length) throw new Error(`${found.length} values where ${target.length} were promised`);
  target.set(found);
}
