import { elementCount } from "../../compiler/graph/graph.ts";
import { ownOf } from "../../compiler/ir/own.ts";
import type { ModelFacts } from "../../compiler/lower/forward.ts";
import type { ParameterInfo } from "../../compiler/ir/parameters.ts";
import { portableLog, randomStream } from "../../compiler/random/index.ts";
import type { RandomStream } from "../../compiler/registry/rows.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import { window, type TrainingState } from "./state.ts";

/** Gives every parameter its start value; each has a random stream of its own name, so none depends on what else there is. */
export function initialize(
  state: TrainingState,
  parameters: readonly ParameterInfo[],
  registry: Registry,
  facts: ModelFacts,
  seed: number,
): void {
  for (const info of parameters) {
    window(state.parameters, state.layout, info.name).set(startValues(info, registry, facts, seed));
  }
}

/** What start values depend on. */
export type Started = Omit<ParameterInfo, "path" | "key">;

/** The start values of one parameter, row-major; each copy on its leading axes has values as if it stood alone. */
export function startValues(
  info: Started,
  registry: Pick<Registry, "start">,
  facts: Pick<ModelFacts, "classCounts">,
  seed: number,
): Float32Array {
  const { copies = [], ...rest } = info;
  if (copies.length === 0) return valuesOfOne(info, registry, facts, randomStream(seed, `init/${info.name}`));
  const one = { ...rest, shape: info.shape.slice(copies.length) };
  const values = new Float32Array(elementCount(info.shape));
  const size = elementCount(one.shape);
  for (let copy = 0; copy < elementCount(copies); copy++) {
    const random = randomStream(seed, `init/${info.name}/${copy}`);
    values.set(valuesOfOne(one, registry, facts, random), copy * size);
  }
  return values;
}

function valuesOfOne(
  info: Started,
  registry: Pick<Registry, "start">,
  facts: Pick<ModelFacts, "classCounts">,
  random: RandomStream,
): Float32Array {
  const values = drawnValues(info, registry, facts, random);
  const rowSize = values.length / (info.shape[0] ?? 1);
  for (const index of info.zeroRows ?? []) values.fill(0, index * rowSize, (index + 1) * rowSize);
  return values;
}

function drawnValues(
  info: Started,
  registry: Pick<Registry, "start">,
  facts: Pick<ModelFacts, "classCounts">,
  random: RandomStream,
): Float32Array {
  if (info.values) return info.values();
  if (info.start.word === "prior") return priorLogits(info, facts);
  const row = registry.start.get(info.start.word);
  if (!row?.fill) throw new Error(`the start ${info.start.word} cannot run yet`);
  const blocks = info.blocks ?? 1;
  if (blocks === 1) return row.fill(info.start.settings, info, random);
  // Each block of the last axis is started as if it stood alone.
  const width = info.shape[info.shape.length - 1];
  const part = width / blocks;
  const shape = [...info.shape.slice(0, -1), part];
  const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  const whole = new Float32Array(rows * width);
  for (let block = 0; block < blocks; block++) {
    const values = row.fill(info.start.settings, { shape, fanIn: info.fanIn, fanOut: info.fanOut }, random);
    for (let k = 0; k < rows; k++) whole.set(values.subarray(k * part, (k + 1) * part), k * width + block * part);
  }
  return whole;
}

/** The logits that predict a task's labels as often as they occur in the training rows: `bias_start: prior`. */
function priorLogits(info: Started, facts: Pick<ModelFacts, "classCounts">): Float32Array {
  const counts = ownOf(facts.classCounts, info.owner);
  const [width] = info.shape;
  if (!counts) return new Float32Array(width);
  if (counts.length === 2 * width) {
    // Flags: [no, yes] of each.
    return Float32Array.from({ length: width }, (_, k) => logRatio(counts[2 * k + 1], counts[2 * k]));
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  return Float32Array.from(counts, (count) => logRatio(count, total));
}

/** log(a / b), with one half added to both so that what never occurs stays finite. */
function logRatio(a: number, b: number): number {
  return portableLog((a + 0.5) / (b + 0.5));
}
