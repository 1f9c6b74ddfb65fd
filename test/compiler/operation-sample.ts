import type { Builder } from "../../compiler/graph/builder.ts";
import { elementCount, type Node, type TensorType } from "../../compiler/graph/graph.ts";

/** A small graph around one operation, with values for its inputs. */

export interface SampleInput {
  readonly type: TensorType;
  readonly values: Float64Array;
}
export interface OperationSample {
  readonly label: string;
  readonly inputs: Readonly<Record<string, SampleInput>>;
  readonly build: (g: Builder, inputs: Readonly<Record<string, Node>>) => Node;
}
export type Samples = readonly [OperationSample, ...OperationSample[]];

export function sample(
  label: string,
  inputs: OperationSample["inputs"],
  build: OperationSample["build"],
): OperationSample {
  return { label, inputs, build };
}

/** Distinct f32 values in (low, high) in mixed order, by the golden ratio. */
export function floats(shape: readonly number[], low = -2, high = 2, seed = 0): SampleInput {
  const values = Float64Array.from({ length: elementCount(shape) }, (_, i) => {
    const place = ((i + 1) * 0.6180339887 + seed * 0.3247) % 1;
    return Math.fround(low + (high - low) * place);
  });
  return { type: { element: "f32", shape }, values };
}

export function whole(values: readonly number[], shape: readonly number[] = [values.length]): SampleInput {
  return { type: { element: "i32", shape }, values: Float64Array.from(values) };
}

export function flags(values: readonly number[], shape: readonly number[] = [values.length]): SampleInput {
  return { type: { element: "bool", shape }, values: Float64Array.from(values) };
}
