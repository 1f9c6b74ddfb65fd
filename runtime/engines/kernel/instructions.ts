import { signed, unsigned } from "./module.ts";

/** Instructions of WebAssembly as bytes, under the names of its specification. */

const simd = (code: number, ...rest: readonly number[]) => [0xfd, ...unsigned(code), ...rest];

function float32(value: number): number[] {
  return [...new Uint8Array(new Float32Array([value]).buffer)];
}

/** At an address and so many bytes on. Natural alignment is promised nowhere: a view may begin at any element. */
const at = (bytes: number) => [2, ...unsigned(bytes)];

export const code = {
  end: [0x0b],
  /** Without a value. */
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  br: (depth: number) => [0x0c, ...unsigned(depth)],
  brIf: (depth: number) => [0x0d, ...unsigned(depth)],
  get: (local: number) => [0x20, ...unsigned(local)],
  set: (local: number) => [0x21, ...unsigned(local)],

  i32Const: (value: number) => [0x41, ...signed(value)],
  i32GeU: [0x4f],
  i32Add: [0x6a],
  i32And: [0x71],
  i32Shl: [0x74],

  f32Const: (value: number) => [0x43, ...float32(value)],
  f64Const0: [0x44, 0, 0, 0, 0, 0, 0, 0, 0],
  f64Add: [0xa0],
  f64PromoteF32: [0xbb],
  f32DemoteF64: [0xb6],

  v128Load: (bytes: number) => simd(0, ...at(bytes)),
  v128Load32Zero: simd(0x5c, ...at(0)),
  v128Store: (bytes: number) => simd(11, ...at(bytes)),
  v128Store32Lane0: simd(0x5a, ...at(0), 0),
  v128Not: simd(77),
  v128And: simd(78),
  v128Or: simd(80),
  v128Bitselect: simd(82),
  v128Const0: simd(12, ...new Array<number>(16).fill(0)),
  f32x4Splat: simd(19),
  f32x4ExtractLane0: simd(31, 0),
  f64x2ExtractLane: (lane: number) => simd(33, lane),
  f32x4Eq: simd(65),
  f32x4Ne: simd(66),
  f32x4Lt: simd(67),
  f32x4Gt: simd(68),
  f32x4Ge: simd(70),
  i32x4Eq: simd(55),
  f32x4Abs: simd(224),
  f32x4Neg: simd(225),
  f32x4Sqrt: simd(227),
  f32x4Add: simd(228),
  f32x4Sub: simd(229),
  f32x4Mul: simd(230),
  f32x4Div: simd(231),
  f32x4Min: simd(232),
  f32x4Max: simd(233),
  f64x2Add: simd(240),
  f64x2PromoteLowF32x4: simd(95),
  /** Lanes 2 and 3 brought down to 0 and 1. */
  upperHalf: simd(13, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15),
} as const;
