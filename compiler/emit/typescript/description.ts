import type { Span } from "../../../grammar/tree.ts";

/** A TypeScript module as plain data: what the printer lays out. Texts of types, expressions and statements are TypeScript. */
export interface ModuleDescription {
  /** The comment at its head. */
  readonly header: string;
  readonly items: readonly Item[];
}

export type Item = ImportDescription | InterfaceDescription | TypeDescription | ConstDescription | FunctionDescription;

export interface ImportDescription {
  readonly kind: "import";
  readonly namespace: string;
  readonly from: string;
}

interface Declared {
  readonly name: string;
  readonly doc?: string;
  readonly exported?: boolean;
  /** Where in the file it comes from. */
  readonly span?: Span;
}

export interface InterfaceDescription extends Declared {
  readonly kind: "interface";
  readonly members: readonly {
    readonly name: string;
    readonly type: string;
    readonly doc?: string;
    readonly optional?: boolean;
  }[];
}

export interface TypeDescription extends Declared {
  readonly kind: "type";
  readonly type: string;
}

export interface ConstDescription extends Declared {
  readonly kind: "const";
  /** True for what gets its value later. */
  readonly isVariable?: boolean;
  readonly type?: string;
  readonly value?: string;
}

export interface ParameterDescription {
  readonly name: string;
  readonly type: string;
  readonly optional?: boolean;
  /** Its value where the caller gives none. */
  readonly value?: string;
}

export interface FunctionDescription extends Declared {
  readonly kind: "function";
  readonly async?: boolean;
  /** A single expression may be written in a line. */
  readonly brief?: boolean;
  readonly parameters: readonly ParameterDescription[];
  readonly returns: string;
  readonly statements: readonly StatementDescription[];
}

export interface StatementDescription {
  readonly code: string;
  /** Where in the file each call of one of the module's own functions comes from, in the order in which they are called. */
  readonly places?: readonly (Span | undefined)[];
}

export function statement(code: string): StatementDescription {
  return { code };
}

/** The type of a tensor of any rank: the plain one says nothing of sizes behind the first. */
export function tensorType(name: string, text: string): string {
  return new RegExp(`(?<![.\\w])${name}\\.shape\\[(?!0\\])`).test(text) ? "mtlc.Tensor" : "tf.Tensor";
}
