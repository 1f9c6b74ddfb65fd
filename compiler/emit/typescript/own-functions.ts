import { statement, type FunctionDescription } from "./description.ts";

/** Functions that are no layer, and that layers or losses call: what gradients of TensorFlow.js are led around with. */
const led: readonly FunctionDescription[] = [
  {
    kind: "function",
    name: "stopGradient",
    doc: "The same values, through which no gradient flows.",
    parameters: [{ name: "x", type: "tf.Tensor" }],
    returns: "tf.Tensor",
    statements: [statement("return tf.customGrad(() => ({ value: x.clone(), gradFunc: () => [] }))();")],
  },
  {
    kind: "function",
    name: "scaleGradient",
    doc: "The same values; the gradient is multiplied on its way back.",
    parameters: [
      { name: "x", type: "tf.Tensor" },
      { name: "factor", type: "number" },
    ],
    returns: "tf.Tensor",
    statements: [
      statement("return tf.customGrad(() => ({ value: x.clone(), gradFunc: (dy: tf.Tensor) => dy.mul(factor) }))(x);"),
    ],
  },
  {
    kind: "function",
    brief: true,
    name: "magnitude",
    doc: "|x|, with no slope at 0, where TensorFlow.js gives `abs` one.",
    parameters: [{ name: "x", type: "tf.Tensor" }],
    returns: "tf.Tensor",
    statements: [statement("return x.mul(x.sign());")],
  },
  {
    kind: "function",
    name: "largest",
    doc: "The largest along an axis. Of several that are equal the first has the gradient, where `max` gives it to all.",
    parameters: [
      { name: "x", type: "tf.Tensor" },
      { name: "axis", type: "number" },
    ],
    returns: "tf.Tensor",
    statements: [
      "const isLargest = x.equal(x.max(axis, true)).toFloat();",
      "const isFirst = stopGradient(isLargest.mul(isLargest.cumsum(axis).equal(1).toFloat()));",
      "return x.mul(isFirst).sum(axis);",
    ].map(statement),
  },
];

const rowsOf: FunctionDescription = {
  kind: "function",
  name: "rowsOf",
  doc: "Rows of a table. The gradient is scattered over it: that of `gather` goes through the table anew for each of its rows.",
  parameters: [
    { name: "table", type: "tf.Tensor" },
    { name: "codes", type: "tf.Tensor" },
  ],
  returns: "tf.Tensor",
  statements: [
    `return tf.customGrad((...[, save]) => {
      if (typeof save === "function") save([codes]);
      const gradFunc = (dy: tf.Tensor, [saved = codes]: tf.Tensor[]) =>
        tf.scatterND(saved.expandDims(-1), dy, table.shape);
      return { value: table.gather(codes), gradFunc };
    })(table);`,
  ].map(statement),
};

const known: readonly FunctionDescription[] = [...led, rowsOf];

/** Names that the module keeps for them. */
export const ownNames: readonly string[] = known.map(({ name }) => name);

/** Those that are called, and what they call themselves. */
export function ownFunctions(called: ReadonlySet<string>): FunctionDescription[] {
  const calls = new Set([...called, ...(called.has("largest") ? ["stopGradient"] : [])]);
  return known.filter(({ name }) => calls.has(name));
}
