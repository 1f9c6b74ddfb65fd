import { flagOf, graphOf } from "../graph/attributes.ts";
import type { Graph, TensorType } from "../graph/graph.ts";
import { elementCount } from "../graph/graph.ts";
import { sameShape, showShape } from "../graph/shape.ts";
import { expect, type OperationRow } from "./operation.ts";
import { scanGradient } from "./scan-gradient.ts";
import { scanOutputs, scanParts } from "./scan-parts.ts";

function resultType(body: Graph, name: string): TensorType {
  const node = body.outputs.get(name);
  if (node === undefined) throw new Error(`the body of a scan has no result \`${name}\``);
  return node.type;
}

export const scan: OperationRow = {
  name: "scan",
  doc: "A loop over axis 0 of `sequences` with `carries`, from the last element to the first where `reverse`.",
  types(inputs, attributes) {
    const body = graphOf(attributes, "body");
    const { initial, sequences } = scanParts(inputs, attributes);
    expect(
      "scan",
      sequences.length > 0 && sequences.every((sequence) => sequence.shape.length > 0),
      () => "no sequence",
    );
    const [length] = sequences[0].shape;
    expect(
      "scan",
      length > 0 && sequences.every((sequence) => sequence.shape[0] === length),
      () => `sequences ${sequences.map((sequence) => showShape(sequence.shape)).join(", ")} differ in length`,
    );
    initial.forEach((type, k) => {
      const next = resultType(body, `carry${k}`);
      expect(
        "scan",
        next.element === type.element && sameShape(next.shape, type.shape),
        () =>
          `carry ${k} is ${type.element} ${showShape(type.shape)}, the next one ${next.element} ${showShape(next.shape)}`,
      );
    });
    const outputs = Array.from({ length: scanOutputs(attributes) }, (_, k) => resultType(body, `output${k}`));
    const stacked = [...outputs, ...initial].map(({ element, shape }) => ({ element, shape: [length, ...shape] }));
    expect("scan", initial.length + outputs.length > 0, () => "no result");
    return [...initial, ...stacked];
  },
  gradient: scanGradient,
  decomposition: null,
  reference(inputs, attributes, evaluate) {
    const body = graphOf(attributes, "body");
    const { initial, sequences, outside } = scanParts(inputs, attributes);
    const [length] = sequences[0].shape;
    const outputs = Array.from({ length: scanOutputs(attributes) }, (_, k) => resultType(body, `output${k}`).shape);
    const stacked = [...outputs, ...initial.map(({ shape }) => shape)].map((shape) => ({
      shape: [length, ...shape],
      values: new Float64Array(length * elementCount(shape)),
    }));
    let carries = initial.map(({ values }) => values);
    for (let step = 0; step < length; step++) {
      const at = flagOf(attributes, "reverse") ? length - 1 - step : step;
      const elements = sequences.map(({ values }) => {
        const width = values.length / length;
        return values.subarray(at * width, (at + 1) * width);
      });
      const named = Object.fromEntries([
        ...carries.map((values, k) => [`carry${k}`, values] as const),
        ...elements.map((values, k) => [`element${k}`, values] as const),
        ...outside.map(({ values }, k) => [`outside${k}`, values] as const),
      ]);
      const results = evaluate(body, named);
      const rows = [...outputs.map((_, k) => results[`output${k}`]), ...carries];
      rows.forEach((row, k) => stacked[k].values.set(row, at * row.length));
      carries = carries.map((_, k) => results[`carry${k}`]);
    }
    return [...carries.map((values, k) => ({ values, shape: initial[k].shape })), ...stacked];
  },
};
