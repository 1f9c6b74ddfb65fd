import type { TaskKind, Type } from "../../compiler/ir/model.ts";
import { isKnown, multiplySizes, showSize, type Size } from "../../compiler/ir/size.ts";
import { sameShape } from "../../compiler/layers/types.ts";
import { ShapeProblem, type LayerRow } from "../../compiler/registry/layer.ts";
import { writeSettings, type Surroundings, type Written } from "./settings.ts";

/** Random pipelines: the type of every tensor is followed through the layers' own shape rules, so that what is written is valid. */

/** A tensor as a text that may stand wherever a tensor may. */
export interface Tensor {
  readonly text: string;
  readonly type: Type;
}

/** One step of a pipeline, or several: what stands behind the arrow. */
export interface Step {
  readonly text: string;
  /** Throws ShapeProblem where it does not fit. */
  apply(type: Type): Type;
}

export interface Room extends Surroundings {
  /** Tensors that further operands are taken from. */
  readonly pool: readonly Tensor[];
  /** Tasks that stand above. */
  readonly tasks: readonly { readonly name: string; readonly kind: TaskKind }[];
  /** Named layers and blocks, each for tensors of one type. */
  readonly named: readonly { readonly for: Type; readonly write: () => Step }[];
}

/** Layers that are written as operators and members. */
const operators: ReadonlySet<string> = new Set(["constant", "add", "sub", "mul", "div", "negate", "prediction"]);

/** What stands before a layer to keep its values finite. */
const guards: Readonly<Record<string, string>> = {
  sqrt: "softplus",
  log: "softplus",
  exp: "softsign",
  square: "softsign",
};

export const elements = (type: Pick<Type, "shape">): number =>
  type.shape.reduce<number>((count, size) => count * numberOf(size), 1);

/** A size as the data of these programs will have it: three labels, three words and the code of what is unseen. */
function numberOf(size: Size): number {
  if (isKnown(size)) return size;
  const told = (unknown: string): number => (unknown.startsWith("codes") ? 4 : 3);
  return size.terms.reduce(
    (sum, { unknowns, factor }) => sum + unknowns.reduce((product, unknown) => product * told(unknown), factor),
    0,
  );
}

/** Small enough for the reference interpreter, and not empty. */
function isSmall(type: Type): boolean {
  const sizes = type.shape.map(numberOf);
  return sizes.length <= 4 && elements(type) <= 256 && sizes.every((size) => size >= 1 && size <= 64);
}

/** The result, or null where the layer says that it does not fit. */
export function tried(step: Pick<Step, "apply">, type: Type): Type | null {
  try {
    const result = step.apply(type);
    return isSmall(result) ? result : null;
  } catch (error) {
    if (error instanceof ShapeProblem) return null;
    throw error;
  }
}

/** Rows that a step may use. */
function stepRows(room: Pick<Room, "registry">): LayerRow[] {
  return [...room.registry.layer.values()].filter((row) => row.built && !operators.has(row.name));
}

/** Layers that only few tensors fit have to be chosen where they do. */
const groups: Readonly<Record<string, number>> = { images: 6, sequences: 4, activations: 0.5, sharing: 4 };

/** A step of one layer, where it can be made to fit. */
export function stepOf(room: Room, name: string, type: Type): { step: Step; type: Type } | null {
  const row = stepRows(room).find((candidate) => candidate.name === name);
  for (let attempt = 0; row && attempt < 8; attempt++) {
    const step = writeStep(room, row, type, 0);
    const result = step && tried(step, type);
    if (result) return { step, type: result };
  }
  return null;
}

/** Layers that may stand behind an arrow, in the order of the manual. */
export function stepNames(room: Pick<Room, "registry">): string[] {
  return stepRows(room).map(({ name }) => name);
}

/** A step that fits a tensor of this type, as random as the rows allow. */
export function randomStep(room: Room, type: Type, depth = 0): { step: Step; type: Type } {
  const { draw } = room;
  const ready = room.named.filter((part) => sameType(part.for, type));
  if (depth === 0 && ready.length > 0 && draw.chance(0.5)) {
    const step = draw.pick(ready).write();
    const result = tried(step, type);
    if (result) return { step, type: result };
  }
  for (const row of draw.ordered(
    stepRows(room),
    ({ name, group }) => room.weight("layer", name) * (groups[group] ?? 1),
  )) {
    if (row.chains && depth >= 2) continue;
    for (let attempt = 0; attempt < 4; attempt++) {
      const step = writeStep(room, row, type, depth);
      const result = step && tried(step, type);
      if (result) return { step, type: result };
    }
  }
  throw new Error("no layer fits at all");
}

function writeStep(room: Room, row: LayerRow, type: Type, depth: number): Step | null {
  if (row.operands.min > 1 || (row.operands.max > 1 && room.draw.chance(0.9))) return manyOperands(room, row, type);
  if (row.chains) return withChains(room, row, type, depth);
  const settings = writeSettings(row.settings, room, given(room, row, type));
  if (!settings) return null;
  const guard = guards[row.name];
  const call = settings.text === "" ? row.name : `${row.name}(${settings.text})`;
  return {
    text: guard === undefined ? call : `${guard} -> ${call}`,
    apply: (x) => row.shape({ settings: settings.value, inputs: [x], chains: [], axes: room.axes }),
  };
}

/** Settings that a random choice would rarely make fit. */
function given(room: Room, row: LayerRow, type: Type): Readonly<Record<string, Written | null>> {
  const { draw } = room;
  const channels = type.shape[type.shape.length - 1];
  if ("heads" in row.settings && isKnown(channels)) {
    const heads = draw.pick([1, 2, 3, 4, 6].filter((count) => channels % count === 0));
    return { heads: { text: String(heads), value: heads } };
  }
  switch (row.name) {
    case "reshape":
      return { sizes: list(factors(room, multiplySizes(...type.shape))) };
    case "dense": {
      const width = draw.pick([1, 2, 3, 4, 6]);
      return { width: { text: String(width), value: width } };
    }
    case "embed": {
      // Codes of an i32 input are 0 … 2.
      const codes = draw.between(3, 6);
      return { codes: type.codes === undefined ? { text: String(codes), value: codes } : null };
    }
    default:
      return {};
  }
}

function list(values: readonly number[]): Written {
  return { text: `[${values.join(", ")}]`, value: values };
}

/** Sizes with this product: a vector, a plane or an image. */
function factors({ draw }: Room, product: Size): number[] {
  if (!isKnown(product)) return [1];
  const sizes: number[] = [];
  let left = product;
  for (let axis = draw.below(3); axis > 0; axis--) {
    const size = draw.pick([1, 2, 3, 4, 6].filter((candidate) => left % candidate === 0));
    sizes.push(size);
    left /= size;
  }
  return draw.shuffled([...sizes, left]);
}

/** `concat(a, b)`, fed by an arrow. */
function manyOperands(room: Room, row: LayerRow, type: Type): Step | null {
  const { draw } = room;
  const settings = writeSettings(row.settings, room, given(room, row, type), false);
  if (!settings || room.pool.length === 0) return null;
  const most = Math.min(row.operands.max, 3);
  const others = Array.from({ length: draw.between(Math.max(row.operands.min, 2), Math.max(most, 2)) - 1 }, () =>
    fitting(room, row, settings.value, type),
  );
  const found = others.filter((other) => other !== null);
  if (found.length < others.length) return null;
  const operands = found.map(({ text }) => text);
  return {
    text: `${row.name}(${[...operands, settings.text].filter((part) => part !== "").join(", ")})`,
    apply: (x) =>
      row.shape({
        settings: settings.value,
        inputs: [x, ...found.map((other) => other.type)],
        chains: [],
        axes: room.axes,
      }),
  };
}

/** A tensor of the pool that fits as second operand. */
function fitting(
  room: Room,
  row: LayerRow,
  settings: Parameters<LayerRow["shape"]>[0]["settings"],
  type: Type,
): Tensor | null {
  const fits = (other: Tensor): boolean =>
    tried({ apply: (x) => row.shape({ settings, inputs: [x, other.type], chains: [], axes: room.axes }) }, type) !==
    null;
  const choices = [...room.pool, ...room.pool.flatMap((tensor) => vectorsOf(room, tensor))].filter(fits);
  return choices.length > 0 ? room.draw.pick(choices) : null;
}

/** Codes as vectors, since hardly a layer reads codes. */
export function vectorsOf(room: Room, { text, type }: Tensor): Tensor[] {
  const row = room.registry.layer.get("embed");
  if (type.element !== "i32" || type.codes === undefined || !row) return [];
  const width = room.draw.pick([1, 2, 4, 6]);
  const step: Step = {
    text: `embed(${width})`,
    apply: (x) =>
      row.shape({ settings: { width, codes: null, start: null }, inputs: [x], chains: [], axes: room.axes }),
  };
  const result = tried(step, type);
  return result ? [{ text: `(${text} -> ${step.text})`, type: result }] : [];
}

/** Chains given to a layer; those of `residual` and `repeat` must keep the type. */
function withChains(room: Room, row: LayerRow, type: Type, depth: number): Step | null {
  const { draw } = room;
  const rule = row.chains;
  if (!rule || type.element !== "f32") return null;
  const settings = writeSettings(row.settings, room);
  if (!settings) return null;
  const most = Math.min(rule.max, 3);
  const number = draw.between(rule.min, Math.max(rule.min, most));
  const chains = Array.from({ length: number }, () => keepingChain(room, type, depth + 1));
  const copies = rule.copies === undefined ? 1 : Number(settings.value[rule.copies]);
  if (copies > 4) return null;
  const shown =
    rule.named === undefined
      ? chains.map(({ text }) => text)
      : [`${rule.named}: ${rule.max > 1 ? `[${chains.map(({ text }) => text).join(", ")}]` : chains[0].text}`];
  // A setting by its place stands before the chain, one by its name behind it.
  const parts = /^\w+:/.test(settings.text) ? [...shown, settings.text] : [settings.text, ...shown];
  return {
    text: `${row.name}(${parts.filter((part) => part !== "").join(", ")})`,
    apply: (x) =>
      row.shape({
        settings: settings.value,
        inputs: [x],
        chains: chains.flatMap((chain) => Array.from({ length: copies }, () => (inner: Type) => chain.apply(inner))),
        axes: room.axes,
      }),
  };
}

/** A chain whose result has the type of its argument. */
function keepingChain(room: Room, type: Type, depth: number): Step {
  const steps: Step[] = [];
  let at = type;
  for (let count = room.draw.between(1, 2); count > 0; count--) {
    const next = randomStep({ ...room, pool: [] }, at, depth);
    // A sequence stays one, an image an image: a last `dense` can then bring the channels back.
    if (!sameOuter(next.type, type)) continue;
    steps.push(next.step);
    at = next.type;
  }
  const width = type.shape[type.shape.length - 1];
  if (!sameType(at, type) || steps.length === 0) {
    if (type.shape.length > 0 && isKnown(width)) steps.push(denseStep(room, width));
    else return { text: "tanh", apply: (x) => x };
  }
  return joined(steps);
}

export function denseStep({ registry, axes }: Surroundings, width: number): Step {
  const row = registry.layer.get("dense");
  if (!row) throw new Error("there is no dense");
  const settings = Object.fromEntries(
    Object.entries(row.settings).map(([name, { fallback = null }]) => [name, fallback]),
  );
  return {
    text: `dense(${width})`,
    apply: (x) => row.shape({ settings: { ...settings, width }, inputs: [x], chains: [], axes }),
  };
}

export function joined(steps: readonly Step[]): Step {
  return {
    text: steps.map(({ text }) => text).join(" -> "),
    apply: (x) => steps.reduce((type, step) => step.apply(type), x),
  };
}

function sameOuter(a: Type, b: Type): boolean {
  const outer = (type: Type): Type => ({ ...type, shape: type.shape.slice(0, -1) });
  return a.element === b.element && a.shape.length === b.shape.length && sameShape(outer(a), outer(b));
}

export function sameType(a: Type, b: Type): boolean {
  return (
    a.element === b.element &&
    sameShape(a, b) &&
    (a.perTask ?? false) === (b.perTask ?? false) &&
    shownCodes(a) === shownCodes(b)
  );
}

const shownCodes = ({ codes }: Type): string => (codes === undefined ? "none" : showSize(codes));
