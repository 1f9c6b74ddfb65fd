import { statement, type FunctionDescription } from "./description.ts";
import type { writeLosses } from "./losses.ts";
import { keyCode } from "./names.ts";

/** The loss of each task, and their means. */
export function lossItems({ tasks, hasSums, reads }: ReturnType<typeof writeLosses>): FunctionDescription[] {
  const members = tasks.map(({ task, code }) => `${keyCode(task.name)}: ${code}`);
  const sums: FunctionDescription = {
    kind: "function",
    name: "sumOfLosses",
    doc: "Several losses of one task, each with its factor.",
    parameters: [
      { name: "first", type: "[number, mtlc.Loss]" },
      { name: "...others", type: "[number, mtlc.Loss][]" },
    ],
    returns: "mtlc.Loss",
    statements: [
      "const [, { count }] = first;",
      "const means = [first, ...others].map(([factor, loss]) => meanLoss(loss).mul(factor));",
      "return { sum: tf.addN(means).mul(count), count };",
    ].map(statement),
  };
  const meanLoss: FunctionDescription = {
    kind: "function",
    name: "meanLoss",
    doc: "The mean over the answers that are there; 0 where there is none.",
    parameters: [{ name: "{ sum, count }", type: "mtlc.Loss" }],
    returns: "tf.Tensor",
    statements: [statement("return sum.div(count.maximum(1e-30));")],
  };
  return [
    {
      kind: "function",
      name: "losses",
      doc: "The loss of each task.",
      parameters: [
        { name: "prediction", type: "mtlc.Tensors<keyof Answers>" },
        { name: "targets", type: "Readonly<Record<keyof Answers, mtlc.Target>>" },
        ...(reads.network ? [{ name: "network", type: "Network" }] : []),
        ...(reads.inputs ? [{ name: "inputs", type: "mtlc.Tensors<keyof Inputs>" }] : []),
        ...(reads.training ? [{ name: "training", type: "boolean" }] : []),
      ],
      returns: "",
      statements: [statement(`return { ${members.join(", ")} };`)],
    },
    ...(hasSums ? [sums, meanLoss] : []),
    {
      kind: "function",
      name: "meanLosses",
      doc: "The mean loss of each task, [tasks]; 0 where a batch has no answer.",
      parameters: [{ name: "each", type: "ReturnType<typeof losses>" }],
      returns: "tf.Tensor",
      statements: [
        statement(
          hasSums
            ? "return tf.stack(tasks.map((task) => meanLoss(each[task])));"
            : "return tf.stack(tasks.map((task) => each[task].sum.div(each[task].count.maximum(1e-30))));",
        ),
      ],
    },
  ];
}
