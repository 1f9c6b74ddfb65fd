import { statement, type Item } from "./description.ts";
import type { writeWeights } from "./weights.ts";

/** Weights as they start, and the network that holds them. */
export function weightItems({ code, functions, sizes }: ReturnType<typeof writeWeights>): Item[] {
  return [
    {
      kind: "function",
      name: "startWeights",
      doc: `The weights of the network and how they start${sizes.length === 0 ? "" : "; the data say how many codes and labels there are"}.`,
      parameters:
        sizes.length === 0
          ? []
          : [{ name: `{ ${sizes.join(", ")} }`, type: "mtlc.Sizes<keyof Inputs, keyof Answers>" }],
      returns: "",
      statements: [statement(`return ${code} as const;`)],
    },
    ...functions,
    { kind: "type", name: "Weights", type: "mtlc.Variables<ReturnType<typeof startWeights>>" },
    {
      kind: "interface",
      name: "Network",
      exported: true,
      members: [
        { name: "weights", type: "Weights" },
        { name: "codes", type: "mtlc.Codes", doc: "Labels, categories and scales that the training rows have taught." },
      ],
    },
    {
      kind: "function",
      name: "createNetwork",
      doc: "A network whose weights are at their start, or as they were saved.",
      parameters: [
        { name: "codes", type: "mtlc.Codes" },
        { name: "from", type: "mtlc.WeightSource" },
      ],
      returns: "Network",
      statements: [
        statement(
          `return { codes, weights: mtlc.createWeights(tf, startWeights(${sizes.length === 0 ? "" : "mtlc.sizesOf(codes)"}), from) };`,
        ),
      ],
    },
  ];
}
