import { isKnown } from "../ir/size.ts";
import { layer, ShapeProblem } from "../registry/layer.ts";
import { int, word } from "../registry/settings.ts";
import { axisName, axisNames, resultType, showType } from "./types.ts";
import { startWord } from "./weights.ts";

/** A learned vector for every code. */
export const embed = layer({
  name: "embed",
  doc:
    "A learned vector for every code: y = table[code]. table is [codes, width]; the number of codes comes from the input " +
    "(a category's words and 0 for unseen, the vocabulary of tokens). For tokens the row of code 0, padding, is 0 and stays 0.",
  group: "dense and embedding",
  aliases: ["Embedding", "embedding", "EmbeddingBag", "lookup", "one_hot", "onehot", "OneHotEncoder"],
  operands: { min: 1, max: 1 },
  settings: {
    width: int({ min: 1 }).positional().describe("Length of each vector."),
    codes: int({ min: 1 })
      .optional()
      .describe("How many codes there are, for an `i32` input whose codes are 0 … codes - 1."),
    start: word("start")
      .optional()
      .describe("How the table starts; a truncated normal of standard deviation 1/√width where it is left out."),
  },
  shape({ settings, inputs: [x] }) {
    if (x.element !== "i32")
      throw new ShapeProblem(`this is ${showType(x)} of numbers, and embed looks codes up`, {
        operand: 0,
        help: `numbers need no table: \`dense(${settings.width})\``,
      });
    if (settings.codes === null && x.codes === undefined)
      throw new ShapeProblem("nothing says how many codes there are here", {
        operand: 0,
        help: `write \`embed(${settings.width}, codes: 100)\` for codes 0 … 99, or make the input a \`category\``,
      });
    if (settings.codes !== null && x.codes !== undefined && isKnown(x.codes) && settings.codes < x.codes)
      throw new ShapeProblem(`this takes ${x.codes} codes, and embed has a table of ${settings.codes}`, {
        operand: 0,
        help: `leave \`codes\` out: the input says how many there are`,
      });
    return resultType([x], [...x.shape, settings.width], [...axisNames(x), null]);
  },
  parameters({ settings, inputs: [x] }) {
    const codes = settings.codes ?? x.codes;
    if (codes === undefined) throw new Error("embed: the number of codes is not known");
    const padded = x.shape.some((_, index) => axisName(x, index) !== null);
    return {
      table: {
        shape: [codes, settings.width],
        start: settings.start ?? startWord("truncated", { sd: 1 / Math.sqrt(settings.width) }),
        fanIn: codes,
        fanOut: settings.width,
        decay: true,
        ...(padded && { zeroRows: [0] }),
      },
    };
  },
  forward: (g, { inputs: [codes], parameters: { table } }) => g.gather(table, codes),
  example: "shared vectors = words -> embed(16) -> mean_pool",
});
