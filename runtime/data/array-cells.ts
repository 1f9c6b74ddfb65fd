import { listWords } from "../../compiler/words/cells.ts";
import { nestedWords, type NestedList } from "./nested.ts";
import { elementsOf } from "./table.ts";

type Room = Float64Array<ArrayBuffer> | Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** Cells of a column that are arrays of one shape, kept one behind the other in the narrowest type that holds them. */
export class ArrayCells {
  readonly shape: readonly number[];
  readonly #size: number;
  #cells: number;
  #room: Room;

  /** `empty`: how many empty cells come first. `like`: a cell of the kind that is to come. */
  constructor(shape: readonly number[], empty: number, like: ArrayLike<number>) {
    this.shape = shape;
    this.#size = elementsOf(shape);
    this.#cells = empty;
    const length = (empty + 16) * this.#size;
    if (empty === 0 && like instanceof Uint8Array) this.#room = new Uint8Array(length);
    else if (empty === 0 && like instanceof Float32Array) this.#room = new Float32Array(length);
    else this.#room = new Float64Array(length).fill(NaN);
  }

  fits(shape: readonly number[]): boolean {
    return shape.length === this.shape.length && shape.every((size, axis) => size === this.shape[axis]);
  }

  push(values: ArrayLike<number>): void {
    const narrow = this.#room instanceof Uint8Array ? values instanceof Uint8Array : values instanceof Float32Array;
    if (!narrow) this.#widen();
    this.#grow();
    this.#room.set(values, this.#cells * this.#size);
    this.#cells++;
  }

  pushEmpty(): void {
    if (this.#room instanceof Uint8Array) this.#widen();
    this.#grow();
    this.#room.fill(NaN, this.#cells * this.#size, (this.#cells + 1) * this.#size);
    this.#cells++;
  }

  /** [cells × elements]. */
  values(): Room {
    return this.#room.slice(0, this.#cells * this.#size);
  }

  /** The same cells as lists of words; a cell without any number is empty. */
  lists(): (readonly string[] | null)[] {
    return Array.from({ length: this.#cells }, (_, cell) => this.#words(cell));
  }

  /** The same cells as lists in lists. */
  nested(): (NestedList | null)[] {
    return this.lists().map((words) => words && nestedWords(words, this.shape));
  }

  #words(cell: number): readonly string[] | null {
    const words = listWords(Array.from(this.#room.subarray(cell * this.#size, (cell + 1) * this.#size)));
    return words.length > 0 && words.every((word) => word === "") ? null : words;
  }

  #grow(): void {
    const needed = (this.#cells + 1) * this.#size;
    if (needed <= this.#room.length) return;
    const length = Math.max(needed, this.#room.length * 2);
    const grown: Room =
      this.#room instanceof Uint8Array
        ? new Uint8Array(length)
        : this.#room instanceof Float32Array
          ? new Float32Array(length)
          : new Float64Array(length);
    grown.set(this.#room);
    this.#room = grown;
  }

  #widen(): void {
    if (this.#room instanceof Float64Array) return;
    this.#room = Float64Array.from(this.#room);
  }
}
