import type { Model, Task } from "../../compiler/ir/model.ts";
import { knownAnswerShape, predictionWidthOf } from "../../compiler/lower/answers.ts";
import { lossParameters } from "../../compiler/ir/parameters.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import type { RowSet } from "../data/data.ts";
import type { Weights } from "./evaluate.ts";
import { floats } from "./state.ts";

/** How many tokens each row of a set has on a token axis: their codes are not 0. */
export function lengthsAlong(set: Pick<RowSet, "rows" | "inputs">, axis: string): Int32Array {
  const codes = set.inputs[axis];
  const length = set.rows > 0 ? codes.length / set.rows : 0;
  return Int32Array.from({ length: set.rows }, (_, row) => {
    let real = 0;
    while (real < length && codes[row * length + real] !== 0) real++;
    return real;
  });
}

/** Chooses the labels of whole rows together; null for a task whose labels are chosen each by itself. */
export type Decoder = (set: RowSet, prediction: Float32Array) => Int32Array;

/**
 * The decoder of a task by its loss (crf), with the weights as they are when it is called. It leaves the logarithms of each
 * position's probabilities in place of the head's output, and gives the labels, [rows × elements].
 */
export function decoderOf(model: Model, task: Task, registry: Registry, weights: Weights): Decoder | null {
  const term = task.loss.find(({ loss }) => registry.loss.get(loss.word)?.decode);
  const decode = term && registry.loss.get(term.loss.word)?.decode;
  const axis = task.kind.axes?.[0] ?? null;
  if (!term || !decode || axis === null) return null;
  const own = lossParameters(model, registry).filter(({ path }) => path === `${task.name}.${term.loss.word}`);
  const buffers = own.map(
    ({ name, path, shape }) => [name.slice(path.length + 1), weights.parameter(name, shape)] as const,
  );
  const [length] = knownAnswerShape(task);
  const classes = predictionWidthOf(task);
  return (set, prediction) => {
    const parameters = Object.fromEntries(buffers.map(([name, buffer]) => [name, floats(buffer)]));
    const codes = new Int32Array(set.rows * length);
    lengthsAlong(set, axis).forEach((real, row) => {
      const from = row * length;
      const emissions = prediction.subarray(from * classes, (from + real) * classes);
      const decoded = decode({ emissions, classes, parameters });
      codes.set(decoded.codes, from);
      emissions.set(decoded.logProbabilities);
    });
    return codes;
  };
}
