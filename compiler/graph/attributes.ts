import type { Attribute, ElementType, Graph } from "./graph.ts";

/** Reading a node's attributes by name and kind; a missing one or one of another kind is an error of ours. */

export type Attributes = Readonly<Record<string, Attribute>>;

function wrong(name: string, wanted: string): never {
  throw new Error(`attribute \`${name}\`: expected ${wanted}`);
}

export function numberOf(attributes: Attributes, name: string): number {
  const value = attributes[name];
  return typeof value === "number" ? value : wrong(name, "a number");
}

export function flagOf(attributes: Attributes, name: string): boolean {
  const value = attributes[name];
  return typeof value === "boolean" ? value : wrong(name, "true or false");
}

export function elementOf(attributes: Attributes, name: string): ElementType {
  const value = attributes[name];
  return value === "f32" || value === "i32" || value === "bool" ? value : wrong(name, "an element type");
}

/** A list of numbers: axes, a shape, strides. */
export function numbersOf(attributes: Attributes, name: string): readonly number[] {
  const value = attributes[name];
  return Array.isArray(value) ? value : wrong(name, "a list of numbers");
}

/** Tensor values in row-major order. */
export function valuesOf(attributes: Attributes, name: string): Float64Array {
  const value = attributes[name];
  return value instanceof Float64Array ? value : wrong(name, "values");
}

/** The body of a loop. */
export function graphOf(attributes: Attributes, name: string): Graph {
  const value = attributes[name];
  return typeof value === "object" && "outputs" in value ? value : wrong(name, "a graph");
}
