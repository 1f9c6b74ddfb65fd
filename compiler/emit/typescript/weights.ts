import { elementCount } from "../../graph/graph.ts";
import type { Instruction, Model } from "../../ir/model.ts";
import { modelParameters, type ParameterInfo, type StateInfo } from "../../ir/parameters.ts";
import type { Registry } from "../../registry/registry.ts";
import type { FunctionDescription } from "./description.ts";
import { sizeFormula, shortest, type Quantity } from "./formula.ts";
import { groupedBy } from "./grouping.ts";
import { camelCase, memberCode, type Names } from "./names.ts";
import type { Sized } from "./sites.ts";
import { Unsupported } from "./unsupported.ts";
import { weightTree, treeCode, type Branch, type WeightTree } from "./weight-paths.ts";

/** The weights of a network: how each is made, and the functions that make those of a kind of layer. */
export interface WrittenWeights {
  readonly tree: WeightTree;
  /** `{ bird: { dense: [denseWeights(5, 32), …] }, … }` */
  readonly code: string;
  readonly functions: readonly FunctionDescription[];
  /** Unknown sizes that it reads: `codes`, `labels`. */
  readonly sizes: readonly ("codes" | "labels")[];
}

/** A weight's shape and how it is made: `mtlc.kernel(`, shape, `)`. */
interface Made {
  readonly name: string;
  /** Code of each size. */
  readonly shape: readonly string[];
  readonly before: string;
  readonly after: string;
}

export function writeWeights(model: Model, registry: Registry, sized: readonly Sized[], names: Names): WrittenWeights {
  const quantities = sizeQuantities(sized);
  const every = sized.map(({ model: known }) => modelParameters(known, registry));
  const [first] = every;
  const made = [
    ...first.parameters.map(({ name }, k) =>
      parameterCode(
        name,
        every.map(({ parameters }) => parameters[k]),
        quantities,
      ),
    ),
    ...first.states.map(({ name }, k) =>
      stateCode(
        name,
        every.map(({ states }) => states[k]),
        quantities,
      ),
    ),
  ];
  const order = layerOrder(model);
  made.sort((a, b) => order(a.name) - order(b.name));
  const declarations = [...model.shared, ...model.tasks].map(({ name }) => name);
  const tree = weightTree(
    made.map((each) => ({ name: each.name, code: codeOf(each) })),
    declarations,
  );
  const functions = sharedMakers(model, made, tree, names);
  const code = treeCode(tree.root);
  return {
    tree,
    code,
    functions,
    sizes: (["codes", "labels"] as const).filter((kind) => new RegExp(`\\b${kind}[.[]`).test(code)),
  };
}

/** Statistics stand with the parameters of their layer. */
function layerOrder(model: Model): (name: string) => number {
  const ranks = new Map<string, number>();
  for (const path of allPaths(model.instructions)) if (!ranks.has(path)) ranks.set(path, ranks.size);
  return (name) => Math.min(ranks.size, ...pathsAbove(name).map((path) => ranks.get(path) ?? ranks.size));
}

/** `a.b.c` lies in `a` and in `a.b`. */
function pathsAbove(name: string): string[] {
  return [...name.matchAll(/\./g)].map(({ index }) => name.slice(0, index));
}

function allPaths(instructions: readonly Instruction[]): string[] {
  return instructions.flatMap(({ path, regions }) => [
    ...(regions ?? []).flatMap((region) => allPaths(region.instructions)),
    path,
  ]);
}

/** `codes.island`, `labels.species`: numbers that only data know. */
function sizeQuantities(sized: readonly Sized[]): Quantity[] {
  return Object.keys(sized[0].sizes).map((name) => {
    const [, kind, of] = /^(codes|labels)\((.*)\)$/.exec(name) ?? [];
    if (of === undefined) throw new Error(`the size ${name} is neither of codes nor of labels`);
    return { code: `${kind}${memberCode(of)}`, kind: "size", values: sized.map(({ sizes }) => sizes[name]) };
  });
}

function shapeCodes(shapes: readonly (readonly number[])[], quantities: readonly Quantity[]): string[] {
  return shapes[0].map((_, axis) =>
    sizeFormula(
      shapes.map((shape) => shape[axis]),
      quantities,
    ),
  );
}

function codeOf({ before, shape, after }: Made): string {
  return `${before}[${shape.join(", ")}]${after}`;
}

function stateCode(name: string, infos: readonly StateInfo[], quantities: readonly Quantity[]): Made {
  const shape = shapeCodes(
    infos.map((info) => info.shape),
    quantities,
  );
  return { name, shape, before: "mtlc.statistic(", after: `, ${infos[0].start})` };
}

function parameterCode(name: string, infos: readonly ParameterInfo[], quantities: readonly Quantity[]): Made {
  const [info] = infos;
  const shape = shapeCodes(
    infos.map((each) => each.shape),
    quantities,
  );
  const { word, settings } = info.start;
  const options: [string, string][] = [];
  const isTable = info.shape.length === 2 && word === "truncated" && settings.sd === 1 / Math.sqrt(info.shape[1]);
  let maker = "weight";
  if (info.values) options.push(["values", valuesCode(name, infos)]);
  else if (info.decay && word === "glorot_uniform") maker = "kernel";
  else if (info.decay && isTable) maker = "table";
  else if (!info.decay && word === "zeros") maker = "zeros";
  else if (!info.decay && word === "ones") maker = "ones";
  else if (word !== "zeros") options.push(["start", startCode(word, settings)]);
  if (info.decay && maker === "weight") options.push(["decay", "true"]);
  if (info.blocks !== undefined && info.blocks !== 1) options.push(["blocks", String(info.blocks)]);
  if (/^(glorot|he|lecun)_/.test(word) && !info.values && !hasOwnFans(info)) {
    const [fanIn, fanOut] = [infos.map((each) => each.fanIn), infos.map((each) => each.fanOut)].map((fans) =>
      sizeFormula(fans, quantities),
    );
    options.push(["fans", `[${fanIn}, ${fanOut}]`]);
  }
  if (info.zeroRows) options.push(["zeroRows", JSON.stringify(info.zeroRows)]);
  if (info.rateFactor !== undefined && info.rateFactor !== 1) options.push(["rate", String(info.rateFactor)]);
  if (info.trainable === false) options.push(["fixed", "true"]);
  const after = options.length === 0 ? ")" : `, { ${options.map(([key, value]) => `${key}: ${value}`).join(", ")} })`;
  return { name, shape, before: `mtlc.${maker}(`, after };
}

function startCode(word: string, settings: ParameterInfo["start"]["settings"]): string {
  return Object.keys(settings).length === 0
    ? JSON.stringify(word)
    : `[${JSON.stringify(word)}, ${JSON.stringify(settings)}]`;
}

/** Whether fan-in and fan-out are those that the shape says: the last axis are units, the one before it their inputs. */
function hasOwnFans({ shape, fanIn, fanOut }: ParameterInfo): boolean {
  const [last = 1] = shape.slice(-1);
  if (shape.length < 2) return fanIn === last && fanOut === last;
  const field = elementCount(shape.slice(0, -2));
  return fanIn === field * shape[shape.length - 2] && fanOut === field * last;
}

/** Start values that are no draw, as stretches of equal numbers. */
function valuesCode(name: string, infos: readonly ParameterInfo[]): string {
  const lists = infos.map((info) => info.values?.() ?? new Float32Array());
  if (lists.some((list) => list.length !== lists[0].length))
    throw new Unsupported(`the start of \`${name}\`, which only the data tell`, undefined);
  const stretches: [number, number][] = [];
  for (const value of lists[0]) {
    const last = stretches.at(-1);
    if (last && last[0] === value) last[1] += 1;
    else stretches.push([value, 1]);
  }
  if (stretches.length > 8 && lists[0].length <= 64) return `[${Array.from(lists[0], shortest).join(", ")}]`;
  return `mtlc.stretches(${stretches.map(([value, count]) => `[${shortest(value)}, ${count}]`).join(", ")})`;
}

/** Layers of one kind whose weights are made alike get a function for it, which the sizes are given to. */
function sharedMakers(model: Model, made: readonly Made[], tree: WeightTree, names: Names): FunctionDescription[] {
  const layers = new Map<string, { readonly path: string; readonly weights: readonly Made[] }[]>();
  const inPaths = made.flatMap((each) => pathsAbove(each.name).map((path) => ({ path, each })));
  const within = groupedBy(inPaths, ({ path }) => path);
  const seen = new Set<string>();
  const visit = (instructions: readonly Instruction[]): void => {
    for (const { path, layer, regions } of instructions) {
      for (const region of regions ?? []) visit(region.instructions);
      if (seen.has(path)) continue;
      seen.add(path);
      const weights = (within.get(path) ?? []).map(({ each }) => each);
      // Weights of layers inside of this one are made there.
      if (weights.length === 0 || weights.some(({ name }) => name.slice(path.length + 1).includes("."))) continue;
      const alike = JSON.stringify([
        layer,
        weights.map(({ name, before, after, shape }) => [name.slice(path.length), before, after, shape.length]),
      ]);
      const list = layers.get(alike);
      if (list) list.push({ path, weights });
      else layers.set(alike, [{ path, weights }]);
    }
  };
  visit(model.instructions);
  return [...layers].flatMap(([key, places]): FunctionDescription[] => {
    if (places.length < 2) return [];
    const [layer]: unknown[] = JSON.parse(key);
    return [maker(String(layer), places, tree, names)];
  });
}

function maker(
  layer: string,
  places: readonly { readonly path: string; readonly weights: readonly Made[] }[],
  tree: WeightTree,
  names: Names,
): FunctionDescription {
  const name = names.take(`${camelCase(layer)}Weights`);
  const inner = names.inside();
  const parameters = new Map<string, string>();
  const [first] = places;
  const members = first.weights.map(({ name: weight, shape, before, after }, k) => {
    const sizes = shape.map((code, axis) => {
      const column = places.map(({ weights }) => weights[k].shape[axis]);
      // What only data know is told.
      if (/^\d+$/.test(code) && column.every((each) => each === code)) return code;
      const key = column.join("\n");
      const known = parameters.get(key) ?? inner.take(sizeName(shape.length, axis, before), ["size", "length"]);
      parameters.set(key, known);
      return known;
    });
    return `${weight.slice(first.path.length + 1)}: ${before}[${sizes.join(", ")}]${after}`;
  });
  places.forEach(({ path }, place) => {
    const given = [...parameters.keys()].map((key) => key.split("\n")[place]);
    branchAt(tree, path).leaf = `${name}(${given.join(", ")})`;
  });
  return {
    kind: "function",
    brief: true,
    name,
    parameters: [...parameters.values()].map((each) => ({ name: each, type: "number" })),
    returns: "",
    statements: [{ code: `return { ${members.join(", ")} };` }],
  };
}

function sizeName(rank: number, axis: number, maker: string): string {
  if (rank === 1) return "width";
  if (axis === rank - 1) return maker.includes("table") ? "width" : "outputs";
  if (axis === rank - 2) return maker.includes("table") ? "codes" : "inputs";
  return "window";
}

function branchAt(tree: WeightTree, path: string): Branch {
  return tree.cut(path).reduce((at, part) => {
    const child = at.children.get(part);
    if (!child) throw new Error(`there are no weights at ${path}`);
    return child;
  }, tree.root);
}
