import { wrap } from "../../compiler/prose/wrap.ts";
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
  /** What others call these words: other name to ours. */
  readonly aliases?: ReadonlyMap<string, string>;
  /** Where it is a whole number: the least and the most. */
  readonly whole?: { readonly min: number; readonly max: number };
  readonly doc: string;
}

/** What an operand is a name of: a `.mtl` file, the folder of a run, a file of rows (or `-`), or nothing on the disk. */
export type OperandKind = "model" | "run" | "model or run" | "rows" | "word";

export interface Operand {
  /** For messages: `a .mtl file`. */
  readonly noun: string;
  readonly kind: OperandKind;
  readonly optional?: boolean;
  /** Whether it may be repeated; the last one only. */
  readonly many?: boolean;
}

export const modelOperand: Operand = { noun: "a .mtl file", kind: "model" };
export const runOperand: Operand = { noun: "the folder of a run", kind: "run" };
export const modelOrRunOperand: Operand = { noun: "a .mtl file or the folder of a run", kind: "model or run" };

export interface Arguments {
  readonly positionals: readonly string[];
  /** The value of `--name VALUE`, or undefined. */
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
  flag(name: string): boolean;
  /** The value of an option that is a whole number within its bounds. */
  whole(name: string): number | undefined;
}

export interface Command {
  /** What stands behind `mtlc NAME`: `FILE [options]`. */
  readonly usage: string;
  readonly doc: string;
  readonly options: Readonly<Record<string, Option>>;
  /** In their order; what may be left out stands last. */
  readonly operands: readonly Operand[];
  /** Whether it does by itself what a signal asks for. */
  readonly takesSignals?: boolean;
  /** Resolves to the exit code. */
  run(args: Arguments): Promise<number>;
}

/** The command was used wrongly: exit code 2. */
export class UsageError extends Error {}

export const exitCodes = { fine: 0, mistakes: 1, usage: 2, fault: 3, interrupted: 130 } as const;

/** Options that every command takes. */
const commonOptions: Readonly<Record<string, Option>> = {
  help: { type: "boolean", short: "h", doc: "Shows this text." },
  debug: { type: "boolean", doc: "Shows where in mtlc itself an error came from." },
};

export const formatOption = (...words: readonly string[]): Option => ({
  type: "string",
  value: words.join("|"),
  words,
  doc: `How results are printed (${words[0]}).`,
});

/** The options of a command with those that all have. */
export function optionsOf(command: Command): Readonly<Record<string, Option>> {
  return { ...command.options, ...commonOptions };
}

/** Places that an option and what is said of it take at least beside each other. */
const LEAST_DOC = 40;

export function helpText(name: string, command: Command, columns: number | null = null): string {
  const options = Object.entries(optionsOf(command)).map(([key, option]) => ({
    left: `${option.short === undefined ? "" : `-${option.short}, `}--${key}${option.value ? ` ${option.value}` : ""}`,
    doc: option.doc,
  }));
  const width = Math.max(...options.map(({ left }) => left.length));
  // Beside its option where that leaves enough room, else below it.
  const isBeside = columns === null || columns - width >= LEAST_DOC;
  const lines = options.map(({ left, doc }) =>
    isBeside
      ? wrap(`  ${left.padEnd(width)}  ${doc}`, columns, width + 2)
      : `  ${left}\n${wrap(`      ${doc}`, columns)}`,
  );
  return `mtlc ${name} ${command.usage}\n\n${command.doc}\n\nOptions:\n${lines.join("\n")}\n`;
}
