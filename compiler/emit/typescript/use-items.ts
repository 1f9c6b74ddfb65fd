import { statement, type FunctionDescription, type Item } from "./description.ts";
import type { TrainedNetwork, TrainedWeights } from "./index.ts";
import { literalCode } from "./literal.ts";
import { lossArguments, type LossReads } from "./losses.ts";

/** What is done with a trained network; what `trained` gives stands for one where the caller gives none. */
export function useItems(
  reads: LossReads,
  readsCodes: boolean,
  { trained, seed }: { readonly trained: TrainedNetwork | null; readonly seed: number },
): FunctionDescription[] {
  const heads = `heads(inputs, network.weights${readsCodes ? ", network.codes" : ""})`;
  const isAwaited = trained?.weights.place === "file";
  const network = isAwaited
    ? { name: "given", type: "Network", optional: true }
    : { name: "network", type: "Network", ...(trained && { value: "trained()" }) };
  const awaited = isAwaited ? ["const network = given ?? (await trained());"] : [];
  return [
    {
      kind: "function",
      name: "readRows",
      doc: "The rows of `data` as a network reads them. The seed that it was trained with cuts the same parts.",
      exported: true,
      ...(isAwaited && { async: true }),
      parameters: [
        network,
        { name: `{ seed = ${seed}, from = import.meta.url, onWarning }`, type: "mtlc.ReadingOptions", value: "{}" },
      ],
      returns: "",
      statements: [...awaited, "return mtlc.readRows(data, { from, seed, codes: network.codes, onWarning });"].map(
        statement,
      ),
    },
    {
      kind: "function",
      name: "evaluate",
      doc: "Losses and metrics of every task on rows with answers.",
      exported: true,
      async: true,
      parameters: [{ name: "rows", type: "mtlc.Rows" }, network],
      returns: "Promise<mtlc.Evaluation>",
      statements: [
        ...awaited,
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
      parameters: [
        { name: "examples", type: "readonly Inputs[]" },
        network,
        { name: "options", type: "mtlc.ListeningOptions", value: "{}" },
      ],
      returns: "Promise<Answers[]>",
      statements: [
        ...awaited,
        "const rows = mtlc.encodeExamples(data, network.codes, examples, options);",
        `const results = await mtlc.overRows(tf, data, network, rows, ({ inputs }) => ({ prediction: ${heads} }));`,
        "return results.answers<Answers>();",
      ].map(statement),
    },
    {
      kind: "function",
      brief: !isAwaited,
      name: "save",
      doc: "Writes weights and codes to a folder.",
      exported: true,
      parameters: [{ name: "folder", type: "string" }, network],
      returns: "Promise<void>",
      ...(isAwaited && { async: true }),
      statements: [
        statement(`return mtlc.saveNetwork(folder, ${isAwaited ? "given ?? (await trained())" : "network"});`),
      ],
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
  return [
    trainedFunction(trained.weights),
    { kind: "const", isVariable: true, name: "known", type: "Network | undefined" },
    {
      kind: "const",
      name: "trainedCodes",
      doc: "What the training rows have taught.",
      type: "mtlc.Codes",
      value: literalCode(trained.codes),
    },
    ...weightItems(trained.weights),
  ];
}

function trainedFunction(weights: TrainedWeights): FunctionDescription {
  const isInModule = weights.place === "module";
  const values = isInModule
    ? "mtlc.unpackWeights(weightSizes, weightNumbers)"
    : `await mtlc.readWeights(new URL(${JSON.stringify(weights.file)}, import.meta.url), trainedCodes)`;
  return {
    kind: "function",
    name: "trained",
    doc: `The network as it was trained${isInModule ? "" : "; its weights are read from the file beside this module"}.`,
    exported: true,
    ...(!isInModule && { async: true }),
    parameters: [],
    returns: isInModule ? "Network" : "Promise<Network>",
    statements: [`known ??= createNetwork(trainedCodes, ${values});`, "return known;"].map(statement),
  };
}

function weightItems(weights: TrainedWeights): Item[] {
  if (weights.place === "file") return [];
  return [
    {
      kind: "const",
      name: "weightSizes",
      doc: "How many numbers each weight has.",
      type: "readonly (readonly [string, number])[]",
      value: literalCode(weights.names),
    },
    {
      kind: "const",
      name: "weightNumbers",
      doc: "All weights in 32 bits, one after another, in base64.",
      value: JSON.stringify(weights.base64),
    },
  ];
}
