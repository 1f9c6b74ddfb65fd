import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { load } from "../../src/index.ts";
import { csv, folderOf } from "../runtime/small-training.ts";
import { mtlc, sound } from "../slow/command.ts";

/** Categories that training did not see are told of wherever a trained network is given rows, and change no answer. */

const text = `model City
input city: category
input x: f32
task price: real { head: concat(city -> embed(3), x) -> dense }
train { epochs: 1 }
data { train: csv("train.csv") }
`;
const city = ["Oslo", "Rome", "Oslo", "Rome"];
let folder = "";
let run = "";
const file = (name: string): string => join(folder, name);
beforeAll(async () => {
  const rows = csv({ city, x: [1, 2, 3, 4], price: [1, 2, 3, 4] });
  folder = folderOf({ "city.mtl": text, "train.csv": rows });
  run = file("run");
  await sound("train", file("city.mtl"), "--run", run);
  writeFileSync(file("new.csv"), csv({ city: ["OSLO", "Bern", "Rome"], x: [1, 1, 1], price: [1, 1, 1] }));
  writeFileSync(file("empty.csv"), csv({ city: [null, null, "Rome"], x: [1, 1, 1] }));
});

const warning = (name: string): string =>
  `warning[MTL8070] 2 of 3 cells of city in ${name} were not seen in training ("OSLO" and 1 more)`;
const help = '"OSLO" differs from "Oslo" by case or blanks only';

it("by the commands", async () => {
  for (const args of [
    ["predict", run, file("new.csv")],
    ["evaluate", run, "--on", file("new.csv")],
  ]) {
    const { code, err } = await mtlc(...args);
    expect(code).toBe(0);
    expect(err.split("\n").filter((line) => line.startsWith("warning"))).toEqual([warning(file("new.csv"))]);
    expect(err).toContain(help);
  }
  const { err, out } = await mtlc("predict", run, file("empty.csv"));
  expect(err).toBe("");
  expect(out).toBe(await sound("predict", run, file("new.csv")));
});

it("by the library's hook, a call at a time", async () => {
  const told: Diagnostic[] = [];
  const loaded = await load(run, { onWarning: (one) => told.push(one) });
  const silent = await load(run);
  const rows = [
    { city: "OSLO", x: 1, price: 1 },
    { city: "Bern", x: 1, price: 1 },
    { city: "Rome", x: 1, price: 1 },
  ];
  expect(await loaded.predict(rows)).toEqual(await silent.predict(rows));
  await loaded.evaluate(rows);
  await loaded.predict(rows[2]);
  expect(told.map(({ message, help: say }) => [message, say])).toEqual([
    ['2 of 3 cells of city in rows were not seen in training ("OSLO" and 1 more)', help],
    ['2 of 3 cells of city in rows were not seen in training ("OSLO" and 1 more)', help],
  ]);
  await Promise.all([loaded.close(), silent.close()]);
});
