import { afterAll, describe, expect, it } from "vitest";
import type { Value } from "../../compiler/ir/model.ts";
import { layerRows } from "../../compiler/layers/index.ts";
import type { LayerRow } from "../../compiler/registry/layer.ts";
import { expectClose, golden, numbers, printUnbuilt, shapeOf, type Nested } from "./golden.ts";
import { runLayer } from "./layer-harness.ts";

interface Entry {
  readonly id: string;
  readonly layer: string;
  readonly settings: Readonly<Record<string, Value>>;
  readonly input: Nested;
  readonly parameters: Readonly<Record<string, Nested>>;
  readonly output: Nested;
  readonly cotangent: Nested;
  readonly input_gradient?: Nested;
  readonly parameter_gradients: Readonly<Record<string, Nested>>;
  readonly running_before?: Readonly<Record<string, Nested>>;
  readonly running_after?: Readonly<Record<string, Nested>>;
  readonly tolerance: number;
}

const file = golden<{ readonly entries: readonly Entry[] }>("layers.json");

const words: Readonly<Record<string, string>> = {
  global_avg_pool: "mean_pool",
  global_max_pool: "max_pool",
  gelu_tanh: "gelu",
  embedding: "embed",
};
const parameterNames: Readonly<Record<string, string>> = {
  shift: "offset",
  bias_input: "bias",
  bias_recurrent: "recurrent_bias",
};

/** A setting as the language has it: pairs as pairs, what belongs to the test itself left out. */
function setting(row: LayerRow, name: string, value: Value): readonly (readonly [string, Value])[] {
  if (["training", "running", "lengths", "direction"].includes(name)) return [];
  if (name === "rows") return [["codes", value]];
  const kind = row.settings[name]?.kind.kind;
  return [[name, kind === "pair" && typeof value === "number" ? [value, value] : value]];
}

function settingsFor(row: LayerRow, entry: Entry): Readonly<Record<string, Value>> {
  const settings = Object.entries(entry.settings).flatMap(([name, value]) => setting(row, name, value));
  return {
    ...Object.fromEntries(settings),
    ...(entry.layer === "gelu_tanh" && { approximate: true }),
    ...(readsBackward(entry) && { bidirectional: true }),
  };
}

/** The language reads backward beside forward only: such an entry is the second half of the channels. */
function readsBackward(entry: Entry): boolean {
  return entry.settings.direction === "backward";
}
/** [..., width] as the second half of [..., 2 width], with `front` in the first. */
function behind(values: readonly number[], width: number, front: number): number[] {
  return Array.from({ length: 2 * values.length }, (_, at) => {
    const channel = at % (2 * width);
    return channel < width ? front : values[Math.floor(at / (2 * width)) * width + channel - width];
  });
}
function secondHalf(values: ArrayLike<number>, width: number): number[] {
  return Array.from(values).filter((_, at) => at % (2 * width) >= width);
}
function prefixed(prefix: string, values: Readonly<Record<string, number[]>>): Readonly<Record<string, number[]>> {
  return Object.fromEntries(Object.entries(values).map(([name, list]) => [`${prefix}.${name}`, list]));
}

function byOurNames(values: Readonly<Record<string, Nested>>): Readonly<Record<string, number[]>> {
  return Object.fromEntries(
    Object.entries(values).map(([name, nested]) => [parameterNames[name] ?? name, numbers(nested)]),
  );
}

function isNestedRecord(value: Value | undefined): value is { readonly [name: string]: Value } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Running statistics: a field of the entry, or a setting in evaluation. */
function running(entry: Entry): Readonly<Record<string, number[]>> {
  if (entry.running_before) return byOurNames(entry.running_before);
  const given = entry.settings.running;
  if (!isNestedRecord(given)) return {};
  return Object.fromEntries(
    Object.entries(given).map(([name, list]) => [name, Array.isArray(list) ? list.map(Number) : []]),
  );
}

describe("layers agree with other programs", () => {
  const unbuilt: string[] = [];
  const checked: string[] = [];
  afterAll(() => {
    printUnbuilt("layers.json", unbuilt);
    expect(checked.length).toBe(file.entries.length);
  });

  for (const entry of file.entries) {
    const row = layerRows.find((candidate) => candidate.name === (words[entry.layer] ?? entry.layer));
    if (!row?.built) {
      unbuilt.push(entry.layer);
      continue;
    }
    it(entry.id, () => {
      const [batch, ...shape] = shapeOf(entry.input);
      const lengths = entry.settings.lengths;
      const masks = Array.isArray(lengths)
        ? {
            words: lengths.flatMap((length) =>
              Array.from({ length: shape[0] }, (_, at) => (at < Number(length) ? 1 : 0)),
            ),
          }
        : undefined;
      const backward = readsBackward(entry);
      const width = Number(entry.settings.width);
      const given = byOurNames(entry.parameters);
      const result = runLayer({
        row,
        settings: settingsFor(row, entry),
        batch,
        inputs: [
          {
            type: {
              element: row.name === "embed" ? "i32" : "f32",
              shape,
              ...(masks && { axes: shape.map((_, index) => (index === 0 ? "words" : null)) }),
            },
            values: numbers(entry.input),
          },
        ],
        values: { ...(backward ? prefixed("backward", given) : given), ...running(entry) },
        training: entry.settings.training === true,
        ...(masks && { masks }),
        cotangent: backward ? behind(numbers(entry.cotangent), width, 0) : numbers(entry.cotangent),
      });
      const expectedShape = shapeOf(entry.output);
      expect(result.outputShape).toEqual(backward ? [...expectedShape.slice(0, -1), 2 * width] : expectedShape);
      const output = backward ? secondHalf(result.output, width) : result.output;
      expectClose(output, numbers(entry.output), entry.tolerance);
      if (entry.input_gradient !== undefined) {
        const [found] = result.inputGradients;
        expectClose(found ?? [], numbers(entry.input_gradient), entry.tolerance);
      }
      const own = byOurNames(entry.parameter_gradients);
      const expected = backward ? prefixed("backward", own) : own;
      const found = Object.keys(result.parameterGradients).filter((name) => !name.startsWith("forward."));
      expect(found.sort()).toEqual(Object.keys(expected).sort());
      for (const [name, values] of Object.entries(expected))
        expectClose(result.parameterGradients[name], values, entry.tolerance);
      for (const [name, values] of Object.entries(byOurNames(entry.running_after ?? {})))
        expectClose(result.nextStates[name], values, entry.tolerance);
      checked.push(entry.id);
    });
  }
});
