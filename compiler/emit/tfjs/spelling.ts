import type { Node } from "../../graph/graph.ts";
import type { Expression, Operand } from "./expression.ts";

/** How an operation of one result is written in TensorFlow.js. */
export type TfjsSpelling = (node: Node, operands: readonly Operand[]) => Expression;

/**
 * An entry of the column: a spelling; `decomposed` where TensorFlow.js has no function, so that the operation's own
 * decomposition is written in its place; `loop` for `scan`, a `for` loop of the host language.
 */
export type TfjsEntry = TfjsSpelling | "decomposed" | "loop";
