import { describe, expect, it } from "vitest";
import { DiagnosticError, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { readTableFile } from "../../runtime/data/table-file.ts";
import { encodeRows } from "../../runtime/data/row-sets.ts";
import { csv, folderOf, prepared, trained } from "./small-training.ts";

/** Parts that have no answers to measure by are told of, before anything is judged by them. */

const a = [1, 2, 3, 4, 5, 6];
const answered = csv({ a, y: [2, 4, 6, 8, 10, 12], z: [1, 0, 1, 0, 1, 0] });
const halfAnswered = csv({ a, y: [2, 4, 6, 8, 10, 12], z: a.map(() => null) });
const bare = csv({ a });

const text = (train: string): string => `model Told
input a: f32
task y: real { head: a -> dense }
task z: flag { head: a -> dense }
train { epochs: 12, ${train} }
data { train: csv("rows.csv"), validation: csv("validation.csv") }`;

async function problemsOf(train: string, validation: string): Promise<readonly Diagnostic[]> {
  const { model, data } = await prepared(text(train), { "rows.csv": answered, "validation.csv": validation });
  try {
    await trained({ model, data });
    return [];
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return error.diagnostics;
  }
}

it.each([
  ["stop: early(patience: 2)", bare, ["`stop` watches `validation.loss`", "`y`, `z`"]],
  ["stop: early(on: validation.z.loss)", halfAnswered, ["`stop` watches `validation.z.loss`", "`z`"]],
  ["stop: early(on: validation.z.accuracy)", halfAnswered, ["`stop` watches `validation.z.accuracy`", "`z`"]],
  ["schedule: plateau", bare, ["`schedule` watches `validation.loss`", "`y`, `z`"]],
])("%s is refused where it would judge by nothing", async (train, validation, [what, tasks]) => {
  const [problem, ...more] = await problemsOf(train, validation);
  expect(more).toEqual([]);
  expect(problem.message).toBe(`${what}, but no row of the validation part has an answer for ${tasks}`);
  expect(problem.code).toBe("MTL8406");
});

it("a part that answers one of the tasks watched is enough", async () => {
  expect(await problemsOf("stop: early(patience: 2)", halfAnswered)).toEqual([]);
});

it("one warning tells of a part without answers, naming the tasks, and none of one that has some", async () => {
  const notes = async (validation: string): Promise<string[]> =>
    (await prepared(text("batch: 4"), { "rows.csv": answered, "validation.csv": validation })).notes.map(
      ({ severity, code, message }) => `${severity} ${code} ${message}`,
    );
  const said = (tasks: string) =>
    `warning MTL8049 no row of validation has an answer for ${tasks}: nothing is measured of it there`;
  expect(await notes(bare)).toEqual([said("`y`, `z`")]);
  expect(await notes(halfAnswered)).toEqual([said("`z`")]);
  expect(await notes(csv({ a, y: [null, null, null, null, null, 1], z: [null, null, null, null, null, 0] }))).toEqual(
    [],
  );
});

it("a file given to be measured on is told of as well, one to be predicted is not", async () => {
  const { model, data } = await prepared(text("batch: 4"), { "rows.csv": answered, "validation.csv": answered });
  const table = await readTableFile(`${folderOf({ "new.csv": bare })}/new.csv`);
  const told: string[] = [];
  const onWarning = ({ code }: Diagnostic): void => void told.push(code);
  encodeRows(model, data.codes, table, { onWarning, targets: false });
  expect(told).toEqual([]);
  encodeRows(model, data.codes, table, { onWarning });
  expect(told).toEqual(["MTL8049"]);
});

describe("advice about the rows", () => {
  const notesOf = async (
    task: string,
    answers: readonly (string | number)[],
    train = "batch: 2",
  ): Promise<string[]> => {
    const model = `model Told
input a: f32
${task}
train { epochs: 2, ${train} }
data { train: csv("rows.csv") }`;
    const { notes } = await prepared(model, { "rows.csv": csv({ a: answers.map((_, k) => k), y: answers }) });
    return notes.map(({ severity, code, message }) => `${severity} ${code} ${message}`);
  };
  const all = (rows: number, label: string): string =>
    `warning MTL8050 all ${rows} answers for y in the training rows are ${label}`;

  it.each([
    ["class", "", ["p", "p", "p"], [all(3, '"p"')]],
    ["class(3)", "", [1, 1, 1], [all(3, "1")]],
    ["flag", "", [0, 0, 0], [all(3, "no")]],
    ["flag", ', positive: ["p", "q"]', ["p", "q", "p"], [all(3, "yes")]],
    ["class", "", ["p", "q", "p"], []],
    ["flag", ', positive: "p"', ["p", "q", "p"], []],
    ["class", "", ["p"], []],
  ])("%s%s of %j", async (kind, more, answers, told) => {
    expect(await notesOf(`task y: ${kind} { head: a -> dense${more} }`, answers)).toEqual(told);
  });

  it("a warm-up that training does not outlast", async () => {
    const notes = (warmup: number) =>
      notesOf("task y: real { head: a -> dense }", [1, 2, 3, 4, 5], `batch: 2, schedule: cosine(warmup: ${warmup})`);
    expect(await notes(6)).toEqual([]);
    expect(await notes(7)).toEqual(["warning MTL9009 training ends in the warm-up: it has 6 steps, `warmup` takes 7"]);
  });
});
