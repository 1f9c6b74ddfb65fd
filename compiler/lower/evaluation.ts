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
   * Inputs `parameter/…`, `state/…`, `input/…`, `target/…`, `weight/…`, `rows`; outputs `prediction/<task>`, and for the k-th
   * term of a task's loss the scalars `sum/<k>/<task>` and `count/<k>/<task>`.
   */
  readonly graph: Graph;
}

export function lowerEvaluation(model: Model, registry: Registry, batch: number, facts: ModelFacts): EvaluationProgram {
  const g = createBuilder();
  const forward = traceForward(g, model, registry, { batch, training: false, frozen: () => false, facts });
  const outputs: Record<string, ReturnType<typeof g.constant>> = {};
  const options = { batch, plain: true, guarded: false, facts };
  for (const { task, prediction, terms } of traceAnswers(g, model, registry, forward, options)) {
    outputs[`prediction/${task.name}`] = prediction;
    terms.forEach(({ parts }, k) => {
      outputs[`sum/${k}/${task.name}`] = parts.sum;
      outputs[`count/${k}/${task.name}`] = parts.count;
    });
  }
  return { batch, graph: g.finish(outputs) };
}
