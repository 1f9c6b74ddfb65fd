import { flagOf, graphOf, numberOf } from "../../graph/attributes.ts";
import type { Graph, Node } from "../../graph/graph.ts";
import { scanOutputs, scanParts } from "../../operations/scan-parts.ts";
import type { Emission, OnnxSpelling, Value } from "./emission.ts";
import type { OnnxValue } from "./model.ts";

/** Writes the nodes of a graph whose inputs are defined already. */
export type WriteGraph = (e: Emission, graph: Graph) => void;

/**
 * A loop as ONNX Scan. Its body reads what lies outside by name. Results: the last carries, the stacked outputs and the
 * stacked carries that entered each step; of the last two kinds those that somebody reads.
 */
export const scanWith =
  (write: WriteGraph): OnnxSpelling =>
  (e, node, inputs) => {
    const body = graphOf(node.attributes, "body");
    const carries = numberOf(node.attributes, "carries");
    const stacked = scanOutputs(node.attributes);
    const { initial, sequences, outside } = scanParts(inputs, node.attributes);
    const read = readResults(e, node);
    const outputs = range(stacked).filter((k) => read.has(carries + k));
    const entered = range(carries).filter((k) => read.has(carries + stacked + k));

    const written = e.body(e.name("loop"), () => {
      const placeholders: OnnxValue[] = [];
      const inputNodes = new Map(body.inputs.map((input) => [input.name, input.node]));
      const own = (name: string, value: OnnxValue): void => {
        placeholders.push(value);
        const inside = inputNodes.get(name);
        if (inside) e.define(inside, value.name);
      };
      const types = scanParts(node.inputs, node.attributes);
      types.initial.forEach(({ type }, k) => own(`carry${k}`, { name: e.name("v"), ...type }));
      types.sequences.forEach(({ type }, k) => {
        own(`element${k}`, { name: e.name("v"), element: type.element, shape: type.shape.slice(1) });
      });
      outside.forEach((value, k) => {
        const inside = inputNodes.get(`outside${k}`);
        if (inside) e.define(inside, value);
      });
      write(e, body);
      // A result of a body has a name of its own: a copy where it is an input, from outside, or the same as another.
      const free = new Set(e.written().flatMap((one) => one.outputs));
      const result = (value: Value, type: Node["type"]): OnnxValue => ({
        name: free.delete(value) ? value : e.op("Identity", [value]),
        ...type,
      });
      const bodyResult = (name: string): OnnxValue => {
        const inside = body.outputs.get(name);
        if (inside === undefined) throw new Error(`the body of a loop has no result ${name}`);
        return result(e.value(inside), inside.type);
      };
      return {
        inputs: placeholders,
        outputs: [
          ...range(carries).map((k) => bodyResult(`carry${k}`)),
          ...outputs.map((k) => bodyResult(`output${k}`)),
          ...entered.map((k) => result(placeholders[k].name, types.initial[k].type)),
        ],
      };
    });

    const direction = flagOf(node.attributes, "reverse") ? 1 : 0;
    const names = e.ops(
      "Scan",
      [...initial, ...sequences],
      {
        body: { graph: written },
        num_scan_inputs: sequences.length,
        scan_input_directions: sequences.map(() => direction),
        scan_output_directions: [...outputs, ...entered].map(() => direction),
      },
      carries + outputs.length + entered.length,
    );
    const all: Value[] = [...names.slice(0, carries), ...range(stacked + carries).map(() => "")];
    outputs.forEach((k, at) => (all[carries + k] = names[carries + at]));
    entered.forEach((k, at) => (all[carries + stacked + k] = names[carries + outputs.length + at]));
    return all;
  };

function readResults(e: Emission, node: Node): ReadonlySet<number> {
  return new Set(e.users(node).map((user) => (user.operation === "result" ? numberOf(user.attributes, "index") : 0)));
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, k) => k);
}
