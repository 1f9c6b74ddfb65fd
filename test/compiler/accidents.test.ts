import { expect, it } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { registry } from "../../compiler/registry/index.ts";
import { accidentIn } from "./accidents.ts";
import { only } from "./diagnosed.ts";

/** Values that a person did not write never stand in what is said: `[object Object]`, `undefined`, `NaN`, two backticks. */

/** Of a layer's settings; the checker of values is one for all. */
const oddest = ["{}", "none"];
const odd = ["1e309", "-1", "none", "[]", "[1, none]", '"x"', "true", "{}", "0 / 0", "x", "dense", "search(1, none)"];
const program = (input: string, task: string, train: string, data: string): string => `model A
input x: f32[8]${input}
shared s = x -> dense(4)
task y: real { head: s -> dense${task} }
train { ${train} }
data { train: csv("a.csv"), validation: part(0.1, of: train)${data} }
const width = 3`;

it("holds for odd values of every key and of every layer's settings", () => {
  const texts = odd.flatMap((value) => [
    ...[...registry.section.values()].flatMap(({ section, keys }) =>
      Object.keys(keys).map((key) => {
        const at = (wanted: string, text: string): string => (section === wanted ? text : "");
        const setting = `${key}: ${value}`;
        const input = at("input", ` { ${setting} }`);
        return program(
          input,
          at("task", `, ${setting}`),
          at("train", setting) || "epochs: 1",
          at("data", `, ${setting}`),
        );
      }),
    ),
    program("", "", "epochs: 1", "").replace("width = 3", `width = ${value} * 3`),
    program("", "", "epochs: 1", "").replace("f32[8]", `f32[${value}]`),
  ]);
  for (const { name, settings } of registry.layer.values())
    for (const value of oddest)
      for (const use of [value, ...Object.keys(settings).map((key) => `${key}: ${value}`)])
        texts.push(program("", ` }\ntask z: real { head: x -> ${name}(${use}) -> dense`, "epochs: 1", ""));
  const found = texts.flatMap((text) =>
    compile(text, { file: "a.mtl" }).diagnostics.map((one) => accidentIn(one, text)),
  );
  expect(texts.length).toBeGreaterThan(700);
  expect([...new Set(found.filter((each) => each !== null))]).toEqual([]);
});

it("holds for a mark of ours", () => {
  expect(only("model A\ninput x: f32 { from: `x` }")).toContain("MTL1001 a backtick has no meaning in the language");
});
