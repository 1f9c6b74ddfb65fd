import type { Type } from "../ir/model.ts";
import { layer, type ConcreteType, type LayerRow, type ParameterSpec } from "../registry/layer.ts";
import { bool, choice, int, type SettingValues } from "../registry/settings.ts";
import { gruCell, lstmCell, recur, simpleCell, type Cell } from "./recurrence.ts";
import { axisName, needSequence, resultType } from "./types.ts";
import { offset, startWord, under } from "./weights.ts";

/** Recurrences along a sequence: what lstm, gru and simple_rnn have in common. */

const settings = {
  width: int({ min: 1 }).positional().describe("Size of the state."),
  bidirectional: bool(false).describe(
    "Reads forward and backward with weights of their own and joins both: the width doubles.",
  ),
  return: choice("sequence", "last")
    .default("sequence")
    .describe("The state at every position, or only the one at the last real position (backward: the first)."),
};
type Settings = SettingValues<typeof settings>;

function shape(name: string, { width, bidirectional, return: returns }: Settings, x: Type): Type {
  needSequence(name, x);
  const channels = bidirectional ? 2 * width : width;
  return returns === "last"
    ? resultType([x], [channels])
    : resultType([x], [x.shape[0], channels], [axisName(x, 0), null]);
}

/** Parameters of one direction; `gates` blocks of the state's width stand side by side on the last axis. */
function direction(
  inputs: number,
  width: number,
  gates: number,
): Readonly<Record<"kernel" | "recurrent", ParameterSpec>> {
  return {
    kernel: {
      shape: [inputs, gates * width],
      start: startWord("glorot_uniform"),
      fanIn: inputs,
      fanOut: gates * width,
      decay: true,
    },
    recurrent: {
      shape: [width, gates * width],
      start: startWord("orthogonal", { gain: 1 }),
      fanIn: width,
      fanOut: width,
      blocks: gates,
      decay: true,
    },
  };
}

function recurrence(row: {
  readonly name: string;
  readonly doc: string;
  readonly aliases: readonly string[];
  readonly source?: string;
  readonly cell: Cell;
  readonly biases: (width: number) => Readonly<Record<string, ParameterSpec>>;
}): LayerRow {
  const { name, doc, aliases, source, cell, biases } = row;
  const { gates } = cell;
  return layer({
    name,
    doc: `${doc} Outputs at padding are 0, and the state begins at 0.`,
    group: "sequences",
    aliases,
    ...(source !== undefined && { source }),
    operands: { min: 1, max: 1 },
    settings,
    shape: (call) => shape(name, call.settings, call.inputs[0]),
    parameters({ settings: { width, bidirectional }, inputs: [x] }) {
      const own = { ...direction(x.shape[1], width, gates), ...biases(width) };
      return bidirectional ? { ...under("forward", own), ...under("backward", own) } : own;
    },
    forward: (g, { settings: { bidirectional, return: returns }, inputs: [x], inputTypes: [type], parameters }) =>
      recur(g, cell, x, axisName(type, 0), parameters, { bidirectional, last: returns === "last" }),
    work: ({ settings: { width, bidirectional }, inputs: [x] }) => steps(x, width, gates) * (bidirectional ? 2 : 1),
    example: `shared sentence = words -> embed(16) -> ${name}(16, return: last)`,
  });
}

function steps(x: ConcreteType, width: number, gates: number): number {
  return x.shape[0] * gates * width * (x.shape[1] + width);
}

/** 0, and 1 for the forget gate, the second of four. */
function forgetBias(width: number): Float32Array {
  return Float32Array.from({ length: 4 * width }, (_, at) => (Math.floor(at / width) === 1 ? 1 : 0));
}

export const recurrentLayers: readonly LayerRow[] = [
  recurrence({
    name: "lstm",
    doc:
      "Long short-term memory: with (i, f, g, o) = x · kernel + h · recurrent + bias, the cell is c = σ(f) ⊙ c + σ(i) ⊙ tanh(g) and the state " +
      "h = σ(o) ⊙ tanh(c). kernel is [in, 4 width], recurrent [width, 4 width], bias [4 width], gates in the order i, f, g, o.",
    aliases: ["LSTM", "Bidirectional", "bilstm", "BiLSTM"],
    source: "Hochreiter and Schmidhuber, Neural Computation 9 (1997)",
    cell: lstmCell,
    biases: (width) => ({ bias: { ...offset(4 * width), values: () => forgetBias(width) } }),
  }),
  recurrence({
    name: "gru",
    doc:
      "Gated recurrent unit: r and z are σ of x · kernel + bias + h · recurrent + recurrent_bias, n = tanh(x_n + r ⊙ h_n) of the third parts, and " +
      "h = (1 - z) ⊙ n + z ⊙ h. kernel is [in, 3 width], recurrent [width, 3 width], two biases, gates in the order r, z, n.",
    aliases: ["GRU"],
    source: "1406.1078",
    cell: gruCell,
    biases: (width) => ({ bias: offset(3 * width), recurrent_bias: offset(3 * width) }),
  }),
  recurrence({
    name: "simple_rnn",
    doc: "h = tanh(x · kernel + h · recurrent + bias). kernel is [in, width], recurrent [width, width], bias [width].",
    aliases: ["SimpleRNN", "RNN", "rnn"],
    cell: simpleCell,
    biases: (width) => ({ bias: offset(width) }),
  }),
];
