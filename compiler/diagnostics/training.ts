import { diagnostic } from "./diagnostic.ts";

/** MTL84xx: what goes wrong while a network is trained. They cannot be shown by `check` alone. */
export const training = {
  lossNotFinite: diagnostic<{ task: string; value: string; step: number; epoch: number; rows: string }>({
    code: "MTL8401",
    name: "loss-not-finite",
    severity: "error",
    message: ({ task, value, step, epoch, rows }) =>
      `the loss of \`${task}\` became ${value} in step ${step} (epoch ${epoch}, ${rows})`,
    why: "A loss that is NaN or infinite has no gradient that could mend it, so the step was not taken and the weights are those of the step before. Usual causes are a learning rate that is too large, inputs that were never scaled, and wild values in the target column.",
    bad: "train { optimizer: sgd(rate: 1e6) }",
    good: "train { optimizer: sgd(rate: 1e-2), clip: norm(1.0) }",
    wrap: "run",
  }),
  gradientNotFinite: diagnostic<{ step: number; epoch: number; rows: string; tasks: string }>({
    code: "MTL8402",
    name: "gradient-not-finite",
    severity: "error",
    message: ({ step, epoch, rows, tasks }) =>
      `the gradient is not finite in step ${step} (epoch ${epoch}, ${rows}), though the losses of ${tasks} are`,
    why: "The losses are numbers, yet their gradient overflowed. The step was not taken and the weights are those of the step before. A smaller learning rate, `clip: norm(1.0)` from the start, or scaled inputs keep gradients in range.",
    bad: "train { optimizer: sgd(rate: 1e6) }",
    good: "train { optimizer: adam(rate: 1e-3), clip: norm(1.0) }",
    wrap: "run",
  }),
  tooManySkips: diagnostic<{ count: number; task: string }>({
    code: "MTL8403",
    name: "too-many-skips",
    severity: "error",
    message: ({ count, task }) => `${count} steps in a row were skipped because the loss of \`${task}\` was not finite`,
    why: "`on_nonfinite: skip` leaves out a task whose loss is not finite, step by step. When that happens again and again training goes nowhere.",
    bad: "train { balance: static(on_nonfinite: skip), optimizer: sgd(rate: 1e6) }",
    good: "train { balance: static(on_nonfinite: skip), optimizer: sgd(rate: 1e-2) }",
    wrap: "run",
  }),
  nothingToTrain: diagnostic<{ part: string }>({
    code: "MTL8404",
    name: "nothing-to-train",
    severity: "error",
    message: ({ part }) => `${part}`,
    why: "Training needs at least one row with an answer, and at least one parameter that is not frozen.",
    bad: "train { freeze: [trunk, digit] }",
    good: "train { freeze: [trunk] }",
    wrap: "run",
  }),
  negativeLoss: diagnostic<{ task: string; value: string; rule: string; step: number; epoch: number; rows: string }>({
    code: "MTL8405",
    name: "negative-loss",
    severity: "error",
    message: ({ task, value, rule, step, epoch, rows }) =>
      `the loss of \`${task}\` is ${value} in step ${step} (epoch ${epoch}, ${rows}), and \`${rule}\` needs losses above 0`,
    why: "Some balance rules divide by losses or take their logarithm.",
    bad: "train { balance: geometric }",
    good: "train { balance: uncertainty }",
    wrap: "run",
  }),
  nothingToWatch: diagnostic<{ key: string; path: string; tasks: string }>({
    code: "MTL8406",
    name: "nothing-to-watch",
    severity: "error",
    message: ({ key, path, tasks }) =>
      `\`${key}\` watches \`${path}\`, but no row of the validation part has an answer for ${tasks}`,
    why: "A loss or a metric of rows without answers is undefined, so no epoch could be told from another: training would stop after the first ones for no reason, or never change its rate.",
    bad: 'validation: csv("rows-without-answers.csv"), and train { stop: early }',
    good: "validation: part(0.1, of: train), and train { stop: early }",
    wrap: "run",
  }),
  nothingToMeasure: diagnostic<{ problem: string }>({
    code: "MTL8407",
    name: "nothing-to-measure",
    severity: "error",
    message: ({ problem }) => `there is nothing to measure: ${problem}`,
    why: "`mtlc evaluate` measures the validation and the test part of the data, or the rows of a file, by the metrics of the tasks. It needs rows with answers, and a task that has a metric.",
    bad: 'data { train: csv("birds.csv") }, and mtlc evaluate runs/birds-1',
    good: 'data { train: csv("birds.csv"), test: part(0.2, of: train) }, or mtlc evaluate runs/birds-1 --on new-birds.csv',
    wrap: "run",
  }),
};
