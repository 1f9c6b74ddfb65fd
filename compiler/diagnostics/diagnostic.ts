import type { Span } from "../../grammar/tree.ts";

export type Severity = "error" | "warning" | "info";

export interface Label {
  readonly span: Span;
  readonly message: string;
}
/** Replace the text of `span` by `text`. */
export interface Edit {
  readonly span: Span;
  readonly text: string;
}
export interface Fix {
  readonly title: string;
  readonly edits: readonly Edit[];
}

/** One mistake: what is wrong, where, why, and what to write instead. */
export interface Diagnostic {
  /** Stable: `MTL4002`. */
  readonly code: string;
  /** Stable, readable: `shapes-do-not-meet`. */
  readonly name: string;
  readonly severity: Severity;
  /** The headline: what is wrong. */
  readonly message: string;
  /** The smallest place that must change; absent when the mistake lies outside any `.mtl` text. */
  readonly span?: Span;
  /** Said at `span` itself, beside the carets. */
  readonly note?: string;
  /** Other parties, each with its own words. */
  readonly labels: readonly Label[];
  readonly help?: string;
  readonly fixes: readonly Fix[];
}

/** Where and with what a row of the catalogue is reported. */
export interface Place {
  readonly span?: Span;
  readonly note?: string;
  readonly labels?: readonly Label[];
  readonly help?: string;
  readonly fixes?: readonly Fix[];
}

/** A row of the catalogue; `Holes` are the values its message is made from. */
export interface DiagnosticRow<Holes> {
  readonly code: string;
  readonly name: string;
  readonly severity: Severity;
  readonly message: (holes: Holes) => string;
  /** Why this is a mistake, in a few sentences, for `mtlc explain`. */
  readonly why: string;
  /** A complete file (or the part that matters, see `wrap`) that gives exactly this diagnostic. */
  readonly bad: string;
  /** The same, mended: it gives no diagnostic. */
  readonly good: string;
  /** `"file"`: the examples are whole files; `"model"`: the test adds the input, task and data that they lack; `"data"`, `"run"`: they cannot be shown by `check` alone and are printed only. */
  readonly wrap: "file" | "model" | "data" | "run";
}

export function diagnostic<Holes>(row: DiagnosticRow<Holes>): DiagnosticRow<Holes> {
  return row;
}

/** Makes a diagnostic from its row. */
export function report<Holes>(row: DiagnosticRow<Holes>, holes: Holes, place: Place = {}): Diagnostic {
  return {
    code: row.code,
    name: row.name,
    severity: row.severity,
    message: row.message(holes),
    span: place.span,
    note: place.note,
    labels: place.labels ?? [],
    help: place.help,
    fixes: place.fixes ?? [],
  };
}

/** A user's mistake found where nothing can go on: carries diagnostics to whoever prints them. */
export class DiagnosticError extends Error {
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((d) => `${d.code} ${d.message}`).join("\n"));
    this.name = "DiagnosticError";
    this.diagnostics = diagnostics;
  }
}
