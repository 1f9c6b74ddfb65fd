import type { Model } from "../../compiler/ir/model.ts";
import { predictionWidthOf, knownAnswerShape } from "../../compiler/lower/answers.ts";
import type { LossRow } from "../../compiler/registry/rows.ts";
import { lossRows } from "../../compiler/losses/index.ts";
import { lengthsAlong } from "../train/decode.ts";
import type { DataDescription } from "./description.ts";
import { infoOf, variablesOf } from "./network.ts";
import type { Rows } from "./rows.ts";
import { rowOf } from "./rules.ts";

type Decode = NonNullable<LossRow["decode"]>;

/**
 * The labels of tasks whose loss chooses those of a row together (crf), [rows × elements]. Where a head's output stood, there
 * stand the logarithms of each position's probabilities afterwards.
 */
export async function decodeAll(
  data: DataDescription,
  model: Model,
  rows: Rows,
  weights: object,
  predictions: Readonly<Record<string, Float32Array>>,
): Promise<Record<string, Int32Array>> {
  const decoded: Record<string, Int32Array> = {};
  for (const task of model.tasks) {
    const { decode: word } = data.tasks[task.name];
    const decode = word === undefined ? undefined : rowOf(lossRows, word).decode;
    const axis = task.kind.axes?.[0] ?? null;
    if (!decode || axis === null) continue;
    const [length] = knownAnswerShape(task);
    const classes = predictionWidthOf(task);
    const read = emissionReader(decode, classes, await valuesBelow(weights, `${task.name}.${word}.`));
    const codes = new Int32Array(rows.rows * length);
    lengthsAlong(rows, axis).forEach((real, row) => {
      const from = row * length;
      const emissions = predictions[task.name].subarray(from * classes, (from + real) * classes);
      const found = read(emissions);
      codes.set(found.codes, from);
      emissions.set(found.logProbabilities);
    });
    decoded[task.name] = codes;
  }
  return decoded;
}

function emissionReader(
  decode: Decode,
  classes: number,
  parameters: Readonly<Record<string, ArrayLike<number>>>,
): (emissions: Float32Array) => ReturnType<Decode> {
  return (emissions) => decode({ emissions, classes, parameters });
}

/** Values of the weights whose names begin so, by the rest of the name. */
async function valuesBelow(weights: object, prefix: string): Promise<Record<string, ArrayLike<number>>> {
  const own = variablesOf(weights).filter((variable) => infoOf(variable).name.startsWith(prefix));
  const values = await Promise.all(
    own.map(async (each) => [infoOf(each).name.slice(prefix.length), await each.data()] as const),
  );
  return Object.fromEntries(values);
}
