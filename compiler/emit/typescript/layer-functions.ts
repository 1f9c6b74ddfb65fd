import { elementCount } from "../../graph/graph.ts";
import type { ConcreteType, LayerRow } from "../../registry/layer.ts";
import { ShapeProblem } from "../../registry/layer.ts";
import { bodyOf } from "./body.ts";
import { Mismatch, writeSizes } from "./code.ts";
import { statement, type FunctionDescription, type ParameterDescription } from "./description.ts";
import { Unexplained, type Quantity } from "./formula.ts";
import { isJoin, ofMany, pairOf } from "./join.ts";
import { writeBody, type WrittenBody } from "./function.ts";
import { camelCase, capital, type Names } from "./names.ts";
import { exposedSettings, otherSettings, settingQuantities, type ExposedSetting } from "./settings.ts";
import type { Site, Use } from "./sites.ts";
import { accessCode, type WeightTree } from "./weight-paths.ts";
import { traceLayer } from "./trace.ts";

/**
 * One small function for each kind of layer, written from the layer's own definition: it is traced wherever the file uses it,
 * at several sizes, and what the traces have in common is the function.
 */
export interface LayerFunction {
  readonly description: FunctionDescription;
  /** The arguments behind the tensors, in order. */
  readonly takes: readonly LayerArgument[];
}

export type LayerArgument =
  | { readonly kind: "weights" }
  | {
      readonly kind: "setting";
      readonly name: string;
      /** Whether one number may not stand for two. */ readonly isPair: boolean;
    }
  | { readonly kind: "mask"; readonly axis: string }
  /** Random numbers of the layer's own. */
  | { readonly kind: "draw" }
  /** What training is told by a layer: statistics, penalties. */
  | { readonly kind: "training" }
  | { readonly kind: "chain"; readonly index: number };

export interface LayerFunctions {
  /** In the order in which the file uses them first. */
  readonly functions: readonly LayerFunction[];
  /** By instruction; null for one that passes its input on as it is. */
  readonly of: ReadonlyMap<string, LayerFunction | null>;
  /** Functions of the module that they call. */
  readonly own: ReadonlySet<string>;
}

export interface LayerWriting {
  readonly names: Names;
  readonly taskKind: (task: string) => string;
  readonly tree: WeightTree;
}

/** Sites that one function serves. */
interface Group {
  readonly sites: Site[];
  written: Written;
}

/** Writes the functions of all sites, a kind of layer at a time; uses that no one function serves get several. */
export function layerFunctions(sites: readonly Site[], writing: LayerWriting): LayerFunctions {
  const kinds = new Map<LayerRow, Site[]>();
  for (const site of sites) kinds.set(site.row, [...(kinds.get(site.row) ?? []), site]);
  const functions: LayerFunction[] = [];
  const of = new Map<string, LayerFunction | null>();
  const own = new Set<string>();
  for (const [row, ofKind] of kinds) {
    const exposed = exposedSettings(
      row.settings,
      ofKind.map(({ instruction }) => instruction.settings),
      new Set(ofKind.flatMap(({ uses: [use] }) => use.parameters.map(({ name }) => keyOf(name, use)))),
    );
    const groups: Group[] = [];
    for (const site of ofKind.map(pairOf)) {
      if (isIdentity(site, writing)) {
        of.set(site.instruction.id, null);
        continue;
      }
      if (groups.some((group) => joins(group, site, exposed, writing))) continue;
      groups.push({ sites: [site], written: write([site], exposed, writing) });
    }
    const names = namesOf(row, groups);
    groups.forEach((group, k) => {
      const plain = describe(row, writing.names.take(names[k]), group.written, writing.tree);
      const described = isJoin(group.sites[0]) ? { ...plain, description: ofMany(plain.description) } : plain;
      functions.push(described);
      for (const { instruction } of group.sites) of.set(instruction.id, described);
      for (const name of group.written.own) own.add(name);
    });
  }
  return { functions, of, own };
}

/** Whether a layer gives what it is given, in training too: dropout with a chance of 0. */
function isIdentity({ uses: [use] }: Site, writing: LayerWriting): boolean {
  return [false, true].every((training) => {
    const { statements, results } = bodyOf(traceLayer(use, { training, taskKind: writing.taskKind }).graph, {
      differentiable,
    });
    const result = results.get("result");
    return statements.length === 0 && results.size === 1 && result?.kind === "given" && result.name === "operand/0";
  });
}

function joins(group: Group, site: Site, exposed: readonly ExposedSetting[], writing: LayerWriting): boolean {
  try {
    const sites = [...group.sites, site];
    group.written = write(sites, exposed, writing);
    group.sites.push(site);
    return true;
  } catch (error) {
    if (error instanceof Mismatch || error instanceof Unexplained) return false;
    throw error;
  }
}

/** A layer's function before it has a name. */
interface Written {
  readonly plain: WrittenBody;
  /** What it does in training, where that is something else. */
  readonly training: WrittenBody | null;
  readonly exposed: readonly ExposedSetting[];
  readonly first: Use;
  readonly own: ReadonlySet<string>;
}

function write(sites: readonly Site[], exposed: readonly ExposedSetting[], writing: LayerWriting): Written {
  const uses = sites.flatMap((site) => site.uses);
  const further = sites.flatMap(({ row, uses: [use] }) => [
    ...otherSizes(row, use),
    ...otherSettingsOf(row, use, exposed),
  ]);
  try {
    return writeUses([...uses, ...further], exposed, writing);
  } catch (error) {
    if (further.length === 0 || !(error instanceof Mismatch || error instanceof Unexplained)) throw error;
    // At sizes that the file does not have it is something else, or nothing that a formula tells.
    return writeUses(uses, exposed, writing);
  }
}

function writeUses(uses: readonly Use[], exposed: readonly ExposedSetting[], writing: LayerWriting): Written {
  const own = new Set<string>();
  /** The code of a shape: that of the first tensor, where it is the same. */
  const drawn = (shapes: readonly (readonly number[])[]): string => {
    const isOfFirst = shapes.every(
      (shape, k) => [uses[k].batch, ...uses[k].inputTypes[0].shape].join() === shape.join(),
    );
    return isOfFirst
      ? `${operandName(uses[0], 0)}.shape`
      : writeSizes(shapes, { quantities: axisQuantities(uses, writing.tree) });
  };
  const bodies = (training: boolean): WrittenBody => {
    const traces = uses.map((use) =>
      bodyOf(traceLayer(use, { training, taskKind: writing.taskKind }).graph, { differentiable }),
    );
    const settings = settingQuantities(
      exposed,
      uses.map(({ instruction }) => instruction.settings),
    );
    return writeBody(traces, {
      ...settings,
      quantities: [...axisQuantities(uses, writing.tree), ...settings.quantities],
      given: (name, result, shapes) => ({
        text: givenCode(name, uses[0], writing.tree, result, drawn(shapes)),
        isPrimary: true,
      }),
      names: writing.names.inside(),
      own,
    });
  };
  const plain = bodies(false);
  const training = bodies(true);
  const isSame =
    JSON.stringify([plain.statements, [...plain.results]]) ===
    JSON.stringify([training.statements, [...training.results]]);
  return { plain, training: isSame ? null : training, exposed, first: uses[0], own };
}

/** Inputs that gradients flow to: tensors and weights. */
function differentiable(name: string): boolean {
  return /^(operand|parameter|chain)\//.test(name);
}

/** Sizes of axes that source can name: of the tensors that come in, then of the weights. */
export function axisQuantities(uses: readonly Use[], tree: WeightTree): Quantity[] {
  const [first] = uses;
  const axes = (code: string, shapes: readonly (readonly number[])[]): Quantity[] => {
    // Where ranks differ no axis has a place of its own.
    if (shapes.some((shape) => shape.length !== shapes[0].length)) return [];
    const each = shapes[0].map((_, axis): Quantity => {
      const values = shapes.map((shape) => shape[axis]);
      return { code: `${code}.shape[${axis}]`, kind: "size", values };
    });
    return [...each, { code: `${code}.size`, kind: "size", values: shapes.map(elementCount) }];
  };
  const operands = first.inputTypes.flatMap(({ batch }, k) =>
    axes(
      operandName(first, k),
      uses.map((use) => [...(batch === false ? [] : [use.batch]), ...use.inputTypes[k].shape]),
    ),
  );
  const parameters = first.parameters.flatMap((info, k) =>
    axes(
      parameterCode(keyOf(info.name, first), first, tree),
      uses.map((use) => use.parameters[k]?.shape ?? []),
    ),
  );
  return [...operands, ...parameters];
}

/** The use at other sizes of its axes: what does not follow from those that source can name comes to light. */
function otherSizes(row: LayerRow, use: Use): Use[] {
  if (row.chains) return [];
  const known = new Set(use.inputTypes.flatMap(({ shape }) => shape).filter((size) => size > 1));
  const other = new Map([...known].sort((a, b) => a - b).map((size, k) => [size, size * (k + 2)]));
  // The axes of one tensor are apart from each other; several tensors have some in common.
  const change = (size: number, axis: number): number =>
    use.inputTypes.length > 1 || size === 1 ? (other.get(size) ?? size) : size * (axis + 2);
  const inputTypes = use.inputTypes.map((type) => ({ ...type, shape: type.shape.map(change) }));
  return retyped(row, { ...use, inputTypes });
}

function otherSettingsOf(row: LayerRow, use: Use, exposed: readonly ExposedSetting[]): Use[] {
  const settings = row.chains ? null : otherSettings(row.settings, exposed, use.instruction.settings);
  return settings === null ? [] : retyped(row, { ...use, instruction: { ...use.instruction, settings } });
}

/** The use with the result and the parameters that its inputs and settings lead to; none where they lead to nothing. */
function retyped(row: LayerRow, use: Use): Use[] {
  const { settings, path } = use.instruction;
  try {
    const { element, shape, axes, batch } = row.shape({ settings, inputs: use.inputTypes, chains: [] });
    const outputType: ConcreteType = {
      element,
      shape: shape.map(Number),
      ...(axes && { axes }),
      ...(batch === false && { batch }),
    };
    if (outputType.shape.some((size) => !Number.isInteger(size))) return [];
    const specs = row.parameters?.({ settings, inputs: use.inputTypes, output: outputType }) ?? {};
    const states = row.states?.({ settings, inputs: use.inputTypes, output: outputType }) ?? {};
    const owner = use.instruction.owner;
    return [
      {
        ...use,
        outputType,
        parameters: Object.entries(specs).map(([key, spec]) => ({ ...spec, name: `${path}.${key}`, owner, path })),
        states: Object.entries(states).map(([key, spec]) => ({ ...spec, name: `${path}.${key}`, owner, path })),
      },
    ];
  } catch (error) {
    if (error instanceof ShapeProblem) return [];
    throw error;
  }
}

function keyOf(name: string, use: Use): string {
  return name.slice(use.instruction.path.length + 1);
}

/** `x`, `y`, `z` for numbers, `codes` for codes. */
function operandName({ inputTypes }: Use, k: number): string {
  if (inputTypes[k].element === "i32") return "codes";
  const names = ["x", "y", "z"];
  return names[k] ?? `x${k}`;
}

/** Weights stand by themselves where all of them have plain names, else below `weights`. */
function isFlat({ parameters, states, instruction }: Use): boolean {
  return [...parameters, ...states].every(({ name }) => !name.slice(instruction.path.length + 1).includes("."));
}

function parameterCode(key: string, use: Use, tree: WeightTree): string {
  const { path } = use.instruction;
  return isFlat(use) ? camelCase(key) : accessCode(tree, `${path}.${key}`, "weights", tree.cut(path).length);
}

function givenCode(
  name: string,
  use: Use,
  tree: WeightTree,
  result: (output: string) => string,
  shape: string,
): string {
  const [kind, ...rest] = name.split("/");
  const key = rest.join("/");
  switch (kind) {
    case "operand":
      return operandName(use, Number(key));
    case "parameter":
    case "state":
      return parameterCode(key, use, tree);
    case "mask":
      return maskName(key, use);
    case "random":
      return `draw(${JSON.stringify(key)}, ${shape})`;
    case "chain":
      return `${chainName(Number(rest[0]), use)}(${result(`argument/${key}`)})`;
    default:
      throw new Error(`a layer reads ${name}`);
  }
}

function chainName(index: number, { instruction }: Use): string {
  return (instruction.regions?.length ?? 0) === 1 ? "chain" : `chains[${index}]`;
}

/** Token axes are named after the tensor whose padding they tell. */
function maskName(axis: string, { inputTypes }: Use): string {
  const axes = new Set(inputTypes.flatMap((type) => type.axes ?? []).filter((each) => each !== null));
  if (axes.size < 2) return "mask";
  const operand = inputTypes.findIndex((type) => type.axes?.includes(axis));
  return `mask${capital(["x", "y", "z"][operand] ?? "x")}`;
}

function describe(
  row: LayerRow,
  name: string,
  { plain, training, exposed, first }: Written,
  tree: WeightTree,
): LayerFunction {
  const bodies = training ? [plain, training] : [plain];
  const reads = new Set(bodies.flatMap((body) => [...body.reads]));
  const results = new Set(bodies.flatMap((body) => [...body.results.keys()]));
  const text = bodies
    .flatMap((body) => [...body.statements, ...[...body.results.values()].map((code) => code.text)])
    .join("\n");
  const parameters: ParameterDescription[] = first.inputTypes.map((_, k) => ({
    name: operandName(first, k),
    type: "tf.Tensor",
  }));
  const takes: LayerArgument[] = [];
  const take = (argument: LayerArgument, ...described: ParameterDescription[]): void => {
    takes.push(argument);
    parameters.push(...described);
  };
  const weights = weightsParameter(first, reads, text, tree);
  if (weights) take({ kind: "weights" }, weights);
  for (const { name: setting, code, type } of exposed) {
    if (!new RegExp(`(?<!\\.)\\b${code}\\b`).test(text)) continue;
    const given = settingType(type, code, text);
    take({ kind: "setting", name: setting, isPair: given === "[number, number]" }, { name: code, type: given });
  }
  for (const name of reads) {
    const [kind, axis] = name.split("/");
    if (kind === "mask") take({ kind: "mask", axis }, { name: maskName(axis, first), type: "tf.Tensor" });
  }
  (first.instruction.regions ?? []).forEach((_, index) =>
    take({ kind: "chain", index }, { name: chainName(index, first), type: "(x: tf.Tensor) => tf.Tensor" }),
  );
  const draws = [...reads].some((each) => each.startsWith("random/"));
  const tells = [...results].some((each) => each.startsWith("next/") || each.startsWith("penalty/"));
  if (tells) take({ kind: "training" }, { name: "training", type: "mtlc.Training", optional: true });
  if (draws) take({ kind: "draw" }, { name: "draw", type: "mtlc.Draw", optional: true });
  return {
    description: {
      kind: "function",
      brief: true,
      name,
      doc: firstSentence(row.doc),
      parameters,
      returns: "tf.Tensor",
      statements: statements(plain, training, { draws, tells }).map(statement),
    },
    takes,
  };
}

/** A pair of which one number is used by itself may not be given as one number. */
function settingType(type: string, code: string, text: string): string {
  return type.includes("[") && text.includes(`${code}[`) ? "[number, number]" : type;
}

function statements(
  plain: WrittenBody,
  training: WrittenBody | null,
  { draws, tells }: { draws: boolean; tells: boolean },
): string[] {
  const body = ({ statements: steps, results }: WrittenBody): string[] => {
    const told = [...results].flatMap(([name, { text }]) => {
      const [kind, key] = name.split("/");
      if (kind === "next") return [`training.keep(${camelCase(key)}, ${text});`];
      return kind === "penalty" ? [`training.penalize(${text});`] : [];
    });
    return [...steps, ...told, `return ${results.get("result")?.text};`];
  };
  if (!training) return body(plain);
  const test = [...(tells ? ["!training"] : []), ...(draws ? ["!draw"] : [])].join(" || ");
  const early = body(plain);
  return [early.length === 1 ? `if (${test}) ${early[0]}` : `if (${test}) { ${early.join("\n")} }`, ...body(training)];
}

/** `{ kernel, bias }` with the types that TensorFlow.js asks for, or `weights` where they stand deeper. */
function weightsParameter(
  use: Use,
  reads: ReadonlySet<string>,
  text: string,
  tree: WeightTree,
): ParameterDescription | null {
  const read = [
    ...use.parameters.map((info) => ["parameter", info] as const),
    ...use.states.map((info) => ["state", info] as const),
  ]
    .map(([kind, info]) => ({ kind, key: keyOf(info.name, use), rank: info.shape.length }))
    .filter(({ kind, key }) => reads.has(`${kind}/${key}`) || new RegExp(`\\.keep\\(${camelCase(key)}\\b`).test(text));
  if (read.length === 0) return null;
  const typeOf = ({ kind, key, rank }: (typeof read)[number]): string =>
    kind === "state" ? "tf.Variable" : rank === 4 && needsRank(camelCase(key), text) ? "tf.Tensor4D" : "tf.Tensor";
  if (!isFlat(use)) return { name: "weights", type: typeAt(accessCode(tree, use.instruction.path, "Weights", 0)) };
  const names = read.map(({ key }) => camelCase(key));
  const types = read.map(typeOf);
  const type = types.every((each) => each === "tf.Tensor")
    ? `mtlc.Tensors<${read.map(({ key }) => JSON.stringify(key)).join(" | ")}>`
    : `{ ${read.map(({ key }, k) => `readonly ${key}: ${types[k]}`).join("; ")} }`;
  const pattern = read.map(({ key }, k) => (key === names[k] ? key : `${key}: ${names[k]}`));
  return { name: `{ ${pattern.join(", ")} }`, type };
}

/** Whether a function is given it that wants to know its rank. */
function needsRank(name: string, text: string): boolean {
  return new RegExp(`(conv2d|conv2dTranspose|depthwiseConv2d)\\(\\s*${name}\\b`).test(text);
}

/** `Weights.sentence.attention[1]` as a type: `Weights["sentence"]["attention"][1]`. */
function typeAt(code: string): string {
  return code.replace(/\.([\p{ID_Start}_$][\p{ID_Continue}$]*)/gu, '["$1"]');
}

/** What sets a group's uses apart from the first's: a setting, else the number of axes. */
function namesOf(row: LayerRow, groups: readonly Group[]): string[] {
  const base = camelCase(row.name);
  const [first] = groups;
  return groups.map(({ sites: [site] }, k) => {
    if (k === 0) return base;
    const settings = Object.keys(row.settings).flatMap((name) => {
      const [value, other] = [site.instruction.settings[name], first.sites[0].instruction.settings[name]];
      if (value === other) return [];
      if (typeof value === "boolean") return [`${value ? "With" : "Without"}${capital(camelCase(name))}`];
      return typeof value === "string" ? [capital(camelCase(value))] : [];
    });
    if (settings.length > 0) return base + settings[0];
    const rank = site.inputTypes[0]?.shape.length;
    const places = { 0: "OfNumbers", 1: "OfVectors", 2: "OfSequences", 3: "OfImages" };
    return base + (rank === 0 || rank === 1 || rank === 2 || rank === 3 ? places[rank] : "");
  });
}

/** What a row is, in its first sentence, or the part of it that fits in a line. */
export function firstSentence(doc: string): string {
  const end = /\.(?=\s|$)/.exec(doc)?.index;
  const sentence = end === undefined ? doc : doc.slice(0, end + 1);
  if (sentence.length <= LONGEST_DOC) return sentence;
  const cuts = [...sentence.matchAll(/[:;,](?= )/g)].map(({ index }) => index);
  const cut = cuts.filter((index) => index < LONGEST_DOC && isClosed(sentence.slice(0, index))).at(-1);
  return cut === undefined ? sentence : `${sentence.slice(0, cut)}.`;
}

const LONGEST_DOC = 90;

/** Whether every bracket that is opened is closed again. */
function isClosed(text: string): boolean {
  return ["()", "[]", "{}"].every(([open, close]) => text.split(open).length === text.split(close).length);
}
