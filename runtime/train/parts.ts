import type { Model, Task, Word } from "../../compiler/ir/model.ts";
import type { ModelFacts } from "../../compiler/lower/forward.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import type { BoundData } from "../data/data.ts";
import type { Engine, EngineBuffer } from "../engines/engine.ts";
import { evaluationBatch, prepareEvaluator, type Evaluator, type Weights } from "./evaluate.ts";
import { metricsByColumn } from "./components.ts";
import { metricsOf } from "./metrics.ts";
import type { MeasureEvent } from "./hooks.ts";
import type { TrainingState } from "./state.ts";
import { totalLoss, type PartResult } from "./watch.ts";

export type PartName = MeasureEvent["part"];

/** Evaluates the parts of the data with the weights as they are. */
export interface Parts {
  /** Null where there is no such part, or where `stop` ended it. */
  evaluate(
    part: PartName,
    options: {
      readonly averaged: boolean;
      readonly metrics?: (task: Task) => readonly Word[];
      /** Asked before each batch. */
      stop?(event: MeasureEvent): boolean;
    },
  ): Promise<PartResult | null>;
  close(): Promise<void>;
}

export function createParts(
  engine: Engine,
  registry: Registry,
  model: Model,
  data: BoundData,
  facts: ModelFacts,
  state: TrainingState,
): Parts {
  // Made when first asked for: the parameters, or their average, in memory that training shares.
  const evaluators = new Map<EngineBuffer, Evaluator>();
  return {
    async evaluate(part, { averaged, metrics, stop }) {
      const set = data.sections[0][part];
      if (!set) return null;
      const flat = averaged && state.average ? state.average : state.parameters;
      const evaluator =
        evaluators.get(flat) ??
        (await prepareEvaluator(
          engine,
          registry,
          model,
          evaluationBatch(model),
          facts,
          weightsIn(engine, state, flat),
        ));
      evaluators.set(flat, evaluator);
      const result = await evaluator.run(set, stop && ((done) => stop({ part, done, rows: set.rows })));
      if (!result) return null;
      return {
        loss: totalLoss(model, result.losses),
        losses: result.losses,
        metrics: metricsOf(model, registry, set, result, data.codes, metrics),
        ...(metrics === undefined && { columns: metricsByColumn(model, registry, set, result, data.codes) }),
      };
    },
    async close() {
      for (const evaluator of evaluators.values()) await evaluator.close();
    },
  };
}

function weightsIn(engine: Engine, state: TrainingState, flat: EngineBuffer): Weights {
  return {
    parameter: (name, shape) => engine.view(flat, state.layout.slots.get(name)!.offset, { element: "f32", shape }),
    statistic: (name) => state.statistics.get(name)!.current,
  };
}
