import { cell, column, either, list, nameOf, number, record, string, filledList } from "../registry/settings.ts";
import type { SettingRows } from "../registry/settings.ts";
import type { SourceRow } from "../registry/rows.ts";

function source<S extends SettingRows>(
  row: Omit<SourceRow<S>, "table" | "operands"> & Partial<Pick<SourceRow<S>, "operands">>,
): SourceRow<S> {
  return { operands: { min: 0, max: 0 }, ...row, table: "source" };
}

const filters = {
  only: record(either(cell(), filledList(cell())))
    .default({})
    .describe('Keeps the rows whose column holds this value, or one of these: `{ split: "train" }`.'),
  missing: list(cell()).default([]).describe('Further spellings of an empty cell, such as "?".'),
};
const decimal = string(".", ",")
  .optional()
  .describe("What stands before the decimals of numbers; a point where it is not said.");
const file = (doc: string) => ({ path: string().positional().describe(doc), ...filters });
const paths =
  "Path relative to this file, or `npm:package/path` for a file of an installed package; `.gz` is unpacked.";

export const sourceRows: readonly SourceRow[] = [
  source({
    name: "csv",
    doc: "A table of comma-separated values whose first row names the columns.",
    settings: {
      ...file(paths),
      separator: string(",", ";", "|", "\t", ":")
        .optional()
        .describe("What stands between cells; a comma where it is not said."),
      decimal,
    },
    built: true,
    aliases: ["read_csv", "CSVDataset", "table", "file", "excel", "xlsx", "read_excel"],
    example: `csv("adult.csv.gz", only: { split: "train" })`,
  }),
  source({
    name: "tsv",
    doc: "A table of tab-separated values whose first row names the columns.",
    settings: { ...file(paths), decimal },
    built: true,
    aliases: ["tab", "read_table"],
    example: `tsv("reviews.tsv")`,
  }),
  source({
    name: "json",
    doc: "A JSON file that holds a list of objects, one a row.",
    settings: file(paths),
    built: true,
    aliases: ["read_json"],
    example: `json("npm:vega-datasets/data/penguins.json", missing: ["."])`,
  }),
  source({
    name: "jsonl",
    doc: "A file with one JSON object a line, one a row.",
    settings: file(paths),
    built: true,
    aliases: ["ndjson", "json_lines"],
    example: `jsonl("events.jsonl")`,
  }),
  source({
    name: "parquet",
    doc: "A Parquet file.",
    settings: file(paths),
    built: false,
    aliases: ["read_parquet", "arrow"],
    example: `parquet("big.parquet")`,
  }),
  source({
    name: "sql",
    doc: "The rows of a query over files.",
    settings: { query: string().positional().describe("The query: `select … from 'big.parquet'`."), ...filters },
    built: false,
    aliases: ["query", "duckdb", "sqlite", "read_sql"],
    example: `sql("select age, income from 'big.parquet'")`,
  }),
  source({
    name: "npz",
    doc: "Named arrays of equal length, as NumPy's `savez` writes them: an array is a column.",
    settings: file(paths),
    built: true,
    aliases: ["npy", "numpy", "load"],
    example: `npz("digits-train.npz")`,
  }),
  source({
    name: "idx",
    doc: "Arrays in the files of the MNIST family, each under the name that is written before it.",
    settings: filters,
    freeFiles: true,
    built: true,
    aliases: ["mnist", "ubyte"],
    example: `idx(image: "train-images-idx3-ubyte.gz", digit: "train-labels-idx1-ubyte.gz")`,
  }),
  source({
    name: "conll",
    doc: "Sentences with one token a line and an empty line between sentences; each column is a list of tokens, `# name = value` comments are columns of the sentence.",
    settings: {
      path: string().positional().describe(paths),
      columns: filledList(column()).describe("Names of the columns, from left to right."),
      comments: list(column()).default([]).describe("Comments that are columns of the sentence."),
      ...filters,
    },
    built: true,
    aliases: ["conllu", "iob"],
    example: `conll("train.conll", columns: [words, slot], comments: [intent])`,
  }),
  source({
    name: "images",
    doc: "A folder with one subfolder a class: columns `image` (the file) and `label` (the subfolder).",
    settings: file("The folder, relative to this file."),
    built: false,
    aliases: ["ImageFolder", "image_dataset_from_directory", "folder", "directory"],
    example: `images("flowers")`,
  }),
  source({
    name: "module",
    doc: "A JavaScript module whose default export is a function that yields rows. It runs code: `check` and the editor never load it, `train` does.",
    settings: file("The module, relative to this file."),
    built: true,
    aliases: ["script", "generator", "function", "javascript", "python"],
    example: `module("./make.mjs")`,
  }),
  source({
    name: "join",
    doc: "A left join: every row of the first table with the row of the second that has the same key. A key that the second table holds twice, or a column that both have, is an error; rows without a partner get empty cells.",
    settings: {
      on: column().describe("The column that both tables have."),
      only: filters.only,
    },
    operands: { min: 2, max: 2 },
    built: true,
    aliases: ["merge", "left_join"],
    example: `csv("ratings.csv") -> join(csv("users.csv"), on: "user")`,
  }),
  source({
    name: "beside",
    doc: "Tables of equal length, side by side.",
    settings: { only: filters.only },
    operands: { min: 2, max: 64 },
    built: true,
    aliases: ["zip", "hstack", "hconcat", "paste", "cbind"],
    example: `beside(idx(image: "images.gz"), csv("labels.csv"))`,
  }),
  source({
    name: "part",
    doc: "A share cut off from another source of its section, at random but the same for the same seed. Parts are cut in the written order and never overlap.",
    settings: {
      share: number({ above: 0, below: 1 }).positional().describe("The share of the source's rows, between 0 and 1."),
      of: nameOf("source").default("train").describe("The source that it is cut from."),
      stratify: nameOf("task").optional().describe("Keeps the mixture of this task's labels."),
      group: column().optional().describe("Keeps rows with the same value of this column together."),
    },
    built: true,
    aliases: ["split", "random_split", "train_test_split", "share", "holdout", "validation_split"],
    example: `part(0.2, of: train, stratify: species)`,
  }),
  source({
    name: "columns",
    doc: "Every column of a table from one to the other, both included, in the table's order: for `from:` and `target:`.",
    settings: {
      first: string().positional().describe("The first column."),
      last: string().positional().describe("The last column."),
    },
    built: true,
    aliases: ["range", "cols"],
    example: `columns("p0", "p63")`,
  }),
];
