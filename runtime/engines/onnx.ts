import { availableParallelism } from "node:os";
import type { InferenceSession } from "onnxruntime-node";
import { emitOnnx } from "../../compiler/emit/onnx/index.ts";
import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { deviceNotHad, engineMissing } from "../../compiler/diagnostics/engines.ts";
import { forWebgpu } from "../../compiler/emit/onnx/webgpu.ts";
import { createBuilder } from "../../compiler/graph/create.ts";
import { topologicalOrder } from "../../compiler/graph/graph.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { NO_ADAPTER } from "./adapters.ts";
import { blockSize } from "./blocks.ts";
import type { Engine, EngineDescription, Program } from "./engine.ts";
import { HostState } from "./host-state.ts";
import { checkMemory } from "./least-memory.ts";
import { copiesResults, OnnxProgram, type Runtime } from "./onnx-program.ts";
import { threadsFromEnvironment } from "./threads.ts";
import { workOf } from "./work.ts";

/** The engine that comes with the program: onnxruntime on the processor, and WebAssembly for the updates. */

export interface OnnxEngineOptions {
  /** Threads of one run. Where absent: MTLC_THREADS, else one for small steps and a share of the cores for large ones. */
  readonly threads?: number;
  /** `cpu` where absent. */
  readonly device?: OnnxDevice;
  /** Why it is taken; said by itself where absent. */
  readonly reason?: string;
  /** Channels in a block of the runtime's own image layout; found out where absent, and 0 does without it. */
  readonly block?: number;
}

export type OnnxDevice = "cpu" | "webgpu" | "cuda";

/**
 * Below this many multiply-adds, half a millisecond of work for one thread, a second thread brings nothing; from here on two take
 * about two thirds of the time where the other processor is free.
 */
const LARGE_STEP = 100e6;

export async function createOnnxEngine(options: OnnxEngineOptions = {}): Promise<Engine> {
  const wanted = options.threads ?? threadsFromEnvironment();
  const engine = new OnnxEngine(await loadRuntime(), wanted, options);
  await engine.tryDevice();
  return engine;
}

async function loadRuntime(): Promise<Runtime> {
  try {
    const runtime = await import("onnxruntime-node");
    // What goes wrong is thrown; nothing is printed beside it.
    runtime.env.logLevel = "fatal";
    return runtime;
  } catch (problem) {
    const reason = problem instanceof Error ? problem.message : String(problem);
    throw new DiagnosticError([report(engineMissing, { engine: "onnx", reason })]);
  }
}

/** Processors that share no core: beyond four, two of them are taken to. */
function cores(): number {
  const processors = availableParallelism();
  return processors <= 4 ? processors : Math.floor(processors / 2);
}

class OnnxEngine extends HostState implements Engine {
  private readonly runtime: Runtime;
  private readonly threads: number | undefined;
  private readonly device: OnnxDevice;
  /** The most that any program was given. */
  private mostThreads: number;
  private readonly sessions = new Set<InferenceSession>();
  private readonly reason: string;
  private block: number | undefined;

  constructor(runtime: Runtime, threads: number | undefined, { device = "cpu", reason, block }: OnnxEngineOptions) {
    super();
    this.runtime = runtime;
    this.threads = threads;
    this.device = device;
    this.reason = reason ?? (device === "cpu" ? "it comes with mtlc" : "asked for");
    this.block = block;
    this.mostThreads = threads ?? 1;
  }

  /** `threads` is known once the programs are prepared. */
  get description(): EngineDescription {
    const { node, common } = this.runtime.env.versions;
    return {
      name: "onnx",
      device: this.device,
      threads: this.mostThreads,
      reason: this.reason,
      version: `onnxruntime-node ${node ?? common}`,
    };
  }

  /** Runs a product of two numbers on the device. Throws a DiagnosticError where there is none. */
  async tryDevice(): Promise<void> {
    if (this.device === "cpu") return;
    const g = createBuilder();
    const type = { element: "f32", shape: [1, 1] } as const;
    const graph = g.finish({ product: g.matmul(g.input("a", type), g.input("b", type)) });
    try {
      const program = await this.prepare(graph);
      await program.bind({ a: this.buffer(type), b: this.buffer(type) }, { product: this.buffer(type) })();
      await program.close();
    } catch (problem) {
      throw noDevice(this.device, problem);
    }
  }

  async prepare(graph: Graph, options: { name?: string } = {}): Promise<Program> {
    if (this.device === "cpu") checkMemory(graph);
    const model = emitOnnx(this.device === "webgpu" ? forWebgpu(graph) : graph, {
      name: options.name,
      block: await this.blockFor(graph),
      listFirst: copiesResults(this.runtime),
    });
    const threads = this.threads ?? (workOf(graph) < LARGE_STEP ? 1 : cores());
    this.mostThreads = Math.max(this.mostThreads, threads);
    const session = await this.runtime.InferenceSession.create(model.bytes, {
      ...(this.device !== "cpu" && { executionProviders: [this.device] }),
      executionMode: "sequential",
      interOpNumThreads: 1,
      intraOpNumThreads: threads,
      // Graphs are written in their fused form already.
      graphOptimizationLevel: "disabled",
      // 4: nothing but the end of the process. Errors come back as exceptions.
      logSeverityLevel: 4,
      extra: {
        session: {
          // Short spinning: long spinning doubles a step's time as soon as another process uses the core.
          intra_op: { allow_spinning: "1", spin_duration_us: "50" },
          // Moments of unused weights decay into denormals, which are slow.
          set_denormal_as_zero: "1",
        },
      },
    });
    this.sessions.add(session);
    return new OnnxProgram(this.runtime, session, graph, model, () => this.sessions.delete(session));
  }

  /** Only graphs with convolutions have to know. */
  private async blockFor(graph: Graph): Promise<number> {
    const convolves = topologicalOrder(graph.outputs.values()).some(({ operation }) => operation.startsWith("conv2d"));
    if (this.device !== "cpu" || !convolves) return 0;
    this.block ??= await blockSize(this.runtime);
    return this.block;
  }

  async close(): Promise<void> {
    for (const session of this.sessions) await session.release();
    this.sessions.clear();
  }
}

/** What the runtime says where it cannot use a device, in words that tell what to do. */
function noDevice(device: Exclude<OnnxDevice, "cpu">, problem: unknown): DiagnosticError {
  const text = (problem instanceof Error ? problem.message : String(problem)).trim();
  const said = /Failed to get a WebGPU adapter/.test(text)
    ? NO_ADAPTER.reason
    : /Failed to load (shared )?library/.test(text)
      ? "onnxruntime's library for CUDA is not installed"
      : text.split("\n")[0].replace(/^\S*\.cc:\d+ \S+ /, "");
  return new DiagnosticError([
    report(deviceNotHad, { engine: "onnx", device, reason: said }, { help: DEVICE_HELP[device] }),
  ]);
}

const DEVICE_HELP = {
  webgpu: NO_ADAPTER.help,
  cuda: "with an NVIDIA card, CUDA 12 and cuDNN 9 on Linux: `ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node` brings the library",
} as const;
