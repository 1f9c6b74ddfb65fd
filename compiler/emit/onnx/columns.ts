import { ELEMENT_CODES } from "./model.ts";
import type { OnnxModel, OnnxNode, OnnxTensor } from "./model.ts";

/**
 * Columns in their own units, in front of a model whose inputs are scaled. They come in 64 bits, as numbers are read: 32 would
 * not tell one date from the next before its scale is taken out.
 */

/** (x - shift) / factor, and `fill` in place of NaN before; each of one number, or of one for each element. */
export interface ColumnScaling {
  readonly shift: readonly number[];
  readonly factor: readonly number[];
  readonly fill: readonly number[] | null;
}

/** The name of the input that a column's scaled numbers have in the model. */
export function scaledInput(column: string): string {
  return `${column}/scaled`;
}

export function withColumns(model: OnnxModel, columns: Readonly<Record<string, ColumnScaling>>): OnnxModel {
  const byInput = new Map(Object.entries(columns).map(([name, scaling]) => [scaledInput(name), { name, scaling }]));
  const nodes: OnnxNode[] = [];
  const constants: OnnxTensor[] = [];
  const inputs = model.graph.inputs.map((input) => {
    const column = byInput.get(input.name);
    if (!column) return input;
    const { name, scaling } = column;
    const constant = (what: keyof ColumnScaling, values: readonly number[]): string => {
      const shape = values.length === 1 ? [] : input.shape.slice(1);
      constants.push({ name: `${name}/${what}`, element: "f64", shape, bytes: bytesOf(values) });
      return `${name}/${what}`;
    };
    const node = (
      operation: string,
      operands: readonly string[],
      output: string,
      attributes: OnnxNode["attributes"] = {},
    ) => {
      nodes.push({ operation, domain: "", inputs: operands, outputs: [output], attributes });
      return output;
    };
    const { shift, factor, fill } = scaling;
    const isMissing = fill && node("IsNaN", [name], `${name}/missing`);
    const whole = fill && isMissing ? node("Where", [isMissing, constant("fill", fill), name], `${name}/whole`) : name;
    const centred = node("Sub", [whole, constant("shift", shift)], `${name}/centred`);
    const scaled = node("Div", [centred, constant("factor", factor)], `${name}/divided`);
    node("Cast", [scaled], input.name, { to: { int: ELEMENT_CODES[input.element] } });
    return { ...input, name, element: "f64" as const };
  });
  const { graph } = model;
  return {
    ...model,
    graph: { ...graph, inputs, nodes: [...nodes, ...graph.nodes], constants: [...constants, ...graph.constants] },
  };
}

function bytesOf(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, k) => view.setFloat64(8 * k, value, true));
  return new Uint8Array(view.buffer);
}
