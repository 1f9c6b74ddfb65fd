import { describe, expect, it } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { createBuilder } from "../../compiler/graph/create.ts";
import { gradients } from "../../compiler/graph/gradients.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import { inputsOfTasks } from "../../compiler/ir/behind.ts";
import { parseModel } from "../../compiler/ir/parse.ts";
import { plainModel } from "../../compiler/ir/plain.ts";
import { printModel } from "../../compiler/ir/print.ts";
import { runLessons, teacherOf, withoutRunLessons } from "../../compiler/ir/teacher.ts";
import { distillation } from "../../compiler/losses/distillation.ts";
import { randomStream } from "../../compiler/random/index.ts";
import { messages, modelOf } from "./checked.ts";

const text = (tasks: string): string => `model T
input x: f32[4]
input y: f32[2]
${tasks}
data { train: csv("rows.csv") }`;

/** Errors without their places. */
const said = (tasks: string): string[] =>
  messages(text(tasks)).flatMap((message) => /^\S+ (MTL[2-5]\d+ .*)/.exec(message)?.[1] ?? []);

describe("whom a task learns from", () => {
  it("is a task above, or in quotes a run; the text of the IR keeps them apart", () => {
    const model = modelOf(
      text(`task big: class(3) { head: x -> dense(8) -> relu -> dense }
task z: class(3) { head: y -> dense, distill: big, loss: 0.5 * distillation(3, of: "big") }`),
    );
    const task = model.tasks[1];
    expect(task.loss.map((term) => [term.factor, term.loss.settings.temperature, teacherOf(term)])).toEqual([
      [0.5, 3, { kind: "run", path: "big" }],
      [1, 2, { kind: "task", task: "big" }],
    ]);
    const back = parseModel(printModel(model));
    expect(back).toEqual(plainModel(model));
    expect(back.tasks[1].loss.map((term) => teacherOf(term)?.kind)).toEqual(["run", "task"]);
    expect(runLessons(model)).toEqual([{ task: "z", term: 0, path: "big" }]);
    expect(withoutRunLessons(model).tasks[1].loss.map(({ loss }) => loss.settings.temperature)).toEqual([2]);
    // Rows that only `z` has answers for are read with what its teacher reads.
    expect([...inputsOfTasks(model, ["z"])]).toEqual(["x", "y"]);
  });

  it("one of a group is named with the group", () => {
    const tasks = (of: string): string =>
      `task a: class(3) { head: x -> dense, target: each(["p", "q"]) }
task z: class(3) { head: y -> dense, distill: ${of} }`;
    const model = modelOf(text(tasks("a.q")));
    expect(model.tasks[2].loss.map(teacherOf)).toEqual([null, { kind: "task", task: "a.q" }]);
    expect(said(tasks("a"))).toEqual(["MTL5012 `z` cannot learn from `a`: it is a group of tasks"]);
    expect(said(tasks("a.r"))).toEqual(["MTL5012 `z` cannot learn from `a.r`: there is no such task in it"]);
  });

  it.each([
    ["itself", "task z: class(3) { head: x -> dense, distill: z }", "MTL2003 `z` cannot use itself"],
    [
      "a task further down",
      "task z: class(3) { head: x -> dense, distill: late }\ntask late: class(3) { head: x -> dense }",
      "MTL2003 `late` is declared further down",
    ],
    [
      "other classes",
      "task a: class(4) { head: x -> dense }\ntask z: class(3) { head: x -> dense, loss: distillation(of: a) }",
      "MTL5012 `z` cannot learn from `a`: it has 4 classes, not 3",
    ],
    [
      "classes of other names",
      'task a: class(["b", "c"]) { head: x -> dense }\ntask z: class(["c", "b"]) { head: x -> dense, distill: a }',
      'MTL5012 `z` cannot learn from `a`: it is `class(["b", "c"])`: its classes have other names',
    ],
    [
      "no classes",
      "task a: real { head: x -> dense }\ntask z: class(3) { head: x -> dense, distill: a }",
      "MTL5012 `z` cannot learn from `a`: it is `real`, which has no classes",
    ],
    [
      "another shape",
      "task a: class(3)[2] { head: x -> dense(6) -> reshape([2, 3]) }\ntask z: class(3) { head: x -> dense, distill: a }",
      "MTL5012 `z` cannot learn from `a`: it is `class(3)[2]`: its answers have another shape",
    ],
    ["an input", "task z: class(3) { head: x -> dense, distill: x }", "MTL3011 there is no task `x`"],
    [
      "a slip",
      "task big: class(3) { head: x -> dense }\ntask z: class(3) { head: x -> dense, distill: bgi }",
      "MTL3011 there is no task `bgi`",
    ],
    [
      "its output",
      "task a: class(3) { head: x -> dense }\ntask z: class(3) { head: x -> dense, distill: a.output }",
      "MTL5012 `z` cannot learn from `a.output`: there is no such task in it",
    ],
    [
      "nobody",
      "task z: class(3) { head: x -> dense, loss: distillation }",
      "MTL3002 `distillation` needs its setting `of`: a text in quotes or the name of a task",
    ],
  ])("not %s", (_, tasks, message) => {
    expect(said(tasks)).toContain(message);
  });
});

describe("whom it learns from without `of:`", () => {
  it.each(['"runs/large-1"', "a"])("%s is one mistake, with its remedy", (teacher) => {
    const { diagnostics } = compile(
      text(`task a: class(3) { head: x -> dense }
task z: class(3) { head: x -> dense, loss: distillation(${teacher}) }`),
    );
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    expect(errors.map(({ code }) => code)).toEqual(["MTL3008"]);
    expect(errors[0].fixes.map(({ edits }) => edits.map((edit) => edit.text))).toEqual([["of: "]]);
  });
});

describe("its loss", () => {
  const [rows, classes] = [3, 4];
  const random = randomStream(4, "distillation");
  const drawn = (): number[] => Array.from({ length: rows * classes }, () => 2 * random.normal());
  const [logits, teacher] = [drawn(), drawn()];
  const weight = [1, 0, 2.5];

  function graphOf(temperature: number) {
    const g = createBuilder();
    const f32 = { element: "f32" as const, shape: [rows, classes] };
    const [z, t] = [g.input("z", f32), g.input("t", f32)];
    const { sum } = distillation.parts!(g, {
      settings: { temperature, of: "" },
      prediction: z,
      teacher: t,
      target: g.constant([0, 0, 0], { element: "i32", shape: [rows] }),
      weight: g.constant(weight, { element: "f32", shape: [rows] }),
      kind: { word: "class", size: classes, learnt: false, shape: [] },
      parameters: {},
    });
    const [slope, back] = gradients(g, [{ node: sum, cotangent: null }], [z, t]);
    if (!slope) throw new Error("no gradient");
    return { graph: g.finish({ sum, slope }), back };
  }

  it.each([0.5, 1, 3])(
    "has the slope of its differences at temperature %s, and none for the teacher",
    (temperature) => {
      const { graph, back } = graphOf(temperature);
      expect(back).toBeNull();
      const at = (z: readonly number[]): number => evaluate(graph, { z, t: teacher }).sum[0];
      const { slope } = evaluate(graph, { z: logits, t: teacher });
      logits.forEach((value, k) => {
        const moved = (by: number): number[] => logits.map((each, other) => (other === k ? value + by : each));
        expect(slope[k]).toBeCloseTo((at(moved(1e-5)) - at(moved(-1e-5))) / 2e-5, 6);
      });
      expect([...slope].slice(classes, 2 * classes).every((value) => value === 0)).toBe(true);
    },
  );

  it("is 0 for who says the same, and never below", () => {
    const { graph } = graphOf(2);
    const { sum, slope } = evaluate(graph, { z: logits.map((value) => value + 7), t: logits });
    expect(sum[0]).toBeGreaterThanOrEqual(0);
    expect(sum[0]).toBeLessThan(1e-12);
    expect(Math.max(...Array.from(slope, Math.abs))).toBeLessThan(1e-12);
  });
});
