import type { Literal } from "../tfjs/expression.ts";
import { differs, equal, same } from "./agree.ts";
import type { Writing } from "./code.ts";
import { numberFormula, shortest, sizeFormula } from "./formula.ts";

/** Arguments that are no tensors, as several traces have them. */

export function writeSizes(shapes: readonly (readonly number[])[], writing: Pick<Writing, "quantities">): string {
  const rank = same(shapes, ({ length }) => length);
  const sizes = Array.from({ length: rank }, (_, axis) =>
    sizeFormula(
      shapes.map((shape) => shape[axis]),
      writing.quantities,
    ),
  );
  return `[${sizes.join(", ")}]`;
}

export function writeLiteral(literals: readonly Literal[], writing: Writing): string {
  const [first] = literals;
  switch (first.kind) {
    case "number":
      return numberFormula(
        literals.map((each) => (each.kind === "number" ? each.value : differs(each))),
        writing.quantities,
      );
    case "flag":
      return String(same(literals, (each) => (each.kind === "flag" ? each.value : null)));
    case "text": {
      const values = literals.map((each) => (each.kind === "text" ? each.value : differs(each)));
      const word = writing.words.find((candidate) => candidate.values.every((value, k) => value === values[k]));
      return word ? word.code : JSON.stringify(same(values, (value) => value));
    }
    case "member":
      return `tf.${first.of}.${first.name}`;
    case "shape":
      return writeSizes(
        literals.map((each) => (each.kind === "shape" ? each.sizes : differs(each))),
        writing,
      );
    case "numbers": {
      const values = literals.map((each) => (each.kind === "numbers" ? each.values : differs(each)));
      const pair = writing.pairs.find((candidate) => candidate.values.every((value, k) => equal(value, values[k])));
      if (pair) return pair.code;
      if (values.every((value) => equal(value, values[0]))) return `[${values[0].map(shortest).join(", ")}]`;
      return writeSizes(values, writing);
    }
    case "pairs": {
      const values = literals.map((each) => (each.kind === "pairs" ? each.values : differs(each)));
      const count = same(values, ({ length }) => length);
      const parts = Array.from({ length: count }, (_, k) =>
        writeSizes(
          values.map((each) => each[k]),
          writing,
        ),
      );
      return `[${parts.join(", ")}]`;
    }
    case "absent":
      return "undefined";
    default:
      return first satisfies never;
  }
}
