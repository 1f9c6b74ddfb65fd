import { afterAll, describe, expect, it } from "vitest";
import { layerRows } from "../../compiler/layers/index.ts";
import { expectClose, golden, numbers, printUnbuilt, shapeOf, type Nested } from "./golden.ts";
import { runLayer, type LayerInput } from "./layer-harness.ts";

type Named = Readonly<Record<string, Nested>>;

interface Entry {
  readonly id: string;
  readonly structure: string;
  readonly inputs: Named;
  readonly parameters: Named;
  readonly outputs: Named;
  readonly cotangents: Named;
  readonly input_gradients: Named;
  readonly parameter_gradients: Named;
  readonly tolerance: number;
}

const file = golden<{ readonly entries: readonly Entry[] }>("sharing.json");

/** `gate.kernel` of the file is `kernel` of the layer gate. */
function ownName(structure: string, name: string): string {
  return name.startsWith(`${structure}.`) ? name.slice(structure.length + 1) : name;
}

function inputOf(nested: Nested): LayerInput {
  const [, ...shape] = shapeOf(nested);
  return { type: { element: "f32", shape }, values: numbers(nested) };
}

describe.skipIf(file === null)("sharing structures agree with other programs", () => {
  const unbuilt: string[] = [];
  afterAll(() => printUnbuilt("sharing.json", unbuilt));

  for (const entry of file?.entries ?? []) {
    const row = layerRows.find((candidate) => candidate.name === entry.structure);
    if (!row?.built) {
      unbuilt.push(entry.structure);
      continue;
    }
    it(entry.id, () => {
      const { structure, tolerance } = entry;
      const inputs = Object.values(entry.inputs);
      const result = runLayer({
        row,
        batch: shapeOf(inputs[0])[0],
        inputs: inputs.map(inputOf),
        values: Object.fromEntries(
          Object.entries(entry.parameters).map(([name, nested]) => [ownName(structure, name), numbers(nested)]),
        ),
        cotangent: numbers(entry.cotangents.y),
      });
      expectClose(result.output, numbers(entry.outputs.y), tolerance);
      Object.values(entry.input_gradients).forEach((nested, index) =>
        expectClose(result.inputGradients[index] ?? [], numbers(nested), tolerance),
      );
      const expected = Object.entries(entry.parameter_gradients);
      expect(Object.keys(result.parameterGradients)).toHaveLength(expected.length);
      for (const [name, nested] of expected)
        expectClose(result.parameterGradients[ownName(structure, name)], numbers(nested), tolerance);
    });
  }
});
