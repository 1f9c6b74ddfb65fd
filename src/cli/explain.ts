import { explain as explanationOf } from "../../compiler/explain.ts";
import { exitCodes, UsageError, type Command } from "./command.ts";

export const explain: Command = {
  usage: "CODE or WORD",
  doc: "The manual: a diagnostic by its code (MTL4002) or name, or any word of the language (dense, uncertainty, one_cycle).",
  options: {},
  operands: { min: 1, max: 1, name: "a code or a word" },
  async run({ positionals: [subject] }) {
    const text = explanationOf(subject);
    if (text === null)
      throw new UsageError(
        `the manual has no entry \`${subject}\`: it knows codes like MTL4002 and words like \`dense\``,
      );
    process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
    return exitCodes.fine;
  },
};
