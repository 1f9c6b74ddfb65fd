import type { Body, CallTerm, Constant, Statement, Term, TermArgument } from "./term.ts";

/**
 * Takes long expressions apart: an argument that is a long computation of its own gets a name, and so does what it is an
 * argument of, so that a line says one thing. What a weight's own branch leads to is named after that branch.
 */
export function apart(body: Body): Body {
  const splitter = new Splitter();
  const statements = body.statements.flatMap((statement) => splitter.statement(statement));
  const results = new Map([...body.results].map(([name, term]) => [name, splitter.term(term)]));
  return { statements: [...statements, ...splitter.take()], results };
}

/** Calls that an argument may be made of before it stands by itself. */
const LONG = 4;

class Splitter {
  private pending: Constant[] = [];
  private count = 0;

  take(): Statement[] {
    const { pending } = this;
    this.pending = [];
    return pending;
  }

  statement(statement: Statement): Statement[] {
    if (statement.kind === "constant") {
      const term = this.term(statement.term);
      return [...this.take(), { ...statement, term }];
    }
    const sequences = statement.sequences.map((each) => {
      const term = this.term(each.term);
      return { ...each, term: term.kind === "call" && lengthOf(term) > 1 ? this.name(term) : term };
    });
    const initial = statement.carries.map((carry) => this.term(carry.initial));
    const before = this.take();
    const body = statement.body.flatMap((each) => this.statement(each));
    const carries = statement.carries.map((carry, k) => ({
      ...carry,
      initial: initial[k],
      next: this.term(carry.next),
    }));
    const lists = statement.lists.map((each) => ({ ...each, term: this.term(each.term) }));
    return [...before, { ...statement, sequences, carries, lists, body: [...body, ...this.take()] }];
  }

  term(term: Term): Term {
    if (term.kind !== "call") return term;
    const list = term.arguments.map((argument) => this.argument(argument));
    const [first, ...others] = list;
    const isLong = (argument: TermArgument | undefined): argument is CallTerm =>
      argument !== undefined && argument.kind === "call" && lengthOf(argument) >= LONG;
    if (!others.some(isLong)) return { ...term, arguments: list };
    // Both sides of a call get names where both are long.
    const named = [
      isLong(first) ? this.name(first) : first,
      ...others.map((each) => (isLong(each) ? this.name(each) : each)),
    ];
    return { ...term, arguments: named };
  }

  private argument(argument: TermArgument): TermArgument {
    if (argument.kind === "tensors") return { kind: "tensors", items: argument.items.map((item) => this.term(item)) };
    return argument.kind === "call" ? this.term(argument) : argument;
  }

  private name(term: CallTerm): Term {
    const id = `a${this.count++}`;
    this.pending.push({ kind: "constant", id, term, operation: branchOf(term) ?? term.name });
    return { kind: "named", id, shape: term.shape };
  }
}

/** Calls that a term is made of. */
function lengthOf(term: Term): number {
  if (term.kind !== "call") return 0;
  return 1 + partsOf(term).reduce((sum, part) => sum + lengthOf(part), 0);
}

function partsOf({ arguments: list }: CallTerm): Term[] {
  return list.flatMap((argument): readonly Term[] => {
    if (argument.kind === "tensors") return argument.items;
    return argument.kind === "call" ||
      argument.kind === "given" ||
      argument.kind === "named" ||
      argument.kind === "constant"
      ? [argument]
      : [];
  });
}

/** `query`, where the only weights that a term reads are those of `query.kernel` and `query.bias`. */
function branchOf(term: Term): string | null {
  const branches = new Set<string>();
  const visit = (each: Term): void => {
    if (each.kind === "given" && each.name.startsWith("parameter/")) branches.add(each.name.slice("parameter/".length));
    if (each.kind === "call") partsOf(each).forEach(visit);
  };
  visit(term);
  const names = new Set([...branches].map((name) => name.split(".").slice(0, -1).at(-1)));
  const [name] = names;
  return names.size === 1 && name !== undefined ? name : null;
}
