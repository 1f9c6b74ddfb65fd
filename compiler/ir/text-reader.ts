import { stringValue } from "../../grammar/literals.ts";
import type { Columns, Source, Type, Value, Word } from "./model.ts";
import type { Size } from "./size.ts";

/** Reads single values of IR text, as `text-values.ts` writes them. Errors name the line and what should have stood there. */
export class TextReader {
  private at = 0;
  private readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  // ── Words and marks ──────────────────────────────────────────────────────────────────────────────────────────────

  private match(pattern: RegExp): string | undefined {
    this.skipSpace();
    pattern.lastIndex = this.at;
    return pattern.exec(this.text)?.[0];
  }
  private skipSpace(): void {
    const space = /\s*/y;
    space.lastIndex = this.at;
    this.at += space.exec(this.text)?.[0].length ?? 0;
  }
  get done(): boolean {
    this.skipSpace();
    return this.at >= this.text.length;
  }
  /** True, and read over, if `mark` stands here. */
  takes(mark: string): boolean {
    this.skipSpace();
    const follows = this.text.startsWith(mark, this.at);
    if (follows) this.at += mark.length;
    return follows;
  }
  expect(mark: string): void {
    if (!this.takes(mark)) this.fail(`\`${mark}\``);
  }
  fail(expected: string): never {
    const line = this.text.slice(0, this.at).split("\n").length;
    const found = this.text.slice(this.at).split("\n", 1)[0].slice(0, 40);
    throw new Error(`IR text, line ${line}: expected ${expected}, found \`${found}\``);
  }
  /** Whether a keyword stands here, followed by something that is not its own assignment. */
  takesWord(word: string): boolean {
    const found = this.match(barePattern);
    if (found !== word) return false;
    const rest = /\s*=/y;
    rest.lastIndex = this.at + found.length;
    if (rest.test(this.text)) return false;
    this.at += found.length;
    return true;
  }
  /** The lines of `///` that stand here, if any. */
  doc(): string | undefined {
    const lines: string[] = [];
    for (let line = this.match(docPattern); line !== undefined; line = this.match(docPattern)) {
      this.at += line.length;
      lines.push(line.slice(line.startsWith("/// ") ? 4 : 3));
    }
    return lines.length > 0 ? lines.join("\n") : undefined;
  }

  name(): string {
    const found = this.match(barePattern);
    if (found !== undefined) {
      this.at += found.length;
      return found;
    }
    return this.string();
  }
  string(): string {
    const found = this.match(stringPattern);
    if (found === undefined) this.fail("a name");
    this.at += found.length;
    return stringValue(found);
  }
  number(): number {
    const found = this.match(numberPattern);
    if (found === undefined) this.fail("a number");
    this.at += found.length;
    return Number(found);
  }
  boolean(): boolean {
    if (this.takesWord("true")) return true;
    if (this.takesWord("false")) return false;
    return this.fail("`true` or `false`");
  }
  /** One of some plain words. */
  choice<const W extends string>(...words: readonly W[]): W {
    const at = this.at;
    const found = this.name();
    const word = words.find((each) => each === found);
    if (word !== undefined) return word;
    this.at = at;
    return this.fail(words.map((each) => `\`${each}\``).join(" or "));
  }
  /** Undefined-like `none`, or what `read` reads. */
  orNone<T>(read: () => T): T | null {
    return this.takesWord("none") ? null : read();
  }

  // ── Values ───────────────────────────────────────────────────────────────────────────────────────────────────────

  list<T>(read: () => T): T[] {
    this.expect("[");
    return this.until("]", read);
  }
  /** Items with commas between them, up to `close`. */
  until<T>(close: string, read: () => T): T[] {
    const items: T[] = [];
    while (!this.takes(close)) {
      if (items.length > 0) this.expect(",");
      items.push(read());
    }
    return items;
  }
  /** `key:` if it stands here. */
  key(): string | undefined {
    const at = this.at;
    if (this.match(barePattern) === undefined && this.match(stringPattern) === undefined) return undefined;
    const key = this.name();
    if (this.takes(":")) return key;
    this.at = at;
    return undefined;
  }

  /** True, and read over, if `key:` stands here. */
  takesKey(key: string): boolean {
    const at = this.at;
    if (this.key() === key) return true;
    this.at = at;
    return false;
  }

  value(): Value {
    if (this.takes("[")) return this.until("]", () => this.value());
    if (this.takes("{")) return this.settings("}");
    if (this.match(stringPattern) === undefined && this.match(barePattern) === undefined) return this.number();
    if (this.match(numberPattern) !== undefined) return this.number();
    for (const [word, value] of constants) if (this.takesWord(word)) return value;
    const name = this.name();
    return this.takes("(") ? { word: name, settings: this.settings(")") } : name;
  }
  word(): Word {
    const word = this.name();
    this.expect("(");
    return { word, settings: this.settings(")") };
  }
  settings(close: string): Record<string, Value> {
    const entries = this.until(close, (): [string, Value] => {
      const key = this.key() ?? this.fail("a setting's name");
      return [key, this.value()];
    });
    return Object.fromEntries(entries);
  }

  size(): Size {
    const terms = [this.term()];
    while (this.takes("+")) terms.push(this.term());
    const [first] = terms;
    return terms.length === 1 && first.unknowns.length === 0 ? first.factor : { terms };
  }
  private term(): { unknowns: string[]; factor: number } {
    const factor = this.match(numberPattern) === undefined ? undefined : this.number();
    const unknowns: string[] = [];
    while (factor === undefined ? unknowns.length === 0 || this.takes("*") : this.takes("*")) {
      const name = this.match(unknownPattern);
      if (name === undefined) unknowns.push(this.string());
      else {
        this.at += name.length;
        unknowns.push(name);
      }
    }
    return { unknowns, factor: factor ?? 1 };
  }

  shape(): { batch: boolean; shape: Size[]; axes: (string | null)[] | undefined } {
    this.expect("[");
    const batch = /_\s*[,\]]/y;
    this.skipSpace();
    batch.lastIndex = this.at;
    const batched = batch.test(this.text);
    if (batched) {
      this.expect("_");
      if (!this.takes("]")) this.expect(",");
      else return { batch: true, shape: [], axes: undefined };
    }
    const sizes = this.until("]", () => ({ axis: this.key() ?? null, size: this.size() }));
    const axes = sizes.map(({ axis }) => axis);
    const named = axes.some((axis) => axis !== null);
    return { batch: batched, shape: sizes.map(({ size }) => size), axes: named ? axes : undefined };
  }

  type(): Type {
    const perTask = this.takesWord("per_task");
    const element = this.choice("f32", "i32");
    const { batch, shape, axes } = this.shape();
    const codes = this.takesWord("of") ? this.size() : undefined;
    return {
      element,
      shape,
      ...(axes && { axes }),
      ...(perTask && { perTask }),
      ...(!batch && { batch }),
      ...(codes !== undefined && { codes }),
    };
  }

  columns(): Columns {
    if (!this.takesWord("columns")) return { kind: "names", names: this.list(() => this.string()) };
    this.expect("(");
    const first = this.string();
    this.expect(",");
    const last = this.string();
    this.expect(")");
    return { kind: "range", first, last };
  }

  source(): Source {
    const word = this.name();
    this.expect("(");
    const operands: Source[] = [];
    const settings: [string, Value][] = [];
    this.until(")", () => {
      const key = this.key();
      if (key === undefined) operands.push(this.source());
      else settings.push([key, this.value()]);
    });
    return { word, settings: Object.fromEntries(settings), operands };
  }
}

const barePattern = /[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}\p{N}_]+)*/uy;
const stringPattern = /"(?:[^"\\]|\\.)*"/sy;
const numberPattern = /(?:-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Infinity)|NaN)(?![\p{L}\p{N}_.])/uy;
const unknownPattern = /[\p{L}_][\p{L}\p{N}_]*\([\p{L}_][\p{L}\p{N}_.]*\)/uy;
const docPattern = /\/\/\/[^\n]*/y;
const constants: readonly (readonly [string, Value])[] = [
  ["none", null],
  ["true", true],
  ["false", false],
];
