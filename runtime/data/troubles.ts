import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { isGarbled, mayBeOneOf } from "./garbled.ts";

/** Names of the columns that somebody reads; undefined where every column may be. */
export type AskedColumns = ReadonlySet<string> | undefined;

/** What is wrong with columns that nobody asks for by name. It matters only where a range of columns holds one of them. */
export class Troubles {
  readonly #asked: AskedColumns;
  readonly #found = new Map<string, DiagnosticError>();

  /** `before`: troubles of tables that are put together. */
  constructor(asked: AskedColumns, before: readonly (ReadonlyMap<string, DiagnosticError> | undefined)[] = []) {
    this.#asked = asked;
    for (const found of before)
      for (const [name, error] of found ?? []) if (!this.#found.has(name)) this.#found.set(name, error);
  }

  isAsked(name: string): boolean {
    return this.#asked === undefined || this.#asked.has(name) || (isGarbled(name) && mayBeOneOf(name, this.#asked));
  }

  /** Whether all columns that are asked for are among these. */
  hasAll(names: readonly string[]): boolean {
    const there = new Set(names);
    return this.#asked !== undefined && [...this.#asked].every((name) => there.has(name));
  }

  /** Throws what is wrong with a column that is asked for. */
  keep(name: string, error: unknown): void {
    if (this.isAsked(name) || !(error instanceof DiagnosticError)) throw error;
    if (!this.#found.has(name)) this.#found.set(name, error);
  }

  get found(): ReadonlyMap<string, DiagnosticError> {
    return this.#found;
  }
}
