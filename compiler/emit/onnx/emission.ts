import { elementCount, topologicalOrder } from "../../graph/graph.ts";
import type { Graph, Node, TensorType } from "../../graph/graph.ts";
import { ELEMENT_CODES } from "./model.ts";
import type { OnnxAttribute, OnnxElement, OnnxGraph, OnnxNode, OnnxTensor } from "./model.ts";

/** Numbers stand for int attributes; floats say so. */
export type AttributeValue = number | string | readonly number[] | OnnxAttribute;

/** A value of the ONNX graph by name. */
export type Value = string;

/** How an operation is written in ONNX: appends nodes and gives the name of its result (of each, where it has several). */
export type OnnxSpelling = (e: Emission, node: Node, inputs: readonly Value[]) => Value | readonly Value[];

const MICROSOFT = new Set(["FusedMatMul", "FusedGemm", "FusedConv"]);

/** The set of operations in onnxruntime's own image layout. */
export const BLOCKED = "com.microsoft.nchwc";

/**
 * An ONNX graph while it is written. Constants of equal content are kept once, in the outermost graph; a loop's body is
 * written into a list of nodes of its own (`body`).
 */
export class Emission {
  readonly constants: OnnxTensor[] = [];
  private nodes: OnnxNode[] = [];
  private readonly constantNames = new Map<string, Value>();
  private readonly values = new Map<Node, readonly Value[]>();
  /** What `once` has written: in the graph, and in each loop's body around the place that is being written. */
  private readonly scopes: Map<string, readonly Value[]>[] = [new Map()];
  private readonly readers = new Map<Node, Node[]>();
  private readonly made = new Set<Value>();
  private readonly taken: ReadonlySet<string>;
  private count = 0;

  /** Channels in a block of onnxruntime's own image layout; 0 where that is not to be used. */
  readonly block: number;

  /** `taken`: names that stand for inputs and outputs. */
  constructor(taken: Iterable<string>, block = 0) {
    this.taken = new Set(taken);
    this.block = block;
  }

  /** Makes known who reads what in a graph that is going to be written. */
  enter(graph: Graph): void {
    for (const node of topologicalOrder(graph.outputs.values())) {
      for (const input of node.inputs) {
        const list = this.readers.get(input);
        if (list) list.push(node);
        else this.readers.set(input, [node]);
      }
    }
  }

  /** The nodes that read this one, once for each time they do. */
  users(node: Node): readonly Node[] {
    return this.readers.get(node) ?? [];
  }

  /** A name that nothing else has. */
  name(prefix: string): Value {
    for (;;) {
      const name = `${prefix}${this.count++}`;
      if (!this.taken.has(name)) return name;
    }
  }

  /** Appends a node with one result. An empty input name leaves an optional input out. */
  op(operation: string, inputs: readonly Value[], attributes: Record<string, AttributeValue> = {}): Value {
    return this.ops(operation, inputs, attributes, 1)[0];
  }

  /** Appends a node with several results. */
  ops(
    operation: string,
    inputs: readonly Value[],
    attributes: Record<string, AttributeValue>,
    results: number,
  ): readonly Value[] {
    return this.append(operation, MICROSOFT.has(operation) ? "com.microsoft" : "", inputs, attributes, results);
  }

  /** Appends a node of onnxruntime's own image layout. */
  blocked(operation: string, inputs: readonly Value[], attributes: Record<string, AttributeValue>): Value {
    return this.append(operation, BLOCKED, inputs, attributes, 1)[0];
  }

  private append(
    operation: string,
    domain: string,
    inputs: readonly Value[],
    attributes: Record<string, AttributeValue>,
    results: number,
  ): readonly Value[] {
    const outputs = Array.from({ length: results }, () => this.name("v"));
    for (const output of outputs) this.made.add(output);
    this.nodes.push({
      operation,
      domain,
      inputs,
      outputs,
      attributes: Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, attribute(value)])),
    });
    return outputs;
  }

  /** Appends a copy of a value under a name of its own. */
  copyAs(value: Value, name: Value): void {
    this.nodes.push({ operation: "Identity", domain: "", inputs: [value], outputs: [name], attributes: {} });
  }

  /** Values written in a list of nodes of their own, for the body of a loop. */
  body(name: string, write: () => Pick<OnnxGraph, "inputs" | "outputs">): OnnxGraph {
    const outside = this.nodes;
    this.nodes = [];
    this.scopes.push(new Map());
    const ends = write();
    this.scopes.pop();
    const inside = this.nodes;
    this.nodes = outside;
    return { name, nodes: inside, constants: [], ...ends };
  }

  /** Writes something once for all who ask under the same key, which names the values that went in. */
  once(key: string, write: () => readonly Value[]): readonly Value[] {
    const known = this.found(key);
    if (known !== undefined) return known;
    const values = write();
    this.scopes[this.scopes.length - 1].set(key, values);
    return values;
  }

  /** What was written once under a key, if it was. */
  found(key: string): readonly Value[] | undefined {
    return this.scopes.map((scope) => scope.get(key)).find((values) => values !== undefined);
  }

  written(): readonly OnnxNode[] {
    return this.nodes;
  }

  /** Remembers what a node of the tensor graph became. */
  define(node: Node, values: Value | readonly Value[]): void {
    this.values.set(node, typeof values === "string" ? [values] : values);
  }

  /** True for what a node computes; false for inputs and constants. */
  isMade(value: Value): boolean {
    return this.made.has(value);
  }

  has(node: Node): boolean {
    return this.values.has(node);
  }

  value(node: Node, index = 0): Value {
    const values = this.values.get(node);
    if (values === undefined) throw new Error(`node ${node.id} (${node.operation}) is read before it is written`);
    return values[index];
  }

  /** A constant of f32. */
  floats(values: Iterable<number>, shape: readonly number[]): Value {
    return this.constant("f32", shape, new Float32Array(values));
  }

  scalar(value: number, element: "f32" | "i32" = "f32"): Value {
    return element === "f32" ? this.floats([value], []) : this.constant("i32", [], new Int32Array([value]));
  }

  /** A constant vector of i64: what ONNX takes as shapes, axes and places. */
  ints(values: readonly number[]): Value {
    return this.constant(
      "i64",
      [values.length],
      BigInt64Array.from(values, (value) => BigInt(value)),
    );
  }

  /** A constant in row-major order. */
  constant(
    element: OnnxElement,
    shape: readonly number[],
    data: Float32Array | Int32Array | Uint8Array | BigInt64Array,
  ): Value {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    // Large contents are too seldom equal to be worth reading.
    const key = bytes.length <= 256 ? `${element}[${shape.join()}]${bytes.join()}` : undefined;
    const known = key === undefined ? undefined : this.constantNames.get(key);
    if (known !== undefined) return known;
    const name = this.name("c");
    this.constants.push({ name, element, shape, bytes });
    if (key !== undefined) this.constantNames.set(key, name);
    return name;
  }

  /** Written once for all who want the same shape of a value. */
  reshape(value: Value, shape: readonly number[]): Value {
    return this.once(`${value} as [${shape.join()}]`, () => [this.op("Reshape", [value, this.ints(shape)])])[0];
  }

  transpose(value: Value, permutation: readonly number[]): Value {
    return permutation.every((axis, place) => axis === place)
      ? value
      : this.op("Transpose", [value], { perm: permutation });
  }

  cast(value: Value, element: OnnxElement): Value {
    return this.op("Cast", [value], { to: ELEMENT_CODES[element] });
  }

  /** `value` in every element; small ones are constants, large ones are made when the graph runs. */
  filled(value: number, type: TensorType): Value {
    const size = elementCount(type.shape);
    if (size <= 1024 || type.element !== "f32") {
      return this.constant(type.element, type.shape, filledArray(type.element, size, value));
    }
    return this.op("Expand", [this.scalar(value), this.ints(type.shape)]);
  }
}

function attribute(value: AttributeValue): OnnxAttribute {
  if (typeof value === "number") return { int: value };
  if (typeof value === "string") return { string: value };
  return isNumbers(value) ? { ints: value } : value;
}

function isNumbers(value: readonly number[] | OnnxAttribute): value is readonly number[] {
  return Array.isArray(value);
}

function filledArray(element: "f32" | "i32" | "bool", size: number, value: number) {
  switch (element) {
    case "f32":
      return new Float32Array(size).fill(value);
    case "i32":
      return new Int32Array(size).fill(value);
    case "bool":
      return new Uint8Array(size).fill(value === 0 ? 0 : 1);
    default:
      throw new Error(`no array for ${element satisfies never}`);
  }
}
