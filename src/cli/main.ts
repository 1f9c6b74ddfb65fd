import { version } from "../version.ts";
import { askedFormat, isForPrograms, print } from "../render/asked-format.ts";
import { exitCodes, helpText, UsageError, type Command } from "./command.ts";
import { commands, overview } from "./commands.ts";
import { out } from "../render/output.ts";
import { columnsOf } from "../render/screen.ts";

/** Runs one command line; resolves to its exit code. Results go to standard output, everything else to standard error. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    return await answered(argv);
  } catch (error) {
    const { tellFailure } = await import("./failure.ts");
    return tellFailure(error, argv);
  }
}

async function answered(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined) {
    out.say(overview(version, columnsOf(process.stdout)));
    return exitCodes.usage;
  }
  if (["help", "--help", "-h"].includes(name)) return help(namesIn(rest), argv);
  if (["--version", "-V", "-v", "version"].includes(name)) {
    print(askedFormat(argv), `${version}\n`, { version });
    return exitCodes.fine;
  }
  const command = await commandOf(name, rest);
  const { parseArguments } = await import("./arguments.ts");
  const args = await parseArguments(name, command, rest);
  if (args.flag("help")) return help([name], argv);
  const format = args.text("format");
  if (!isForPrograms(format) || command.takesSignals === true) return await command.run(args);
  const { tellInterruption } = await import("./interruption.ts");
  const stop = tellInterruption(format);
  try {
    return await command.run(args);
  } finally {
    stop();
  }
}

/** Without options and their format. */
function namesIn(words: readonly string[]): readonly string[] {
  return words.filter((word, k) => !word.startsWith("-") && words[k - 1] !== "--format");
}

/** A command's help, or what commands there are. */
async function help([name, ...rest]: readonly string[], argv: readonly string[]): Promise<number> {
  const columns = askedFormat(argv) === "json" ? null : columnsOf(process.stdout);
  const text = name === undefined ? overview(version, columns) : helpText(name, await commandOf(name, rest), columns);
  print(askedFormat(argv), text, { help: text });
  return exitCodes.fine;
}

async function commandOf(name: string, rest: readonly string[]): Promise<Command> {
  if (Object.hasOwn(commands, name)) return commands[name].load();
  if (askedFormat([name, ...rest]) !== undefined && name.startsWith("--format"))
    throw new UsageError(`options stand behind the command: \`mtlc COMMAND ${[name, ...rest].join(" ")}\``);
  const { commandMeant } = await import("./wrong-command.ts");
  throw new UsageError(commandMeant(name, rest));
}
