import type { Span } from "../../../grammar/tree.ts";

/** Something of the language that TypeScript cannot be made of yet: named in words of the file, with its place there. */
export class Unsupported extends Error {
  readonly span: Span | undefined;
  constructor(what: string, span: Span | undefined) {
    super(what);
    this.name = "Unsupported";
    this.span = span;
  }
}
