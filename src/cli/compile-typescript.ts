import { basename, dirname, join, resolve } from "node:path";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { exportModel, exportRun, type WrittenFiles } from "../project/export-typescript.ts";
import { openSource } from "../project/sources.ts";
import { tellNotes } from "../render/diagnostics.ts";
import { shellWord } from "../render/words.ts";
import { exitCodes, UsageError, type Arguments } from "./command.ts";
import { statOf } from "./places.ts";
import { checkFiles, writeFiles } from "./written-files.ts";
import { out } from "../render/output.ts";

/** `mtlc compile FILE or RUN --to typescript` */
export async function compileTypeScript(args: Arguments): Promise<number> {
  const [from] = args.positionals;
  const isRun = isFolder(from);
  const out = args.text("out") ?? besides(from, isRun);
  if (out !== "-" && !/\.m?ts$/.test(out))
    throw new UsageError(`a module's name ends in .ts or .mts, unlike \`${out}\``);
  const format = args.text("format");
  const toStream = out === "-";
  for (const option of ["check", "js"])
    if (toStream && args.flag(option)) throw new UsageError(`\`--${option}\` is about files, and \`-o -\` writes none`);
  const options = {
    out: toStream ? besides(from, isRun) : out,
    javascript: args.flag("js"),
    standalone: args.flag("standalone"),
    alone: toStream,
    onWarning: (warning: Diagnostic) => tellNotes([warning]),
  };
  const written = isRun ? await exportRun(from, options) : await exportModel(openSource(from), options);
  if (toStream) return toOutput(written);
  return args.flag("check") ? checkFiles(written, commandOf(args, from), format) : writeFiles(written, format);
}

function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory() === true;
}

/** Beside the model's file, or in the run's folder, under the model's name. */
function besides(from: string, isRun: boolean): string {
  const name = basename(resolve(from)).replace(isRun ? /-\d+$/ : /\.mtl$/, "");
  return join(isRun ? from : dirname(from), `${name}.ts`);
}

/** The module alone: what leads to its map says nothing there. */
function toOutput(written: WrittenFiles): number {
  const [text] = written.values();
  out.data(String(text).replace(/\/\/# sourceMappingURL=.*\n$/, ""));
  return exitCodes.fine;
}

/** The same command without `--check`. */
function commandOf(args: Arguments, from: string): string {
  const out = args.text("out");
  return [
    `mtlc compile ${shellWord(from)} --to typescript`,
    ...(out === undefined ? [] : [`-o ${shellWord(out)}`]),
    ...["js", "standalone"].flatMap((option) => (args.flag(option) ? [`--${option}`] : [])),
  ].join(" ");
}
