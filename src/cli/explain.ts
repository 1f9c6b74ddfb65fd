import { suggest } from "../../compiler/check/names/suggest.ts";
import { explain as explanationOf, settingNames, topics } from "../../compiler/explain.ts";
import { printLines } from "../render/asked-format.ts";
import { commands } from "./commands.ts";
import { columnsOf } from "../render/screen.ts";
import { exitCodes, formatOption, UsageError, type Command } from "./command.ts";

/** Columns of the manual, where a terminal has no fewer: longer lines are hard to read. */
const WIDEST = 96;

export const explain: Command = {
  usage: "CODE or WORD",
  doc: "The manual: a diagnostic by its code (MTL4002) or name, or any word of the language (dense, uncertainty, one_cycle).",
  options: { format: formatOption("pretty", "json") },
  operands: [{ noun: "a code or a word", kind: "word", many: true }],
  async run(args) {
    const subjects = args.positionals.map(asWritten);
    const width = args.text("format") === "json" ? WIDEST : Math.min(WIDEST, columnsOf(process.stdout) ?? WIDEST);
    const whole = explanationOf(subjects.join("_"), width);
    const entries = whole === null ? subjects.map((subject) => entry(subject, width)) : [whole];
    const text = entries.map((each) => (each.endsWith("\n") ? each : `${each}\n`)).join("\n");
    printLines(args.text("format"), text, { text });
    return exitCodes.fine;
  },
};

/** As messages show it: `error[MTL4002]`, or between quotes. */
function asWritten(word: string): string {
  return /\[(\w+)\]/.exec(word)?.[1] ?? word.replace(/^[`'"(]+|[`'"():,.]+$/g, "");
}

function entry(subject: string, width: number): string {
  const text = explanationOf(subject, width);
  if (text !== null) return text;
  const known = [...topics(), ...settingNames()];
  const isCode = /^(?:mtl)?\d+$/i.test(subject);
  const code = `MTL${subject.replace(/\D/g, "")}`;
  if (isCode && known.includes(code)) return explanationOf(code, width) ?? "";
  if (isCode)
    throw new UsageError(`there is no diagnostic \`${subject}\`: codes are MTL and four digits, such as MTL4002`);
  if (Object.hasOwn(commands, subject))
    throw new UsageError(`\`${subject}\` is a command: \`mtlc help ${subject}\` tells about it`);
  const near = suggest(subject, known);
  throw new UsageError(
    `the manual has no entry \`${subject}\`${near === undefined ? ": it knows codes like MTL4002 and words like `dense`" : `; did you mean \`${near}\`?`}`,
  );
}
