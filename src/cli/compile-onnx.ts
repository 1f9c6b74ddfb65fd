import { basename, dirname, extname, join } from "node:path";
import { writeWhole } from "../../runtime/run/atomic.ts";
import { exportPrediction, exportStep } from "../project/export-onnx.ts";
import { exitCodes, UsageError, type Arguments } from "./command.ts";

/** `mtlc compile RUN --to onnx` */
export async function compileOnnx(args: Arguments): Promise<number> {
  const [run] = args.positionals;
  const training = args.flag("training");
  const batch = args.whole("batch", 1);
  if (training && batch !== undefined) throw new UsageError("`--batch` is the run's own with `--training`");
  const { bytes, loader, model } = training ? exportStep(run) : exportPrediction(run, batch ?? 1);
  const path = args.text("out") ?? join(run, `${model.toLowerCase()}${training ? "-step" : ""}.onnx`);
  writeWhole(path, bytes);
  const paths = [path];
  if (loader !== null) {
    const text = await loader(basename(path));
    paths.push(join(dirname(path), `${basename(path, extname(path))}.ts`));
    writeWhole(paths[1], text);
  }
  process.stderr.write(`Written: ${paths.join(", ")}\n`);
  return exitCodes.fine;
}
