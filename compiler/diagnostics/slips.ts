import { plural } from "../prose/numbers.ts";
import { unseenCategories, unseenWords } from "../words/noticed.ts";
import { diagnostic } from "./diagnostic.ts";

/** MTL807x: cells that can be read, and are surely not meant as they are read. */

const more = (n: number) => (n > 1 ? ` and ${n - 1} more` : "");

export const slips = {
  unseenCategories: diagnostic<{
    name: string;
    parts: string;
    count: number;
    of: number;
    first: string;
    different: number;
    written: boolean;
  }>({
    code: "MTL8070",
    name: "unseen-categories",
    severity: "warning",
    message: ({ written, ...found }) => unseenCategories(found, found, written),
    why: "A category learns its values from the training rows, unless they are written in the file. Every other value has the code 0, that of an empty cell, so the network cannot tell such values apart and knows nothing of them.",
    bad: `input island: category(["Biscoe", "Dream"])`,
    good: `input island: category(["Biscoe", "Dream", "Torgersen"])`,
    wrap: "data",
  }),
  unseenWords: diagnostic<{ name: string; parts: string; count: number; of: number; first: string; different: number }>(
    {
      code: "MTL8071",
      name: "unseen-words",
      severity: "warning",
      message: (found) => unseenWords(found, found),
      why: "The vocabulary has the tokens of the training rows. Some tokens are new in every text; where half of them are, these texts are of another language or another kind, or were cut into tokens in another way.",
      bad: `input text: tokens(40) { from: "text in German" }`,
      good: `input text: tokens(40) { from: "text" }`,
      wrap: "data",
    },
  ),
  looksEmpty: diagnostic<{ cells: string; parts: string; count: number; of: number; words: string; read: string }>({
    code: "MTL8072",
    name: "looks-empty",
    severity: "warning",
    message: ({ cells, parts, count, of, words, read }) =>
      `${count} of ${of} ${cells} in ${parts} ${count === 1 ? "looks" : "look"} like ${count === 1 ? "an empty cell" : "empty cells"}: ${words}; ${count === 1 ? "it is" : "they are"} read as ${read}`,
    why: "Files write a missing value as NA, null, None, ? and in other ways. A cell is empty where it has no text, where it is null or not a number in its file, and where its source's `missing:` lists its text; every other text is a label or a category like all others, and under `positive:` means no. Where such a word is truly meant, write the labels or categories out: `class([…])`, `category([…])`.",
    bad: `data { train: csv("survey.csv") }`,
    good: `data { train: csv("survey.csv", missing: ["NA", "?"]) }`,
    wrap: "data",
  }),
  almostPositive: diagnostic<{ task: string; parts: string; count: number; of: number; words: string; meant: string }>({
    code: "MTL8073",
    name: "almost-positive",
    severity: "warning",
    message: ({ task, parts, count, of, words, meant }) =>
      `${count} of ${plural(of, "answer")} for ${task} in ${parts} ${count === 1 ? "differs" : "differ"} from ${meant} by case or blanks only: ${words}; ${count === 1 ? "it is" : "they are"} read as no`,
    why: "`positive:` is compared with the text of a cell letter by letter, without the blanks around it, and every other value means no.",
    bad: `task bought: flag { head: x -> dense, positive: "yes" }`,
    good: `task bought: flag { head: x -> dense, positive: ["yes", "Yes"] }`,
    wrap: "data",
  }),
  almostAlike: diagnostic<{ name: string; values: string; spellings: string; groups: number }>({
    code: "MTL8074",
    name: "almost-alike",
    severity: "warning",
    message: ({ name, values, spellings, groups }) =>
      `${values} of ${name} differ by case or blanks only: ${spellings}${more(groups)}`,
    why: "Labels and categories are told apart by their text, letter by letter. Two spellings of one value are two values, and each is learnt from its own rows only.",
    bad: `task city: class { head: x -> dense }`,
    good: `task city: class(["Oslo", "Paris"]) { head: x -> dense }`,
    wrap: "data",
  }),
  valueOfItsOwn: diagnostic<{ name: string; cells: string; count: number; of: number; values: string }>({
    code: "MTL8075",
    name: "values-of-their-own",
    severity: "warning",
    message: ({ name, cells, count, of, values }) =>
      `nearly every training row has a value of its own for ${name}: ${count} ${values} in ${of} ${cells}`,
    why: "What occurs once can be learnt by heart and says nothing of other rows: names, keys and dates are no categories, and a column of numbers is predicted by `real`.",
    bad: `task price: class { head: x -> dense }`,
    good: `task price: real { head: x -> dense }`,
    wrap: "data",
  }),
  almostKept: diagnostic<{ file: string; count: number; column: string; words: string; meant: string }>({
    code: "MTL8076",
    name: "almost-kept",
    severity: "warning",
    message: ({ file, count, column, words, meant }) =>
      `\`only\` leaves out ${plural(count, "row")} of ${file} whose "${column}" differs from ${meant} by case or blanks only: ${words}`,
    why: "`only:` is compared with the text of a cell letter by letter, without the blanks around it.",
    bad: `data { train: csv("adult.csv", only: { split: "train" }) }`,
    good: `data { train: csv("adult.csv", only: { split: ["train", "Train"] }) }`,
    wrap: "data",
  }),
  weightsAreZero: diagnostic<{ task: string; rows: number }>({
    code: "MTL8077",
    name: "weights-are-zero",
    severity: "warning",
    message: ({ task, rows }) =>
      `${rows === 1 ? "the one answer for" : `all ${rows} answers for`} ${task} in the training rows have the weight 0: nothing is learnt of it`,
    why: "`row_weight:` multiplies the loss of a row. With a weight of 0 in every row that has an answer there is no loss, and no gradient.",
    bad: `task mass: real { head: x -> dense, row_weight: "always 0" }`,
    good: `task mass: real { head: x -> dense, row_weight: "weight" }`,
    wrap: "data",
  }),
};
