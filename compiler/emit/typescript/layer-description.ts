import type { LayerRow } from "../../registry/layer.ts";
import { statement, tensorType, type ParameterDescription } from "./description.ts";
import type { WrittenBody } from "./function.ts";
import type { LayerArgument, LayerFunction, Written } from "./layer-functions.ts";
import { chainName, isFlat, keyOf, maskName, operandName } from "./layer-uses.ts";
import { camelCase, capital } from "./names.ts";
import type { Site, Use } from "./sites.ts";
import { accessCode, type WeightTree } from "./weight-paths.ts";

/** A layer's function with its name, its parameters and its sentence. */

export function describe(
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
    .join("\n")
    // Names in strings are names of random numbers.
    .replace(/"[^"]*"/g, '""');
  const parameters: ParameterDescription[] = first.inputTypes.map((_, k) => ({
    name: operandName(first, k),
    type: tensorType(operandName(first, k), text),
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
    if (kind === "mask")
      take({ kind: "mask", axis }, { name: maskName(axis, first), type: tensorType(maskName(axis, first), text) });
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
      statements: withSizes(statements(plain, training, { draws, tells }), parameters).map(statement),
    },
    takes,
  };
}

/** A pair of which one number is used by itself may not be given as one number. */
export function settingType(type: string, code: string, text: string): string {
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

/** The same with a name for each size of a weight that is asked for again and again. */
function withSizes(steps: readonly string[], parameters: readonly ParameterDescription[]): string[] {
  const text = [...parameters.map(({ name }) => name), ...steps].join("\n");
  const counts = new Map<string, number>();
  for (const [size] of text.matchAll(/\bweights(?:\.\w+|\["[^"]*"\])+\.shape\[\d+\]/g))
    counts.set(size, (counts.get(size) ?? 0) + 1);
  const often = [...counts].filter(([, count]) => count > 2).map(([size]) => size);
  const free = ["width", "length", "depth"].filter((name) => !new RegExp(`\\b${name}\\b`).test(text));
  const named = often.slice(0, free.length).map((size, k) => [size, free[k]] as const);
  const short = (step: string): string => named.reduce((code, [size, name]) => code.replaceAll(size, name), step);
  return [...named.map(([size, name]) => `const ${name} = ${size};`), ...steps.map(short)];
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
  return code.replace(/\[[^\]]*\]|\.([\p{ID_Start}_$][\p{ID_Continue}$]*)/gu, (found, name: string | undefined) =>
    name === undefined ? found : `["${name}"]`,
  );
}

/** What sets a group's uses apart from the first's: a setting, else the number of axes. */
export function namesOf(row: LayerRow, groups: readonly { readonly sites: readonly Site[] }[]): string[] {
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
