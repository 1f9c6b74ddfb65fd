import { describe, expect, it } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { emitTypeScript, Unsupported, type ModuleDescription } from "../../compiler/emit/typescript/index.ts";
import { registry } from "../../compiler/registry/index.ts";
import type { LayerRow } from "../../compiler/registry/layer.ts";

/** Layers that compute with a share of an axis, rounded: where the data tell its size, no formula of a module says it. */

function rowOf(name: string): LayerRow {
  const row = registry.layer.get(name);
  if (!row) throw new Error(`there is no layer ${name}`);
  return row;
}

const third = (shape: readonly number[]): number => Math.floor((shape.at(-1) ?? 1) / 3);

const thirds: LayerRow = {
  ...rowOf("tanh"),
  forward: (g, { inputs: [x] }) => g.mul(x, g.constant(third(x.type.shape))),
};

const weighted: LayerRow = {
  ...rowOf("tanh"),
  parameters: ({ inputs: [{ shape }] }) => ({
    kernel: {
      shape: [third(shape), 2],
      start: { word: "zeros", settings: {} },
      fanIn: 1,
      fanOut: 1,
      decay: false,
    },
  }),
};

/** A module with another layer in the place of `tanh`. */
function moduleWith(row: LayerRow, text: string): ModuleDescription {
  const { model } = compile(text);
  if (model === null) throw new Error(`this has a mistake:\n${text}`);
  const options = {
    version: "0",
    hash: "0x0",
    file: "thirds.mtl",
    runtime: "mtlc/runtime",
    relocate: (path: string) => path,
    trained: null,
  };
  return emitTypeScript(model, { ...registry, layer: new Map(registry.layer).set("tanh", row) }, options);
}

const file = (kind: string): string => `model Thirds
input x: f32[2]
task kind: ${kind} { head: x -> dense }
task size: real { head: kind.output -> tanh -> dense }
data { train: jsonl("rows.jsonl") }
`;

function refusal(row: LayerRow, text: string): Unsupported {
  try {
    moduleWith(row, text);
  } catch (error) {
    if (error instanceof Unsupported) return error;
    throw error;
  }
  throw new Error("it became a module");
}

describe("what no formula of a module tells", () => {
  it("is named where it stands if a layer computes with it", () => {
    const text = file("class");
    const { message, span } = refusal(thirds, text);
    expect(message).toBe("`tanh` at sizes that only the data tell");
    expect(span && text.slice(span.start, span.end)).toBe("tanh");
  });

  it("is named if weights are as many", () => {
    expect(refusal(weighted, file("class")).message).toBe("a network with sizes that only the data tell");
  });

  it("is a number in the module where the file tells the size", () => {
    const { items } = moduleWith(thirds, file("class(10)"));
    const tanh = items.find((item) => item.kind === "function" && item.name === "tanh");
    if (tanh?.kind !== "function") throw new Error("there is no function of the layer");
    expect(tanh.statements.map(({ code }) => code)).toEqual(["return x.mul(3);"]);
  });
});
