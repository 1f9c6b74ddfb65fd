import type { Cell } from "../../ir/model.ts";
import { nested, type LoaderInput } from "./loader-inputs.ts";
import { identifier } from "./loader-names.ts";

/** What a loader makes of the graph's results. */

export interface LoaderTask {
  readonly name: string;
  readonly doc?: string;
  readonly kind: "class" | "flag" | "flags" | "real" | "count" | "ordinal";
  /** Of one answer, without its probabilities. */
  readonly shape: readonly number[];
  /** By axis the tokens input that it follows, or null: as many answers as the row has tokens. */
  readonly axes: readonly (string | null)[];
  /** Of a class, and of levels that are written. */
  readonly labels?: readonly Cell[];
  /** Probabilities of each answer; 1 where it is a number. */
  readonly width: number;
  readonly unit: string | null;
  /** The output that holds the labels' codes, where they are chosen together. */
  readonly chosen?: string;
}

/** Above this, labels are listed once, not in the type as well. */
const FEW = 12;

export function answerType({ name, kind, shape, labels }: LoaderTask): string {
  if (labels) {
    const label =
      labels.length > FEW
        ? `(typeof ${identifier(name)}Labels)[number]`
        : labels.map((each) => JSON.stringify(each)).join(" | ");
    return nested(`ClassAnswer<${label}>`, shape.length);
  }
  switch (kind) {
    case "class":
      throw new Error(`the class ${name} has no labels`);
    case "flag":
    case "flags":
      return nested("FlagAnswer", shape.length);
    case "ordinal":
      return nested("LevelAnswer", shape.length);
    case "real":
    case "count":
      return nested("number", shape.length);
    default:
      throw new Error(`no type for ${kind satisfies never}`);
  }
}

export function labelTable({ name, labels }: LoaderTask): string[] {
  return labels ? [`const ${identifier(name)}Labels = ${JSON.stringify(labels)} as const;\n\n`] : [];
}

/** Takes a task's numbers out of the results. */
export function resultsOf({ name, chosen }: LoaderTask): string[] {
  const values = `const ${identifier(name)}Values = floats(results[${JSON.stringify(name)}]);`;
  return chosen === undefined
    ? [values]
    : [values, `const ${identifier(name)}Chosen = codes(results[${JSON.stringify(chosen)}]);`];
}

/** A row's answer: an expression of its `index` and, where answers go along tokens, of their lists. */
export function answer(task: LoaderTask, inputs: readonly LoaderInput[]): string {
  const { name, kind, shape, axes, width, chosen, labels } = task;
  const values = `${identifier(name)}Values`;
  const element = (at: string): string => {
    const place = /^\w+$/.test(at) ? at : `(${at})`;
    const own = `${values}.subarray(${place} * ${width}, (${at} + 1) * ${width})`;
    switch (kind) {
      case "class": {
        const code = chosen === undefined ? "" : `, at(${identifier(name)}Chosen, ${at})`;
        return `classAnswer(${identifier(name)}Labels, ${own}${code})`;
      }
      case "ordinal":
        return labels ? `classAnswer(${identifier(name)}Labels, ${own}, levelOf(${own}))` : `levelAnswer(${own})`;
      case "flag":
      case "flags":
        return `flagAnswer(at(${values}, ${at}))`;
      case "real":
      case "count":
        return `at(${values}, ${at})`;
      default:
        throw new Error(`no answer for ${kind satisfies never}`);
    }
  };
  // Axes outermost first: each a list over the ones behind it.
  const build = (axis: number, index: string): string => {
    if (axis === shape.length) return element(index);
    const tokens = inputs.find((input) => input.name === axes[axis]);
    const length = tokens ? `at(${identifier(tokens.name)}Tokens, index).length` : null;
    const counter = "ijkmnpq"[axis];
    const next = `${index.includes("+") ? `(${index})` : index} * ${shape[axis]} + ${counter}`;
    return `list(${length === null ? shape[axis] : `Math.min(${shape[axis]}, ${length})`}, (${counter}) => ${build(axis + 1, next)})`;
  };
  return build(0, "index");
}

/** Types and functions that the answers need. */
export function answerSupport(tasks: readonly LoaderTask[]): {
  readonly types: string[];
  readonly functions: string[];
} {
  const has = (...kinds: readonly LoaderTask["kind"][]): boolean => tasks.some(({ kind }) => kinds.includes(kind));
  const types: string[] = [];
  const functions = [
    `function floats(tensor: Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new Error(OTHER_GRAPH);
  return tensor.data;
}
`,
    `function at<T>(values: ArrayLike<T>, index: number): T {
  const value = values[index];
  if (value === undefined) throw new Error(OTHER_GRAPH);
  return value;
}
`,
  ];
  if (tasks.some(({ chosen }) => chosen !== undefined))
    functions.push(`function codes(tensor: Tensor | undefined): Int32Array {
  if (!(tensor?.data instanceof Int32Array)) throw new Error(OTHER_GRAPH);
  return tensor.data;
}
`);
  if (tasks.some(({ shape }) => shape.length > 0))
    functions.push(`function list<T>(length: number, make: (index: number) => T): T[] {
  return Array.from({ length }, (_, index) => make(index));
}
`);
  if (tasks.some(({ labels }) => labels)) {
    types.push(`export interface ClassAnswer<Label> {
  readonly label: Label;
  /** By label. */
  readonly probabilities: Readonly<Record<string, number>>;
}
`);
    functions.push(`function classAnswer<Label>(
  labels: readonly Label[],
  probabilities: Float32Array,
  code = probabilities.indexOf(Math.max(...probabilities)),
): ClassAnswer<Label> {
  return {
    label: at(labels, code),
    probabilities: Object.fromEntries(labels.map((label, index) => [String(label), at(probabilities, index)])),
  };
}
`);
  }
  if (tasks.some(({ kind, labels }) => kind === "ordinal" && !labels)) {
    types.push(`export interface LevelAnswer {
  readonly label: number;
  /** Of each level. */
  readonly probabilities: readonly number[];
}
`);
    functions.push(`function levelAnswer(probabilities: Float32Array): LevelAnswer {
  return { label: levelOf(probabilities), probabilities: [...probabilities] };
}
`);
  }
  if (has("ordinal"))
    functions.push(`/** The level is the number of levels below which more than half of the probability lies. */
function levelOf(probabilities: Float32Array): number {
  let below = 0;
  const level = probabilities.findIndex((probability) => (below += probability) >= 0.5);
  return level < 0 ? probabilities.length - 1 : level;
}
`);
  if (has("flag", "flags")) {
    types.push(`export interface FlagAnswer {
  readonly label: boolean;
  readonly probability: number;
}
`);
    functions.push(`function flagAnswer(probability: number): FlagAnswer {
  return { label: probability > 0.5, probability };
}
`);
  }
  return { types, functions };
}
