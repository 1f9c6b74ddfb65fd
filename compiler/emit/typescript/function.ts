import { writeTerm, Mismatch, type Code, type Writing } from "./code.ts";
import type { Names } from "./names.ts";
import { capital } from "./names.ts";
import type { Body, Statement, Term } from "./term.ts";

/** Several traces of one computation as the inside of a function: constants first, then an expression for each result. */

export interface WrittenBody {
  readonly statements: readonly string[];
  readonly results: ReadonlyMap<string, Code>;
  /** Names of inputs that are read. */
  readonly reads: ReadonlySet<string>;
}

export interface BodyWriting extends Omit<Writing, "given" | "named"> {
  /** What an input is called. `write` gives the code of an output, for inputs that are made of one. */
  readonly given: (name: string, write: (output: string) => string) => Code;
  readonly names: Names;
  /** What a result is called where it becomes a constant. */
  readonly resultNames?: Readonly<Record<string, string>>;
}

export function writeBody(bodies: readonly Body[], writing: BodyWriting): WrittenBody {
  const [first] = bodies;
  if (bodies.some(({ statements }) => statements.length !== first.statements.length)) throw new Mismatch("steps");
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
    given: (name) => {
      reads.add(name);
      return writing.given(name, (output) => outputs(output).text);
    },
    named: (id) => named.get(id) ?? id,
  };
  const statements = first.statements.map((statement, k) => {
    const code = writeTerm(
      bodies.map((body) => body.statements[k].term),
      inner,
    );
    const name = writing.names.take(
      resultNames.get(statement.id) ?? wantedName(statement),
      furtherNames(statement, named),
    );
    named.set(statement.id, name);
    return `const ${name} = ${code.text};`;
  });
  if (bodies.some(({ results }) => results.size !== first.results.size)) throw new Mismatch("results");
  return { statements, results: new Map([...first.results.keys()].map((name) => [name, outputs(name)])), reads };
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
  concat: "joined",
  slice: "part",
  reshape: "reshaped",
  transpose: "turned",
  broadcast: "spread",
  gather: "found",
  pick: "picked",
  maximum: "larger",
  minimum: "smaller",
  conv2d: "filtered",
  pad: "padded",
  chain: "inner",
};

function wantedName({ operation }: Statement): string {
  return nouns[operation] ?? operation;
}

/** `averageOfSquares`, where `average` is taken. */
function furtherNames({ operation, term }: Statement, named: ReadonlyMap<string, string>): string[] {
  const noun = wantedName({ operation, term, id: "" });
  const inside = innerOf(term, named);
  return inside === null ? [] : [`${noun}Of${capital(inside)}`];
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
