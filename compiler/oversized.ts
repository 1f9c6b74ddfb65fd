import type { Span } from "../grammar/tree.ts";
import { compilation } from "./diagnostics/compilation.ts";
import { report, type Diagnostic } from "./diagnostics/diagnostic.ts";
import { elementCount } from "./graph/graph.ts";
import type { Instruction, Model } from "./ir/model.ts";
import { modelParameters } from "./ir/parameters.ts";
import { isKnown, multiplySizes } from "./ir/size.ts";
import { unknownSizes, withSizes } from "./ir/sized.ts";
import type { Registry } from "./registry/registry.ts";

/**
 * Sizes that no engine could hold, found before time and memory are spent. What only data tell counts as 1 where it is not
 * known, and so does a batch: nothing is refused that some data could train.
 */

/** Numbers that one address space of the engine can hold: parameters, gradients and two optimizer vectors within 4 GB. */
const MOST_PARAMETERS = 2 ** 28;
/** Elements that a tensor may have. */
const MOST_ELEMENTS = 2 ** 31 - 1;
/** Numbers in a table that a metric gives. */
const MOST_IN_TABLE = 2 ** 24;

/** `rows` to train, where they are known: no batch has more. */
export function oversized(model: Model, registry: Registry, rows = 1): Diagnostic[] {
  const sized = withSizes(model, Object.fromEntries(unknownSizes(model).map((name) => [name, 1])));
  const batch = Math.min(rows, Math.max(...sized.phases.map((phase) => phase.batch)));
  return [...manyParameters(sized, registry), ...largeTensors(sized, batch), ...largeTables(sized)];
}

function manyParameters(model: Model, registry: Registry): Diagnostic[] {
  const { parameters } = modelParameters(model, registry);
  const sizes = parameters.map(({ name, shape }) => ({ name, size: elementCount(shape) }));
  const total = sizes.reduce((sum, { size }) => sum + size, 0);
  if (total <= MOST_PARAMETERS) return [];
  const largest = sizes.reduce((a, b) => (b.size > a.size ? b : a));
  const owner = parameters.find(({ name }) => name === largest.name)!;
  const at = allInstructions(model.instructions).find(({ path }) => path === owner.path);
  const holes = { parameters: total, limit: MOST_PARAMETERS, largest: largest.name, size: largest.size };
  return [report(compilation.tooManyParameters, holes, { span: at?.span })];
}

/** The first tensor that no engine could index, in chains too. */
function largeTensors(model: Model, batch: number): Diagnostic[] {
  for (const { value, elements: one, span } of tensorsOf(model)) {
    const elements = one * batch;
    if (elements <= MOST_ELEMENTS) continue;
    return [report(compilation.tensorTooLarge, { value, elements, batch, limit: MOST_ELEMENTS }, { span })];
  }
  return [];
}

function largeTables({ tasks }: Model): Diagnostic[] {
  return tasks.flatMap(({ kind, metrics, span, spans }) => {
    const classes = kind.word === "class" && isKnown(kind.size) ? kind.size : 2;
    const at = metrics.findIndex(({ word }) => word === "confusion");
    if (at < 0 || classes ** 2 <= MOST_IN_TABLE) return [];
    const place = spans?.[`metrics.${at}`] ?? spans?.metrics ?? span;
    return [report(compilation.tableTooLarge, { classes, limit: MOST_IN_TABLE }, { span: place })];
  });
}

interface Tensor {
  readonly value: string;
  /** Numbers of one example. */
  readonly elements: number;
  readonly span?: Span;
}

function* tensorsOf(model: Model): Generator<Tensor> {
  for (const { name, type, span } of model.inputs) yield { value: name, elements: numbersIn(type.shape), span };
  for (const { path, type, span } of allInstructions(model.instructions))
    yield { value: path, elements: numbersIn(type.shape), span };
}

function numbersIn(shape: Instruction["type"]["shape"]): number {
  const count = multiplySizes(...shape);
  return isKnown(count) ? count : 1;
}

/** Numbers of the largest tensor for one example. All sizes of the model must be known. */
export function largestTensor(model: Model): number {
  return [...tensorsOf(model)].reduce((most, { elements }) => Math.max(most, elements), 0);
}

/** Those of chains before the instruction that they belong to. */
function allInstructions(instructions: readonly Instruction[]): readonly Instruction[] {
  return instructions.flatMap((instruction) => [
    ...(instruction.regions ?? []).flatMap((region) => allInstructions(region.instructions)),
    instruction,
  ]);
}

/**
 * Bytes that training surely takes: parameters with their gradients and the optimizer's two vectors, and the values of one
 * batch, which the backward pass needs. All sizes of the model must be known.
 */
export function bytesToTrain(model: Model, registry: Registry, batch: number): number {
  const { parameters } = modelParameters(model, registry);
  const weights = parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const values = [...tensorsOf(model)].reduce((sum, { elements }) => sum + elements, 0);
  return 4 * (4 * weights + batch * values);
}
