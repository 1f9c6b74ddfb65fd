import type { Span } from "../grammar/tree.ts";
import { compilation } from "./diagnostics/compilation.ts";
import { report, type Diagnostic } from "./diagnostics/diagnostic.ts";
import { elementCount } from "./graph/graph.ts";
import type { Instruction, Model } from "./ir/model.ts";
import { layerRow } from "./ir/layers.ts";
import { modelParameters } from "./ir/parameters.ts";
import { isKnown, multiplySizes } from "./ir/size.ts";
import { unknownSizes, withSizes } from "./ir/sized.ts";
import type { Registry } from "./registry/registry.ts";
import { whereWritten } from "./where-written.ts";

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
/** Layers that are made into one step within some twenty seconds. */
const MOST_LAYERS = 4000;

/** `rows` to train, where they are known: no batch has more. */
export function oversized(model: Model, registry: Registry, rows = 1): Diagnostic[] {
  const deep = manyLayers(model, registry);
  if (deep.length > 0) return deep;
  const sized = withSizes(model, Object.fromEntries(unknownSizes(model).map((name) => [name, 1])));
  const batch = Math.min(rows, Math.max(...sized.phases.map((phase) => phase.batch)));
  const weights = manyParameters(sized, registry);
  // A size that makes too many parameters is not said to make a large tensor besides.
  const isSaid = ({ span }: Diagnostic): boolean => weights.some((each) => each.span?.start === span?.start);
  return [...weights, ...largeTensors(sized, batch).filter((each) => !isSaid(each)), ...largeTables(sized)];
}

/** A layer that stands for many counts as what it is made of: each of them becomes operations of the step. */
function manyLayers({ instructions }: Model, registry: Registry): Diagnostic[] {
  const counts = instructions.map((instruction) => ({ instruction, layers: layersIn(instruction, registry) }));
  const total = counts.reduce((sum, { layers }) => sum + layers, 0);
  if (total <= MOST_LAYERS) return [];
  const { instruction, layers } = counts.reduce((a, b) => (b.layers > a.layers ? b : a));
  const holes = { layers: total, limit: MOST_LAYERS, largest: instruction.layer, own: layers };
  return [report(compilation.tooManyLayers, holes, { span: instruction.span })];
}

function layersIn(instruction: Instruction, registry: Registry): number {
  const { stack } = layerRow(registry, instruction);
  const high = stack && instruction.settings[stack.setting];
  const own = stack && typeof high === "number" ? high * stack.each : 1;
  const inside = (instruction.regions ?? []).flatMap((region) => region.instructions);
  return inside.reduce((sum, each) => sum + layersIn(each, registry), own);
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
  const span = whereWritten(model, { owner: owner.owner, at, shape: owner.shape });
  return [report(compilation.tooManyParameters, holes, { span })];
}

/** The first tensor that no engine could index, in chains too. */
function largeTensors(model: Model, batch: number): Diagnostic[] {
  for (const { value, elements: one, span: place, at } of tensorsOf(model)) {
    const elements = one * batch;
    if (elements <= MOST_ELEMENTS) continue;
    const span = at ? whereWritten(model, { owner: at.owner, at, shape: at.type.shape.filter(isKnown) }) : place;
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
  /** The layer that gives it. */
  readonly at?: Instruction;
}

function* tensorsOf(model: Model): Generator<Tensor> {
  for (const { name, type, span, spans } of model.inputs)
    yield { value: name, elements: numbersIn(type.shape), span: spans?.kind ?? span };
  for (const at of allInstructions(model.instructions))
    yield { value: at.path, elements: numbersIn(at.type.shape), at };
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
