import type { DataFile } from "./files.ts";
import { elementsOf } from "./table.ts";
import type { NumberArray } from "./table.ts";
import { unreadable } from "./unreadable.ts";

/** The header of an array in NumPy's format (NEP 1): type, order and shape. */
export interface NpyHeader {
  /** Letter and bytes of one element: `f4`, `i8`, `b1`, `U12`. */
  readonly type: string;
  readonly width: number;
  readonly bigEndian: boolean;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  /** Where the elements begin. */
  readonly offset: number;
}

const MAGIC = "\x93NUMPY";
const MOST_HEADER = 1 << 16;
const numberTypes = new Set(["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"]);

/** `name` is what a message calls the array. */
export function npyHeader(file: DataFile, name: string, bytes: Buffer): NpyHeader {
  const refuse = (problem: string) => unreadable(file, `${name} in it ${problem}`);
  if (bytes.length < 12 || bytes.toString("latin1", 0, 6) !== MAGIC) throw refuse("is no array");
  const [major] = bytes.subarray(6, 7);
  if (major < 1 || major > 3) throw refuse(`is of the unknown version ${major}`);
  const start = major === 1 ? 10 : 12;
  const length = major === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8);
  if (length > MOST_HEADER || start + length > bytes.length) throw refuse("is cut off within its header");
  const text = bytes.toString("utf8", start, start + length);
  const descr = /'descr'\s*:\s*'([<>|=]?)([a-zA-Z])(\d+)'/.exec(text);
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  const axes = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(text);
  if (/'descr'\s*:\s*'[<>|=]?O'/.test(text)) throw refuse("holds Python objects, which are never loaded");
  if (descr === null || fortran === null || axes === null) throw refuse("has a header that cannot be understood");
  const shape = axes[1]
    .split(",")
    .map((axis) => axis.trim())
    .filter((axis) => axis !== "")
    .map((axis) => parseInt(axis, 10));
  const [, order, letter, size] = descr;
  const type = letter + size;
  const bytesEach = Number(size) * (letter === "U" ? 4 : 1);
  if (!numberTypes.has(type) && letter !== "U" && letter !== "S")
    throw refuse(`has elements of the type '${type}', which is not read`);
  if (shape.some((axis) => axis > Number.MAX_SAFE_INTEGER) || elementsOf(shape) > Number.MAX_SAFE_INTEGER)
    throw refuse("has a shape that cannot be");
  return {
    type,
    width: bytesEach,
    bigEndian: order === ">",
    fortran: fortran[1] === "True",
    shape,
    offset: start + length,
  };
}

/** What is told of the elements: numbers, whole numbers too large for a double as texts, or texts. */
export type NpyElements =
  | { readonly kind: "numbers"; readonly values: NumberArray }
  | { readonly kind: "texts"; readonly values: readonly string[] };

/** The array's elements in row-major order. The bytes must be exactly as many as the header promises. */
export function npyElements(file: DataFile, name: string, header: NpyHeader, bytes: Buffer): NpyElements {
  const count = elementsOf(header.shape);
  const body = bytes.subarray(header.offset);
  if (body.length !== count * header.width)
    throw unreadable(
      file,
      `${name} in it is ${body.length < count * header.width ? "cut off" : "too long"}: its header promises ${count * header.width} bytes, ${body.length} are there`,
    );
  const elements = decode(file, name, header, body, count);
  if (!header.fortran || header.shape.length < 2) return elements;
  const order = rowMajor(header.shape);
  if (elements.kind === "texts") return { kind: "texts", values: Array.from(order, (i) => elements.values[i]) };
  const values = elements.values.slice();
  for (let i = 0; i < values.length; i++) values[i] = elements.values[order[i]];
  return { kind: "numbers", values };
}

/** For each element in row-major order its place in column-major (Fortran) order. */
function rowMajor(shape: readonly number[]): Float64Array {
  const strides = shape.map((_, axis) => elementsOf(shape.slice(0, axis)));
  const order = new Float64Array(elementsOf(shape));
  const index = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < order.length; i++) {
    order[i] = index.reduce((place, at, axis) => place + at * strides[axis], 0);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return order;
}

function decode(file: DataFile, name: string, header: NpyHeader, body: Buffer, count: number): NpyElements {
  const { type, width, bigEndian } = header;
  const numbers = (values: NumberArray, at: (offset: number) => number): NpyElements => {
    for (let i = 0; i < count; i++) values[i] = at(i * width);
    return { kind: "numbers", values };
  };
  switch (type) {
    case "b1":
    case "u1":
      return numbers(new Uint8Array(count), (at) => body[at]);
    case "i1":
      return numbers(new Int8Array(count), (at) => body.readInt8(at));
    case "i2":
      return numbers(new Int16Array(count), (at) => (bigEndian ? body.readInt16BE(at) : body.readInt16LE(at)));
    case "u2":
      return numbers(new Uint16Array(count), (at) => (bigEndian ? body.readUInt16BE(at) : body.readUInt16LE(at)));
    case "i4":
      return numbers(new Int32Array(count), (at) => (bigEndian ? body.readInt32BE(at) : body.readInt32LE(at)));
    case "u4":
      return numbers(new Uint32Array(count), (at) => (bigEndian ? body.readUInt32BE(at) : body.readUInt32LE(at)));
    case "f2":
      return numbers(new Float32Array(count), (at) => half(bigEndian ? body.readUInt16BE(at) : body.readUInt16LE(at)));
    case "f4":
      return numbers(new Float32Array(count), (at) => (bigEndian ? body.readFloatBE(at) : body.readFloatLE(at)));
    case "f8":
      return numbers(new Float64Array(count), (at) => (bigEndian ? body.readDoubleBE(at) : body.readDoubleLE(at)));
    case "i8":
    case "u8":
      return longs(header, body, count);
    default:
      return {
        kind: "texts",
        values: Array.from({ length: count }, (_, i) => textAt(file, name, header, body, i * width)),
      };
  }
}

/** Whole numbers of 64 bits: as numbers where each is exact, else as texts (keys). */
function longs({ type, bigEndian }: NpyHeader, body: Buffer, count: number): NpyElements {
  const at = (i: number): bigint =>
    type === "i8"
      ? bigEndian
        ? body.readBigInt64BE(8 * i)
        : body.readBigInt64LE(8 * i)
      : bigEndian
        ? body.readBigUInt64BE(8 * i)
        : body.readBigUInt64LE(8 * i);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    values[i] = Number(at(i));
    if (!Number.isSafeInteger(values[i]))
      return { kind: "texts", values: Array.from({ length: count }, (_, each) => String(at(each))) };
  }
  return { kind: "numbers", values };
}

/** A number of 16 bits (IEEE 754 binary16). */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** A text of fixed width, padded with zeros: bytes, or code points of 32 bits. */
function textAt(file: DataFile, name: string, { type, width, bigEndian }: NpyHeader, body: Buffer, at: number): string {
  if (type[0] === "S") return body.toString("utf8", at, at + width).replace(/\0+$/, "");
  let text = "";
  for (let i = at; i < at + width; i += 4) {
    const point = bigEndian ? body.readUInt32BE(i) : body.readUInt32LE(i);
    if (point > 0x10ffff) throw unreadable(file, `${name} in it holds what is no text`);
    text += String.fromCodePoint(point);
  }
  return text.replace(/\0+$/, "");
}
