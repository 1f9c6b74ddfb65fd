import type { ElementType } from "../../graph/graph.ts";

/** An ONNX model as plain data: the part of the format that a training step needs. `protobuf.ts` writes it as bytes. */

/** Indices that ONNX itself computes are i64, columns that are not scaled yet f64. */
export type OnnxElement = ElementType | "i64" | "f64";

/** The format's own numbers for them. */
export const ELEMENT_CODES: Readonly<Record<OnnxElement, number>> = { f32: 1, i32: 6, i64: 7, bool: 9, f64: 11 };

export interface OnnxTensor {
  readonly name: string;
  readonly element: OnnxElement;
  readonly shape: readonly number[];
  /** Little-endian, row-major. */
  readonly bytes: Uint8Array;
}

export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly number[] }
  | { readonly graph: OnnxGraph };

export interface OnnxNode {
  readonly operation: string;
  /** Empty for the standard operations. */
  readonly domain: string;
  /** Names of values; an empty name leaves an optional input out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxValue {
  readonly name: string;
  readonly element: OnnxElement;
  readonly shape: readonly number[];
  /** A list of such tensors instead of one. */
  readonly list?: true;
}

export interface OnnxGraph {
  readonly name: string;
  /** In an order in which each value is made before it is read. */
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

export interface OnnxModel {
  readonly graph: OnnxGraph;
  /** Version of each set of operations by domain. */
  readonly operationSets: Readonly<Record<string, number>>;
  readonly producer: string;
  /** Facts kept with the model, by key. */
  readonly metadata: Readonly<Record<string, string>>;
}
