import { parseArgs } from "node:util";

/** An option of a command: `--seed N`. */
export interface Option {
  readonly type: "string" | "boolean";
  readonly multiple?: boolean;
  /** One letter: `-o`. */
  readonly short?: string;
  /** What stands behind it in the help: `N`, `FILE`. */
  readonly value?: string;
  /** The words it accepts, where it is one of a few. */
  readonly words?: readonly string[];
  readonly doc: string;
}

export interface Arguments {
  readonly positionals: readonly string[];
  /** The value of `--name VALUE`, or undefined. */
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
  flag(name: string): boolean;
  /** A whole number of at least `min`. */
  whole(name: string, min: number): number | undefined;
}

export interface Command {
  /** What stands behind `mtlc NAME`: `FILE [options]`. */
  readonly usage: string;
  readonly doc: string;
  readonly options: Readonly<Record<string, Option>>;
  /** Names of operands, for messages: how many there must be at least and at most. */
  readonly operands: { readonly min: number; readonly max: number; readonly name: string };
  /** Resolves to the exit code. */
  run(args: Arguments): Promise<number>;
}

/** The command was used wrongly: exit code 2. */
export class UsageError extends Error {}

export const exitCodes = { fine: 0, mistakes: 1, usage: 2, fault: 3, interrupted: 130 } as const;

/** Options that every command takes. */
export const commonOptions: Readonly<Record<string, Option>> = {
  help: { type: "boolean", doc: "Shows this text." },
  debug: { type: "boolean", doc: "Shows where in mtlc itself an error came from." },
};

export const formatOption = (...words: readonly string[]): Option => ({
  type: "string",
  value: words.join("|"),
  words,
  doc: `How results are printed (${words[0]}).`,
});

export function parseArguments(name: string, command: Command, argv: readonly string[]): Arguments {
  const options = { ...command.options, ...commonOptions };
  let parsed;
  try {
    parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: Object.fromEntries(
        Object.entries(options).map(([key, { type, multiple, short }]) => [
          key,
          { type, multiple: multiple ?? false, ...(short !== undefined && { short }) },
        ]),
      ),
    });
  } catch (error) {
    throw new UsageError(usageMessage(error, name));
  }
  const { values, positionals } = parsed;
  const { min, max, name: operand } = command.operands;
  if (values.help !== true) {
    if (positionals.length < min)
      throw new UsageError(`\`mtlc ${name}\` needs ${operand}: mtlc ${name} ${command.usage}`);
    if (positionals.length > max) {
      throw new UsageError(
        `\`mtlc ${name}\` takes no further word like \`${positionals[max]}\`: mtlc ${name} ${command.usage}`,
      );
    }
  }
  const text = (key: string): string | undefined => {
    const value = values[key];
    return typeof value === "string" ? value : undefined;
  };
  for (const [key, { words }] of Object.entries(options)) {
    const value = text(key);
    if (words && value !== undefined && !words.includes(value)) {
      throw new UsageError(`\`--${key}\` is one of ${words.join(", ")}, not \`${value}\``);
    }
  }
  return {
    positionals,
    text,
    texts: (key) => {
      const value = values[key];
      return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
    },
    flag: (key) => values[key] === true,
    whole: (key, least) => {
      const value = text(key);
      if (value === undefined) return undefined;
      const number = Number(value);
      if (!/^\d+$/.test(value) || number < least || !Number.isSafeInteger(number)) {
        throw new UsageError(`\`--${key}\` is a whole number of at least ${least}, not \`${value}\``);
      }
      return number;
    },
  };
}

/** Keys of the `train` section that people look for among the options. */
const trainKeys: ReadonlySet<string> = new Set([
  ...["accumulate", "balance", "batch", "clip", "epochs", "optimizer", "schedule", "shuffle", "steps", "stop"],
]);

function usageMessage(error: unknown, name: string): string {
  const message = error instanceof Error ? error.message : String(error);
  const unknown = /Unknown option '([^']+)'/.exec(message);
  if (unknown) {
    const [, option] = unknown;
    const key = option.replace(/^-+/, "");
    if (name === "train" && trainKeys.has(key))
      return `\`mtlc train\` has no option \`${option}\`; keys of \`train\` are set by \`--set train.${key}=…\``;
    return `\`mtlc ${name}\` has no option \`${option}\`; \`mtlc ${name} --help\` lists them`;
  }
  const [, option, problem] = /^Option '(?:-\w, )?(--[\w-]+)[^']*' argument (missing|is ambiguous)/.exec(message) ?? [];
  if (problem === "missing") return `\`${option}\` needs a value`;
  if (problem) return `\`${option}\` needs a value; one that begins with a dash is written \`${option}=-…\``;
  return message.split("\n")[0].replaceAll("'", "`");
}

export function helpText(name: string, command: Command): string {
  const options = Object.entries({ ...command.options, ...commonOptions }).map(([key, option]) => ({
    left: `${option.short === undefined ? "" : `-${option.short}, `}--${key}${option.value ? ` ${option.value}` : ""}`,
    doc: option.doc,
  }));
  const width = Math.max(...options.map(({ left }) => left.length));
  const lines = options.map(({ left, doc }) => `  ${left.padEnd(width)}  ${doc}`);
  return `mtlc ${name} ${command.usage}\n\n${command.doc}\n\nOptions:\n${lines.join("\n")}\n`;
}
