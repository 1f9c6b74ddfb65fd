import { diagnostic } from "./diagnostic.ts";

/** MTL81xx: what the first rows of a data file show without reading all of it. */
export const columns = {
  columnNotYet: diagnostic<{ column: string; file: string; rows: number }>({
    code: "MTL8057",
    name: "column-not-in-first-rows",
    severity: "info",
    message: ({ column, file, rows }) => `the first ${rows} rows of ${file} have no column "${column}"`,
    why: "In JSON a column may begin in any row, and a file as large as this one is not read to its end by `mtlc check`. With `--data` all of it is read.",
    bad: `task topic: class { head: x -> dense, target: "topik" }`,
    good: `task topic: class { head: x -> dense, target: "topic" }`,
    wrap: "data",
  }),
  noTargetAnywhere: diagnostic<{ column: string; task: string }>({
    code: "MTL8101",
    name: "no-target-anywhere",
    severity: "error",
    message: ({ column, task }) => `no training source has the column "${column}" that task \`${task}\` is to predict`,
    why: "A source without a task's column has no answers for it, which is allowed where several sources share a model. A task that has answers nowhere cannot be learnt.",
    bad: `task mass: real { head: x -> dense, target: "Body Mas (g)" }`,
    good: `task mass: real { head: x -> dense, target: "Body Mass (g)" }`,
    wrap: "data",
  }),
};
