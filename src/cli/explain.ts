import { suggest } from "../../compiler/check/names/suggest.ts";
import { explain as explanationOf, topics } from "../../compiler/explain.ts";
import { print } from "../render/asked-format.ts";
import { commands } from "./commands.ts";
import { exitCodes, formatOption, UsageError, type Command } from "./command.ts";

export const explain: Command = {
  usage: "CODE or WORD",
  doc: "The manual: a diagnostic by its code (MTL4002) or name, or any word of the language (dense, uncertainty, one_cycle).",
  options: { format: formatOption("pretty", "json") },
  operands: [{ noun: "a code or a word", kind: "word", many: true }],
  async run(args) {
    const subjects = args.positionals.map(asWritten);
    const whole = explanationOf(subjects.join("_"));
    const entries = whole === null ? subjects.map((subject) => entry(subject)) : [whole];
    const text = entries.map((each) => (each.endsWith("\n") ? each : `${each}\n`)).join("\n");
    print(args.text("format"), text, { text });
    return exitCodes.fine;
  },
};

/** As messages show it: `error[MTL4002]`, or between quotes. */
function asWritten(word: string): string {
  return /\[(\w+)\]/.exec(word)?.[1] ?? word.replace(/^[`'"(]+|[`'"():,.]+$/g, "");
}

function entry(subject: string): string {
  const text = explanationOf(subject);
  if (text !== null) return text;
  const known = topics();
  const isCode = /^(?:mtl)?\d+$/i.test(subject);
  const code = `MTL${subject.replace(/\D/g, "")}`;
  if (isCode && known.includes(code)) return explanationOf(code) ?? "";
  if (isCode)
    throw new UsageError(`there is no diagnostic \`${subject}\`: codes are MTL and four digits, such as MTL4002`);
  if (Object.hasOwn(commands, subject))
    throw new UsageError(`\`${subject}\` is a command: \`mtlc help ${subject}\` tells about it`);
  const near = suggest(subject, known);
  throw new UsageError(
    `the manual has no entry \`${subject}\`${near === undefined ? ": it knows codes like MTL4002 and words like `dense`" : `; did you mean \`${near}\`?`}`,
  );
}
