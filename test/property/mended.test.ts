import { expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { mend, type Looking } from "../../compiler/mend.ts";
import { seeds } from "./check.ts";
import { Draw } from "./draw.ts";
import { edited, wholeTexts } from "./edits.ts";
import { checkMended, mended } from "./mended.ts";

/** `check --fix` never damages a file: what it leaves has no kind of finding that was not there; more of this in the slow suite. */
const texts = wholeTexts();
const chosen = seeds(4);

test("a fix that does not remove its finding is not made, and that of a chain in a chain is not offered", async () => {
  const of = (step: string): string => `model A
input x: f32[8]
shared t = x -> ${step}
task y: real { head: t -> dense }
train { epochs: 1 }
data { train: csv("a.csv") }
`;
  for (const step of ["residual(dense(8) * 2)", "(dense(8) * 2)", "residual(relu -> dense(8) + 1)"]) {
    const [{ code, fixes }] = compile(of(step)).diagnostics;
    expect([code, fixes.length]).toEqual(["MTL4005", step.includes("relu") ? 1 : 0]);
    expect(await mended("a.mtl", of(step))).toBe(of(step));
  }
  expect(await mended("a.mtl", of("dense(8) * 2"))).toBe(
    of("dense(8) * 2").replace("x -> dense(8)", "(x -> dense(8))"),
  );
  // The second mistake comes to light with the first mended, and is mended in turn.
  expect(await mended("a.mtl", of("Dense(8) -> rlu"))).toBe(of("dense(8) -> relu"));
});

/** A fix that grows and mends nothing, and one that mends and brings something worse. */
test.each([
  ["grows", "a", (text: string) => [{ code: "X1", at: text.indexOf("a"), put: "(" }]],
  ["turns round", "ab", (text: string) => [{ code: "X1", at: 0, put: text.startsWith("a") ? "b" : "a" }]],
  [
    "damages",
    "a",
    (text: string) => (text === "a" ? [{ code: "X1", at: 0, put: "b" }] : [{ code: "X2", at: 0, put: "" }]),
  ],
])("a fix that %s is not made", async (_, text, find) => {
  const looked: Looking = (changed) => {
    const now = changed.get("a.mtl") ?? text;
    const diagnostics = find(now).map(({ code, at, put }) => {
      const span = { file: "a.mtl", start: at, end: at };
      return { ...plain, code, span, fixes: put === "" ? [] : [{ title: "", edits: [{ span, text: put }] }] };
    });
    return { diagnostics, texts: new Map([["a.mtl", now]]) };
  };
  expect((await mend(looked)).get("a.mtl") ?? text).toBe(text);
});

const plain = { name: "", severity: "error", message: "", labels: [] } as const;

test(`programs edited ${chosen.length} times each are mended, and never for the worse`, async () => {
  let made = 0;
  for (const { name, path, text: whole } of texts)
    for (const seed of chosen) {
      const draw = new Draw(seed, `mended/${name}`);
      const text = edited(draw, whole, draw.pick(texts).text);
      try {
        made += Number((await checkMended({ path, text })).fixes);
      } catch (error) {
        throw new Error(`MTLC_PROPERTY_SEED=${seed} ${name}: ${String(error)}\n\n${text}`, { cause: error });
      }
    }
  expect(made).toBeGreaterThan((texts.length * chosen.length) / 10);
});
