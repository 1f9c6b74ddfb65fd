import { elementCount } from "../../graph/graph.ts";
import type { Cell } from "../../ir/model.ts";
import { tokenPatterns, type Tokenizer } from "../../words/tokenizing.ts";
import { access, identifier } from "./loader-names.ts";

/** What a loader makes of the columns of a row. */

export interface LoaderInput {
  readonly name: string;
  readonly doc?: string;
  readonly kind: "f32" | "i32" | "image" | "category" | "tokens";
  /** Of one example. */
  readonly shape: readonly number[];
  /** What the graph takes. */
  readonly element: "f64" | "f32" | "i32";
  /** Category: code k + 1 is values[k], 0 what is none of them. Tokens: code k is values[k]; 0 padding, 1 unknown. */
  readonly values?: readonly Cell[];
  /** True where a missing number is filled in. */
  readonly filled: boolean;
  /** How texts become tokens. */
  readonly tokenizer?: { readonly word: Tokenizer; readonly lowercase: boolean };
}

export function inputType({ kind, shape, filled, tokenizer }: LoaderInput): string {
  switch (kind) {
    case "category":
      return "Cell | null";
    case "tokens":
      return tokenizer ? "string | readonly string[]" : "readonly string[]";
    case "f32":
    case "i32":
    case "image":
      return numbersType(filled ? "number | null" : "number", shape);
    default:
      throw new Error(`no type for ${kind satisfies never}`);
  }
}

/** Above this, a row of numbers is a list in the type, below a tuple. */
const FEW = 4;

function numbersType(type: string, shape: readonly number[]): string {
  const last = shape.at(-1);
  if (last === undefined) return type;
  if (last > FEW) return nested(type, shape.length);
  return nested(`readonly [${new Array<string>(last).fill(type).join(", ")}]`, shape.length - 1);
}

/** `readonly (readonly number[])[]` for two axes. */
export function nested(type: string, axes: number): string {
  if (axes === 0) return type;
  const inner = nested(type, axes - 1);
  return `readonly ${/[| ]/.test(inner) ? `(${inner})` : inner}[]`;
}

/** Tables of codes, one for each input that has them. */
export function codeTable({ name, kind, values = [] }: LoaderInput): string[] {
  const table = (doc: string, known: readonly Cell[], first: number): string =>
    `/** ${doc} */\nconst ${identifier(name)}Codes = new Map<unknown, number>(${JSON.stringify(known)}.map((value, index) => [value, index + ${first}]));\n\n`;
  if (kind === "category") return [table(`Codes of ${name}; 0 is whatever is not here.`, values, 1)];
  if (kind !== "tokens") return [];
  return [table(`Codes of the tokens of ${name}; 0 is padding, 1 whatever is not here.`, values.slice(2), 2)];
}

/** Tokens are wanted twice: for their codes, and to know how many there are. */
export function tokensOfRows({ name, kind, tokenizer }: LoaderInput): string[] {
  if (kind !== "tokens") return [];
  const value = `row${access(name)}`;
  const tokens = tokenizer
    ? `tokensOf(${value}, /${tokenPatterns[tokenizer.word].source}/gu, ${tokenizer.lowercase})`
    : value;
  return [`const ${identifier(name)}Tokens = rows.map((row) => ${tokens});`];
}

const TENSORS = {
  f64: { type: "float64", array: "Float64Array" },
  f32: { type: "float32", array: "Float32Array" },
  i32: { type: "int32", array: "Int32Array" },
} as const;

function elementsOf(inputs: readonly LoaderInput[]): (keyof typeof TENSORS)[] {
  return [...new Set(inputs.map(({ element }) => element))].sort();
}

/** The constructors of the tensors that are fed. */
export function tensorTypes(inputs: readonly LoaderInput[]): string[] {
  return elementsOf(inputs).map((element) => {
    const { type, array } = TENSORS[element];
    return `new (type: "${type}", data: ${array}, dims: readonly number[]): Tensor;`;
  });
}

/** Functions that make a tensor of the rows' numbers. */
export function tensorFunctions(inputs: readonly LoaderInput[]): string[] {
  return elementsOf(inputs).map((element) => {
    const { type, array } = TENSORS[element];
    return `const ${type}Tensor = (shape: readonly number[], rows: readonly (readonly number[])[]): Tensor => new ort.Tensor("${type}", ${array}.from(filled(shape, rows)), [BATCH, ...shape]);`;
  });
}

/** The tensor of an input. */
export function feed({ name, kind, shape, element, filled }: LoaderInput): string {
  const size = elementCount(shape);
  const value = `row${access(name)}`;
  const codes = `${identifier(name)}Codes`;
  const numbers = (): string => {
    switch (kind) {
      case "f32":
      case "image":
      case "i32":
        return `rows.map((row) => numbersOf(${JSON.stringify(name)}, ${value}, ${size}${filled ? ", true" : ""}))`;
      case "category":
        return `rows.map((row) => [codeOf(${codes}, ${value})])`;
      case "tokens":
        return `${identifier(name)}Tokens.map((tokens) => tokens.slice(0, ${size}).map((token) => ${codes}.get(token) ?? 1))`;
      default:
        throw new Error(`no numbers for ${kind satisfies never}`);
    }
  };
  return `${TENSORS[element].type}Tensor([${shape.join(", ")}], ${numbers()})`;
}

/** Functions that the inputs need. */
export function inputSupport(inputs: readonly LoaderInput[]): string[] {
  const has = (...kinds: readonly LoaderInput["kind"][]): boolean => inputs.some(({ kind }) => kinds.includes(kind));
  const parts = [
    `/** The rows' numbers one behind the other; what no row fills is 0. */
function filled(shape: readonly number[], rows: readonly (readonly number[])[]): number[] {
  const size = shape.reduce((product, length) => product * length, 1);
  const numbers = new Array<number>(BATCH * size).fill(0);
  rows.forEach((row, index) => row.forEach((number, place) => (numbers[index * size + place] = number)));
  return numbers;
}
`,
  ];
  if (has("f32", "i32", "image"))
    parts.push(`type Numbers = number | null | readonly Numbers[];

/** Numbers in one list, as many as belong there; what is missing is NaN. */
function numbersOf(name: string, value: Numbers, size: number, mayLack = false): number[] {
  const numbers = value === null ? new Array<number>(size).fill(NaN) : flat(value);
  if (numbers.length !== size) throw new Error(\`\${name} holds \${numbers.length} numbers where \${size} belong\`);
  if (!mayLack && numbers.some(Number.isNaN)) throw new Error(\`\${name} lacks a number\`);
  return numbers;
}

function flat(value: Numbers): number[] {
  return Array.isArray(value) ? value.flatMap(flat) : [Number(value ?? NaN)];
}
`);
  if (has("category"))
    parts.push(`type Cell = string | number | boolean;

/** The code of a cell: by its text, or by its number. */
function codeOf(codes: ReadonlyMap<unknown, number>, cell: Cell | null): number {
  const text = String(cell ?? "").trim();
  return text === "" ? 0 : (codes.get(text) ?? codes.get(Number(text)) ?? 0);
}
`);
  if (inputs.some(({ tokenizer }) => tokenizer))
    parts.push(`/** A text cut as it was in training; a list is taken as it is. */
function tokensOf(text: string | readonly string[], token: RegExp, isLowered: boolean): readonly string[] {
  const spelt = (each: string): string => (isLowered ? each.toLowerCase() : each);
  return typeof text === "string" ? (spelt(text).match(token) ?? []) : text.map(spelt);
}
`);
  return parts;
}
