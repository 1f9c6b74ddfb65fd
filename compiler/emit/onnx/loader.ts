import { elementCount } from "../../graph/graph.ts";
import type { Cell } from "../../ir/model.ts";

/**
 * The TypeScript that is written beside an exported graph: a function from rows to answers, typed by the model's inputs and
 * tasks, over onnxruntime-node or onnxruntime-web.
 */
export interface LoaderInput {
  readonly name: string;
  readonly doc?: string;
  readonly kind: "f32" | "i32" | "image" | "category" | "tokens";
  /** Of one example. */
  readonly shape: readonly number[];
  /** Category: code k + 1 is values[k], 0 what is none of them. Tokens: code k is values[k]; 0 padding, 1 unknown. */
  readonly values?: readonly Cell[];
  /** True where a missing number is filled in. */
  readonly filled: boolean;
}

export interface LoaderTask {
  readonly name: string;
  readonly doc?: string;
  readonly kind: "class" | "flag" | "flags" | "real" | "count" | "ordinal";
  /** Of one answer, without its probabilities. */
  readonly shape: readonly number[];
  /** By axis the tokens input that it follows, or null: as many answers as the row has tokens. */
  readonly axes: readonly (string | null)[];
  /** Of a class. */
  readonly labels?: readonly Cell[];
  /** Probabilities of each answer; 1 where it is a number. */
  readonly width: number;
  readonly unit: string | null;
}

export interface LoaderSetting {
  readonly model: string;
  readonly version: string;
  /** Name of the graph's file. */
  readonly file: string;
  readonly batch: number;
  readonly inputs: readonly LoaderInput[];
  readonly tasks: readonly LoaderTask[];
}

const TYPES = 'import type { InferenceSession, Tensor, TypedTensor } from "onnxruntime-common";';

export function loaderText({ model, version, file, batch, inputs, tasks }: LoaderSetting): string {
  return `/**
 * Predictions of ${model}, by ${file}. Written by mtlc ${version}; compile again instead of changing it.
 *
 *   import * as ort from "onnxruntime-node"; // or "onnxruntime-web"
 *   const { predict } = await open(ort, "${file}");
 *   const [answers] = await predict([row]);
 */
${TYPES}

/** One example: what its columns hold, in their own units. */
export interface Row {
${inputs.map((input) => member(input.doc, input.name, inputType(input))).join("\n")}
}

/** What the network says of one example. */
export interface Answers {
${tasks.map((task) => member(documented(task), task.name, answerType(task))).join("\n")}
}

/** What is used of onnxruntime: the module itself. */
export interface Runtime {
  readonly InferenceSession: { create(model: string): Promise<InferenceSession>; create(model: Uint8Array): Promise<InferenceSession> };
  readonly Tensor: {
    new (type: "float32", data: Float32Array, dims: readonly number[]): TypedTensor<"float32">;
    new (type: "int32", data: Int32Array, dims: readonly number[]): TypedTensor<"int32">;
  };
}

/** The graph takes this many rows at once; fewer are padded. */
const BATCH = ${batch};

${inputs.flatMap(codeTable).join("")}${tasks.flatMap(labelTable).join("")}/** Opens the graph: its path or address, or its bytes. */
export async function open(ort: Runtime, model: string | Uint8Array) {
  const session = await (typeof model === "string" ? ort.InferenceSession.create(model) : ort.InferenceSession.create(model));

  async function predictBatch(rows: readonly Row[]): Promise<Answers[]> {
    const feeds: Record<string, Tensor> = {
${inputs.map((input) => `      ${property(input.name)}: ${feed(input)},`).join("\n")}
    };
    const results = await session.run(feeds);
${tasks.map((task) => `    const ${local(task.name)} = numbersOf(results[${quoted(task.name)}]);`).join("\n")}
    return rows.map((row, at) => ({
${tasks.map((task) => `      ${property(task.name)}: ${answer(task, inputs)},`).join("\n")}
    }));
  }

  return {
    /** Answers every row, in order. */
    async predict(rows: readonly Row[]): Promise<Answers[]> {
      const answers: Answers[] = [];
      for (let from = 0; from < rows.length; from += BATCH) answers.push(...(await predictBatch(rows.slice(from, from + BATCH))));
      return answers;
    },
    close: () => session.release(),
  };
}

${support(inputs, tasks)}`;
}

function member(doc: string | undefined, name: string, type: string): string {
  const comment = doc === undefined ? "" : `  /** ${doc.replaceAll("*/", "*\\/").replaceAll("\n", " ")} */\n`;
  return `${comment}  readonly ${property(name)}: ${type};`;
}

function documented({ doc, unit }: LoaderTask): string | undefined {
  const measure = unit === null ? undefined : `In ${unit}.`;
  return doc === undefined ? measure : measure === undefined ? doc : `${doc} ${measure}`;
}

/** \`number[][]\` for two axes. */
function nested(type: string, axes: number): string {
  let text = type;
  for (let axis = 0; axis < axes; axis++)
    text = `readonly ${axis === 0 && text.includes("|") ? `(${text})` : axis === 0 ? text : `(${text})`}[]`;
  return text;
}

function inputType({ kind, shape, filled }: LoaderInput): string {
  switch (kind) {
    case "category":
      return "string | number | boolean | null";
    case "tokens":
      return "readonly string[]";
    case "f32":
    case "i32":
    case "image":
      return nested(filled ? "number | null" : "number", shape.length);
    default:
      throw new Error(`no type for ${kind satisfies never}`);
  }
}

function answerType({ kind, shape, labels }: LoaderTask): string {
  switch (kind) {
    case "class":
      return nested(
        `{ readonly label: ${union(labels ?? [])}; readonly probabilities: readonly number[] }`,
        shape.length,
      );
    case "flag":
    case "flags":
      return nested("{ readonly label: boolean; readonly probability: number }", shape.length);
    case "ordinal":
      return nested("{ readonly label: number; readonly probabilities: readonly number[] }", shape.length);
    case "real":
    case "count":
      return nested("number", shape.length);
    default:
      throw new Error(`no type for ${kind satisfies never}`);
  }
}

function union(labels: readonly Cell[]): string {
  return labels.length === 0 ? "number" : labels.map((label) => JSON.stringify(label)).join(" | ");
}

function codeTable({ name, kind, values }: LoaderInput): string[] {
  if (kind !== "category" && kind !== "tokens") return [];
  const first = kind === "category" ? 1 : 0;
  const what =
    kind === "category"
      ? "Codes of the column's words; 0 is any other."
      : "Codes of tokens; 0 is padding, 1 any other.";
  return [
    `/** ${what} */\nconst ${local(name)}Codes = new Map<unknown, number>(\n  ${JSON.stringify(values ?? [])}.map((value, k) => [value, k + ${first}]),\n);\n\n`,
  ];
}

function labelTable({ name, kind, labels }: LoaderTask): string[] {
  return kind === "class" ? [`const ${local(name)}Labels = ${JSON.stringify(labels ?? [])} as const;\n\n`] : [];
}

function feed({ name, kind, shape }: LoaderInput): string {
  const dims = `[BATCH${shape.map((size) => `, ${size}`).join("")}]`;
  const size = elementCount(shape);
  const value = `row${access(name)}`;
  switch (kind) {
    case "f32":
    case "image":
      return `new ort.Tensor("float32", fill(new Float32Array(BATCH * ${size}), rows, ${size}, (row) => flat(${value})), ${dims})`;
    case "i32":
      return `new ort.Tensor("int32", fill(new Int32Array(BATCH * ${size}), rows, ${size}, (row) => flat(${value})), ${dims})`;
    case "category":
      return `new ort.Tensor("int32", fill(new Int32Array(BATCH), rows, 1, (row) => [${local(name)}Codes.get(${value}) ?? 0]), ${dims})`;
    case "tokens":
      return `new ort.Tensor("int32", fill(new Int32Array(BATCH * ${size}), rows, ${size}, (row) => ${value}.slice(0, ${size}).map((token) => ${local(name)}Codes.get(token) ?? 1)), ${dims})`;
    default:
      throw new Error(`no tensor for ${kind satisfies never}`);
  }
}

function answer(task: LoaderTask, inputs: readonly LoaderInput[]): string {
  const { name, kind, shape, axes, width } = task;
  const values = local(name);
  const size = elementCount(shape);
  const element = (at: string): string => {
    const own = `${values}.slice(${at} * ${width}, ${at} * ${width} + ${width})`;
    switch (kind) {
      case "class":
        return `classAnswer(${values}Labels, ${own})`;
      case "ordinal":
        return `levelAnswer(${own})`;
      case "flag":
      case "flags":
        return `flagAnswer(${values}[${at}])`;
      case "real":
      case "count":
        return `${values}[${at}]`;
      default:
        throw new Error(`no answer for ${kind satisfies never}`);
    }
  };
  // Axes outermost first: each a list over the ones behind it.
  const build = (axis: number, index: string): string => {
    if (axis === shape.length) return element(index);
    const follows = inputs.find((input) => input.name === axes[axis]);
    const count = follows ? `Math.min(${shape[axis]}, row${access(follows.name)}.length)` : String(shape[axis]);
    const counter = `k${axis}`;
    const rest = elementCount(shape.slice(axis + 1));
    const next = rest === 1 ? `${index} + ${counter}` : `${index} + ${counter} * ${rest}`;
    return `Array.from({ length: ${count} }, (_, ${counter}) => ${axis + 1 === shape.length ? element(`(${next})`) : build(axis + 1, next)})`;
  };
  return shape.length === 0 ? element("at") : build(0, `at * ${size}`);
}

function support(inputs: readonly LoaderInput[], tasks: readonly LoaderTask[]): string {
  const kinds = new Set(tasks.map(({ kind }) => kind));
  const parts = [
    `/** Writes each row's numbers to its place; what is missing is NaN. */
function fill<T extends Float32Array | Int32Array>(
  into: T,
  rows: readonly Row[],
  size: number,
  numbersOfRow: (row: Row) => readonly number[],
): T {
  rows.forEach((row, at) => {
    const numbers = numbersOfRow(row);
    if (numbers.length > size) throw new Error(\`row \${at} holds \${numbers.length} numbers where \${size} belong\`);
    into.set(numbers, at * size);
  });
  return into;
}
`,
    `function numbersOf(tensor: Tensor): Float32Array {
  if (!(tensor.data instanceof Float32Array)) throw new Error("the graph is another one than this file was written for");
  return tensor.data;
}
`,
  ];
  if (inputs.some(({ kind }) => kind === "f32" || kind === "i32" || kind === "image"))
    parts.push(`type Numbers = number | null | readonly Numbers[];

function flat(value: Numbers): number[] {
  if (typeof value === "number") return [value];
  return value === null ? [NaN] : value.flatMap(flat);
}
`);
  if (kinds.has("class"))
    parts.push(`function classAnswer<L>(labels: readonly L[], probabilities: Float32Array): { label: L; probabilities: number[] } {
  const best = probabilities.indexOf(Math.max(...probabilities));
  return { label: labels[best], probabilities: [...probabilities] };
}
`);
  if (kinds.has("ordinal"))
    parts.push(`/** The level is the number of levels below which more than half of the probability lies. */
function levelAnswer(probabilities: Float32Array): { label: number; probabilities: number[] } {
  let below = 0;
  let label = 0;
  while (label < probabilities.length - 1 && (below += probabilities[label]) < 0.5) label++;
  return { label, probabilities: [...probabilities] };
}
`);
  if (kinds.has("flag") || kinds.has("flags"))
    parts.push(`function flagAnswer(probability: number): { label: boolean; probability: number } {
  return { label: probability > 0.5, probability };
}
`);
  return parts.join("\n");
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

function property(name: string): string {
  return IDENTIFIER.test(name) ? name : JSON.stringify(name);
}

function access(name: string): string {
  return IDENTIFIER.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

function quoted(name: string): string {
  return JSON.stringify(name);
}

/** A name for a variable, which no name of ours is. */
function local(name: string): string {
  return `_${name.replace(/[^\w$]/g, "_")}`;
}
