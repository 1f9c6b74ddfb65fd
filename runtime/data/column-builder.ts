import { ArrayCells } from "./array-cells.ts";
import { isEmptyText, textOfCell, listWords, numberText, type EmptyMarks } from "../../compiler/words/cells.ts";
import { NestedCells } from "./nested-cells.ts";
import { depthOf, nestedNumbers, withWords, type NestedList } from "./nested.ts";
import { found, numeralText, plainNumber, plainNumberOf, SHORTEST } from "./numerals.ts";
import type { Column, Origin } from "./table.ts";

/** A cell that does not go with the others of its column. */
export class CellProblem extends Error {}

/** Takes a column's cells one by one. It holds numbers until the first word comes, and a dictionary from then on. */
export class ColumnBuilder {
  #length = 0;
  #numbers = new Float64Array(256);
  #decimals: Uint8Array<ArrayBuffer> | null = null;
  #words: Map<string, number> | null = null;
  #codes = new Int32Array(0);
  #arrays: ArrayCells | null = null;
  #lists: (readonly string[] | null)[] | null = null;
  #nested: NestedCells | null = null;
  /** Whether every cell so far was empty. */
  #blank = true;
  readonly #missing: EmptyMarks;

  constructor(missing: EmptyMarks) {
    this.#missing = missing;
  }

  get length(): number {
    return this.#length;
  }

  /** A cell as the bytes of a text file. */
  bytes(bytes: Buffer, from: number, to: number, decode: (start: number, end: number) => string): void {
    let start = from;
    let end = to;
    while (start < end && isBlank(bytes[start])) start++;
    while (end > start && isBlank(bytes[end - 1])) end--;
    if (start === end) return this.empty();
    if (this.#words === null) {
      const number = plainNumber(bytes, start, end);
      if (!Number.isNaN(number)) return this.#number(number, found.decimals);
    }
    this.text(decode(start, end));
  }

  text(raw: string): void {
    const text = textOfCell(raw);
    if (text === "" || this.#isMissing(text)) return this.empty();
    if (this.#words === null) {
      const number = plainNumberOf(text);
      if (!Number.isNaN(number)) return this.#number(number, found.decimals);
    }
    this.#word(text);
  }

  number(value: number): void {
    if (Number.isNaN(value)) return this.empty();
    this.#number(value, SHORTEST);
  }

  empty(): void {
    if (this.#nested !== null) this.#nested.cells.push(null);
    else if (this.#arrays !== null) this.#arrays.pushEmpty();
    else if (this.#lists !== null) this.#lists.push(null);
    else if (this.#words !== null) this.#code(-1);
    else this.#put(NaN, SHORTEST);
    this.#length++;
  }

  /** A cell that is an array of numbers, row-major; NaN where an element is empty. */
  array(values: ArrayLike<number>, shape: readonly number[]): void {
    if (this.#nested !== null) return this.nested(nestedNumbers(values, shape), `an array of ${shape.join(" × ")}`);
    if (this.#lists !== null) return this.list(listWords(Array.from(values)));
    if (this.#arrays === null) {
      if (!this.#blank) throw new CellProblem("an array among single values");
      this.#arrays = new ArrayCells(shape, this.#length, values);
    }
    if (!this.#arrays.fits(shape)) {
      if (shape.length === 1 && this.#arrays.shape.length === 1) return this.list(listWords(Array.from(values)));
      return this.nested(nestedNumbers(values, shape), `an array of ${shape.join(" × ")}`);
    }
    this.#arrays.push(this.#missing.size > 0 ? this.#withoutMissing(values) : values);
    this.#blank = false;
    this.#length++;
  }

  /** A cell that is a list of words; an empty word is an empty element. */
  list(values: readonly string[]): void {
    if (this.#nested !== null) return this.nested(values, "a list");
    if (this.#arrays !== null) {
      if (this.#arrays.shape.length !== 1) {
        if (values.some((word) => word !== "")) throw new CellProblem("a list of words among arrays of numbers");
        return this.nested(values, "a list of nothing");
      }
      this.#lists = this.#arrays.lists();
      this.#arrays = null;
    }
    if (this.#lists === null) {
      if (!this.#blank) throw new CellProblem("a list among single values");
      this.#lists = new Array<null>(this.#length).fill(null);
    }
    this.#lists.push(this.#missing.size > 0 ? values.map((text) => this.#present(text)) : values);
    this.#blank = false;
    this.#length++;
  }

  /** A cell of lists in lists. `what` it is: no array of numbers like those before it. */
  nested(list: NestedList, what: string): void {
    if (depthOf(list) === null) throw new CellProblem("lists and single values side by side in a list");
    if (this.#nested === null) {
      if (this.#arrays === null && this.#lists === null && !this.#blank)
        throw new CellProblem("an array among single values");
      const among =
        this.#arrays !== null
          ? ` among arrays of ${this.#arrays.shape.join(" × ")}`
          : this.#lists !== null
            ? " among lists"
            : "";
      const cells = new NestedCells(this.#before(), `row ${this.#length + 1} has ${what}${among}`);
      if (!cells.takes(list)) throw new CellProblem(`${what}${among}`);
      this.#nested = cells;
      this.#arrays = null;
      this.#lists = null;
    }
    const kept = this.#missing.size > 0 ? withWords(list, (word) => this.#present(word)) : list;
    if (!this.#nested.takes(kept)) throw new CellProblem(`${what} among lists in lists`);
    this.#nested.push(kept);
    this.#blank = false;
    this.#length++;
  }

  /** The cells so far as lists. */
  #before(): (NestedList | null)[] {
    if (this.#lists !== null) return this.#lists;
    return this.#arrays === null ? new Array<null>(this.#length).fill(null) : this.#arrays.nested();
  }

  finish(origin: Origin): Column {
    const length = this.#length;
    if (this.#nested !== null) {
      const { cells, depth, uneven } = this.#nested;
      return { kind: "nested", cells, depth, uneven, origin };
    }
    if (this.#lists !== null) return { kind: "list", lists: this.#lists, origin };
    if (this.#arrays !== null)
      return { kind: "array", shape: this.#arrays.shape, values: this.#arrays.values(), origin };
    if (this.#words !== null)
      return { kind: "text", codes: this.#codes.slice(0, length), words: [...this.#words.keys()], origin };
    const decimals = this.#decimals === null ? null : this.#decimals.slice(0, length);
    const values = this.#numbers.slice(0, length);
    return { kind: "number", values, decimals, origin, ...(this.#blank && { isBlank: true }) };
  }

  #number(value: number, decimals: number): void {
    if (this.#missing.size > 0 && this.#isMissing(numeralText(value, decimals))) return this.empty();
    if (this.#words !== null) return this.#word(numeralText(value, decimals));
    this.#single();
    this.#put(value, decimals);
    this.#length++;
    this.#blank = false;
  }

  #word(text: string): void {
    this.#single();
    this.#words ??= this.#toWords();
    let code = this.#words.get(text);
    if (code === undefined) {
      code = this.#words.size;
      this.#words.set(text, code);
    }
    this.#code(code);
    this.#length++;
    this.#blank = false;
  }

  #single(): void {
    if (this.#nested !== null) throw new CellProblem("a single value among lists");
    if (this.#arrays !== null) throw new CellProblem("a single value among arrays");
    if (this.#lists !== null) throw new CellProblem("a single value among lists");
  }

  #isMissing(text: string): boolean {
    return isEmptyText(text, this.#missing);
  }

  #present(text: string): string {
    return this.#isMissing(text) ? "" : text;
  }

  #withoutMissing(values: ArrayLike<number>): Float64Array {
    return Float64Array.from(values, (value) => (this.#isMissing(numberText(value)) ? NaN : value));
  }

  #put(value: number, decimals: number): void {
    const at = this.#length;
    if (at === this.#numbers.length) {
      const room = new Float64Array(at * 2);
      room.set(this.#numbers);
      this.#numbers = room;
    }
    this.#numbers[at] = value;
    if (this.#decimals === null && decimals === SHORTEST) return;
    if (this.#decimals === null || this.#decimals.length < this.#numbers.length) {
      const room = new Uint8Array(this.#numbers.length).fill(SHORTEST);
      if (this.#decimals !== null) room.set(this.#decimals);
      this.#decimals = room;
    }
    this.#decimals[at] = decimals;
  }

  #code(code: number): void {
    if (this.#length === this.#codes.length) {
      const room = new Int32Array(Math.max(256, this.#length * 2));
      room.set(this.#codes);
      this.#codes = room;
    }
    this.#codes[this.#length] = code;
  }

  /** The numbers so far become words. */
  #toWords(): Map<string, number> {
    const words = new Map<string, number>();
    this.#codes = new Int32Array(this.#numbers.length);
    for (let i = 0; i < this.#length; i++) {
      const value = this.#numbers[i];
      if (Number.isNaN(value)) {
        this.#codes[i] = -1;
        continue;
      }
      const text = numeralText(value, this.#decimals === null ? SHORTEST : this.#decimals[i]);
      const code = words.get(text) ?? words.size;
      if (code === words.size) words.set(text, code);
      this.#codes[i] = code;
    }
    this.#numbers = new Float64Array(0);
    this.#decimals = null;
    return words;
  }
}

function isBlank(byte: number): boolean {
  return byte === 32 || byte === 9;
}
