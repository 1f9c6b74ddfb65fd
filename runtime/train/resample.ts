import { randomStream } from "../../compiler/random/index.ts";
import type { MetricInput, MetricRow } from "../../compiler/registry/rows.ts";
import type { Word } from "../../compiler/ir/model.ts";

/** Where 95 % of a metric's values lie when the rows are drawn again with replacement. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The percentile bootstrap over rows, seeded; null where the metric is undefined too often to say. */
export function bootstrap(
  metric: MetricRow,
  settings: Word["settings"],
  input: MetricInput,
  draws: number,
  name: string,
): Interval | null {
  const { rows, elements, width } = input;
  if (rows < 2 || draws < 1 || !metric.compute) return null;
  const random = randomStream(0, `bootstrap/${name}`);
  const prediction = new Float64Array(rows * elements * width);
  const target = new Float64Array(rows * elements);
  const present = new Uint8Array(rows * elements);
  const decoded = input.decoded && new Int32Array(rows * elements);
  const values: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    for (let row = 0; row < rows; row++) {
      const from = random.below(rows);
      copy(input.prediction, prediction, from, row, elements * width);
      copy(input.target, target, from, row, elements);
      copy(input.present, present, from, row, elements);
      if (input.decoded && decoded) copy(input.decoded, decoded, from, row, elements);
    }
    const value = metric.compute(settings, { ...input, prediction, target, present, ...(decoded && { decoded }) });
    if (typeof value === "number") values.push(value);
  }
  if (values.length < draws / 2) return null;
  values.sort((a, b) => a - b);
  const at = (share: number): number => values[Math.min(values.length - 1, Math.floor(share * values.length))];
  return { low: at(0.025), high: at(0.975) };
}

function copy(
  source: Float64Array | Float32Array | Int32Array | Uint8Array,
  into: Float64Array | Int32Array | Uint8Array,
  from: number,
  to: number,
  size: number,
): void {
  for (let k = 0; k < size; k++) into[to * size + k] = source[from * size + k];
}
