import { expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";

/** Whatever is nested in itself too often ends in one diagnostic, and in no overflow. */

const many = 10_000;
const times = (text: string): string => text.repeat(many);
const file = (head: string, declarations = ""): string => `model A
input x: f32[8]
${declarations}
task y: real { head: ${head} }
data { train: csv("a.csv") }
`;
const chain = (declare: (name: string, before: string) => string): string =>
  Array.from({ length: 2000 }, (_, k) => declare(`b${k}`, `b${k - 1}`).replace("b-1", "relu")).join("\n");

test.each([
  ["members of a name", file(`x${times(".a")}`)],
  ["members of a text", file(`"t"${times(".a")}`)],
  ["members of what is watched", file("x -> dense", `train { stop: early(on: validation${times(".a")}) }`)],
  ["members of what is frozen", file("x -> dense", `train { freeze: [x${times(".a")}] }`)],
  ["brackets", file(`${times("(")}x${times(")")} -> dense`)],
  ["brackets that stay open", file(`${times("(")}x`)],
  ["lists", file("x -> dense", `const a = ${times("[")}1${times("]")}`)],
  ["settings", file("x -> dense", `const a = ${times("{ a: ")}1${times(" }")}`)],
  ["signs", file(`${times("-")}x -> dense`)],
  ["sums", file(`x${times(" + x")} -> dense`)],
  ["calls", file(`${times("relu(")}x${times(")")} -> dense`)],
  ["chains", file(`x -> ${times("residual(")}relu${times(")")} -> dense`)],
  ["pipelines", file(`x -> ${times("(relu -> ")}relu${times(")")} -> dense`)],
  ["sources", file("x -> dense", `data a { train: ${times("beside(")}csv("a")${times(")")} }`)],
  ["terms of a loss", file(`x -> dense, loss: mse${times(" + mse")}`)],
])("%s", (_, text) => {
  expect(codesOf(text)).toEqual(["MTL1011"]);
});

test("layers of layers and blocks of blocks are counted, and end in one diagnostic as well", () => {
  expect(
    codesOf(
      file(
        "x -> b1999 -> dense",
        chain((name, before) => `layer ${name} = ${before}`),
      ),
    ),
  ).toEqual(["MTL4010"]);
  const blocks = chain((name, before) => `block ${name}(y) { return y -> ${before} }`);
  expect(codesOf(file("x -> b1999 -> dense", blocks))).toEqual(["MTL4010"]);
});

/** Codes of errors. */
function codesOf(text: string): string[] {
  return compile(text).diagnostics.flatMap(({ code, severity }) => (severity === "error" ? [code] : []));
}
