import { afterAll, describe, expect, it } from "vitest";
import type { Value } from "../../compiler/ir/model.ts";
import { layerRows } from "../../compiler/layers/index.ts";
import { expectClose, golden, numbers, printUnbuilt, shapeOf, type Nested } from "./golden.ts";
import { runLayer, type LayerInput } from "./layer-harness.ts";

type Named = Readonly<Record<string, Nested>>;

interface Entry {
  readonly id: string;
  readonly structure: string;
  readonly settings: Readonly<Record<string, Value>>;
  readonly inputs: Named;
  readonly parameters: Named;
  readonly outputs: Named;
  readonly cotangents: Named;
  readonly input_gradients: Named;
  readonly parameter_gradients: Named;
  readonly tolerance: number;
}

const file = golden<{ readonly entries: readonly Entry[] }>("sharing.json");

/** `gate.kernel` of the file is `kernel` of the layer gate, `attention.query.kernel` `query.kernel` of cross_attention. */
function ownName(structure: string, name: string): string {
  for (const prefix of [`${structure}.`, ...(structure === "cross_attention" ? ["attention."] : [])])
    if (name.startsWith(prefix)) return name.slice(prefix.length);
  return name;
}

/** Of a structure with a mask its last input is padded. */
function inputsOf(entry: Entry): LayerInput[] {
  const { mask } = entry.settings;
  const all = Object.values(entry.inputs);
  return all.map((nested, index) => {
    const [, ...shape] = shapeOf(nested);
    const padded = mask !== undefined && index === all.length - 1;
    const axes = shape.map((_, axis) => (padded && axis === 0 ? "words" : null));
    return { type: { element: "f32", shape, axes }, values: numbers(nested) };
  });
}

function maskOf({ settings: { mask } }: Entry): number[] | undefined {
  return Array.isArray(mask) ? mask.flat().map(Number) : undefined;
}

describe("sharing structures agree with other programs", () => {
  const unbuilt: string[] = [];
  afterAll(() => printUnbuilt("sharing.json", unbuilt));

  for (const entry of file.entries) {
    const row = layerRows.find((candidate) => candidate.name === entry.structure);
    if (!row?.built) {
      unbuilt.push(entry.structure);
      continue;
    }
    it(entry.id, () => {
      const { structure, tolerance } = entry;
      const { mask: _, ...settings } = entry.settings;
      const words = maskOf(entry);
      const result = runLayer({
        row,
        settings,
        batch: shapeOf(Object.values(entry.inputs)[0])[0],
        inputs: inputsOf(entry),
        ...(words && { masks: { words } }),
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
