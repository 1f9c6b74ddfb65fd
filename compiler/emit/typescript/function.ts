import { Mismatch } from "./agree.ts";
import { writeTerm, type Code, type Writing } from "./code.ts";
import type { Names } from "./names.ts";
import { capital } from "./names.ts";
import { withRanks } from "./ranks.ts";
import type { Body, Constant, Loop, Statement, Term } from "./term.ts";

/** Several traces of one computation as the inside of a function: constants first, then an expression for each result. */

export interface WrittenBody {
  readonly statements: readonly string[];
  readonly results: ReadonlyMap<string, Code>;
  /** Names of inputs that are read. */
  readonly reads: ReadonlySet<string>;
}

export interface BodyWriting extends Omit<Writing, "given" | "named"> {
  /** What an input is called. `write` gives the code of an output, for inputs that are made of one. */
  readonly given: (name: string, write: (output: string) => string, shapes: readonly (readonly number[])[]) => Code;
  readonly names: Names;
  /** What a result is called where it becomes a constant. */
  readonly resultNames?: Readonly<Record<string, string>>;
}

export function writeBody(bodies: readonly Body[], writing: BodyWriting): WrittenBody {
  const [first] = bodies;
  const reads = new Set<string>();
  const named = new Map<string, string>();
  const resultNames = new Map<string, string>();
  for (const [result, term] of first.results) {
    const wanted = writing.resultNames?.[result];
    if (term.kind === "named" && wanted !== undefined) resultNames.set(term.id, wanted);
  }
  const outputs = (name: string): Code =>
    writeTerm(
      bodies.map(({ results }) => {
        const term = results.get(name);
        if (!term) throw new Mismatch(`the result ${name}`);
        return term;
      }),
      inner,
    );
  const inner: Writing = {
    ...writing,
    given: (name, shapes) => {
      reads.add(name);
      return writing.given(name, (output) => outputs(output).text, shapes);
    },
    named: (id) => named.get(id) ?? id,
  };
  const statements = writeStatements(
    bodies.map((body) => body.statements),
    { inner, named, resultNames, names: writing.names },
  );
  if (bodies.some(({ results }) => results.size !== first.results.size)) throw new Mismatch("results");
  const results = [...first.results.keys()].map((name) => [name, outputs(name)] as const);
  // Results are read after all statements.
  const told = withRanks([...statements, ...results.map(([, { text }]) => text)]);
  return {
    statements: told.slice(0, statements.length),
    results: new Map(results.map(([name, code], k) => [name, { ...code, text: told[statements.length + k] }])),
    reads,
  };
}

interface StatementWriting {
  readonly inner: Writing;
  /** Names by id, as they are found. */
  readonly named: Map<string, string>;
  readonly resultNames: ReadonlyMap<string, string>;
  readonly names: Names;
}

/** The statements of several traces, one behind another. */
function writeStatements(traces: readonly (readonly Statement[])[], writing: StatementWriting): string[] {
  const { inner, named, resultNames, names } = writing;
  const [first] = traces;
  if (traces.some(({ length }) => length !== first.length)) throw new Mismatch("steps");
  return first.flatMap((statement, k) => {
    const all = traces.map((trace) => trace[k]);
    if (statement.kind === "loop") return writeLoop(loopsOf(all), writing);
    const code = writeTerm(
      constantsOf(all).map(({ term }) => term),
      inner,
    );
    const name = names.take(resultNames.get(statement.id) ?? wantedName(statement), furtherNames(statement, named));
    named.set(statement.id, name);
    return [`const ${name} = ${code.text};`];
  });
}

function constantsOf(statements: readonly Statement[]): readonly Constant[] {
  return statements.map((each) => {
    if (each.kind === "constant") return each;
    throw new Mismatch("a loop");
  });
}

function loopsOf(statements: readonly Statement[]): readonly Loop[] {
  return statements.map((each) => {
    if (each.kind === "loop") return each;
    throw new Mismatch("a loop");
  });
}

/** `let` for what is carried from round to round, lists for what is stacked, and the loop over the parts of a sequence. */
function writeLoop(loops: readonly Loop[], writing: StatementWriting): string[] {
  const { inner, named, names } = writing;
  const [first] = loops;
  const terms = (read: (loop: Loop) => Term): string => writeTerm(loops.map(read), inner).text;
  const take = (id: string, wanted: string): string => {
    const name = names.take(wanted);
    named.set(id, name);
    return name;
  };
  const begin = first.carries.map(({ initial: _, id }, k) => {
    const initial = terms((loop) => loop.carries[k].initial);
    return `let ${take(id, k === 0 ? "state" : "memory")} = ${initial};`;
  });
  const lists = first.lists.map(({ id }) => `const ${take(id, "rounds")}: tf.Tensor[] = [];`);
  // A copy, because TensorFlow.js keeps the list itself for its gradient.
  const sequences = first.sequences.map((_, k) => {
    const whole = terms((loop) => loop.sequences[k].term);
    // The gradient of `unstack` fails where it gives a single tensor.
    if (loops.every(({ length }) => length === 1)) return `[${whole}.squeeze([0])]`;
    const each = `${whole}.unstack()`;
    return first.reverse ? `[...${each}].reverse()` : each;
  });
  // What a round names is its own.
  const round: StatementWriting = { ...writing, names: names.inside() };
  const elements = first.sequences.map(({ element }) => {
    const name = round.names.take("now");
    named.set(element, name);
    return name;
  });
  const head =
    sequences.length === 1
      ? `for (const ${elements[0]} of ${sequences[0]}) {`
      : `for (const [${elements.join(", ")}] of mtlc.together(${sequences.join(", ")})) {`;
  const body = writeStatements(
    loops.map((loop) => loop.body),
    round,
  );
  const pushes = first.lists.map(({ id }, k) => {
    const list = named.get(id) ?? id;
    const term = terms((loop) => loop.lists[k].term);
    return `${list}.${first.reverse ? "unshift" : "push"}(${term});`;
  });
  const nexts = first.carries.map((_, k) => terms((loop) => loop.carries[k].next));
  const carried = first.carries.map(({ id }) => named.get(id) ?? id);
  const move =
    carried.length === 1 ? `${carried[0]} = ${nexts[0]};` : `[${carried.join(", ")}] = [${nexts.join(", ")}];`;
  return [...begin, ...lists, [head, ...body, ...pushes, ...(carried.length === 0 ? [] : [move]), "}"].join("\n")];
}

/** What the result of an operation may be called. */
const nouns: Readonly<Record<string, string>> = {
  add: "sum",
  sub: "difference",
  mul: "product",
  div: "ratio",
  matmul: "product",
  sum: "total",
  mean: "average",
  max: "largest",
  min: "smallest",
  square: "squares",
  sqrt: "root",
  exp: "powers",
  log: "logarithms",
  abs: "sizes",
  neg: "negative",
  relu: "positive",
  sigmoid: "chances",
  softmax: "shares",
  softplus: "smooth",
  greater: "isAbove",
  greaterEqual: "isAbove",
  select: "chosen",
  where: "chosen",
  concat: "joined",
  slice: "part",
  reshape: "reshaped",
  transpose: "transposed",
  broadcast: "spread",
  gather: "found",
  pick: "picked",
  maximum: "larger",
  minimum: "smaller",
  conv2d: "filtered",
  pad: "padded",
  chain: "inner",
  stopGradient: "held",
  magnitude: "size",
};

/** Operations that only lay numbers out anew. */
const layouts: ReadonlySet<string> = new Set(["reshape", "expandDims", "squeeze", "transpose", "broadcastTo"]);

/** The noun of its operation; a layer's name without its number. */
function wantedName({ operation, term }: Pick<Constant, "operation" | "term">): string {
  return (
    placeOf(term) ?? laidOut(operation, term) ?? filledWith(term) ?? nouns[operation] ?? operation.replace(/_?\d+$/, "")
  );
}

/** `reshapedMask`, of an argument that is only laid out anew. */
function laidOut(operation: string, term: Term): string | null {
  if (term.kind === "given") {
    const noun = nouns[operation];
    const name = term.name.startsWith("mask/") ? "mask" : term.name.slice(term.name.lastIndexOf("/") + 1);
    return noun === undefined || /^\d+$/.test(name) ? null : `${noun}${capital(name)}`;
  }
  if (term.kind !== "call" || !layouts.has(term.name)) return null;
  const [inner] = term.arguments;
  return inner.kind === "given" || inner.kind === "call" ? laidOut(operation, inner) : null;
}

/** `zeros`, of one number everywhere. */
function filledWith(term: Term): string | null {
  if (term.kind !== "call" || term.name !== "fill") return null;
  const value = term.arguments.find((each) => each.kind === "number")?.value;
  return value === 0 ? "zeros" : value === 1 ? "ones" : null;
}

/** `second`, of a slice that takes one number of the last axis. */
function placeOf(term: Term): string | null {
  if (term.kind !== "call" || term.name !== "slice" || term.shape?.at(-1) !== 1) return null;
  const begin = term.arguments.find((each) => each.kind === "numbers");
  return ["first", "second", "third", "fourth"][begin?.values.at(-1) ?? -1] ?? null;
}

const LONGEST_NAME = 24;

/** `averageOfSquares`, where `average` is taken. */
function furtherNames({ operation, term }: Constant, named: ReadonlyMap<string, string>): string[] {
  const noun = wantedName({ operation, term });
  const inside = innerOf(term, named);
  const name = `${noun}Of${capital(inside ?? "")}`;
  return inside === null || name.length > LONGEST_NAME ? [] : [name];
}

function innerOf(term: Term, named: ReadonlyMap<string, string>): string | null {
  if (term.kind !== "call") return null;
  for (const argument of term.arguments) {
    if (argument.kind === "named") return named.get(argument.id) ?? null;
    if (argument.kind === "call") return innerOf(argument, named) ?? nouns[argument.name] ?? null;
    if (argument.kind === "given")
      return argument.name.slice(argument.name.lastIndexOf("/") + 1).replace(/^\d+$/, "inputs");
  }
  return null;
}
