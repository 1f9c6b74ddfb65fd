import { grouped } from "../../compiler/prose/numbers.ts";
import { MOST_LINE } from "./files.ts";

const QUOTE = 34;
const NEWLINE = 10;
const RETURN = 13;

/**
 * Cuts bytes that come in pieces into records and fields, without making strings of them. `next` moves to the next whole
 * record; then `starts`, `ends` are the places of its fields in `bytes`.
 */
export class Records {
  bytes: Buffer = Buffer.alloc(0);
  starts = new Int32Array(64);
  ends = new Int32Array(64);
  fields = 0;
  /** The line, from 1, that the record began in. */
  line = 0;
  /** What is wrong with the record at `line`; nothing can be read after it. */
  problem: string | null = null;
  /** 0 plain, 1 quoted, 2 quoted with doubled quotes in it. */
  #quotes = new Uint8Array(64);
  #next = 0;
  #nextLine = 1;
  /** Pieces not yet looked at; more must come before it is worth scanning a long record anew. */
  #waiting: Buffer[] = [];
  #waitingLength = 0;
  #enough = 0;
  readonly #delimiter: number;

  constructor(delimiter: number) {
    this.#delimiter = delimiter;
  }

  append(piece: Buffer): void {
    this.#waiting.push(piece);
    this.#waitingLength += piece.length;
  }

  isQuoted(field: number): boolean {
    return this.#quotes[field] > 0;
  }

  raw(field: number): Buffer {
    return this.bytes.subarray(this.starts[field], this.ends[field]);
  }

  /** The bytes of all fields. */
  all(): Buffer {
    return this.bytes.subarray(this.starts[0], this.ends[this.fields - 1]);
  }

  text(field: number): string {
    const text = this.bytes.toString("utf8", this.starts[field], this.ends[field]);
    return this.#quotes[field] === 2 ? text.replaceAll('""', '"') : text;
  }

  /** Moves to the next record that is not an empty line. False where it is not whole yet, or none is left. */
  next(last: boolean): boolean {
    if (this.problem !== null) return false;
    for (;;) {
      if ((this.#next >= this.bytes.length || this.#enough > 0) && !this.#refill(last)) return false;
      const end = this.#scan(last);
      if (this.problem !== null) return false;
      if (end < 0 && this.bytes.length - this.#next > MOST_LINE) {
        this.#stop(`it is longer than ${grouped(MOST_LINE)} bytes`);
        return false;
      }
      if (end < 0) {
        // Twice as much must be there before the record is scanned again: long records cost no more than their length.
        this.#enough = 2 * (this.bytes.length - this.#next);
        continue;
      }
      this.#next = end;
      const blank = this.fields === 1 && this.starts[0] === this.ends[0] && this.#quotes[0] === 0;
      if (!blank) return true;
    }
  }

  /** Puts what waits behind what is not read yet. False where that would bring nothing new. */
  #refill(last: boolean): boolean {
    const rest = this.bytes.length - this.#next;
    if (!last && rest + this.#waitingLength < this.#enough) return false;
    this.#enough = 0;
    if (this.#waitingLength > 0) {
      const [first] = this.#waiting;
      const alone = rest === 0 && this.#waiting.length === 1;
      this.bytes = alone ? first : Buffer.concat([this.bytes.subarray(this.#next), ...this.#waiting]);
      this.#next = 0;
      this.#waiting = [];
      this.#waitingLength = 0;
    }
    return this.#next < this.bytes.length;
  }

  /** Finds the fields of the record at `#next`; gives where the next one begins, or -1 where it is not whole. */
  #scan(last: boolean): number {
    const { bytes } = this;
    const delimiter = this.#delimiter;
    const length = bytes.length;
    let at = this.#next;
    let lines = 1;
    this.line = this.#nextLine;
    this.fields = 0;
    for (;;) {
      const start = at;
      let end: number;
      let quotes = 0;
      if (bytes[at] === QUOTE && at < length) {
        quotes = 1;
        at++;
        for (;;) {
          while (at < length && bytes[at] !== QUOTE) if (bytes[at++] === NEWLINE) lines++;
          if (at + 1 >= length && !last) return -1;
          if (at >= length) return this.#stop("a quoted cell that begins here is never closed");
          if (bytes[at + 1] !== QUOTE || at + 1 >= length) break;
          quotes = 2;
          at += 2;
        }
        end = at++;
        if (at < length && bytes[at] !== delimiter && bytes[at] !== NEWLINE && bytes[at] !== RETURN)
          return this.#stop('text follows a closing quote; a quote inside a quoted cell is written ""');
      } else {
        let byte = bytes[at];
        while (at < length && byte !== delimiter && byte !== NEWLINE && byte !== RETURN) byte = bytes[++at];
        end = at;
      }
      this.#field(quotes === 0 ? start : start + 1, end, quotes);
      if (at >= length) {
        if (!last) return -1;
        this.#nextLine += lines;
        return length;
      }
      if (bytes[at] === delimiter) {
        at++;
        continue;
      }
      if (bytes[at] === RETURN) {
        if (at + 1 >= length && !last) return -1;
        if (bytes[at + 1] === NEWLINE && at + 1 < length) at++;
      }
      this.#nextLine += lines;
      return at + 1;
    }
  }

  #stop(problem: string): number {
    this.problem = problem;
    return -1;
  }

  #field(start: number, end: number, quotes: number): void {
    if (this.fields === this.starts.length) {
      const grow = (from: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
        const room = new Int32Array(from.length * 2);
        room.set(from);
        return room;
      };
      this.starts = grow(this.starts);
      this.ends = grow(this.ends);
      const room = new Uint8Array(this.#quotes.length * 2);
      room.set(this.#quotes);
      this.#quotes = room;
    }
    this.starts[this.fields] = start;
    this.ends[this.fields] = end;
    this.#quotes[this.fields] = quotes;
    this.fields++;
  }
}
