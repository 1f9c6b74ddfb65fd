import { wrap } from "../../compiler/prose/wrap.ts";
import type { Command } from "./command.ts";

/** Every command: its summary for the overview, and its own file, loaded when it is used. */
export interface CommandEntry {
  readonly summary: string;
  load(): Promise<Command>;
}

export const commands: Readonly<Record<string, CommandEntry>> = {
  init: {
    summary: "writes a first model with data, ready to train",
    load: async () => (await import("./init.ts")).init,
  },
  check: {
    summary: "finds every mistake in .mtl files, with place, reason and remedy",
    load: async () => (await import("./check.ts")).check,
  },
  describe: {
    summary: "shows every tensor with its shape, every part with its parameters",
    load: async () => (await import("./describe.ts")).describe,
  },
  train: {
    summary: "trains a model and writes a run folder",
    load: async () => (await import("./train.ts")).train,
  },
  evaluate: {
    summary: "measures a trained run on its test part or another file",
    load: async () => (await import("./evaluate.ts")).evaluate,
  },
  predict: {
    summary: "answers the tasks for new rows",
    load: async () => (await import("./predict.ts")).predict,
  },
  compile: {
    summary: "writes a model as a TypeScript module, or a trained run as an ONNX graph",
    load: async () => (await import("./compile.ts")).compile,
  },
  ir: {
    summary: "prints what a file means, one layer a line",
    load: async () => (await import("./ir.ts")).ir,
  },
  explain: {
    summary: "explains a diagnostic's code or a word of the language",
    load: async () => (await import("./explain.ts")).explain,
  },
  doctor: {
    summary: "tries what works on this machine, by running a step",
    load: async () => (await import("./doctor.ts")).doctor,
  },
};

export function overview(version: string, columns: number | null = null): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, { summary }]) =>
    wrap(`  ${name.padEnd(width)}  ${summary}`, columns, width + 2),
  );
  return `mtlc ${version}: multi-task neural networks from one file\n\nUsage: mtlc COMMAND …\n\n${lines.join("\n")}\n\n\`mtlc help COMMAND\` tells more.\n`;
}
