import { elementCount } from "../../graph/graph.ts";
import type { Cell } from "../../ir/model.ts";
import { tokenPatterns, type Tokenizer } from "../../words/tokenizing.ts";
import { valueKey } from "../../words/cells.ts";
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
  /** Whether a category's values stand in the model's file. */
  readonly written?: boolean;
  /** True where a missing number is filled in. */
  readonly filled: boolean;
  /** How texts become tokens. */
  readonly tokenizer?: { readonly word: Tokenizer; readonly lowercase: boolean };
  /** The least and the greatest number that the network can take, where that is not what 32 bits hold. */
  readonly range?: readonly [number, number];
}

export function inputType({ kind, shape, filled, tokenizer }: LoaderInput): string {
  switch (kind) {
    case "category":
      return "Cell | null";
    case "tokens":
      return tokenizer ? "string | readonly string[] | null" : "readonly string[] | null";
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
  const table = (doc: string, keys: readonly Cell[], type: string, first: number): string =>
    `/** ${doc} */\nconst ${identifier(name)}Codes = new Map<${type}, number>(${JSON.stringify(keys)}.map((value, index) => [value, index + ${first}]));\n\n`;
  if (kind === "category")
    return [table(`Codes of ${name}; 0 is whatever is not here.`, values.map(valueKey), "number | string", 1)];
  if (kind !== "tokens") return [];
  return [
    table(`Codes of the tokens of ${name}; 0 is padding, 1 whatever is not here.`, values.slice(2), "unknown", 2),
  ];
}

/** Tokens are wanted twice: for their codes, and to know how many there are. */
export function tokensOfRows({ name, kind, tokenizer }: LoaderInput): string[] {
  if (kind !== "tokens") return [];
  const place = `first + index, ${JSON.stringify(name)}, row${access(name)}`;
  const tokens = tokenizer
    ? `tokensOf(${place}, /${tokenPatterns[tokenizer.word].source}/gu, ${tokenizer.lowercase})`
    : `wordsOf(${place})`;
  return [`const ${identifier(name)}Tokens = rows.map((row, index) => ${tokens});`];
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
export function feed({ name, kind, shape, element, filled, range }: LoaderInput): string {
  const size = elementCount(shape);
  const place = `first + index, ${JSON.stringify(name)}, row${access(name)}`;
  const codes = `${identifier(name)}Codes`;
  const numbers = (): string => {
    switch (kind) {
      case "f32":
      case "image":
      case "i32": {
        const [least, most] = range ?? (kind === "i32" ? WHOLE : [null, null]);
        const wanted = [`size: ${size}`];
        if (kind === "i32") wanted.push("isWhole: true");
        if (least !== null) wanted.push(`least: ${least}`, `most: ${most}`);
        if (filled) wanted.push("mayLack: true");
        return `rows.map((row, index) => numbersOf(${place}, { ${wanted.join(", ")} }))`;
      }
      case "category":
        return `rows.map((row, index) => [categoryCode(valueOf(${place}), ${codes}, noticed${access(name)})])`;
      case "tokens":
        return `${identifier(name)}Tokens.map((tokens) => tokenCodes(tokens, ${size}, ${codes}, noticed${access(name)}))`;
      default:
        throw new Error(`no numbers for ${kind satisfies never}`);
    }
  };
  return `${TENSORS[element].type}Tensor([${shape.join(", ")}], ${numbers()})`;
}

/** Whole numbers of 32 bits. */
const WHOLE = [-(2 ** 31), 2 ** 31 - 1] as const;

/** Functions that the inputs need. `missing` are cells that are read as empty; `mtlc` are the functions of `src/loader.ts`. */
export function inputSupport(inputs: readonly LoaderInput[], missing: readonly Cell[]): string[] {
  const [textOfCell, wordsOfList] =
    missing.length === 0
      ? ["return mtlc.textOfCell(cell);", "mtlc.listWords(elements)"]
      : [
          `const text = mtlc.textOfCell(cell);
  return mtlc.isEmptyText(text, EMPTY) ? "" : text;`,
          'mtlc.listWords(elements).map((word) => (mtlc.isEmptyText(word, EMPTY) ? "" : word))',
        ];
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
    `/** The text of a cell, "" where it is empty. A list of one is what it holds. */
function cellOf(row: number, name: string, cell: unknown): string {
  const elements = elementsOf(cell);
  if (elements?.length === 1) return cellOf(row, name, elements[0]);
  if (isNoValue(cell))
    throw new Error(\`row \${row}: \${name} holds \${elements ? "a list" : typeof cell === "object" ? "an object" : \`a \${typeof cell}\`} where one value belongs\`);
  ${textOfCell}
}

function isNoValue(cell: unknown): boolean {
  return (typeof cell === "object" && cell !== null) || typeof cell === "function" || typeof cell === "symbol";
}

function elementsOf(cell: unknown): readonly unknown[] | null {
  return Array.isArray(cell) ? cell : ArrayBuffer.isView(cell) ? Object.values(cell) : null;
}
`,
  ];
  if (has("category")) parts.push("type Cell = string | number | boolean;\n");
  if (has("category", "tokens"))
    parts.push(`/** The text of a cell whose value is told from others. */
function valueOf(row: number, name: string, cell: unknown): string {
  const text = cellOf(row, name, cell);
  if (mtlc.isInexactText(text)) throw inexact(row, name, text);
  return text;
}

function inexact(row: number, name: string, text: string): Error {
  return new Error(\`row \${row}: \${name} holds \${text}, a whole number beyond 2^53: it would stand for its neighbours as well\`);
}
`);
  if (has("f32", "i32", "image"))
    parts.push(`/** The greatest number of 32 bits. */
const MOST = 3.4028234663852886e38;

interface Wanted {
  readonly size: number;
  readonly isWhole?: boolean;
  readonly least?: number;
  readonly most?: number;
  /** What is missing is filled in by the graph. */
  readonly mayLack?: boolean;
}

/** Numbers in one list, as many as belong there; what is missing is NaN. */
function numbersOf(row: number, name: string, cell: unknown, { size, isWhole = false, least = -MOST, most = MOST, mayLack = false }: Wanted): number[] {
  const place = \`row \${row}: \${name}\`;
  const numbers = isEmpty(row, name, cell) ? new Array<number>(size).fill(NaN) : flat(row, name, cell);
  if (numbers.length !== size) throw new Error(\`\${place} holds \${numbers.length} numbers where \${size} belong\`);
  for (const number of numbers) {
    if (Number.isNaN(number) && !mayLack) throw new Error(\`\${place} lacks a number\`);
    if (isWhole && !Number.isNaN(number) && !Number.isInteger(number)) throw new Error(\`\${place} holds \${number}, which is no whole number\`);
    if (number < least || number > most) throw new Error(\`\${place} holds \${number}, which is not from \${least} to \${most}\`);
  }
  return numbers;
}

function isEmpty(row: number, name: string, cell: unknown): boolean {
  return elementsOf(cell) === null && cellOf(row, name, cell) === "";
}

function flat(row: number, name: string, cell: unknown): number[] {
  const elements = elementsOf(cell);
  if (elements) return elements.flatMap((element) => flat(row, name, element));
  const text = cellOf(row, name, cell);
  const number = text === "" ? NaN : mtlc.numberOfCell(text);
  if (number === null) throw new Error(\`row \${row}: \${name} holds "\${text}", which is no number\`);
  return [number];
}
`);
  if (has("tokens"))
    parts.push(`/** A list as it is: one token an element. */
function wordsOf(row: number, name: string, cell: unknown): string[] {
  const elements = elementsOf(cell);
  if (elements?.some(isNoValue)) throw new Error(\`row \${row}: \${name} holds more than words in its list\`);
  if (elements) return exact(row, name, ${wordsOfList});
  const text = valueOf(row, name, cell);
  return text === "" ? [] : [text];
}

/** A list of numbers holds what tells them apart. */
function exact(row: number, name: string, words: string[]): string[] {
  const one = words.find((word) => mtlc.isInexactText(word));
  if (one !== undefined && words.every((word) => word === "" || mtlc.numeralIn(word) !== null)) throw inexact(row, name, one);
  return words;
}
`);
  if (inputs.some(({ tokenizer }) => tokenizer))
    parts.push(`/** A text cut as it was in training; a list is taken as it is. */
function tokensOf(row: number, name: string, cell: unknown, token: RegExp, isLowered: boolean): readonly string[] {
  const words = wordsOf(row, name, cell).map((word) => (isLowered ? word.toLowerCase() : word));
  return elementsOf(cell) ? words : words.flatMap((word) => word.match(token) ?? []);
}
`);
  return parts;
}
