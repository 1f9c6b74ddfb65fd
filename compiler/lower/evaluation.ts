import { createBuilder } from "../graph/create.ts";
import type { Graph } from "../graph/graph.ts";
import type { Model } from "../ir/model.ts";
import type { Registry } from "../registry/registry.ts";
import { traceAnswers } from "./answers.ts";
import { traceForward, type ModelFacts } from "./forward.ts";

/** Predictions and plain losses of a batch, nothing learnt. */
export interface EvaluationProgram {
  readonly batch: number;
  /**
   * Inputs `parameter/…`, `state/…`, `input/…`, `target/…`, `weight/…`, `rows`; outputs `prediction/<task>`, and for tasks
   * with a loss `sum/<task>` and `count/<task>` (scalars).
   */
  readonly graph: Graph;
}

export function lowerEvaluation(model: Model, registry: Registry, batch: number, facts: ModelFacts): EvaluationProgram {
  const g = createBuilder();
  const forward = traceForward(g, model, registry, { batch, training: false, frozen: new Set(), facts });
  const outputs: Record<string, ReturnType<typeof g.constant>> = {};
  for (const { task, prediction, loss } of traceAnswers(g, model, registry, forward, { batch, plain: true, facts })) {
    outputs[`prediction/${task.name}`] = prediction;
    if (loss) {
      outputs[`sum/${task.name}`] = loss.sum;
      outputs[`count/${task.name}`] = loss.count;
    }
  }
  return { batch, graph: g.finish(outputs) };
}
