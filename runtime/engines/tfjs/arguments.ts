import type { DataType, Tensor, Tensor4D } from "@tensorflow/tfjs";

/** The type of the module, whichever package it came from. */
export type Tfjs = typeof import("@tensorflow/tfjs");

/** What one argument of a call is when it runs. */
export type Given = Tensor | readonly Tensor[] | number | boolean | string | readonly number[] | Pairs | undefined;
type Pairs = readonly (readonly [number, number])[];

const DATA_TYPES = ["float32", "int32", "bool"] as const;

/** The arguments of one call, each read as what the function takes there: the wrong kind is an error of ours. */
export class Arguments {
  private readonly list: readonly Given[];

  constructor(list: readonly Given[]) {
    this.list = list;
  }

  tensor(at: number): Tensor {
    const given = this.list[at];
    return isTensor(given) ? given : this.wrong(at, "a tensor");
  }

  /** An image, or the kernel of a convolution. */
  image(at: number): Tensor4D {
    const given = this.tensor(at);
    return hasFourAxes(given) ? given : this.wrong(at, "a tensor of four axes");
  }

  tensors(at: number): Tensor[] {
    const given = this.list[at];
    return Array.isArray(given) && given.every(isTensor) ? [...given] : this.wrong(at, "tensors");
  }

  number(at: number): number {
    const given = this.list[at];
    return typeof given === "number" ? given : this.wrong(at, "a number");
  }

  optionalNumber(at: number): number | undefined {
    return this.list[at] === undefined ? undefined : this.number(at);
  }

  flag(at: number): boolean {
    const given = this.list[at];
    return given === undefined ? false : typeof given === "boolean" ? given : this.wrong(at, "true or false");
  }

  text(at: number): string {
    const given = this.list[at];
    return typeof given === "string" ? given : this.wrong(at, "text");
  }

  dtype(at: number): (typeof DATA_TYPES)[number] & DataType {
    const given = this.text(at);
    return DATA_TYPES.find((name) => name === given) ?? this.wrong(at, "a data type");
  }

  padding(at: number): "same" | "valid" {
    const given = this.text(at);
    return given === "same" || given === "valid" ? given : this.wrong(at, "same or valid");
  }

  numbers(at: number): number[] {
    const given = this.list[at];
    return Array.isArray(given) && given.every(isNumber) ? [...given] : this.wrong(at, "numbers");
  }

  optionalNumbers(at: number): number[] | undefined {
    return this.list[at] === undefined ? undefined : this.numbers(at);
  }

  pair(at: number): [number, number] {
    const given = this.numbers(at);
    return given.length === 2 ? [given[0], given[1]] : this.wrong(at, "two numbers");
  }

  shape4(at: number): [number, number, number, number] {
    const given = this.numbers(at);
    return given.length === 4 ? [given[0], given[1], given[2], given[3]] : this.wrong(at, "four sizes");
  }

  pairs(at: number): [number, number][] {
    const given = this.list[at];
    return Array.isArray(given) && given.every(isPair)
      ? given.map(([before, after]) => [before, after])
      : this.wrong(at, "paddings");
  }

  private wrong(at: number, wanted: string): never {
    throw new Error(`argument ${at} of a call is no ${wanted}`);
  }
}

function isTensor(given: unknown): given is Tensor {
  return typeof given === "object" && given !== null && "dataId" in given;
}

function hasFourAxes(tensor: Tensor): tensor is Tensor4D {
  return tensor.rank === 4;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function isPair(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every(isNumber);
}
