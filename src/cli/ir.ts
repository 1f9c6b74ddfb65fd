import { printModel } from "../../compiler/ir/print.ts";
import { openSource } from "../project/sources.ts";
import { soundModel } from "../project/sound-model.ts";
import { exitCodes, type Command } from "./command.ts";

export const ir: Command = {
  usage: "FILE",
  doc: "Prints the model's intermediate representation: what the file means, one layer a line, every type and default written out.",
  options: {},
  operands: { min: 1, max: 1, name: "a .mtl file" },
  async run({ positionals: [file] }) {
    const { model } = soundModel(openSource(file));
    process.stdout.write(printModel(model));
    return exitCodes.fine;
  },
};
