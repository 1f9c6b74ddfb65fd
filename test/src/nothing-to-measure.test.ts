import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { csv, folderOf, numbersFrom } from "../runtime/small-training.ts";
import { mtlc } from "../slow/command.ts";

/** Where there is nothing to measure it is said, and not passed over in silence. */

const number = numbersFrom(3);
const a = Array.from({ length: 20 }, number);
const model = (task = "", data = ""): string => `model M
input a: f32
task y: real { head: a -> dense${task} }
train { epochs: 1 }
data { train: csv("rows.csv")${data} }`;

async function trained(text: string): Promise<{ run: string; out: string; folder: string }> {
  const table = csv({ a, y: a });
  const folder = folderOf({ "m.mtl": text, "rows.csv": table, "empty.csv": "a,y\n" });
  const run = join(folder, "run");
  const { out } = await mtlc("train", join(folder, "m.mtl"), "--run", run);
  return { run, out, folder };
}

describe("nothing to measure", () => {
  it("is said where the data have neither part, with what measures all the same", async () => {
    const { run, out, folder } = await trained(model());
    expect(out).toMatch(/^Nothing is measured: the data have no validation or test part; /);
    const { code, out: shown, err } = await mtlc("evaluate", run);
    expect(code).toBe(1);
    expect(shown).toBe("");
    expect(err).toContain(
      "error[MTL8407] there is nothing to measure: the model's data have no validation or test part",
    );
    expect(err).toContain(`help: \`mtlc evaluate ${run} --on FILE\` measures the rows of a file`);
    expect((await mtlc("evaluate", run, "--on", join(folder, "rows.csv"))).out).toContain("mae");
  });

  it("is said of a file without rows", async () => {
    const { run, folder } = await trained(model());
    const file = join(folder, "empty.csv");
    const { code, err } = await mtlc("evaluate", run, "--on", file);
    expect(code).toBe(1);
    expect(err).toContain(`error[MTL8407] there is nothing to measure: ${file} has no rows`);
  });

  it("is said of rows that have no answer", async () => {
    const { run, folder } = await trained(model());
    const file = join(folder, "bare.csv");
    writeFileSync(file, "a,y\n0.5,\n1,\n");
    const { code, out, err } = await mtlc("evaluate", run, "--on", file);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain(`error[MTL8407] there is nothing to measure: no row of ${file} has an answer`);
  });

  it("is said of tasks without a metric", async () => {
    const { run, out } = await trained(model(", metrics: []", ", test: part(0.2, of: train)"));
    expect(out).toMatch(/^Nothing is measured: no task has a metric\n/);
    const { code, err } = await mtlc("evaluate", run);
    expect(code).toBe(1);
    expect(err).toContain("error[MTL8407] there is nothing to measure: no task of the model has a metric");
  });

  it("is not said where there is something", async () => {
    const { run, out } = await trained(model("", ", test: part(0.2, of: train)"));
    expect(out).toMatch(/^task +metric +test\ny +mae/);
    expect((await mtlc("evaluate", run)).out).toMatch(/^task +metric +test\ny +mae/);
  });
});
