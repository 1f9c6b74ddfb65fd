import { diagnostic } from "./diagnostic.ts";

/** MTL81xx: what the first rows of a data file show without reading all of it. */
export const columns = {
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
