import { waves } from "../../layers/waves.ts";
import { elementCount } from "../../graph/graph.ts";
import { differs, equal, Mismatch, same } from "./agree.ts";
import { writeLiteral, writeSizes } from "./code-literal.ts";
import { numberFormula, shortest, sizeFormula, sizeOrNull, type Quantity } from "./formula.ts";
import type { CallTerm, Numbers, Term, TermArgument } from "./term.ts";

/**
 * Terms as TypeScript, in the chained style of TensorFlow.js: `x.matMul(kernel).add(bias)`. What is written are several traces
 * of one thing at once: where they agree stands what all of them say, where a number differs the formula that explains it.
 */

export interface Writing {
  readonly quantities: readonly Quantity[];
  /** What a tensor from outside is called; its shape in each trace. */
  readonly given: (name: string, shapes: readonly (readonly number[])[]) => Code;
  /** What a constant of the body is called. */
  readonly named: (id: string) => string;
  /** Settings that are a word, with their value in each trace. */
  readonly words: readonly { readonly code: string; readonly values: readonly string[] }[];
  /** Settings that are a pair, likewise. */
  readonly pairs: readonly { readonly code: string; readonly values: readonly (readonly number[])[] }[];
  /** Functions of the module itself that are called. */
  readonly own: Set<string>;
}

export interface Code {
  readonly text: string;
  /** Whether a method may be called on it as it stands. */
  readonly isPrimary: boolean;
}

/** Functions that are no methods of a tensor, or read better as functions. */
const functions: ReadonlySet<string> = new Set([
  "fill",
  "range",
  "where",
  "stack",
  "concat",
  "oneHot",
  "scatterND",
  "losses.sigmoidCrossEntropy",
]);
/** Where a number may stand for a tensor of equal numbers. */
const broadcasting: ReadonlySet<string> = new Set(
  "add sub mul div maximum minimum pow where greater greaterEqual equal logicalAnd logicalOr".split(" "),
);
/** Where the first operand may be the second. */
const commutative: ReadonlySet<string> = new Set(["add", "mul", "equal", "logicalAnd", "logicalOr"]);

export function writeTerm(terms: readonly Term[], writing: Writing): Code {
  const [first] = terms;
  switch (first.kind) {
    case "given":
      return writing.given(
        same(terms, (term) => (term.kind === "given" ? term.name : null)),
        terms.map(({ shape }) => shape ?? []),
      );
    case "named":
      return { text: writing.named(same(terms, (term) => (term.kind === "named" ? term.id : null))), isPrimary: true };
    case "constant":
      return writeNumbers(all(terms, "constant"), writing);
    case "call":
      return writeCall(all(terms, "call"), writing);
    default:
      return first satisfies never;
  }
}

function all<Kind extends Term["kind"]>(terms: readonly Term[], kind: Kind): readonly Extract<Term, { kind: Kind }>[] {
  return terms.map((term) => {
    if (isKind(term, kind)) return term;
    throw new Mismatch(`a ${kind} beside a ${term.kind}`);
  });
}

function isKind<Kind extends Term["kind"]>(term: Term, kind: Kind): term is Extract<Term, { kind: Kind }> {
  return term.kind === kind;
}

/** One number, or a tensor of several. */
function writeNumbers(terms: readonly Numbers[], writing: Writing): Code {
  const single = terms.map(({ values }) => values);
  if (single.every((value) => typeof value === "number")) {
    const text = numberFormula(single, writing.quantities);
    return { text, isPrimary: false };
  }
  const rank = same(terms, ({ shape }) => shape.length);
  const lists = terms.map(({ values, shape }) =>
    typeof values === "number" ? new Float64Array(elementCount(shape)).fill(values) : values,
  );
  const value = lists[0][0];
  if (lists.every((list) => list.length > 1 && list.every((each) => each === value))) {
    const sizes = writeSizes(
      terms.map(({ shape }) => shape),
      writing,
    );
    return { text: `tf.fill(${sizes}, ${shortest(value)})`, isPrimary: true };
  }
  if (terms.every(({ shape }, k) => isWaves(lists[k], shape))) {
    const sizes = writeSizes(
      terms.map(({ shape }) => shape),
      writing,
    );
    return { text: `mtlc.positionWaves(tf, ${sizes})`, isPrimary: true };
  }
  const count = same(lists, ({ length }) => length);
  const items = Array.from({ length: count }, (_, k) =>
    numberFormula(
      lists.map((list) => list[k]),
      writing.quantities,
    ),
  );
  if (rank === 1) return { text: `tf.tensor([${items.join(", ")}])`, isPrimary: true };
  return {
    text: `tf.tensor([${items.join(", ")}], ${writeSizes(
      terms.map(({ shape }) => shape),
      writing,
    )})`,
    isPrimary: true,
  };
}

/** Whether these are the numbers that tell positions apart: too many to be written down. */
function isWaves(values: Float64Array, shape: readonly number[]): boolean {
  if (shape.length !== 2 || values.length < 2) return false;
  const expected = waves(shape[0], shape[1]);
  return values.every((value, k) => Math.fround(value) === Math.fround(expected[k]));
}

/** The call with its constants written out, where their shape counts. */
function withWholeConstants(term: CallTerm): CallTerm {
  const whole = (each: Term): Term =>
    each.kind === "constant" && typeof each.values === "number" && each.shape.length > 0
      ? { ...each, values: new Float64Array(elementCount(each.shape)).fill(each.values) }
      : each;
  const list = term.arguments.map((argument): TermArgument => {
    if (argument.kind === "tensors") return { ...argument, items: argument.items.map(whole) };
    return argument.kind === "constant" ? whole(argument) : argument;
  });
  return { ...term, arguments: list };
}

function writeCall(given: readonly CallTerm[], writing: Writing): Code {
  const name = same(given, (term) => term.name);
  const isOwn = same(given, (term) => term.own);
  const terms = broadcasting.has(name) ? given : given.map(withWholeConstants);
  const count = same(terms, (term) => term.arguments.length);
  if (isOwn) {
    writing.own.add(name);
    const list = argumentsOf(terms, 0, count).map((argument) => writeArgument(argument, writing).text);
    return { text: `${name}(${list.join(", ")})`, isPrimary: true };
  }
  const special = writeSpecial(name, terms, writing);
  if (special !== null) return { text: special, isPrimary: true };
  const list = argumentsOf(terms, 0, count).map((argument) => shortPair(name, writeArgument(argument, writing)));
  if (commutative.has(name) && !list[0].isPrimary && list[1].isPrimary) list.reverse();
  if (functions.has(name) || !list[0].isPrimary) {
    return { text: `tf.${name}(${list.map(({ text }) => text).join(", ")})`, isPrimary: true };
  }
  const [receiver, ...rest] = list;
  return { text: `${receiver.text}.${name}(${rest.map(({ text }) => text).join(", ")})`, isPrimary: true };
}

const windowed: ReadonlySet<string> = new Set(["conv2d", "depthwiseConv2d", "maxPool", "avgPool"]);

/** Windows and strides of two equal numbers are written as one. */
function shortPair(name: string, code: Code): Code {
  const pair = windowed.has(name) ? /^\[(\d+), \1\]$/.exec(code.text) : null;
  return pair ? { ...code, text: pair[1] } : code;
}

/** The arguments of all traces, place by place. */
function argumentsOf(terms: readonly CallTerm[], from: number, to: number): (readonly TermArgument[])[] {
  return Array.from({ length: to - from }, (_, k) => terms.map((term) => term.arguments[from + k]));
}

/** Calls that have a shorter form. */
function writeSpecial(name: string, terms: readonly CallTerm[], writing: Writing): string | null {
  switch (name) {
    case "cast": {
      const to = same(terms, ({ arguments: [, type] }) => (type.kind === "text" ? type.value : null));
      const method = to === "float32" ? "toFloat" : to === "int32" ? "toInt" : "toBool";
      return `${receiver(terms, writing)}.${method}()`;
    }
    case "reshape":
      return writeReshape(terms, writing);
    case "concat":
    case "stack":
      return writeJoin(name, terms, writing);
    case "sum":
    case "mean":
    case "max":
    case "min":
      return writeReduction(name, terms, writing);
    case "slice":
      return writeSlice(terms, writing);
    default:
      return null;
  }
}

function receiver(terms: readonly CallTerm[], writing: Writing): string {
  const code = writeArgument(argumentsOf(terms, 0, 1)[0], writing);
  return code.isPrimary ? code.text : `tf.scalar(${code.text})`;
}

function isTerm(argument: TermArgument): argument is Term {
  return (
    argument.kind === "given" || argument.kind === "named" || argument.kind === "constant" || argument.kind === "call"
  );
}

function shapeOf(argument: TermArgument): readonly number[] | null {
  return isTerm(argument) ? argument.shape : null;
}

function sizesOf(argument: TermArgument): readonly number[] {
  if (argument.kind === "shape") return argument.sizes;
  throw new Mismatch(`sizes beside ${argument.kind}`);
}

function writeReshape(terms: readonly CallTerm[], writing: Writing): string {
  const x = receiver(terms, writing);
  const to = terms.map(({ arguments: [, sizes] }) => sizesOf(sizes));
  const from = terms.map(({ arguments: [given] }) => shapeOf(given));
  const every = (test: (from: readonly number[], to: readonly number[]) => boolean): boolean =>
    to.every((target, k) => {
      const source = from[k];
      return source !== null && test(source, target);
    });
  if (every((source, target) => target.length === source.length + 1 && equal([...source, 1], target)))
    return `${x}.expandDims(-1)`;
  const rank = same(to, ({ length }) => length);
  if (rank === 1) return `${x}.flatten()`;
  if (every((source, target) => source.length === target.length + 1 && equal(source, [...target, 1])))
    return `${x}.squeeze([-1])`;
  const sizes = Array.from({ length: rank }, (_, axis) =>
    sizeOrNull(
      to.map((shape) => shape[axis]),
      writing.quantities,
    ),
  );
  return `${x}.reshape([${withOneLeft(sizes, to, writing).join(", ")}])`;
}

/** TensorFlow.js works one size out by itself: the one that has no formula, else the longest. */
function withOneLeft(
  sizes: readonly (string | null)[],
  to: readonly (readonly number[])[],
  writing: Writing,
): string[] {
  const unknown = sizes.findIndex((size) => size === null);
  const products = sizes.findIndex((size) => size?.includes(" ") === true);
  const first = sizes.findIndex((size) => size !== null && !/^\d+$/.test(size));
  const left = unknown >= 0 ? unknown : products >= 0 ? products : first;
  return sizes.map((size, axis) =>
    axis === left
      ? "-1"
      : (size ??
        sizeFormula(
          to.map((shape) => shape[axis]),
          writing.quantities,
        )),
  );
}

/** Over the last axis, whatever the rank; over all; or over some, counted from the front. */
function writeReduction(name: string, terms: readonly CallTerm[], writing: Writing): string {
  const x = receiver(terms, writing);
  const keeps =
    same(terms, ({ arguments: [, , keep] }) => (keep?.kind === "flag" ? String(keep.value) : "false")) === "true";
  const axes = terms.map(({ arguments: [given, list] }) => {
    if (list === undefined) return null;
    if (list.kind !== "numbers") throw new Mismatch(`axes beside ${list.kind}`);
    const rank = shapeOf(given)?.length;
    return list.values.length === 1 && list.values[0] + 1 === rank ? [-1] : list.values;
  });
  const [first] = axes;
  if (first === null) {
    same(axes, (list) => (list === null ? "all" : null));
    return `${x}.${name}()`;
  }
  const text = same(axes, (list) => (list === null ? null : list.join(", ")));
  return `${x}.${name}(${first.length === 1 ? text : `[${text}]`}${keeps ? ", true" : ""})`;
}

/** Along the last axis, whatever the rank. */
function writeJoin(name: "concat" | "stack", terms: readonly CallTerm[], writing: Writing): string {
  const [items, axes] = argumentsOf(terms, 0, 2);
  // A list that a loop has filled.
  if (items[0].kind === "named") return `tf.stack(${writeArgument(items, writing).text})`;
  const places = axes.map((axis, k) => {
    if (axis.kind !== "number") throw new Mismatch(`an axis beside ${axis.kind}`);
    const [part] = items[k].kind === "tensors" ? items[k].items : [];
    const rank = part?.shape?.length;
    return rank === axis.value + (name === "concat" ? 1 : 0) ? -1 : axis.value;
  });
  const axis = same(places, (place) => place);
  return `tf.${name}(${writeArgument(items, writing).text}${axis === 0 ? "" : `, ${axis}`})`;
}

/** A size is left open where the slice reaches to the end. */
function writeSlice(terms: readonly CallTerm[], writing: Writing): string {
  const x = receiver(terms, writing);
  const begins = terms.map(({ arguments: [, begin] }) => {
    if (begin.kind === "numbers") return begin.values;
    throw new Mismatch(`places beside ${begin.kind}`);
  });
  const sizes = terms.map(({ arguments: [, , size] }) => sizesOf(size));
  const whole = terms.map(({ arguments: [given] }) => shapeOf(given));
  const rank = same(begins, ({ length }) => length);
  const column = (lists: readonly (readonly number[])[], axis: number): number[] => lists.map((list) => list[axis]);
  const places = Array.from({ length: rank }, (_, axis) => sizeFormula(column(begins, axis), writing.quantities));
  const lengths = Array.from({ length: rank }, (_, axis) => {
    const reaches = whole.every((shape, k) => shape !== null && begins[k][axis] + sizes[k][axis] === shape[axis]);
    return reaches ? "-1" : sizeFormula(column(sizes, axis), writing.quantities);
  });
  return `${x}.slice([${places.join(", ")}], [${lengths.join(", ")}])`;
}

function writeArgument(list: readonly TermArgument[], writing: Writing): Code {
  const [first] = list;
  if (isTerm(first))
    return writeTerm(
      list.map((argument) => (isTerm(argument) ? argument : differs(argument))),
      writing,
    );
  if (first.kind === "tensors") {
    const items = list.map((argument) => (argument.kind === "tensors" ? argument.items : differs(argument)));
    const count = same(items, ({ length }) => length);
    const parts = Array.from(
      { length: count },
      (_, k) =>
        writeTerm(
          items.map((item) => item[k]),
          writing,
        ).text,
    );
    return { text: `[${parts.join(", ")}]`, isPrimary: true };
  }
  const literals = list.map((argument) =>
    isTerm(argument) || argument.kind === "tensors" ? differs(argument) : argument,
  );
  return { text: writeLiteral(literals, writing), isPrimary: false };
}
