import { readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { writeWhole } from "../../runtime/run/atomic.ts";
import { exportModel, exportRun, type WrittenFiles } from "../project/export-typescript.ts";
import { openSource } from "../project/sources.ts";
import { exitCodes, UsageError, type Arguments } from "./command.ts";

/** `mtlc compile FILE or RUN --to typescript` */
export async function compileTypeScript(args: Arguments): Promise<number> {
  const [from] = args.positionals;
  const isRun = isFolder(from);
  const out = args.text("out") ?? besides(from, isRun);
  if (out !== "-" && !/\.m?ts$/.test(out))
    throw new UsageError(`a module's name ends in .ts or .mts, unlike \`${out}\``);
  const options = { out: out === "-" ? besides(from, isRun) : out, javascript: args.flag("js"), standalone: args.flag("standalone") };
  const written = isRun ? await exportRun(from, options) : await exportModel(openSource(from), options);
  if (out === "-") return toOutput(written);
  return args.flag("check") ? check(written) : write(written);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Beside the model's file, or in the run's folder, under the model's name. */
function besides(from: string, isRun: boolean): string {
  const name = basename(resolve(from)).replace(isRun ? /-\d+$/ : /\.mtl$/, "");
  return join(isRun ? from : dirname(from), `${name}.ts`);
}

/** The module alone: what leads to its map says nothing there. */
function toOutput(written: WrittenFiles): number {
  const [text] = written.values();
  process.stdout.write(text.replace(/\/\/# sourceMappingURL=.*\n$/, ""));
  return exitCodes.fine;
}

function write(written: WrittenFiles): number {
  for (const [path, text] of written) writeWhole(path, text);
  process.stderr.write(`Written: ${[...written.keys()].join(", ")}\n`);
  return exitCodes.fine;
}

/** Whether what is on disk is what would be written. */
function check(written: WrittenFiles): number {
  const stale = [...written].filter(([path, text]) => textOf(path) !== text).map(([path]) => path);
  if (stale.length === 0) return exitCodes.fine;
  process.stderr.write(`Not up to date: ${stale.join(", ")} (the same command without \`--check\` writes it anew)\n`);
  return exitCodes.mistakes;
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
