import { parseArgs } from "node:util";
import { optionsOf, UsageError, type Arguments, type Command, type Option } from "./command.ts";

/** An option as it was written: `-o x`, `--to=x`. */
export interface WrittenOption {
  /** With its dashes: `--epochs`. */
  readonly raw: string;
  readonly name: string;
  /** What stands behind it, whether or not it belongs to it. */
  readonly value: string | undefined;
}

/** The words behind `mtlc NAME` as a command reads them. Throws a UsageError that says what was meant. */
export async function parseArguments(name: string, command: Command, argv: readonly string[]): Promise<Arguments> {
  const options = optionsOf(command);
  const values = new Map<string, string[]>();
  const flags = new Set<string>();
  const positionals: string[] = [];
  const wrong = async (option: WrittenOption): Promise<UsageError> => {
    const { optionMeant } = await import("./wrong-option.ts");
    return new UsageError(await optionMeant(name, command, option));
  };
  for (const token of tokensOf(options, argv)) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const written = argv[token.index];
    const next = argv[token.index + 1];
    const isLong = isShortOfDashes(written, options, token.name);
    const raw = isLong ? written.replace(/=.*/s, "") : token.rawName;
    const option = isLong ? undefined : Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (option === undefined) {
      const value = token.inlineValue === true ? token.value : next?.startsWith("-") ? undefined : next;
      throw await wrong({ raw, name: raw.replace(/^-+/, ""), value });
    }
    if (option.type === "boolean") {
      if (token.value !== undefined) throw new UsageError(`\`${raw}\` takes no value, and has \`${token.value}\``);
      flags.add(token.name);
      continue;
    }
    values.set(token.name, [...(values.get(token.name) ?? []), valueOf(raw, option, token)]);
  }
  if (!flags.has("help")) {
    const { checkOperands } = await import("./operands.ts");
    await checkOperands(name, command, positionals, values);
  }
  const text = (key: string): string | undefined => values.get(key)?.at(-1);
  return {
    positionals,
    text,
    texts: (key) => values.get(key) ?? [],
    flag: (key) => flags.has(key),
    whole: (key) => (values.has(key) ? Number(text(key)) : undefined),
  };
}

/** Whether `-threads` was written for `--threads`. */
function isShortOfDashes(written: string, options: Readonly<Record<string, Option>>, letter: string): boolean {
  if (!/^-[^-]./.test(written)) return false;
  const takesValue = Object.hasOwn(options, letter) && options[letter].type === "string";
  return !takesValue || Object.hasOwn(options, written.slice(1).replace(/=.*/s, ""));
}

function tokensOf(options: Readonly<Record<string, Option>>, argv: readonly string[]) {
  const parsed = parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(options).map(([key, { type, short }]) => [key, { type, ...(short !== undefined && { short }) }]),
    ),
  });
  return parsed.tokens;
}

/** The value of an option. Throws a UsageError where it lacks one, or takes none such. */
function valueOf(
  raw: string,
  { words, aliases, whole, value: placeholder = "VALUE" }: Option,
  { value, inlineValue }: { readonly value?: string; readonly inlineValue?: boolean },
): string {
  if (value === undefined || value === "") throw new UsageError(`\`${raw}\` needs a value: \`${raw} ${placeholder}\``);
  if (inlineValue !== true && /^-./.test(value) && !/^-[\d.]/.test(value)) {
    throw new UsageError(
      `\`${raw}\` needs a value, and \`${value}\` is the next option (a value that begins with a dash is written \`${raw}=${value}\`)`,
    );
  }
  if (words !== undefined && !words.includes(value)) {
    const meant = aliases?.get(value.toLowerCase()) ?? words.find((word) => word === value.toLowerCase());
    const help = meant === undefined ? "" : `; did you mean \`${meant}\`?`;
    throw new UsageError(`\`${raw}\` is one of ${words.join(", ")}, not \`${value}\`${help}`);
  }
  if (whole !== undefined && !isWhole(value, whole)) {
    const bound = /^\d+$/.test(value) && Number(value) > whole.max ? `at most ${whole.max}` : null;
    throw new UsageError(`\`${raw}\` is ${bound ?? `a whole number of at least ${whole.min}`}, not \`${value}\``);
  }
  return value;
}

function isWhole(text: string, { min, max }: { readonly min: number; readonly max: number }): boolean {
  return /^\d{1,16}$/.test(text) && Number(text) >= min && Number(text) <= max;
}
