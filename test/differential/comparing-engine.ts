import type { Engine } from "../../runtime/engines/engine.ts";
import { firstDifference, type Difference } from "./first-difference.ts";
import { watchingEngine } from "./watching-engine.ts";

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
  let runs = 0;
  return watchingEngine(trusted, async (graph, inputs) => {
    runs += 1;
    const difference = await firstDifference(graph, inputs, trusted, other, tolerance);
    if (difference) throw new EnginesDiffer(difference, runs);
  });
}
