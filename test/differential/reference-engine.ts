import { createBuilder } from "../../compiler/graph/create.ts";
import { topologicalOrder, type Attribute, type Graph, type Node } from "../../compiler/graph/graph.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import { VECTOR } from "../../compiler/lower/update.ts";
import { evaluateRounded } from "../property/agreement.ts";
import type { Draw } from "../property/draw.ts";
import { binding } from "../../runtime/engines/binding.ts";
import type { Engine, Program, VectorProgram } from "../../runtime/engines/engine.ts";
import { ordinaryBuffer, viewOf } from "../../runtime/engines/memory.ts";

/**
 * The reference interpreter as an engine: every program, that of the optimizer too, is evaluated in 64-bit floats as it was
 * lowered, without a pass over it. What lies between two programs (weights, gradients, the optimizer's vectors) is kept in 32
 * bits, as on every engine.
 */
export function referenceEngine(): Engine {
  return interpreter(evaluate);
}

/** The same with every calculated number moved by what rounding to 32 bits would: shows what rounding can do to a training. */
export function roundedEngine(draw: Draw): Engine {
  return interpreter((graph, inputs) => evaluateRounded(graph, inputs, draw));
}

type Evaluate = typeof evaluate;

function interpreter(run: Evaluate): Engine {
  return {
    description: {
      name: "reference",
      device: "cpu",
      threads: 1,
      reason: "asked for",
      version: "the interpreter of the graph",
    },
    reserve: () => undefined,
    buffer: (type) => ordinaryBuffer(type),
    view: viewOf,
    prepare: async (graph) => interpreted(graph, run),
    vectorProgram: (graph) => vectorProgram(graph, run),
    close: async () => undefined,
  };
}

function interpreted(graph: Graph, run: Evaluate): Program {
  return {
    bind(inputs, outputs) {
      const { feeds, fetches, copies } = binding(graph, inputs, outputs);
      return async () => {
        for (const [name, values] of Object.entries(run(graph, feeds))) fetches[name].set(values);
        for (const { from, to } of copies) to.set(from);
      };
    },
    close: async () => undefined,
  };
}

function vectorProgram(graph: Graph, run: Evaluate): VectorProgram {
  const sized = new Map<number, Graph>();
  return {
    bind(inputs, outputs) {
      const vector = graph.inputs.find(({ node }) => node.type.shape.length === 1);
      const length = vector ? inputs[vector.name].host.length : 1;
      const found = sized.get(length) ?? ofLength(graph, length);
      sized.set(length, found);
      const feeds = Object.fromEntries(Object.entries(inputs).map(([name, { host }]) => [name, host]));
      return () => {
        for (const [name, values] of Object.entries(run(found, feeds))) outputs[name].host.set(values);
      };
    },
  };
}

/** A program over vectors of the nominal length, made anew for another. */
function ofLength(graph: Graph, length: number): Graph {
  const g = createBuilder();
  const made = new Map<Node, Node>();
  const lengthened = (shape: readonly number[]): readonly number[] =>
    shape.map((size) => (size === VECTOR ? length : size));
  for (const { name, node } of graph.inputs)
    made.set(node, g.input(name, { element: node.type.element, shape: lengthened(node.type.shape) }));
  const ofAttribute = (name: string, value: Attribute): Attribute =>
    name === "shape" && Array.isArray(value) ? lengthened(value.map(Number)) : value;
  for (const node of topologicalOrder(graph.outputs.values())) {
    if (made.has(node)) continue;
    const attributes = Object.fromEntries(
      Object.entries(node.attributes).map(([name, value]) => [name, ofAttribute(name, value)]),
    );
    made.set(
      node,
      g.apply(
        node.operation,
        node.inputs.map((input) => made.get(input)!),
        attributes,
      ),
    );
  }
  return g.finish(Object.fromEntries([...graph.outputs].map(([name, node]) => [name, made.get(node)!])));
}
