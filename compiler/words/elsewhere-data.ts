import type { ElsewhereRow } from "./elsewhere-row.ts";

/** Settings of other libraries where rows come from: in the data section, and in the parentheses of its sources. */
export const dataElsewhere: readonly ElsewhereRow[] = [
  {
    names: ["validation_split", "val_split", "validation_size", "val_size", "validation_fraction"],
    of: ["data"],
    say: ({ value }) => `write \`validation: part(${/^0?\.\d+$/.test(value ?? "") ? value : "0.1"}, of: train)\``,
  },
  {
    names: ["test_split", "test_size", "test_fraction"],
    of: ["data"],
    say: ({ value }) => `write \`test: part(${/^0?\.\d+$/.test(value ?? "") ? value : "0.2"}, of: train)\``,
  },
  {
    names: ["batch_size", "batch", "shuffle", "seed", "random_state", "epochs"],
    of: ["data"],
    say: () => "it stands in the train section: `train { batch: 32, shuffle: true, seed: 0 }`",
  },
  {
    names: ["path", "file", "filename", "source", "url", "csv", "root", "folder"],
    of: ["data"],
    say: ({ value }) =>
      `a source stands behind the part that it is for: \`train: csv(${/^"/.test(value ?? "") ? value : '"rows.csv"'})\``,
  },
  {
    names: ["target", "targets", "label", "labels", "y", "target_column", "label_column"],
    of: ["data", "source"],
    say: () => 'a column to predict is that of its task: `task species: class { target: "species", … }`',
  },
  {
    names: ["features", "columns", "inputs", "x", "usecols", "feature_columns"],
    of: ["data", "source"],
    words: ["csv", "tsv", "json", "jsonl", "npz", "parquet"],
    say: () => 'columns that are read are those of the inputs: `input age: f32 { from: "age" }`',
  },
  {
    names: ["header", "has_header", "names", "index_col", "skiprows", "skip_rows", "comment"],
    of: ["source"],
    words: ["csv", "tsv"],
    say: () =>
      "the first line of a file names the columns, and every line below it is a row: mend the file where it is not so",
  },
  {
    names: ["encoding"],
    of: ["source"],
    say: () => "files are UTF-8: save it so, and leave `encoding` out",
  },
  {
    names: ["quotechar", "quote", "quoting", "escapechar"],
    of: ["source"],
    words: ["csv", "tsv"],
    say: () => 'cells may stand in double quotes, with `""` for a quote in them: leave it out',
  },
  {
    names: ["parse_dates", "date_format", "thousands"],
    of: ["source"],
    words: ["csv", "tsv"],
    say: () => "numbers stand plainly in the file, such as 1234.5, and there are no dates: give it columns of numbers",
  },
  {
    names: ["nrows", "limit", "sample", "max_rows"],
    of: ["source"],
    say: () => "every row is read; `only: { year: 2023 }` keeps those whose column holds a value",
  },
  {
    names: ["random_state", "seed", "random_seed", "shuffle"],
    of: ["source"],
    say: () => "all that is random follows from `seed` of the train section: `train { seed: 0 }`",
  },
  {
    names: ["normalize", "scale", "standardize", "transform", "fillna"],
    of: ["data", "source"],
    say: () => "cells are scaled and filled by their input: `input age: f32 { scale: standard, fill: mean }`",
  },
];
