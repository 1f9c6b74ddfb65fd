import { plural } from "../prose/numbers.ts";
import { diagnostic } from "./diagnostic.ts";

/** Answers that are too few or too many: nothing can be measured by them, or nothing told apart. */
export const answers = {
  partWithoutAnswers: diagnostic<{ parts: string; tasks: string }>({
    code: "MTL8049",
    name: "part-without-answers",
    severity: "warning",
    message: ({ parts, tasks }) => `no row of ${parts} has an answer for ${tasks}: nothing is measured of it there`,
    why: "A missing answer is left out of every metric. Where all are missing, because the column is not there or its cells are empty, no metric has a value.",
    bad: `task mass: real { head: bird -> dense, target: "only in training" }`,
    good: `task mass: real { head: bird -> dense, target: "Body Mass (g)" }`,
    wrap: "data",
  }),
  oneAnswer: diagnostic<{ task: string; rows: number; label: string }>({
    code: "MTL8050",
    name: "one-answer",
    severity: "warning",
    message: ({ task, rows, label }) => `all ${rows} answers for ${task} in the training rows are ${label}`,
    why: "A task whose answers are all the same learns to say that answer, whatever its inputs are. Perhaps `only:` has left the rows of one label, the rows are sorted by label and the file was cut, or `positive:` lists every value there is.",
    bad: `task sex: flag { head: bird -> dense, positive: ["FEMALE", "MALE"] }`,
    good: `task sex: flag { head: bird -> dense, positive: "FEMALE" }`,
    wrap: "data",
  }),
  answersOfOtherLength: diagnostic<{
    file: string;
    row: number;
    column: string;
    path: readonly number[];
    has: number;
    wants: number;
    kind: string;
    more: number;
  }>({
    code: "MTL8078",
    name: "answers-of-other-length",
    severity: "error",
    message: ({ file, row, column, path, has, wants, kind, more }) =>
      `${file} row ${row}, column "${column}": ${placeInWords(path)} holds ${plural(has, "answer")}, where \`${kind}\` has ${wants}${more > 0 ? `, and ${plural(more, "more row")} like it` : ""}`,
    why: "Several answers for each token of an input are lists in a list: one for each token, and in each of them an answer for each place of the kind.",
    bad: `task mood: flags(2)[words] { head: words -> embed(8) -> dense, target: "three" }`,
    good: `task mood: flags(2)[words] { head: words -> embed(8) -> dense, target: "two" }`,
    wrap: "data",
  }),
};

/** "list 3 in it", the first being list 1. */
function placeInWords(path: readonly number[]): string {
  return path.reduce((whole, place) => `list ${place + 1} in ${whole}`, "it");
}
