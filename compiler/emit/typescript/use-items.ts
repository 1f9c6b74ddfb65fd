import { statement, type FunctionDescription, type Item } from "./description.ts";
import type { TrainedNetwork } from "./index.ts";
import { literalCode } from "./literal.ts";
import { lossArguments, type LossReads } from "./losses.ts";

/** What is done with a trained network; `trained` stands for one where the caller gives none. */
export function useItems(reads: LossReads, readsCodes: boolean, isTrained: boolean): FunctionDescription[] {
  const heads = `heads(inputs, network.weights${readsCodes ? ", network.codes" : ""})`;
  const network = { name: "network", type: "Network", ...(isTrained && { value: "trained()" }) };
  return [
    {
      kind: "function",
      name: "evaluate",
      doc: "Losses and metrics of every task on rows with answers.",
      exported: true,
      async: true,
      parameters: [{ name: "rows", type: "mtlc.Rows" }, network],
      returns: "Promise<mtlc.Evaluation>",
      statements: [
        `const results = await mtlc.overRows(tf, data, network, rows, ({ inputs, targets }) => {
          const prediction = ${heads};
          return { prediction, losses: losses(${["prediction", "targets", ...lossArguments(reads, false)].join(", ")}) };
        });`,
        "return results.evaluation();",
      ].map(statement),
    },
    {
      kind: "function",
      name: "predict",
      doc: "Answers examples.",
      exported: true,
      async: true,
      parameters: [{ name: "examples", type: "readonly Inputs[]" }, network],
      returns: "Promise<Answers[]>",
      statements: [
        "const rows = mtlc.encodeExamples(data, network.codes, examples);",
        `const results = await mtlc.overRows(tf, data, network, rows, ({ inputs }) => ({ prediction: ${heads} }));`,
        "return results.answers<Answers>();",
      ].map(statement),
    },
    {
      kind: "function",
      brief: true,
      name: "save",
      doc: "Writes weights and codes to a folder.",
      exported: true,
      parameters: [{ name: "folder", type: "string" }, network],
      returns: "Promise<void>",
      statements: [statement("return mtlc.saveNetwork(folder, network);")],
    },
    {
      kind: "function",
      name: "load",
      doc: "Reads what `save`, or a run of `mtlc train`, left in a folder.",
      exported: true,
      async: true,
      parameters: [{ name: "folder", type: "string" }],
      returns: "Promise<Network>",
      statements: [
        "const { codes, values } = await mtlc.readNetwork(folder);",
        "return createNetwork(codes, values);",
      ].map(statement),
    },
  ];
}

export function trainedItems(trained: TrainedNetwork | null): Item[] {
  if (trained === null) return [];
  const statements = [
    "known ??= createNetwork(trainedCodes, mtlc.unpackWeights(weightSizes, weightNumbers));",
    "return known;",
  ];
  return [
    {
      kind: "function",
      name: "trained",
      doc: "The network as it was trained.",
      exported: true,
      parameters: [],
      returns: "Network",
      statements: statements.map(statement),
    },
    { kind: "const", isVariable: true, name: "known", type: "Network | undefined" },
    {
      kind: "const",
      name: "trainedCodes",
      doc: "What the training rows have taught.",
      type: "mtlc.Codes",
      value: literalCode(trained.codes),
    },
    {
      kind: "const",
      name: "weightSizes",
      doc: "How many numbers each weight has.",
      type: "readonly (readonly [string, number])[]",
      value: literalCode(trained.names),
    },
    {
      kind: "const",
      name: "weightNumbers",
      doc: "All weights in 32 bits, one after another, in base64.",
      value: JSON.stringify(trained.base64),
    },
  ];
}
