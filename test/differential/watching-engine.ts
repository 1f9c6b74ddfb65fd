import type { Graph } from "../../compiler/graph/graph.ts";
import type { Engine, HostArray, Program } from "../../runtime/engines/engine.ts";

/** What is told after each run of a graph: what went into it. */
export type Watch = (graph: Graph, inputs: Readonly<Record<string, HostArray>>) => Promise<void> | void;

/** An engine whose runs are watched. */
export function watchingEngine(engine: Engine, watch: Watch): Engine {
  return {
    get description() {
      return engine.description;
    },
    reserve: (bytes) => engine.reserve(bytes),
    buffer: (type, options) => engine.buffer(type, options),
    view: (buffer, offset, type) => engine.view(buffer, offset, type),
    vectorProgram: (graph) => engine.vectorProgram(graph),
    prepare: async (graph, options) => watching(graph, await engine.prepare(graph, options), watch),
    close: () => engine.close(),
  };
}

function watching(graph: Graph, program: Program, watch: Watch): Program {
  return {
    bind(inputs, outputs) {
      const run = program.bind(inputs, outputs);
      return async () => {
        const before: Record<string, HostArray> = {};
        for (const { name } of graph.inputs) before[name] = inputs[name].host.slice();
        await run();
        await watch(graph, before);
      };
    },
    close: () => program.close(),
  };
}
