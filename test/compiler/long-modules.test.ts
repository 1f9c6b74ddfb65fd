import { expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { emitTypeScript, type FunctionDescription } from "../../compiler/emit/typescript/index.ts";
import { registry } from "../../compiler/registry/index.ts";

/** What a module costs grows with the file, not with the square of it: 300 steps took most of a minute. */
const STEPS = 1000;
const ENOUGH = 15_000;

function functionsOf(network: string): readonly FunctionDescription[] {
  const { model } = compile(`model Long
input x: f32[8]
${network}
task y: real { head: end -> dense(1) }
data { train: jsonl("rows.jsonl") }
`);
  if (model === null) throw new Error(`${network.slice(0, 60)} has a mistake`);
  const { items } = emitTypeScript(model, registry, {
    version: "0",
    hash: "0x0",
    file: "long.mtl",
    runtime: "mtlc/runtime",
    relocate: (path) => path,
    trained: null,
  });
  return items.filter((item) => item.kind === "function");
}

const codeOf = (functions: readonly FunctionDescription[], name: string): string =>
  functions
    .filter((each) => each.name === name)
    .flatMap(({ statements }) => statements.map(({ code }) => code))
    .join("\n");

const times = (text: (k: number) => string, count = STEPS): string =>
  Array.from({ length: count }, (_, k) => text(k)).join("");

test(
  "a pipeline of a thousand layers calls one function for them",
  () => {
    const functions = functionsOf(`shared end = x${times(() => " -> dense(8)")}`);
    expect(functions.map(({ name }) => name).filter((name) => name.startsWith("dense"))).toEqual([
      "denseWeights",
      "dense",
    ]);
    const code = codeOf(functions, "sharedEnd");
    expect(code.match(/\bdense\(/g)).toHaveLength(STEPS);
    expect([...code.matchAll(/weights\.dense\[(\d+)\]/g)].map(([, k]) => Number(k))).toEqual(
      Array.from({ length: STEPS }, (_, k) => k),
    );
  },
  ENOUGH,
);

test(
  "steps of several kinds and sizes take turns",
  () => {
    const functions = functionsOf(
      `shared end = x${times((k) => ` -> dense(${1 + (k % 90)}) -> relu -> dropout(${k % 3 === 0 ? 0 : 0.25})`, STEPS / 4)} -> dense(8)`,
    );
    expect(functions.filter(({ name }) => /^(dense|dropout)/.test(name)).map(({ name }) => name)).toEqual([
      "denseWeights",
      "dense",
      "dropout",
    ]);
    // Without a chance there is nothing to drop, and nothing is written.
    expect(codeOf(functions, "sharedEnd").match(/\bdropout\(/g)).toHaveLength(STEPS / 4 - Math.ceil(STEPS / 12));
  },
  ENOUGH,
);

test(
  "a thousand declarations have a function each, at their own weights",
  () => {
    const functions = functionsOf(
      `shared s0 = x\n${times((k) => `shared s${k + 1} = s${k} -> dense(8)\n`)}shared end = s${STEPS}`,
    );
    const own = functions.filter(({ name }) => /^sharedS\d+$/.test(name));
    expect(own).toHaveLength(STEPS);
    expect(codeOf(own, `sharedS${STEPS}`)).toBe(`return dense(s${STEPS - 1}, weights.dense);`);
  },
  ENOUGH,
);

test(
  "kinds of one layer that no one function serves have one each, and every use calls its own",
  () => {
    const functions = functionsOf(
      `shared end = x${times((k) => (k % 2 === 0 ? " -> dense(8, bias: false)" : " -> dense(8)"), 200)}`,
    );
    const names = functions.map(({ name }) => name).filter((name) => /^dense(?!Weights)/.test(name));
    expect(names).toHaveLength(2);
    const code = codeOf(functions, "sharedEnd");
    for (const name of names) expect(code.match(new RegExp(`\\b${name}\\(`, "g"))).toHaveLength(100);
  },
  ENOUGH,
);
