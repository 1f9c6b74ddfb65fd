import { suggest } from "../../compiler/check/names/suggest.ts";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { FileNotFound } from "../project/sources.ts";
import { renderDiagnostics } from "../render/diagnostics.ts";
import { version } from "../version.ts";
import { exitCodes, helpText, parseArguments, UsageError } from "./command.ts";
import { commands, overview } from "./commands.ts";

/** Runs one command line; resolves to its exit code. Results go to standard output, everything else to standard error. */
export async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(overview(version));
    return name === undefined ? exitCodes.usage : exitCodes.fine;
  }
  if (name === "--version" || name === "-v") {
    process.stdout.write(`${version}\n`);
    return exitCodes.fine;
  }
  try {
    const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!entry) {
      const near = suggest(name, Object.keys(commands));
      throw new UsageError(
        `there is no command \`${name}\`${near ? `; did you mean \`${near}\`?` : ""} (\`mtlc --help\` lists them)`,
      );
    }
    const command = await entry.load();
    const args = parseArguments(name, command, rest);
    if (args.flag("help")) {
      process.stdout.write(helpText(name, command));
      return exitCodes.fine;
    }
    return await command.run(args);
  } catch (error) {
    return failure(error, argv.includes("--debug"));
  }
}

function failure(error: unknown, debug: boolean): number {
  if (error instanceof UsageError || error instanceof FileNotFound) {
    process.stderr.write(`mtlc: ${error.message}\n`);
    return exitCodes.usage;
  }
  if (error instanceof DiagnosticError) {
    process.stderr.write(renderDiagnostics(error.diagnostics, "pretty"));
    return exitCodes.mistakes;
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`mtlc: this is a fault of mtlc itself, please report it: ${message}\n`);
  process.stderr.write(debug ? `${stack}\n` : "(--debug shows where it happened)\n");
  return exitCodes.fault;
}
