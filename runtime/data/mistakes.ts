import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";

/** Mistakes so far: one does not hide the next. The same mistake in several parts is one. */
export class Mistakes {
  readonly #found = new Map<string, Diagnostic>();

  get isEmpty(): boolean {
    return this.#found.size === 0;
  }

  gather<Result>(work: () => Result): Result | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      this.add(error.diagnostics);
      return undefined;
    }
  }

  async gatherLater<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      this.add(error.diagnostics);
      return undefined;
    }
  }

  add(diagnostics: readonly Diagnostic[]): void {
    for (const each of diagnostics) this.#found.set(`${each.code} ${each.message} ${each.span?.start}`, each);
  }

  throwAny(): void {
    if (this.#found.size > 0) throw new DiagnosticError([...this.#found.values()]);
  }
}
