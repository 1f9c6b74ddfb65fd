import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { load } from "../../src/index.ts";
import { exportStep } from "../../src/project/export-onnx.ts";
import { exportModel } from "../../src/project/export-typescript.ts";
import { openSource } from "../../src/project/sources.ts";
import { teacherWarnings } from "../../src/project/teachers.ts";
import { soundModel } from "../../src/project/sound-model.ts";
import { runTraining } from "../../src/project/training.ts";
import { bits, csv, numbersFrom, prepared, trained } from "./small-training.ts";

/** Learning from a trained run, and from another task. */

const folder = mkdtempSync(join(tmpdir(), "mtlc-distillation-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const number = numbersFrom(9);
const rows = Array.from({ length: 60 }, (_, k) => {
  const [a, b] = [number(), number()];
  return { a, b, kind: k % 7 === 3 ? null : a > 0.2 ? "right" : b > 0 ? "left" : "below" };
});
const table = csv({
  a: rows.map(({ a }) => a),
  b: rows.map(({ b }) => b),
  kind: rows.map(({ kind }) => kind),
});

/** A model's file in the folder. */
function file(name: string, text: string): string {
  const path = join(folder, `${name}.mtl`);
  writeFileSync(path, text);
  return path;
}

const student = (of: string, kind = "class", data = "rows.csv"): string => `model Student
input x: f32[2] { from: ["a", "b"] }
task kind: ${kind} { head: x -> dense(5) -> relu -> dense, loss: 0.25 * cross_entropy + 2 * distillation(3, of: "${of}") }
train { optimizer: adam(rate: 0.01), epochs: 4, batch: 16, shuffle: false }
data { train: csv("${data}"), validation: part(0.2, of: train), test: part(0.2, of: train) }
`;

beforeAll(async () => {
  writeFileSync(join(folder, "rows.csv"), table);
  // Scales and the order of the classes are the teacher's own.
  const path = file(
    "teacher",
    `model Teacher
input a: f32 { scale: standard }
input b: f32 { scale: minmax }
task kind: class(["right", "below", "left"]) { head: concat(a, b) -> dense(8) -> tanh -> dense }
task other: class(3) { head: a -> dense, target: none }
train { optimizer: adam(rate: 0.05), epochs: 6 }
data { train: csv("rows.csv") }
`,
  );
  await runTraining(openSource(path), { run: join(folder, "teacher") });
});

async function problemOf(path: string): Promise<string[]> {
  try {
    await runTraining(openSource(path), { keepNothing: true });
    return [];
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return error.diagnostics.map(({ code, message, span }) => `${code} ${message}${span ? "" : " (nowhere)"}`);
  }
}

const softened = (probabilities: Readonly<Record<string, number>>, labels: readonly string[], t: number): number[] => {
  const powers = labels.map((label) => Math.exp(Math.log(probabilities[label]) / t));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
};

async function chances(run: string): Promise<Record<string, number>[]> {
  const network = await load(run);
  try {
    const answers = await network.predict(rows.map(({ a, b }) => ({ a, b })));
    return answers.map(({ kind }) => {
      if (typeof kind !== "object" || kind === null || !("probabilities" in kind)) throw new Error("no probabilities");
      return Object.fromEntries(Object.entries(kind.probabilities));
    });
  } finally {
    await network.close();
  }
}

describe("a run as the teacher", () => {
  it("gives T² KL to the loss of the first step, its classes found by name", async () => {
    const path = file("first", student("teacher").replace(/, validation.*/, " }"));
    const losses: number[] = [];
    const start = join(folder, "first-start");
    await runTraining(openSource(path, ["train.epochs=0"]), { run: start });
    await runTraining(openSource(path), {
      keepNothing: true,
      hooks: { onStep: (e) => void losses.push(e.losses.kind) },
    });
    const [taught, own] = [await chances(join(folder, "teacher")), await chances(start)];
    const labels = ["below", "left", "right"];
    let [sum, count] = [0, 0];
    rows.slice(0, 16).forEach(({ kind }, row) => {
      if (kind === null) return;
      const [p, q] = [taught[row], own[row]].map((each) => softened(each, labels, 3));
      const divergence = p.reduce((total, share, k) => total + share * Math.log(share / q[k]), 0);
      sum += 0.25 * -Math.log(own[row][kind]) + 2 * 9 * divergence;
      count += 1;
    });
    expect(losses[0] / (sum / count)).toBeCloseTo(1, 4);
  });

  it("counts in the loss that is watched, and is not needed to evaluate, predict or export", async () => {
    const path = file("whole", student("teacher"));
    const run = join(folder, "whole");
    const { result } = await runTraining(openSource(path), { run });
    const validation = result.parts.get("validation");
    if (!validation) throw new Error("no validation part");
    expect(validation.losses.kind).toBeGreaterThan(0.5);
    renameSync(join(folder, "teacher"), join(folder, "gone"));
    try {
      const network = await load(run);
      const [first] = await network.predict([{ a: 0.9, b: 0 }]);
      expect(first.kind).toMatchObject({ label: expect.any(String) });
      expect(await network.evaluate(rows.map((row) => ({ ...row })))).toHaveProperty("kind.accuracy");
      await network.close();
      expect(exportStep(run).bytes.length).toBeGreaterThan(1000);
    } finally {
      renameSync(join(folder, "gone"), join(folder, "teacher"));
    }
  });

  it("a resumed run goes on as an uninterrupted one", async () => {
    const path = file("resumed", student("teacher/model.safetensors"));
    const [whole, half] = [join(folder, "uninterrupted"), join(folder, "interrupted")];
    await runTraining(openSource(path), { run: whole });
    let steps = 0;
    const hooks = { onStep: () => void steps++, interrupted: () => steps === 5 };
    await runTraining(openSource(path), { run: half, hooks });
    await runTraining(openSource(path), { run: half, resume: true });
    const weights = (run: string): Buffer => readFileSync(join(run, "model.safetensors"));
    expect(weights(half).equals(weights(whole))).toBe(true);
  });

  it("another network in its place is noticed when a run goes on, and another engine is none", async () => {
    const path = file("moved", student("changing"));
    const trainTeacher = (epochs: number) =>
      runTraining(openSource(join(folder, "teacher.mtl"), [`train.epochs=${epochs}`]), {
        run: join(folder, "changing"),
      });
    await trainTeacher(2);
    const run = join(folder, "moved");
    let steps = 0;
    await runTraining(openSource(path), { run, hooks: { onStep: () => void steps++, interrupted: () => steps === 2 } });
    const resumed = () => runTraining(openSource(path), { run, resume: true, engine: { engine: "tfjs" } });
    await expect(resumed()).resolves.toBeDefined();
    rmSync(join(folder, "changing"), { recursive: true });
    await trainTeacher(3);
    await expect(resumed()).rejects.toMatchObject({
      diagnostics: [
        { code: "MTL8607", message: expect.stringMatching(/began: `changing`, which it learns from, is another run$/) },
      ],
    });
  });

  it("that is not there is a warning first, then an error", async () => {
    const source = openSource(file("nobody", student("runs/nobody")));
    const [warning, ...more] = await teacherWarnings(soundModel(source).model, source);
    expect(more).toEqual([]);
    expect([warning.severity, warning.code, warning.span?.start]).toEqual(["warning", "MTL8601", expect.any(Number)]);
    const seen = join(folder, "runs", "nobody");
    expect(warning.help).toBe(`a teacher is trained first: \`mtlc train TEACHER.mtl --run ${seen}\``);
    expect(await problemOf(source.file)).toEqual([
      "MTL8601 `runs/nobody` is no run folder: there is no such folder, seen from that of the file",
    ]);
  });

  it("that is a file of no run is called a file", async () => {
    const problem = "is no run folder: it is a file; a run is named by its folder";
    expect(await problemOf(file("filed", student("rows.csv")))).toEqual([`MTL8601 \`rows.csv\` ${problem}`]);
  });

  it.each([
    [
      "other classes",
      'class(["right", "left", "above"])',
      "its task `kind` has other classes: it does not know the class `above`",
    ],
    [
      "fewer classes",
      'class(["right", "left"])',
      "its task `kind` has other classes: it knows the class `below`, which the rows do not",
    ],
  ])("with %s is refused", async (_, kind, problem) => {
    const path = file("strange", student("teacher", kind));
    writeFileSync(
      join(folder, "some.csv"),
      csv({ a: [1, 2, 3, 4, 5], b: [0, 1, 0, 1, 0], kind: ["right", "left", "right", "left", "right"] }),
    );
    writeFileSync(path, student("teacher", kind, "some.csv"));
    expect(await problemOf(path)).toEqual([`MTL5012 \`kind\` cannot learn from \`teacher\`: ${problem}`]);
  });

  it("that needs another column is refused, in words of the rows", async () => {
    writeFileSync(
      join(folder, "only-a.csv"),
      csv({ a: [1, 2, 3, 4, 5], kind: ["left", "right", "below", "left", "left"] }),
    );
    const path = file(
      "less",
      student("teacher", "class", "only-a.csv").replace('f32[2] { from: ["a", "b"] }', 'f32 { from: "a" }'),
    );
    const [problem] = await problemOf(path);
    expect(problem).toMatch(/^MTL8606 `teacher` cannot be learnt from, for it cannot read the rows: .*"b"$/);
  });

  it("that was cut off is refused", async () => {
    const broken = join(folder, "broken");
    await runTraining(openSource(join(folder, "teacher.mtl")), { run: broken });
    const weights = join(broken, "model.safetensors");
    writeFileSync(weights, readFileSync(weights).subarray(0, 200));
    expect((await problemOf(file("cut", student("broken"))))[0]).toMatch(/^MTL86\d\d .*model\.safetensors/);
  });

  it("cannot be part of a generated module, which says so", async () => {
    const source = openSource(file("module", student("teacher")));
    await expect(exportModel(source, { out: join(folder, "module.ts"), javascript: false })).rejects.toMatchObject({
      diagnostics: [{ code: "MTL7004" }],
    });
  });
});

describe("a task as the teacher", () => {
  const model = (follower: string): string => `model Both
input x: f32[2] { from: ["a", "b"] }
task kind: class { head: x -> dense(6) -> tanh -> dense }
${follower}
train { epochs: 3, batch: 16 }
data { train: csv("rows.csv") }
`;
  const follower =
    'task copy: class { head: x -> dense(4) -> relu -> dense, target: "kind", loss: distillation(of: kind) }';

  it("is left exactly as it is", async () => {
    const alone = await trained(await prepared(model(""), { "rows.csv": table }));
    const both = await trained(await prepared(model(follower), { "rows.csv": table }));
    const kept = (weights: ReadonlyMap<string, Float32Array>) =>
      bits(new Map([...weights].filter(([name]) => name.startsWith("kind."))));
    expect(kept(both.weights)).toEqual(kept(alone.weights));
    const copies = both.epochs.map(({ losses }) => losses.copy);
    expect(copies.at(-1)).toBeLessThan(copies[0] ?? 0);
  });

  it("stands in a generated module as an argument that no gradient passes", async () => {
    const out = join(folder, "both.ts");
    const module = async (text: string): Promise<unknown> => {
      const written = await exportModel(openSource(file("both", text)), { out, javascript: false });
      return written.get(out);
    };
    const text = await module(model(follower));
    expect(text).toContain("copy: distillation(prediction.copy, targets.copy, prediction.kind)");
    expect(text).toContain("stopGradient(teacher)");
  });

  it("of classes that the rows name otherwise is refused", async () => {
    const tables = { "rows.csv": csv({ a: [1, 2, 3], b: [1, 2, 3], kind: ["p", "q", "p"], size: ["s", "t", "t"] }) };
    const bad = model(follower.replace('"kind"', '"size"'));
    await expect(prepared(bad, tables)).rejects.toMatchObject({
      diagnostics: [
        {
          code: "MTL5012",
          message:
            "`copy` cannot learn from `kind`: their classes differ in the rows; class 1 is `s` here and `p` there",
        },
      ],
    });
  });
});
