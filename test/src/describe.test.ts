import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { csv, folderOf, numbersFrom } from "../runtime/small-training.ts";
import { mtlc, sound } from "../slow/command.ts";

/** `mtlc describe` of a file, of its data, and of a run. */

const a = Array.from({ length: 24 }, numbersFrom(8));
const text = `model Birds
input a: f32
input place: category
task kind: class { head: concat(a, place -> embed(2)) -> dense }
train { epochs: 1 }
data { train: csv("rows.csv"), test: part(0.25, of: train) }
`;
let folder = "";
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = folderOf({
    "birds.mtl": text,
    "rows.csv": csv({ a, place: a.map((_, k) => `p${k % 3}`), kind: a.map((x) => (x > 0.3 ? "p" : "q")) }),
  });
  await sound("train", at("birds.mtl"), "--run", at("run"));
});

async function described(...words: readonly string[]): Promise<Record<string, unknown>> {
  return JSON.parse(await sound("describe", ...words, "--format", "json"));
}

// Three places and what is unseen, of two numbers each; two labels of three numbers and a bias.
const whole = { total: 4 * 2 + 2 * 4, trainable: 16, shared: 0, tasks: { kind: 16 } };

it("leaves open what only data tell", async () => {
  const { parameters, unknown, sizes } = await described(at("birds.mtl"));
  expect(parameters).toEqual({ total: 0, trainable: 0, shared: 0, tasks: { kind: null } });
  expect(unknown).toEqual(["codes(place)", "labels(kind)"]);
  expect(sizes).toEqual({});
});

it.each([
  ["data", () => [at("birds.mtl"), "--data"]],
  ["a run", () => [at("run")]],
])("is told it by %s", async (_, words) => {
  const { parameters, unknown, sizes } = await described(...words());
  expect(parameters).toEqual(whole);
  expect(unknown).toEqual([]);
  expect(sizes).toEqual({ "codes(place)": 4, "labels(kind)": 2 });
  const shown = await sound("describe", ...words());
  expect(shown).toMatch(/^kind +dense +\[_, 2\] +8 +kind$/m);
  expect(shown).toMatch(/^in all +16$/m);
});

it("says what is wrong with the data, or the folder", async () => {
  writeFileSync(at("absent.mtl"), text.replace("rows.csv", "nowhere.csv"));
  const absent = await mtlc("describe", at("absent.mtl"), "--data");
  expect(absent).toMatchObject({ code: 1, out: "" });
  expect(absent.err).toContain("nowhere.csv");
  expect((await mtlc("describe", at("absent.mtl"))).code).toBe(0);
  const none = await mtlc("describe", folder);
  expect(none.code).toBe(1);
  expect(none.err).toContain(`help: it holds runs, such as \`${at("run")}\``);
});

it("runs no code", async () => {
  writeFileSync(
    at("rows.mjs"),
    `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(at("harm"))}, "");`,
  );
  writeFileSync(at("code.mtl"), text.replace('csv("rows.csv")', 'module("rows.mjs")'));
  const { code, err } = await mtlc("describe", at("code.mtl"), "--data");
  expect(code).toBe(2);
  expect(err).toContain("come out of a `module`, which is code");
  expect(existsSync(at("harm"))).toBe(false);
});
