import { dirname, join } from "node:path";
import { shellWord } from "../render/words.ts";
import { UsageError, type Command, type Operand } from "./command.ts";
import { commands } from "./commands.ts";
import { entriesOf, isModelName, isRowsName, nearPlace, placeAt, type Place } from "./places.ts";

/** Throws a UsageError where operands are missing, left over, or of another sort than the command takes: it says what was meant. */
export async function checkOperands(
  name: string,
  command: Command,
  given: readonly string[],
  options: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  const swapped = inOrder(command.operands, given);
  if (swapped !== null) {
    const nouns = command.operands.map(({ noun }) => noun).join(", then ");
    throw new UsageError(`\`mtlc ${name}\` takes ${nouns}: \`mtlc ${name} ${swapped.map(shellWord).join(" ")}\``);
  }
  for (const [k, path] of given.entries()) {
    const operand = command.operands[Math.min(k, command.operands.length - 1)];
    if (operand === undefined || (k >= command.operands.length && operand.many !== true)) break;
    const problem = otherSort(name, operand, path);
    if (problem !== null) throw new UsageError(problem);
  }
  const least = command.operands.filter(({ optional }) => optional !== true).length;
  if (given.length < least) throw new UsageError(tooFew(name, command, given));
  const isOpen = command.operands.at(-1)?.many === true;
  if (given.length > command.operands.length && !isOpen) throw new UsageError(tooMany(name, command, given, options));
}

/** The same operands in the order that the command takes; null where they stand in it, or none does. */
function inOrder(operands: readonly Operand[], given: readonly string[]): readonly string[] | null {
  if (operands.length !== 2 || given.length !== 2) return null;
  const [first, second] = given;
  const fits = (operand: Operand, path: string): boolean => isOf(operand, sortOf(path));
  const isSwapped = fits(operands[0], second) && fits(operands[1], first) && !fits(operands[0], first);
  return isSwapped ? [second, first] : null;
}

/** By what is there, else by the name. */
function sortOf(path: string): Place {
  const place = placeAt(path);
  if (place !== "nothing") return place;
  if (isModelName(path)) return "model";
  return isRowsName(path) ? "rows" : "nothing";
}

function isOf({ kind }: Operand, sort: Place): boolean {
  if (kind === "model or run") return sort === "model" || sort === "run";
  return kind === sort;
}

/** What is wrong with an operand that is there and of another sort; null for what reading it tells better. */
function otherSort(name: string, operand: Operand, path: string): string | null {
  const { kind, noun } = operand;
  const sort = sortOf(path);
  if (kind === "word" || isOf(operand, sort)) return null;
  const word = shellWord(path);
  const takes = `\`mtlc ${name}\` takes ${noun}`;
  if (path === "-")
    return kind === "rows" ? null : `${takes}; \`-\` (standard input) is for the rows of \`mtlc predict\``;
  if (kind === "rows") {
    if (sort === "model") return `${path} is a model, and ${takes}`;
    return sort === "run" ? `${path} is the folder of a run, and ${takes}` : null;
  }
  switch (sort) {
    case "model": {
      const [newest] = entriesOf("runs", "run").slice(-1);
      const remedy =
        newest === undefined
          ? `\`mtlc train ${word}\` makes one`
          : `\`mtlc train ${word}\` makes one, such as \`${newest}\``;
      return `${path} is a model, and ${takes}: ${remedy}`;
    }
    case "run":
      return `${path} is the folder of a run, and ${takes}: ${ofRun(name, word)}`;
    case "rows":
      return `${path} is a file of rows, and ${takes}${name === "train" || name === "check" ? ", whose `data` section names the rows" : ""}`;
    case "file of a run":
      if (kind === "model") return isModelName(path) ? null : `${path} is a file of a run, and ${takes}`;
      return kind === "model or run" && isModelName(path)
        ? null
        : `${path} is a file of a run, and ${takes}: \`${shellWord(dirname(path))}\``;
    case "folder": {
      // Opening it as a run tells what it lacks, and names the runs in it.
      if (kind !== "model") return null;
      const [model] = entriesOf(path, "model");
      return `${path} is a folder, and ${takes}${model === undefined ? "" : `, such as \`${shellWord(model)}\``}`;
    }
    case "nothing": {
      if (Object.hasOwn(commands, path)) return `\`${path}\` is a command of its own, and ${takes}`;
      const near = kind === "run" ? undefined : nearPlace(path, "model");
      return near === undefined || kind === "model"
        ? null
        : `there is no ${path}; did you mean \`${shellWord(near)}\`?`;
    }
    case "other":
      return null;
    default:
      return sort satisfies never;
  }
}

/** What is done with a run by a command that takes a model. */
function ofRun(name: string, run: string): string {
  if (name === "train") return `\`mtlc train FILE --resume --run ${run}\` goes on with it`;
  return `\`mtlc ${name} ${shellWord(join(run, "model.mtl"))}\` is about its model`;
}

function tooFew(name: string, command: Command, given: readonly string[]): string {
  const lacking = command.operands.slice(given.length).filter(({ optional }) => optional !== true);
  const nouns = lacking.map(({ noun }) => noun).join(" and ");
  return `\`mtlc ${name}\` needs ${nouns}: mtlc ${name} ${command.usage}`;
}

function tooMany(
  name: string,
  command: Command,
  given: readonly string[],
  options: ReadonlyMap<string, readonly string[]>,
): string {
  const rest = given.slice(command.operands.length);
  const [extra] = rest;
  const left = rest.map((word) => `\`${word}\``).join(" ");
  const set = options.get("set")?.at(-1);
  if (set !== undefined) {
    const help = /^[\w.]+$/.test(set)
      ? `no blanks stand around \`=\`: \`--set ${set}=${rest.filter((word) => word !== "=").join(" ")}\``
      : rest.every((word) => /^[\w.]+=/.test(word))
        ? `each takes its own: ${[set, ...rest].map((word) => `\`--set ${word}\``).join(" ")}`
        : `a value with blanks stands in quotes: \`--set "${[set, ...rest].join(" ")}"\``;
    return `\`--set\` takes one value, and ${left} ${rest.length === 1 ? "is" : "are"} left over; ${help}`;
  }
  const target = command.options.to?.words?.find(
    (word) => word === extra.toLowerCase() || word === command.options.to.aliases?.get(extra.toLowerCase()),
  );
  if (target !== undefined) {
    const operands = given.slice(0, command.operands.length).map(shellWord);
    return `what to write is said by \`--to\`: \`mtlc ${name} ${operands.join(" ")} --to ${target}\``;
  }
  if (name === "train" && sortOf(extra) === "rows")
    return `\`${extra}\` is left over: the rows are named in the file, \`data { train: … }\``;
  if (name === "evaluate" && sortOf(extra) === "rows")
    return `\`${extra}\` is left over: other rows are named by \`--on\`: \`mtlc evaluate ${shellWord(given[0])} --on ${shellWord(extra)}\``;
  if (name === "predict" && given.length === 3)
    return `\`${extra}\` is left over: where the answers go is said by \`--to\`: \`mtlc predict ${given.slice(0, 2).map(shellWord).join(" ")} --to ${shellWord(extra)}\``;
  if (Object.hasOwn(commands, extra))
    return `\`mtlc ${name}\` and \`mtlc ${extra}\` are two commands, one after the other`;
  return `${left} ${rest.length === 1 ? "is" : "are"} left over: mtlc ${name} ${command.usage}`;
}
