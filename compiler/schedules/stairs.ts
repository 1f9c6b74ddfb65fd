import { int, number, path } from "../registry/settings.ts";
import { counted, schedule, unit, warmup } from "./row.ts";

const factor = (meaning: string) => number({ above: 0, max: 1 }).describe(meaning);

export const step = schedule({
  name: "step",
  doc: "Multiplies the rate by `factor` after every `every` epochs: factor^⌊e/every⌋ at epoch e.",
  settings: {
    every: int({ min: 1 }).positional().describe("Epochs (or steps) between two drops."),
    factor: factor("What one drop multiplies the rate by.").default(0.1),
    unit,
    warmup,
  },
  aliases: ["StepLR", "step_decay", "multi_step", "MultiStepLR", "staircase"],
  warmup: ({ warmup }) => warmup,
  after: ({ every, factor, unit, warmup }, at) => factor ** Math.floor(counted(unit, warmup, at) / every),
});

export const exponential = schedule({
  name: "exponential",
  doc: "Multiplies the rate by `factor` after every epoch: factor^e at epoch e.",
  settings: {
    factor: factor("What every epoch (or step) multiplies the rate by.").positional(),
    unit,
    warmup,
  },
  aliases: ["ExponentialLR", "ExponentialDecay", "exponential_decay"],
  warmup: ({ warmup }) => warmup,
  after: ({ factor, unit, warmup }, at) => factor ** counted(unit, warmup, at),
});

export const plateau = schedule({
  name: "plateau",
  doc: "Multiplies the rate by `factor` whenever the watched value has not improved for `patience` epochs.",
  settings: {
    factor: factor("What one drop multiplies the rate by.").positional().default(0.1),
    patience: int({ min: 1 }).default(5).describe("Epochs without improvement before a drop."),
    on: path().default("validation.loss").describe("The watched value, such as `validation.digit.accuracy`."),
    warmup,
  },
  aliases: ["ReduceLROnPlateau", "reduce_on_plateau"],
  warmup: ({ warmup }) => warmup,
  after: ({ factor }, at) => factor ** at.plateau,
});
