import { describe, expect, it } from "vitest";
import { compile } from "../../compiler/compile.ts";
import type { Instruction } from "../../compiler/ir/model.ts";
import { layerRows } from "../../compiler/layers/index.ts";
import type { LayerRow } from "../../compiler/registry/layer.ts";

/** The examples of all layers, as the manual prints them, in a file that has inputs, tasks and data for them. */

function fileWith({ example }: LayerRow): string {
  const named = [...example.matchAll(/^shared (\w+)/gm)].map(([, name]) => name);
  const last = named[named.length - 1];
  const heads = ["alpha", "beta"].map((task) => `task ${task}: real { head: ${last} -> flatten -> dense }`);
  return [
    "model Example",
    "input x: f32[8]",
    "input image: f32[12, 12, 3]",
    "input words: tokens(10)",
    example,
    ...heads,
    'data { train: csv("rows.csv") }',
  ].join("\n");
}

function layersOf(instructions: readonly Instruction[]): string[] {
  return instructions.flatMap((instruction) => [
    instruction.layer,
    ...(instruction.regions ?? []).flatMap((region) => layersOf(region.instructions)),
  ]);
}

describe("the example of every layer", () => {
  it.each(layerRows.map((row) => [row.name, row] as const))("%s checks and uses the layer", (name, row) => {
    const { model, diagnostics } = compile(fileWith(row));
    expect(
      diagnostics.filter(({ severity }) => severity === "error").map(({ message, help }) => `${message} (${help})`),
    ).toEqual([]);
    if (!model) throw new Error("there is no model");
    expect(layersOf(model.instructions)).toContain(name);
  });
});
