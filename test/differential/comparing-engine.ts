import type { Graph } from "../../compiler/graph/graph.ts";
import type { Engine, HostArray, Program } from "../../runtime/engines/engine.ts";
import { firstDifference, type Difference } from "./first-difference.ts";

/** What stops a run on a comparing engine: names the operation. */
export class EnginesDiffer extends Error {
  readonly difference: Difference;
  constructor(difference: Difference, run: number) {
    const { operation, origin, types, found, expected, element } = difference;
    const where = origin === null ? "" : ` of ${origin}`;
    super(
      `${operation}${where} (${types}) gives ${found} where ${expected} is expected, at element ${element}, in run ${run}`,
    );
    this.name = "EnginesDiffer";
    this.difference = difference;
  }
}

/**
 * For finding out where two engines part ways: computes on the trusted one, and runs each graph node by node on both, every
 * time. Slow; meant for the step at which a comparison of losses has failed.
 */
export function comparingEngine(trusted: Engine, other: Engine, tolerance: number): Engine {
  return {
    get description() {
      return trusted.description;
    },
    reserve: (bytes) => trusted.reserve(bytes),
    buffer: (type, options) => trusted.buffer(type, options),
    view: (buffer, offset, type) => trusted.view(buffer, offset, type),
    vectorProgram: (graph) => trusted.vectorProgram(graph),
    async prepare(graph, options) {
      return comparing(graph, await trusted.prepare(graph, options), trusted, other, tolerance);
    },
    close: () => trusted.close(),
  };
}

function comparing(graph: Graph, program: Program, trusted: Engine, other: Engine, tolerance: number): Program {
  let runs = 0;
  return {
    bind(inputs, outputs) {
      const run = program.bind(inputs, outputs);
      return async () => {
        const before: Record<string, HostArray> = {};
        for (const { name } of graph.inputs) before[name] = inputs[name].host.slice();
        await run();
        runs += 1;
        const difference = await firstDifference(graph, before, trusted, other, tolerance);
        if (difference) throw new EnginesDiffer(difference, runs);
      };
    },
    close: () => program.close(),
  };
}
