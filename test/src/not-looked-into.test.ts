import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { csv, folderOf } from "../runtime/small-training.ts";
import { sound } from "../slow/command.ts";

/** A check without a mistake says where it has not seen the data. */

const model = (source: string): string => `model Birds
input a: f32
task y: real { head: a -> dense }
train { epochs: 1 }
data { train: ${source} }
`;

it("says of files outside the project, and of code, that they were not looked into", async () => {
  const folder = folderOf({ "rows.csv": csv({ a: [1, 2, 3], y: [2, 3, 4] }), "rows.mjs": "export default [];" });
  const inner = join(folder, "inner");
  mkdirSync(inner);
  const checked = async (file: string, source: string, ...options: string[]): Promise<string> => {
    writeFileSync(file, model(source));
    return (await sound("check", file, ...options)).trim();
  };
  const [inside, outside] = [join(folder, "m.mtl"), join(inner, "m.mtl")];
  expect(await checked(inside, 'csv("rows.csv")')).toBe(`${inside}: Birds, 1 task, no mistakes`);
  const unseen = "Birds, 1 task, no mistakes; not all of its data was looked into";
  expect(await checked(inside, 'module("rows.mjs")')).toBe(`${inside}: ${unseen}`);
  expect(await checked(outside, 'csv("../rows.csv")')).toBe(`${outside}: ${unseen}`);
  expect(await checked(outside, 'csv("../rows.csv")', "--data")).toBe(`${outside}: Birds, 1 task, no mistakes`);
});
