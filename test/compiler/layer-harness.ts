import type { Builder } from "../../compiler/graph/builder.ts";
import { createBuilder } from "../../compiler/graph/create.ts";
import { gradients } from "../../compiler/graph/gradients.ts";
import { elementCount, type Node } from "../../compiler/graph/graph.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import type { Type, Value } from "../../compiler/ir/model.ts";
import { isKnown, type Size } from "../../compiler/ir/size.ts";
import { createLayerContext } from "../../compiler/lower/layer-context.ts";
import type { ChainType, ConcreteType, LayerRow, ParameterSpec } from "../../compiler/registry/layer.ts";
import { settingsOf } from "./golden.ts";
import { floats } from "./operation-sample.ts";

/** One layer by itself on the reference interpreter. */

export interface LayerInput {
  readonly type: ConcreteType;
  readonly values: ArrayLike<number>;
}
export interface LayerChain {
  readonly type: ChainType;
  readonly apply: (g: Builder, x: Node) => Node;
}
export interface LayerCase {
  readonly row: LayerRow;
  readonly settings?: Readonly<Record<string, Value>>;
  readonly batch: number;
  readonly inputs: readonly LayerInput[];
  /** Parameters and states by name; numbers of our own where absent. */
  readonly values?: Readonly<Record<string, ArrayLike<number>>>;
  readonly training?: boolean;
  /** 1 for each real row. */
  readonly rows?: readonly number[];
  /** By token axis: [batch × length]. */
  readonly masks?: Readonly<Record<string, readonly number[]>>;
  readonly random?: Readonly<Record<string, readonly number[]>>;
  readonly chains?: readonly LayerChain[];
  readonly cotangent?: ArrayLike<number>;
  readonly kind?: string;
  readonly scale?: { readonly shift: readonly number[]; readonly factor: readonly number[] };
  readonly axes?: Readonly<Record<string, Size>>;
}

export interface BuiltLayer {
  readonly g: Builder;
  readonly inputs: readonly Node[];
  readonly parameters: Readonly<Record<string, Node>>;
  readonly output: Node;
  readonly nextStates: Readonly<Record<string, Node>>;
  readonly outputType: Type;
  readonly specs: Readonly<Record<string, ParameterSpec>>;
  /** Values of all inputs of the graph. */
  readonly feeds: Readonly<Record<string, ArrayLike<number>>>;
}

export function concreteType(type: Type): ConcreteType {
  const shape = type.shape.map((size) => {
    if (!isKnown(size)) throw new Error("the test needs numbers");
    return size;
  });
  return { element: type.element, shape, axes: type.axes, batch: type.batch };
}

/** Type of the result by the row's own shape rule. */
export function shapeOfCase({ row, settings = {}, inputs, chains = [], axes }: LayerCase): Type {
  return row.shape({
    settings: settingsOf(row, settings),
    inputs: inputs.map((input) => input.type),
    chains: chains.map((chain) => chain.type),
    axes,
  });
}

/** Builds the forward pass into a graph of its own. */
export function buildLayer(layerCase: LayerCase): BuiltLayer {
  const { row, batch, training = false, masks = {}, values = {} } = layerCase;
  if (!row.forward) throw new Error(`${row.name} is not built`);
  const g = createBuilder();
  const feeds: Record<string, ArrayLike<number>> = {};
  const feed = (
    name: string,
    shape: readonly number[],
    given: ArrayLike<number>,
    element: "f32" | "i32" = "f32",
  ): Node => {
    feeds[name] = given;
    return g.input(name, { element, shape });
  };
  const settings = settingsOf(row, layerCase.settings ?? {});
  const outputType = shapeOfCase(layerCase);
  const inputTypes = layerCase.inputs.map((input) => input.type);
  const call = { settings, inputs: inputTypes, output: concreteType(outputType) };
  const inputs = layerCase.inputs.map(({ type, values: given }, index) =>
    feed(`input/${index}`, type.batch === false ? type.shape : [batch, ...type.shape], given, type.element),
  );
  const specs = row.parameters?.(call) ?? {};
  const parameters: Record<string, Node> = {};
  Object.entries(specs).forEach(([name, { shape }], index) => {
    parameters[name] = feed(`parameter/${name}`, shape, values[name] ?? floats(shape, -1, 1, index + 3).values);
  });
  const states: Record<string, Node> = {};
  Object.entries(row.states?.(call) ?? {}).forEach(([name, { shape }], index) => {
    states[name] = feed(`state/${name}`, shape, values[name] ?? floats(shape, 0.5, 1.5, index + 11).values);
  });
  const nextStates: Record<string, Node> = {};
  const known = <T>(what: string, value: T | undefined): T => {
    if (value === undefined) throw new Error(`the test gives no ${what}`);
    return value;
  };
  const context = createLayerContext(g, {
    path: "part.layer_1",
    training,
    batch,
    rows: feed("rows", [batch], layerCase.rows ?? Array.from({ length: batch }, () => 1)),
    masks: new Map(
      Object.entries(masks).map(([axis, mask]) => [axis, feed(`mask/${axis}`, [batch, mask.length / batch], mask)]),
    ),
    state: (name) => known(`state ${name}`, states[name.replace("part.layer_1.", "")]),
    setState: (name, next) => (nextStates[name.replace("part.layer_1.", "")] = next),
    random: (name, shape) => {
      const own = name.replace("part.layer_1.", "");
      return feed(`random/${name}`, shape, layerCase.random?.[own] ?? floats(shape, 0, 1, 5).values);
    },
    penalize: () => undefined,
    targetScale: () => layerCase.scale ?? { shift: [0], factor: [1] },
    taskKind: () => known("kind", layerCase.kind),
  });
  const output = row.forward(context, {
    settings,
    inputs,
    inputTypes,
    outputType: concreteType(outputType),
    parameters,
    chains: (layerCase.chains ?? []).map(
      (chain) =>
        (x: Node): Node =>
          chain.apply(g, x),
    ),
  });
  return { g, inputs, parameters, output, nextStates, outputType, specs, feeds };
}

export interface LayerResult {
  readonly output: Float64Array;
  readonly outputShape: readonly number[];
  /** Of Σ output · cotangent (ones where absent); null for codes. */
  readonly inputGradients: readonly (Float64Array | null)[];
  readonly parameterGradients: Readonly<Record<string, Float64Array>>;
  readonly nextStates: Readonly<Record<string, Float64Array>>;
}

export function runLayer(layerCase: LayerCase): LayerResult {
  const built = buildLayer(layerCase);
  const { g, inputs, output, nextStates } = built;
  const parameters = Object.entries(built.parameters);
  const cotangent = g.constant(
    Float64Array.from(layerCase.cotangent ?? Array.from({ length: elementCount(output.type.shape) }, () => 1)),
    output.type,
  );
  const wrt = [...inputs, ...parameters.map(([, node]) => node)];
  const found = gradients(g, [{ node: output, cotangent }], wrt);
  const outputs: Record<string, Node> = { output };
  found.forEach((node, index) => {
    if (node) outputs[`gradient/${index}`] = node;
  });
  for (const [name, node] of Object.entries(nextStates)) outputs[`state/${name}`] = node;
  const results = evaluate(g.finish(outputs), built.feeds);
  const gradientOf = (index: number): Float64Array =>
    results[`gradient/${index}`] ?? new Float64Array(elementCount(wrt[index].type.shape));
  return {
    output: results.output,
    outputShape: output.type.shape,
    inputGradients: inputs.map((node, index) => (node.type.element === "f32" ? gradientOf(index) : null)),
    parameterGradients: Object.fromEntries(
      parameters.map(([name], index) => [name, gradientOf(inputs.length + index)]),
    ),
    nextStates: Object.fromEntries(Object.keys(nextStates).map((name) => [name, results[`state/${name}`]])),
  };
}

/** Only the result, for finite differences. `change` replaces values of graph inputs. */
export function outputOf(built: BuiltLayer, change: Readonly<Record<string, ArrayLike<number>>> = {}): Float64Array {
  return evaluate(built.g.finish({ output: built.output }), { ...built.feeds, ...change }).output;
}
