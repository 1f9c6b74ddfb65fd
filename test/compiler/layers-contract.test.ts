import { describe, expect, it } from "vitest";
import { gradients } from "../../compiler/graph/gradients.ts";
import { elementCount, type Node } from "../../compiler/graph/graph.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import { layerRows } from "../../compiler/layers/index.ts";
import { startRows } from "../../compiler/starts/index.ts";
import { layerCases } from "./layer-cases.ts";
import { buildLayer, concreteType, outputOf, shapeOfCase, type BuiltLayer, type LayerCase } from "./layer-harness.ts";
import { floats } from "./operation-sample.ts";

/** What every layer row promises. */

/** A central difference over 1e-5 keeps six digits. */
const step = 1e-5;
const tolerance = 1e-6;
/** These change the gradient on purpose. */
const onPurpose = new Set(["stop_gradient", "reverse_gradient"]);

function title({ row, settings = {}, inputs }: LayerCase, index: number): string {
  const written = Object.entries(settings).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return `${index} ${row.name}(${written.join(", ")}) of ${inputs.map(({ type }) => JSON.stringify(type.shape)).join(", ")}`;
}

/** Exact gradients of Σ weight · output for all f32 inputs of the graph, by name. */
function exactGradients(built: BuiltLayer, weights: Float64Array): ReadonlyMap<string, Float64Array> {
  const { g, output, inputs, parameters } = built;
  const named: [string, Node][] = [
    ...inputs.map((node, index): [string, Node] => [`input/${index}`, node]),
    ...Object.entries(parameters).map(([name, node]): [string, Node] => [`parameter/${name}`, node]),
  ];
  const floatsOnly = named.filter(([, node]) => node.type.element === "f32");
  const found = gradients(
    g,
    [{ node: output, cotangent: g.constant(weights, output.type) }],
    floatsOnly.map(([, node]) => node),
  );
  const outputs: Record<string, Node> = {};
  found.forEach((node, index) => {
    if (node) outputs[floatsOnly[index][0]] = node;
  });
  const results = evaluate(g.finish(outputs), built.feeds);
  return new Map(
    floatsOnly.map(([name, node]) => [name, results[name] ?? new Float64Array(elementCount(node.type.shape))]),
  );
}

describe("every layer", () => {
  it("has a name of its own", () => {
    const names = layerRows.map((row) => row.name);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(layerRows.map((row) => [row.name, row] as const))("%s is documented", (name, row) => {
    expect(row.doc).toMatch(/\.$/);
    expect(row.example).toContain(row.callable ? name : "=");
    const settings = Object.entries(row.settings);
    for (const [, setting] of settings) expect(setting.doc).toMatch(/\.$/);
    expect(settings.filter(([, setting]) => setting.first).length).toBeLessThanOrEqual(1);
    expect(row.operands.min).toBeLessThanOrEqual(row.operands.max);
    if (row.chains?.copies !== undefined) expect(Object.keys(row.settings)).toContain(row.chains.copies);
  });

  it("has a case if it is built", () => {
    const tried = new Set(layerCases.map(({ row }) => row.name));
    expect(layerRows.filter((row) => row.built && !tried.has(row.name)).map((row) => row.name)).toEqual([]);
  });
});

/** For each element of a tensor with the batch axis in front: 0 where a token axis of the type has padding there. */
function realPlaces(
  { masks = {}, batch }: LayerCase,
  shape: readonly number[],
  axes: readonly (string | null)[] = [],
): number[] {
  const place = [batch, ...shape].map((_, axis) => elementCount(shape.slice(axis)));
  return Array.from({ length: batch * elementCount(shape) }, (_, at) => {
    const row = Math.floor(at / place[0]);
    const real = shape.map((length, axis) => {
      const name = axes[axis];
      return name ? masks[name][row * length + (Math.floor(at / place[axis + 1]) % length)] : 1;
    });
    return Math.min(1, ...real);
  });
}

describe("a built layer", () => {
  const withPadding = layerCases.filter(({ masks }) => masks !== undefined);
  it.each(withPadding.map((layerCase, index) => [title(layerCase, index), layerCase] as const))(
    "%s does not mind what stands at padding",
    (_, layerCase) => {
      const built = buildLayer(layerCase);
      const garbled = Object.fromEntries(
        layerCase.inputs.map(({ type, values }, index) => {
          const real = realPlaces(layerCase, type.shape, type.axes);
          return [`input/${index}`, Float64Array.from(values, (value, at) => (real[at] ? value : value + 100 + at))];
        }),
      );
      const real = realPlaces(layerCase, concreteType(built.outputType).shape, built.outputType.axes);
      // + 0 makes 0 of -0.
      const atReal = (values: Float64Array): number[] =>
        [...values].filter((_, at) => real[at]).map((value) => value + 0);
      expect(atReal(outputOf(built, garbled))).toEqual(atReal(outputOf(built)));
    },
  );

  it.each(layerCases.map((layerCase, index) => [title(layerCase, index), layerCase] as const))(
    "%s has the shape that its rule says",
    (_, layerCase) => {
      const { output, specs, parameters, outputType } = buildLayer(layerCase);
      const expected = concreteType(outputType);
      expect(output.type).toEqual({
        element: expected.element,
        shape: expected.batch === false ? expected.shape : [layerCase.batch, ...expected.shape],
      });
      for (const [name, node] of Object.entries(parameters)) expect(node.type.shape).toEqual(specs[name].shape);
      for (const spec of Object.values(specs)) expect(startRows.map((row) => row.name)).toContain(spec.start.word);
    },
  );

  it.each(layerCases.map((layerCase, index) => [title(layerCase, index), layerCase] as const))(
    "%s is per task where an operand is",
    (_, layerCase) => {
      if (layerCase.inputs.length === 0) return;
      const once = shapeOfCase(layerCase);
      const inputs = layerCase.inputs.map((input) => ({ ...input, type: { ...input.type, perTask: true } }));
      expect(shapeOfCase({ ...layerCase, inputs })).toEqual({ ...once, perTask: true });
    },
  );

  it.each(
    layerCases
      .filter(({ row }) => !onPurpose.has(row.name))
      .map((layerCase, index) => [title(layerCase, index), layerCase] as const),
  )("%s has the gradients of its differences", (_, layerCase) => {
    const built = buildLayer(layerCase);
    const weights = floats(built.output.type.shape, 0.2, 1.8, 7).values;
    const objective = (name: string, values: Float64Array): number =>
      outputOf(built, { [name]: values }).reduce((sum, value, at) => sum + value * weights[at], 0);
    for (const [name, exact] of exactGradients(built, weights)) {
      const values = Float64Array.from(built.feeds[name]);
      const stride = Math.max(1, Math.floor(values.length / 24));
      for (let at = 0; at < values.length; at += stride) {
        const [above, below] = [step, -step].map((by) =>
          objective(
            name,
            values.map((value, k) => (k === at ? value + by : value)),
          ),
        );
        const difference = (above - below) / (2 * step);
        expect(
          Math.abs(difference - exact[at]),
          `${name}[${at}]: ${exact[at]} but differences say ${difference}`,
        ).toBeLessThan(tolerance * Math.max(1, Math.abs(difference)));
      }
    }
  });
});
