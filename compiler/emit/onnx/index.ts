import { numberOf } from "../../graph/attributes.ts";
import { topologicalOrder } from "../../graph/graph.ts";
import type { Graph, Node, TensorType } from "../../graph/graph.ts";
import { isOperationName } from "../../operations/index.ts";
import { layoutChannelsFirst } from "../../passes/layout/index.ts";
import { withColumns, type ColumnScaling } from "./columns.ts";
import { needed } from "./dead.ts";
import { BLOCKED, Emission } from "./emission.ts";
import type { Value } from "./emission.ts";
import { findFusions } from "./fusions.ts";
import { findLayerNorms, writeLayerNorm } from "./layer-norms.ts";
import { renamed } from "./names.ts";
import type { OnnxModel } from "./model.ts";
import { encodeModel } from "./protobuf.ts";
import { onnxSpellings } from "./spellings.ts";

/**
 * Writes a tensor graph as an ONNX model (operation set 21, and onnxruntime's `com.microsoft` 1 for fused products): the
 * layout pass first, then each node by its spelling, a few chains of nodes as one.
 */
export interface EmittedModel {
  readonly bytes: Uint8Array;
  readonly inputs: readonly EmittedValue[];
  readonly outputs: readonly EmittedValue[];
  /** Name of the list that comes before all other outputs, where one was asked for. */
  readonly list: Value | null;
}

/** An input or output: its name in the tensor graph and in the model. They differ where an input and an output share one. */
export interface EmittedValue {
  readonly name: string;
  readonly value: Value;
  readonly type: TensorType;
}

export interface EmitOptions {
  /** Name of the ONNX graph. */
  readonly name?: string;
  /** Facts kept with the model, by key. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Channels in a block of onnxruntime's own image layout on the processor that the model is for; 0 does without it. */
  readonly block?: number;
  /** Adds an empty list of tensors as the first output. */
  readonly listFirst?: boolean;
  /** Columns that the model scales itself, by name; the graph's inputs are named by `scaledInput`. */
  readonly columns?: Readonly<Record<string, ColumnScaling>>;
}

export function emitOnnx(graph: Graph, options: EmitOptions = {}): EmittedModel {
  const { model, ...rest } = onnxModel(graph, options);
  return { bytes: encodeModel(withColumns(model, options.columns ?? {})), ...rest };
}

/** The model as plain data, before it is bytes. */
export function onnxModel(
  graph: Graph,
  options: EmitOptions = {},
): Omit<EmittedModel, "bytes"> & { readonly model: OnnxModel } {
  const laid = layoutChannelsFirst(graph);
  const inputNames = new Set(laid.inputs.map(({ name }) => name));
  const ownName = (name: string): string => (inputNames.has(name) ? ownName(`${name}/next`) : name);
  const outputs = [...laid.outputs].map(([name, node]) => ({ name, value: ownName(name), type: node.type, node }));
  const e = new Emission([...inputNames, ...outputs.map(({ value }) => value)], options.block);

  for (const { name, node } of laid.inputs) e.define(node, name);
  const list = options.listFirst ? e.op("SequenceEmpty", []) : null;
  writeGraph(e, laid);
  const names = new Map<Value, Value>();
  for (const { value, node } of outputs) {
    const made = e.value(node);
    // A value that has a name already is copied: an input, a constant, or one that two outputs share.
    if (names.has(made) || !e.isMade(made)) e.copyAs(made, value);
    else names.set(made, value);
  }

  const model: OnnxModel = {
    producer: "mtlc",
    operationSets: { "": 21, "com.microsoft": 1, ...(options.block ? { [BLOCKED]: 1 } : {}) },
    metadata: options.metadata ?? {},
    graph: {
      name: options.name ?? "graph",
      nodes: needed(renamed(e.written(), names), [
        ...(list === null ? [] : [list]),
        ...outputs.map(({ value }) => value),
      ]),
      constants: e.constants,
      inputs: laid.inputs.map(({ name, node }) => ({ name, ...node.type })),
      outputs: [
        ...(list === null ? [] : [{ name: list, element: "f32" as const, shape: [], list: true as const }]),
        ...outputs.map(({ value, type }) => ({ name: value, ...type })),
      ],
    },
  };
  return {
    model,
    inputs: laid.inputs.map(({ name, node }) => ({ name, value: name, type: node.type })),
    outputs: outputs.map(({ name, value, type }) => ({ name, value, type })),
    list,
  };
}

const spellings = onnxSpellings(writeGraph);

/** Writes all nodes that the graph's results need. */
function writeGraph(e: Emission, graph: Graph): void {
  e.enter(graph);
  const fusions = findFusions(graph, (node) => e.users(node));
  const norms = findLayerNorms(graph, (node) => e.users(node));
  const inner = new Set([...fusions.values()].flatMap((fusion) => fusion.inner));
  for (const node of topologicalOrder(graph.outputs.values())) {
    if (inner.has(node) || e.has(node)) continue;
    const norm = norms.get(node);
    if (norm && writeLayerNorm(e, norm)) continue;
    const fusion = fusions.get(node);
    e.define(node, fusion ? fusion.write(e) : spelled(e, node));
  }
}

function spelled(e: Emission, node: Node): Value | readonly Value[] {
  const { operation } = node;
  if (operation === "result") return e.value(node.inputs[0], numberOf(node.attributes, "index"));
  if (!isOperationName(operation)) throw new Error(`${operation} has no ONNX spelling`);
  return spellings[operation](
    e,
    node,
    node.inputs.map((input) => e.value(input)),
  );
}
