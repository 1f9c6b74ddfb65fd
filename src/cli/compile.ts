import { formatOption, modelOrRunOperand, UsageError, type Arguments, type Command } from "./command.ts";

/** Rows of a graph: tensors of some hundred numbers a row stay within what a runtime addresses. */
const MOST_ROWS = 2 ** 20;

/** What a model can be compiled to. Each target is loaded when it is asked for. */
interface Target {
  /** Options that not every target has. */
  readonly options: readonly string[];
  load(): Promise<(args: Arguments) => Promise<number>>;
}

const targets: Readonly<Record<string, Target>> = {
  typescript: {
    options: ["check", "js", "standalone"],
    load: async () => (await import("./compile-typescript.ts")).compileTypeScript,
  },
  onnx: {
    options: ["check", "js", "batch", "training"],
    load: async () => (await import("./compile-onnx.ts")).compileOnnx,
  },
};

/** What targets are called elsewhere. */
const aliases: ReadonlyMap<string, string> = new Map([
  ...["ts", "js", "javascript", "tfjs", "tensorflow", "tensorflow.js", "module"].map(
    (name) => [name, "typescript"] as const,
  ),
  ...["onnxruntime", "ort", "graph", "onnx-graph"].map((name) => [name, "onnx"] as const),
]);

export const compile: Command = {
  usage: "FILE|RUN --to TARGET [options]",
  doc: "Writes what a model or a trained run says in another form. `--to typescript`: a module for TensorFlow.js that trains, evaluates and predicts; of a run, with its weights. `--to onnx`, of a run: its predicting graph, columns in their own units in, answers out; beside it goes a TypeScript file that loads it.",
  options: {
    to: { type: "string", value: "TARGET", words: Object.keys(targets), aliases, doc: "What to write." },
    out: {
      type: "string",
      short: "o",
      value: "FILE",
      doc: "Where it goes (MODEL.ts or MODEL.onnx, beside the file or in the run's folder; - is standard output).",
    },
    check: { type: "boolean", doc: "Writes nothing, and fails where a file on disk is not up to date." },
    js: { type: "boolean", doc: "Also writes what `tsc` makes of the TypeScript, as .mjs." },
    standalone: {
      type: "boolean",
      doc: "typescript: writes what it needs of `mtlc/runtime` into the module, which imports TensorFlow.js alone.",
    },
    batch: {
      type: "string",
      value: "N",
      whole: { min: 1, max: MOST_ROWS },
      doc: "onnx: rows that the graph takes at once (1).",
    },
    training: {
      type: "boolean",
      doc: "onnx: writes the training step instead: parameters and a batch in, losses and gradients out.",
    },
    format: formatOption("pretty", "json"),
  },
  operands: [modelOrRunOperand],
  async run(args) {
    const to = args.text("to");
    if (to === undefined) throw new UsageError(`\`mtlc compile\` needs \`--to\`: ${Object.keys(targets).join(" or ")}`);
    for (const [name, { options }] of Object.entries(targets)) {
      const foreign = options.find((option) => isGiven(args, option) && !targets[to].options.includes(option));
      if (foreign !== undefined) throw new UsageError(`\`--${foreign}\` belongs to \`--to ${name}\``);
    }
    if (args.text("format") === "json" && args.text("out") === "-")
      throw new UsageError("`-o -` writes the result to standard output, where `--format json` prints its object");
    const compileTo = await targets[to].load();
    return compileTo(args);
  },
};

function isGiven(args: Arguments, option: string): boolean {
  return args.flag(option) || args.text(option) !== undefined;
}
