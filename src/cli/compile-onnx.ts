import { basename, extname, join } from "node:path";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { exportPrediction, exportStep } from "../project/export-onnx.ts";
import { formatSource } from "../typescript/format.ts";
import { javascriptOf } from "../typescript/javascript.ts";
import { loadMorph } from "../typescript/ts-morph.ts";
import { tellNotes } from "../render/diagnostics.ts";
import { shellWord } from "../render/words.ts";
import { exitCodes, UsageError, type Arguments } from "./command.ts";
import { statOf } from "./places.ts";
import { checkFiles, writeFiles } from "./written-files.ts";
import { out as results } from "../render/output.ts";

/** `mtlc compile RUN --to onnx` */
export async function compileOnnx(args: Arguments): Promise<number> {
  const [run] = args.positionals;
  const training = args.flag("training");
  const batch = args.whole("batch");
  const out = args.text("out");
  if (training && batch !== undefined) throw new UsageError("`--batch` is the run's own with `--training`");
  if (training && args.flag("js")) throw new UsageError("`--js` is for the loader, and a training step has none");
  if (out !== undefined && out !== "-" && extname(out) !== ".onnx")
    throw new UsageError(`a graph's name ends in .onnx, unlike \`${out}\``);
  if (run.endsWith(".mtl") && statOf(run)?.isFile())
    throw new UsageError(`\`--to onnx\` takes the folder of a trained run: \`mtlc train ${run}\` makes one`);
  for (const option of ["check", "js"])
    if (out === "-" && args.flag(option))
      throw new UsageError(`\`--${option}\` is about files, and \`-o -\` writes none`);
  if (out === "-" && process.stdout.isTTY)
    throw new UsageError(
      "a graph is bytes and no text, and standard output is a terminal: name a file by `-o FILE.onnx`",
    );
  const warn = (warning: Diagnostic): void => tellNotes([warning]);
  const { bytes, loader, model } = training ? exportStep(run, warn) : exportPrediction(run, batch ?? 1, warn);
  if (out === "-") {
    results.data(bytes);
    return exitCodes.fine;
  }
  const path = out ?? join(run, `${model.toLowerCase()}${training ? "-step" : ""}.onnx`);
  const written = new Map<string, string | Uint8Array>([[path, bytes]]);
  if (loader !== null) {
    const text = await loader(basename(path));
    written.set(`${path}.ts`, text);
    if (args.flag("js")) written.set(`${path}.mjs`, await formatSource(javascriptOf(await loadMorph(), text)));
  }
  if (!args.flag("check")) return writeFiles(written, args.text("format"));
  const words = [`mtlc compile ${shellWord(run)} --to onnx`];
  if (out !== undefined) words.push(`-o ${shellWord(out)}`);
  if (batch !== undefined) words.push(`--batch ${batch}`);
  words.push(...["training", "js"].filter((option) => args.flag(option)).map((option) => `--${option}`));
  return checkFiles(written, words.join(" "), args.text("format"));
}
