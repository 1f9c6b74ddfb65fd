import { plural } from "../prose/numbers.ts";
import { textsCut } from "../words/noticed.ts";
import { diagnostic } from "./diagnostic.ts";

/** Mistakes in data: files, cells, labels, parts, joins. */

/** A cell that cannot be read, named by its place, and how many more of its kind there are. */
export interface BadCell {
  readonly file: string;
  /** From 1, the header not counted. */
  readonly row: number;
  readonly column: string;
  /** Its text, as it is shown. */
  readonly cell: string;
  /** Further cells of the same column with the same trouble. */
  readonly more: number;
}
export const place = (bad: Pick<BadCell, "file" | "row" | "column">) =>
  `${bad.file} row ${bad.row}, column "${bad.column}"`;
export const others = (bad: Pick<BadCell, "more">) => (bad.more > 0 ? `, and ${bad.more} more like it` : "");
/** A number as it stands, words in quotes. */
const asWritten = (cell: string) => (/^[-+.\d]/.test(cell) ? cell : `"${cell}"`);
const table = (rest: string) => `data {\n  ${rest}\n}`;

export const data = {
  fileNotFound: diagnostic<{ file: string }>({
    code: "MTL8001",
    name: "file-not-found",
    severity: "error",
    message: ({ file }) => `${file} is not there`,
    why: "A path in a data section is relative to the file it is written in. `npm:package/path` looks for the package in the node_modules folders from there upwards.",
    bad: table(`train: csv("no-such-file.csv")`),
    good: table(`train: csv("rows.csv")`),
    wrap: "data",
  }),
  fileUnreadable: diagnostic<{ file: string; problem: string }>({
    code: "MTL8002",
    name: "file-unreadable",
    severity: "error",
    message: ({ file, problem }) => `${file} cannot be read: ${problem}`,
    why: "The file is cut off, garbled, or not what its source says (`csv`, `npz`, …). Rather than guess, nothing is read from it.",
    bad: table(`train: npz("photo.png")`),
    good: table(`train: npz("rows.npz")`),
    wrap: "data",
  }),
  columnNotFound: diagnostic<{ column: string; file: string; others?: readonly string[] }>({
    code: "MTL8003",
    name: "column-not-found",
    severity: "error",
    message: ({ column, file, others: more = [] }) =>
      `${file} has no ${more.length > 0 ? "columns" : "column"} ${[column, ...more].map((name) => `"${name}"`).join(", ")}`,
    why: "An input reads the column of its own name, or what `from:` says; a task reads what `target:` says. Names are compared letter by letter.",
    bad: `input beak: f32 { from: "Beak Lenght (mm)" }`,
    good: `input beak: f32 { from: "Beak Length (mm)" }`,
    wrap: "data",
  }),
  columnsDoNotFit: diagnostic<{ name: string; has: string; wants: string; file: string }>({
    code: "MTL8004",
    name: "columns-do-not-fit",
    severity: "error",
    message: ({ name, has, wants, file }) => `${name} wants ${wants}, but ${file} gives ${has}`,
    why: "A tensor of n numbers is read from n columns, or from one column whose cells are arrays of that shape (axes of size 1 do not count).",
    bad: `input beak: f32[3] { from: ["Beak Length (mm)", "Beak Depth (mm)"] }`,
    good: `input beak: f32[2] { from: ["Beak Length (mm)", "Beak Depth (mm)"] }`,
    wrap: "data",
  }),
  notInstalled: diagnostic<{ package: string }>({
    code: "MTL8005",
    name: "package-not-installed",
    severity: "error",
    message: ({ package: name }) => `the package ${name} is not installed`,
    why: "`npm:package/path` reads a file of an installed package: its folder is looked for in node_modules, from the folder of the file upwards.",
    bad: table(`train: json("npm:no-such-package/rows.json")`),
    good: table(`train: json("npm:vega-datasets/data/penguins.json")`),
    wrap: "data",
  }),
  noRows: diagnostic<{ file: string }>({
    code: "MTL8006",
    name: "no-rows",
    severity: "error",
    message: ({ file }) => `${file} has no rows`,
    why: "There is nothing to learn from, or to test on.",
    bad: table(`train: csv("only-a-header.csv")`),
    good: table(`train: csv("rows.csv")`),
    wrap: "data",
  }),
  nothingKept: diagnostic<{ file: string; only: string }>({
    code: "MTL8007",
    name: "no-rows-kept",
    severity: "error",
    message: ({ file, only }) => `no row of ${file} has ${only}`,
    why: "`only:` keeps the rows whose column holds the value. A number equals a cell that reads as that number, a string the cell's text without the blanks around it.",
    bad: table(`train: csv("adult.csv", only: { split: "training" })`),
    good: table(`train: csv("adult.csv", only: { split: "train" })`),
    wrap: "data",
  }),
  sourceNotBuilt: diagnostic<{ word: string }>({
    code: "MTL8008",
    name: "source-not-built",
    severity: "error",
    message: ({ word }) => `\`${word}\` cannot be read yet`,
    why: "The word is part of the language, but nothing can read such rows yet. `check` and `describe` know it all the same.",
    bad: table(`train: parquet("rows.parquet")`),
    good: table(`train: csv("rows.csv")`),
    wrap: "data",
  }),
  moduleFailed: diagnostic<{ file: string; problem: string }>({
    code: "MTL8009",
    name: "module-failed",
    severity: "error",
    message: ({ file, problem }) => `${file} yields no rows: ${problem}`,
    why: "A module's default export (or its export `rows`) is a function that returns or yields rows: plain objects of numbers, strings, booleans and arrays, of the same shape in every row.",
    bad: table(`train: module("./throws.mjs")`),
    good: table(`train: module("./make.mjs")`),
    wrap: "data",
  }),
  cellIsNoNumber: diagnostic<BadCell>({
    code: "MTL8010",
    name: "cell-is-no-number",
    severity: "error",
    message: (bad) => `${place(bad)}: "${bad.cell}" is not a number${others(bad)}`,
    why: "The column is read as numbers. Other spellings of an empty cell are listed in the source's `missing:`; words can be read as a `category`.",
    bad: `input age: f32`,
    good: `input age: category`,
    wrap: "data",
  }),
  cellIsEmpty: diagnostic<{ file: string; row: number; column: string; count: number; columns: number }>({
    code: "MTL8011",
    name: "cell-is-empty",
    severity: "error",
    message: ({ file, row, column, count, columns }) =>
      `${file} row ${row}, column "${column}": the cell is empty (${
        columns === 1 ? `${plural(count, "row")} of this column` : `${plural(count, "cell")} of ${columns} columns`
      } ${count === 1 ? "is" : "are"})`,
    why: "A network cannot read nothing. Say what an empty cell becomes; a missing target needs nothing, it is masked out.",
    bad: `input age: f32`,
    good: `input age: f32 { fill: mean }`,
    wrap: "data",
  }),
  cellIsNotYesOrNo: diagnostic<BadCell>({
    code: "MTL8012",
    name: "cell-is-not-yes-or-no",
    severity: "error",
    message: (bad) => `${place(bad)}: "${bad.cell}" is not yes or no${others(bad)}`,
    why: "A flag reads 1, true, yes and 0, false, no (in any case). `positive:` says which other values mean yes; every value beside them then means no.",
    bad: `task sex: flag { head: bird -> dense }`,
    good: `task sex: flag { head: bird -> dense, positive: "FEMALE" }`,
    wrap: "data",
  }),
  cellIsNoLabel: diagnostic<BadCell & { labels: string }>({
    code: "MTL8013",
    name: "cell-is-no-label",
    severity: "error",
    message: (bad) => `${place(bad)}: "${bad.cell}" is not one of ${bad.labels}${others(bad)}`,
    why: "`class(n)` and `ordinal(n)` read the whole numbers 0 … n - 1; written labels and levels are read as they stand. A bare `class` learns its labels from the training rows.",
    bad: `task stars: class(5) { head: text -> dense }`,
    good: `task stars: class([1, 2, 3, 4, 5]) { head: text -> dense }`,
    wrap: "data",
  }),
  cellIsNotWhole: diagnostic<BadCell & { wants: string }>({
    code: "MTL8014",
    name: "cell-is-not-whole",
    severity: "error",
    message: (bad) => `${place(bad)}: ${asWritten(bad.cell)} is not ${bad.wants}${others(bad)}`,
    why: "A count is 0, 1, 2 …; an `i32` input is a whole number of 32 bits. Other numbers are `real` targets and `f32` inputs.",
    bad: `task price: count { head: house -> dense }`,
    good: `task price: real { head: house -> dense }`,
    wrap: "data",
  }),
  cellIsOutOfRange: diagnostic<BadCell>({
    code: "MTL8015",
    name: "cell-is-out-of-range",
    severity: "error",
    message: (bad) =>
      `${place(bad)}: ${bad.cell.replace("Infinity", "infinity")} is no number that 32 bits can hold${others(bad)}`,
    why: "Tensors hold 32-bit floating-point numbers, which end near 3.4e38. An infinite or larger number would spoil every weight it touches.",
    bad: `input mass: f32`,
    good: `input mass: f32 { scale: standard }`,
    wrap: "data",
  }),
  cellIsNoWeight: diagnostic<BadCell>({
    code: "MTL8016",
    name: "cell-is-no-weight",
    severity: "error",
    message: (bad) =>
      `${place(bad)}: ${bad.cell === "" ? "an empty cell" : `"${bad.cell}"`} is no weight of a row: a weight is a number of 0 or more that 32 bits can hold${others(bad)}`,
    why: "`row_weight:` names a column of numbers that are 0 or more, one in every row.",
    bad: `task income: flag { head: person -> dense, row_weight: "name" }`,
    good: `task income: flag { head: person -> dense, row_weight: "weight" }`,
    wrap: "data",
  }),
  doubledKey: diagnostic<{ file: string; row: number; first: number; column: string; key: string }>({
    code: "MTL8020",
    name: "doubled-key",
    severity: "error",
    message: ({ file, row, first, column, key }) =>
      `${file} row ${row}, column "${column}": "${key}" stands in row ${first} already`,
    why: "A join takes for each row of the left table the one row of the right table that has its key. Two such rows would make it a guess.",
    bad: table(`train: csv("visits.csv") -> join(csv("visits.csv"), on: "user")`),
    good: table(`train: csv("visits.csv") -> join(csv("users.csv"), on: "user")`),
    wrap: "data",
  }),
  columnInBoth: diagnostic<{ column: string; left: string; right: string }>({
    code: "MTL8021",
    name: "column-in-both",
    severity: "error",
    message: ({ column, left, right }) => `both ${left} and ${right} have a column "${column}"`,
    why: "Tables put together must not disagree on what a name means. Rename the column in one of the files.",
    bad: table(`train: beside(csv("a.csv"), csv("a.csv"))`),
    good: table(`train: beside(csv("a.csv"), csv("b.csv"))`),
    wrap: "data",
  }),
  unmatchedRows: diagnostic<{ left: string; right: string; count: number; rows: number; column: string }>({
    code: "MTL8022",
    name: "unmatched-rows",
    severity: "warning",
    message: ({ left, right, count, rows, column }) =>
      `${count} of ${plural(rows, "row")} of ${left} ${count === 1 ? "finds" : "find"} no "${column}" in ${right}: their cells are empty`,
    why: "A join keeps every row of its left table. Where the right table has no row of that key, its columns are empty.",
    bad: table(`train: csv("visits.csv") -> join(csv("some-users.csv"), on: "user")`),
    good: table(`train: csv("visits.csv") -> join(csv("users.csv"), on: "user")`),
    wrap: "data",
  }),
  unequalLengths: diagnostic<{ first: string; rows: number; second: string; others: number }>({
    code: "MTL8023",
    name: "unequal-lengths",
    severity: "error",
    message: ({ first, rows, second, others: n }) =>
      `${first} has ${plural(rows, "row")}, ${second} has ${n}: side by side they must have equally many`,
    why: "Columns of one table have equal length: row 17 of one is row 17 of the other.",
    bad: table(`train: beside(csv("100-rows.csv"), csv("99-rows.csv"))`),
    good: table(`train: beside(csv("100-rows.csv"), csv("other-100-rows.csv"))`),
    wrap: "data",
  }),
  emptyPart: diagnostic<{ part: string; share: number; of: string; rows: number; grouped: boolean }>({
    code: "MTL8030",
    name: "empty-part",
    severity: "error",
    message: ({ part, share, of, rows, grouped }) =>
      `${part} would be empty: ${share} of the ${plural(rows, "row")} of ${of} is ${grouped ? "less than half of its smallest group" : "less than half a row"}`,
    why: "A part has round(share × n) rows of the source's n rows; groups go into it whole.",
    bad: table(`train: csv("10-rows.csv")\n  test: part(0.01, of: train)`),
    good: table(`train: csv("10-rows.csv")\n  test: part(0.2, of: train)`),
    wrap: "data",
  }),
  nothingLeft: diagnostic<{ of: string; part: string }>({
    code: "MTL8031",
    name: "nothing-left",
    severity: "error",
    message: ({ of, part }) => `${part} leaves no row of ${of}`,
    why: "Parts never overlap, and what they are cut from keeps the rest. The shares of one source must add up to less than 1.",
    bad: table(`train: csv("rows.csv")\n  test: part(0.6, of: train)\n  validation: part(0.4, of: train)`),
    good: table(`train: csv("rows.csv")\n  test: part(0.2, of: train)\n  validation: part(0.2, of: train)`),
    wrap: "data",
  }),
  partOfNothing: diagnostic<{ part: string; of: string; problem: string }>({
    code: "MTL8032",
    name: "part-of-nothing",
    severity: "error",
    message: ({ part, of, problem }) => `${part} cannot be cut from ${of}: ${problem}`,
    why: "A part is cut from another source of its own section.",
    bad: table(`train: csv("rows.csv")\n  test: part(0.2, of: test)`),
    good: table(`train: csv("rows.csv")\n  test: part(0.2, of: train)`),
    wrap: "data",
  }),
  stratifyAndGroup: diagnostic<{ part: string }>({
    code: "MTL8033",
    name: "stratify-and-group",
    severity: "error",
    message: ({ part }) => `${part} cannot keep both a mixture of labels and whole groups`,
    why: "Whole groups bring the labels they have; their mixture cannot be chosen as well.",
    bad: table(`test: part(0.2, of: train, stratify: species, group: "island")`),
    good: table(`test: part(0.2, of: train, group: "island")`),
    wrap: "data",
  }),
  noStrata: diagnostic<{ task: string; kind: string }>({
    code: "MTL8034",
    name: "no-strata",
    severity: "error",
    message: ({ task, kind }) => `the rows cannot be stratified by ${task}: ${kind}`,
    why: "Stratifying keeps the mixture of a task's labels in every part. It needs a task with one label a row: class, flag, ordinal or count.",
    bad: table(`test: part(0.2, of: train, stratify: mass)`),
    good: table(`test: part(0.2, of: train, stratify: species)`),
    wrap: "data",
  }),
  labelOnlyOutsideTraining: diagnostic<{ task: string; label: string; parts: string; count: number; labels: number }>({
    code: "MTL8040",
    name: "label-only-outside-training",
    severity: "warning",
    message: ({ task, label, parts, count, labels }) =>
      `${plural(count, "answer")} for ${task} in ${parts} ${count === 1 ? "is a label" : "are labels"} that no training row has ("${label}"${labels > 1 ? ` and ${labels - 1} more` : ""}): counted as missing`,
    why: "A bare `class` learns its labels from the training rows. A label that appears elsewhere only can neither be learnt nor be scored.",
    bad: `task species: class { head: bird -> dense }`,
    good: `task species: class(["Adelie", "Chinstrap", "Gentoo"]) { head: bird -> dense }`,
    wrap: "data",
  }),
  noAnswers: diagnostic<{ task: string }>({
    code: "MTL8041",
    name: "no-answers",
    severity: "error",
    message: ({ task }) => `no training row has an answer for ${task}`,
    why: "Every cell of its target is empty in the rows that remain for training, so there is nothing to learn it from.",
    bad: `task mass: real { head: bird -> dense, target: "always empty" }`,
    good: `task mass: real { head: bird -> dense, target: "Body Mass (g)" }`,
    wrap: "data",
  }),
  neverPositive: diagnostic<{ task: string; rows: number; positive: string }>({
    code: "MTL8042",
    name: "never-positive",
    severity: "warning",
    message: ({ task, rows, positive }) =>
      `none of the ${plural(rows, "answer")} for ${task} in the training rows is ${positive}: all are no`,
    why: "With `positive:`, every other value means no. A slip in its spelling makes a task that is always no.",
    bad: `task income: flag { head: person -> dense, positive: "> 50K" }`,
    good: `task income: flag { head: person -> dense, positive: ">50K" }`,
    wrap: "data",
  }),
  nothingToFillWith: diagnostic<{ column: string; fill: string }>({
    code: "MTL8043",
    name: "nothing-to-fill-with",
    severity: "error",
    message: ({ column, fill }) => `column "${column}" is empty in every training row, so it has no ${fill}`,
    why: "`fill: mean` and `fill: median` are learnt from the cells that are not empty in the rows that remain for training.",
    bad: `input age: f32 { fill: mean }`,
    good: `input age: f32 { fill: 0 }`,
    wrap: "data",
  }),
  notACategory: diagnostic<{ column: string; file: string; has: string }>({
    code: "MTL8044",
    name: "not-a-column-of-cells",
    severity: "error",
    message: ({ column, file, has }) =>
      `column "${column}" of ${file} holds ${has} in every cell, not one word or number`,
    why: "Categories, classes, flags, keys and filters compare single cells.",
    bad: `input image: category`,
    good: `input image: f32[28, 28]`,
    wrap: "data",
  }),
  kindNotBuilt: diagnostic<{ name: string; kind: string }>({
    code: "MTL8045",
    name: "kind-not-built",
    severity: "error",
    message: ({ name, kind }) => `${name} is of a kind that cannot be read from data yet: ${kind}`,
    why: "The kind is part of the language, but nothing can read such cells yet. `check` and `describe` know it all the same.",
    bad: `input photo: image(64, 64, 3)`,
    good: `input photo: f32[64, 64, 3]`,
    wrap: "data",
  }),
  vocabularyTooLarge: diagnostic<{ name: string; vocabulary: number; types: number }>({
    code: "MTL8046",
    name: "vocabulary-too-large",
    severity: "warning",
    message: ({ name, vocabulary, types }) =>
      `the vocabulary of ${name} is ${vocabulary}, but its training rows have ${plural(types, "different token")}: ${plural(vocabulary - types - 2, "row")} of its table ${vocabulary - types === 3 ? "stands" : "stand"} for nothing`,
    why: "`vocabulary:` is the size of the whole table, padding and the unknown token included. Rows that no token has cost memory and are never learnt.",
    bad: `input text: tokens(40) { tokenizer: words(vocabulary: 1_000_000) }`,
    good: `input text: tokens(40) { tokenizer: words }`,
    wrap: "data",
  }),
  textsCut: diagnostic<{ name: string; count: number; of: number; parts: string; length: number; left: number }>({
    code: "MTL8047",
    name: "texts-cut",
    severity: "warning",
    message: (found) => textsCut(found, found),
    why: "`tokens(40)` keeps the first 40 tokens of every text. What is cut is neither read nor, where a target runs along the tokens, scored.",
    bad: `input text: tokens(5)`,
    good: `input text: tokens(40)`,
    wrap: "data",
  }),
  answersDoNotAlign: diagnostic<{
    file: string;
    row: number;
    column: string;
    answers: number;
    tokens: number;
    axis: string;
    more: number;
  }>({
    code: "MTL8048",
    name: "answers-do-not-align",
    severity: "error",
    message: ({ file, row, column, answers, tokens, axis, more }) =>
      `${file} row ${row}, column "${column}": ${plural(answers, "answer")} for ${plural(tokens, "token")} of ${axis}${more > 0 ? `, and ${plural(more, "more row")} like it` : ""}`,
    why: "A target along the tokens of an input has one answer for each of its tokens: the lists of both columns are equally long.",
    bad: `task slot: class[words] { head: words -> embed(8) -> dense, target: "other" }`,
    good: `task slot: class[words] { head: words -> embed(8) -> dense, target: "slot" }`,
    wrap: "data",
  }),
};
