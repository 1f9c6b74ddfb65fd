import { printModel } from "../../compiler/ir/print.ts";
import { openSource } from "../project/sources.ts";
import { soundModel } from "../project/sound-model.ts";
import { printLines } from "../render/asked-format.ts";
import { exitCodes, formatOption, modelOperand, type Command } from "./command.ts";

export const ir: Command = {
  usage: "FILE",
  doc: "Prints the model's intermediate representation: what the file means, one layer a line, every type and default written out.",
  options: { format: formatOption("pretty", "json") },
  operands: [modelOperand],
  async run(args) {
    const [file] = args.positionals;
    const { model } = soundModel(openSource(file));
    const text = printModel(model);
    printLines(args.text("format"), text, { model: model.name, text });
    return exitCodes.fine;
  },
};
