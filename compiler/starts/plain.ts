import type { StartRow } from "../registry/rows.ts";
import { number } from "../registry/settings.ts";
import { fillFrom, uniformWithin } from "./fans.ts";
import { start } from "./row.ts";
import { truncatedNormal } from "./truncated.ts";

const sd = number({ min: 0 }).positional().describe("Standard deviation.");

/** Starts that say their spread or value themselves. */
export const plainStartRows: readonly StartRow[] = [
  start({
    name: "normal",
    doc: "Normal with mean 0 and standard deviation `sd`, not cut.",
    settings: { sd },
    aliases: ["random_normal", "RandomNormal", "gaussian"],
    fill: ({ sd }, spec, random) => fillFrom(spec, () => sd * random.normal()),
  }),
  start({
    name: "truncated",
    doc: "Normal with mean 0, cut at two standard deviations and divided by 0.87962566, so that `sd` is the standard deviation of what remains.",
    settings: { sd },
    aliases: ["truncated_normal", "trunc_normal", "TruncatedNormal"],
    fill: ({ sd }, spec, random) => fillFrom(spec, () => truncatedNormal(sd, random)),
  }),
  start({
    name: "uniform",
    doc: "Uniform between -`limit` and `limit`.",
    settings: { limit: number({ min: 0 }).positional().describe("Largest size.") },
    aliases: ["random_uniform", "RandomUniform"],
    fill: ({ limit }, spec, random) => uniformWithin(spec, limit, random),
  }),
  start({
    name: "constant",
    doc: "The same value everywhere.",
    settings: { value: number().positional().describe("The value.") },
    aliases: ["Constant", "fill"],
    fill: ({ value }, spec) => fillFrom(spec, () => value),
  }),
  start({
    name: "zeros",
    doc: "0 everywhere.",
    settings: {},
    aliases: ["zero", "Zeros", "zeros_"],
    fill: (_, spec) => fillFrom(spec, () => 0),
  }),
  start({
    name: "ones",
    doc: "1 everywhere.",
    settings: {},
    aliases: ["one", "Ones", "ones_"],
    fill: (_, spec) => fillFrom(spec, () => 1),
  }),
];
