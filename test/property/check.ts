import { isDeepStrictEqual } from "node:util";
import { compile } from "../../compiler/compile.ts";
import { describe } from "../../compiler/describe.ts";
import { elementCount } from "../../compiler/graph/graph.ts";
import type { Instruction, Model } from "../../compiler/ir/model.ts";
import { parseModel } from "../../compiler/ir/parse.ts";
import { plainModel } from "../../compiler/ir/plain.ts";
import { printModel } from "../../compiler/ir/print.ts";
import { lowerEvaluation } from "../../compiler/lower/evaluation.ts";
import { modelParameters } from "../../compiler/ir/parameters.ts";
import { lowerStep } from "../../compiler/lower/step.ts";
import { registry } from "../../compiler/registry/index.ts";
import type { Engine } from "../../runtime/engines/engine.ts";
import { compare } from "./agreement.ts";
import { Draw } from "./draw.ts";
import { randomProgram, type RandomProgram } from "./program.ts";
import { randomFacts, randomInputs } from "./values.ts";

export interface Checked {
  readonly model: Model;
  /** Results of its graphs, and how many of them show little because rounding moves them. */
  readonly outputs: number;
  readonly soft: number;
}

/** Holds the program of a seed to everything that is true of programs. Throws with the seed and the text where it is not. */
export async function checkProgram(engine: Engine, seed: number): Promise<Checked> {
  const program = randomProgram(seed);
  try {
    soundModel(program, {});
    const model = soundModel(program, program.sizes);
    return { model, ...(await checkGraphs(engine, seed, model)) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`MTLC_PROPERTY_SEED=${seed}: ${message}\n\n${program.text}`, { cause: error });
  }
}

/** The model, which must check without an error, read back equal from its text, and add up in its description. */
function soundModel(program: RandomProgram, sizes: Readonly<Record<string, number>>): Model {
  const { model, diagnostics } = compile(program.text, { sizes });
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length > 0)
    throw new Error(errors.map(({ code, message, note }) => `${code} ${message} ${note ?? ""}`).join("\n"));
  if (!model) throw new Error("no error and no model");
  const text = printModel(model);
  const read = parseModel(text);
  if (!isDeepStrictEqual(read, plainModel(model)))
    throw new Error(`the printed IR reads back as another model:\n${text}`);
  if (printModel(read) !== text) throw new Error(`the IR that was read prints otherwise:\n${text}`);
  const { parameters, tensors, unknown } = describe(model, registry);
  const shown = new Set(tensors.map(({ name }) => name));
  const lacking = tensorNames(model.instructions).filter((name) => !shown.has(name));
  if (lacking.length > 0) throw new Error(`the description lacks ${lacking.join(", ")}`);
  if (unknown.length === 0) {
    const total = modelParameters(model, registry).parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);
    if (parameters.total !== total)
      throw new Error(`described with ${parameters.total} parameters, made with ${total}`);
    const owned = Object.values(parameters.tasks).reduce<number>((sum, own) => sum + (own ?? NaN), parameters.shared);
    if (!(owned <= total)) throw new Error(`shared and own parameters are ${owned} of ${total}`);
  }
  return model;
}

/** What tensors are called, those of chains too; all copies of a repeated chain by the names of the first. */
function tensorNames(instructions: readonly Instruction[]): string[] {
  return instructions.flatMap(({ id, owner, path, regions = [] }) => [
    id === owner ? id : path.replace(/(repeat_\d+)\.\d+/g, "$1.1"),
    ...regions.flatMap((region) => tensorNames(region.instructions)),
  ]);
}

async function checkGraphs(engine: Engine, seed: number, model: Model): Promise<{ outputs: number; soft: number }> {
  const draw = new Draw(seed, "values");
  const facts = randomFacts(model, draw);
  const phase = draw.pick(model.phases);
  const graphs = {
    step: lowerStep(model, registry, phase, facts).graph,
    evaluation: lowerEvaluation(model, registry, phase.batch, facts).graph,
  };
  const own = modelParameters(model, registry);
  const inputs = randomInputs(model, Object.values(graphs), own, phase.batch, draw);
  const problems: string[] = [];
  let [outputs, soft] = [0, 0];
  for (const [name, graph] of Object.entries(graphs)) {
    const found = await compare(engine, graph, inputs, draw);
    problems.push(...found.problems.map((problem) => `${name}: ${problem}`));
    outputs += found.outputs;
    soft += found.soft;
  }
  if (problems.length > 0) throw new Error(problems.slice(0, 6).join("\n"));
  return { outputs, soft };
}

/** Seeds to run: the one that is asked for, or so many from a start that can be moved. */
export function seeds(count: number): number[] {
  const { MTLC_PROPERTY_SEED: one, MTLC_PROPERTY_START: start = "0" } = process.env;
  if (one !== undefined) return [Number(one)];
  return Array.from({ length: count }, (_, k) => Number(start) + k);
}
