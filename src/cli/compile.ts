import { basename, dirname, extname, join } from "node:path";
import { writeWhole } from "../../runtime/run/atomic.ts";
import { exportPrediction, exportStep } from "../project/export-onnx.ts";
import { exitCodes, UsageError, type Command } from "./command.ts";

export const compile: Command = {
  usage: "RUN --to onnx [options]",
  doc: "Writes the predicting graph of a trained run as ONNX: columns in their own units in, answers out. Beside it goes a TypeScript file that loads it and is typed by the model.",
  options: {
    to: { type: "string", value: "TARGET", words: ["onnx"], doc: "What to write." },
    out: { type: "string", short: "o", value: "FILE", doc: "The graph's file (RUN/MODEL.onnx)." },
    batch: { type: "string", value: "N", doc: "Rows that the graph takes at once (1)." },
    training: {
      type: "boolean",
      doc: "Writes the training step instead: parameters and a batch in, losses and gradients out.",
    },
  },
  operands: { min: 1, max: 1, name: "a run folder" },
  async run(args) {
    const [run] = args.positionals;
    if (args.text("to") === undefined) throw new UsageError("`mtlc compile` needs `--to`: what to write");
    const training = args.flag("training");
    const batch = args.whole("batch", 1);
    if (training && batch !== undefined) throw new UsageError("`--batch` is the run's own with `--training`");
    const { bytes, loader, model } = training ? exportStep(run) : exportPrediction(run, batch ?? 1);
    const path = args.text("out") ?? join(run, `${model.toLowerCase()}${training ? "-step" : ""}.onnx`);
    writeWhole(path, bytes);
    const text = loader(basename(path));
    const paths = [path];
    if (text !== null) {
      paths.push(join(dirname(path), `${basename(path, extname(path))}.ts`));
      writeWhole(paths[1], text);
    }
    process.stderr.write(`Written: ${paths.join(", ")}\n`);
    return exitCodes.fine;
  },
};
