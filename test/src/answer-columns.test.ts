import { describe, expect, it } from "vitest";
import { blankAnswers } from "../../runtime/train/answers.ts";
import type { Answer } from "../../runtime/train/answers.ts";
import { answerColumns } from "../../src/render/answer-columns.ts";
import { renderRows } from "../../src/render/rows.ts";
import { soundModel } from "../../src/project/sound-model.ts";
import { sourceOf } from "../runtime/small-training.ts";

/** The columns of answers in CSV follow from the model alone. */

const none = new Map<string, readonly (readonly string[])[]>();
const label = (of: string, probabilities: Record<string, number>): Answer => ({ label: of, probabilities });
const namesOf = (blank: Record<string, Answer>, names = none): string[] =>
  answerColumns(blank, names).map(({ name }) => name);

it("are as many as the texts may have tokens, cells are empty where a text is shorter", () => {
  const text = `model Slots
input words: tokens(3)
task tag: class(["O", "B"])[words] { head: words -> embed(2) -> dense }
data { train: jsonl("rows.jsonl") }`;
  const { model } = soundModel(sourceOf(text, {}, []));
  const blank = blankAnswers(model, { schema: 1, inputs: {}, tasks: {} });
  const tag = label("O", { O: 0.75, B: 0.25 });
  expect(renderRows([{ tag: [] }, { tag: [tag, tag] }], "csv", blank)).toBe(
    [
      "tag.0,tag.0.O,tag.0.B,tag.1,tag.1.O,tag.1.B,tag.2,tag.2.O,tag.2.B",
      ",,,,,,,,",
      "O,0.75,0.25,O,0.75,0.25,,,",
      "",
    ].join("\n"),
  );
  expect(renderRows([], "csv", blank).split("\n")[0].split(",")).toHaveLength(9);
});

describe("labels that are words of ours", () => {
  it.each(["label", "probabilities", "probability", "__proto__", "constructor"])("%s", (word) => {
    const answer = {
      label: word,
      probabilities: Object.fromEntries([
        [word, 0.75],
        ["other", 0.25],
      ]),
    };
    expect(renderRows([{ kind: answer }], "csv", { kind: answer })).toBe(
      `kind,kind.${word},kind.other\n${word},0.75,0.25\n`,
    );
  });
});

describe("names that would be one", () => {
  it("stand in quotes where they hold points", () => {
    const yes: Answer = { label: true, probability: 0.5 };
    const blank = { a: label("b.c", { "b.c": 1, d: 0 }), "a.b": label("c", { c: 1 }) };
    expect(namesOf(blank)).toEqual(["a", 'a."b.c"', "a.d", '"a.b"', '"a.b".c']);
    expect(namesOf({ "t.x": yes, "t.x.probability": yes })).toEqual([
      '"t.x"',
      '"t.x".probability',
      '"t.x.probability"',
      '"t.x.probability".probability',
    ]);
  });

  it("stay as they are elsewhere", () => {
    const blank = { "assay.NR-AR": label("v1.0", { "v1.0": 1, 'a "b"': 0 }), size: [1, 2] };
    expect(namesOf(blank)).toEqual(["assay.NR-AR", "assay.NR-AR.v1.0", 'assay.NR-AR.a "b"', "size.0", "size.1"]);
  });

  it("of vectors are those that are given", () => {
    expect(namesOf({ size: [1, 2] }, new Map([["size", [["width"], ["depth"]]]]))).toEqual([
      "size.width",
      "size.depth",
    ]);
  });
});
