import { elementCount } from "../../graph/graph.ts";
import { bodyOf } from "./body.ts";
import type { Code } from "./code.ts";
import { writeBody } from "./function.ts";
import { axisQuantities } from "./layer-uses.ts";
import { Names } from "./names.ts";
import type { Site } from "./sites.ts";
import type { Body, Term } from "./term.ts";
import type { WeightTree } from "./weight-paths.ts";
import { traceLayer } from "./trace.ts";

export interface InlineSurroundings {
  readonly taskKind: (task: string) => string;
  readonly isScaled: (task: string) => boolean;
  readonly tree: WeightTree;
  readonly layers: { readonly own: Set<string> };
  /** The code of what the training rows have taught; notes that it is read. */
  codes(): string;
}

/** Operators have no function: `a + b` is written where it stands, from the definition of `add` all the same. */
export function inlineLayer(site: Site, operands: readonly Code[], around: InlineSurroundings): Code | null {
  const { taskKind, isScaled, tree, layers } = around;
  const numbers = new Map(
    operands.flatMap(({ text }, k) => (/^-?[\d.]+(e-?\d+)?$/.test(text) ? [[k, Number(text)]] : [])),
  );
  const traces = site.uses.map((use) =>
    withWholeResult(
      bodyOf(traceLayer(use, { training: false, taskKind, isScaled, numbers }).graph, {
        differentiable: (name) => name.startsWith("operand/"),
      }),
    ),
  );
  const { statements, results } = writeBody(traces, {
    quantities: axisQuantities(site.uses, tree),
    words: [],
    pairs: [],
    own: layers.own,
    names: new Names(),
    given(name) {
      const [kind, ...rest] = name.split("/");
      if (kind === "operand") return operands[Number(rest[0])];
      const scale = `mtlc.targetScale(tf, ${around.codes()}, ${JSON.stringify(rest.join("/"))})`;
      return { text: `${scale}.${kind}`, isPrimary: true };
    },
  });
  return statements.length === 0 ? (results.get("result") ?? null) : null;
}

/** A list of equal numbers stays a list: who reads it counts on its shape. */
function withWholeResult(body: Body): Body {
  const whole = (term: Term): Term =>
    term.kind === "constant" && typeof term.values === "number" && term.shape.length > 0
      ? { ...term, values: new Float64Array(elementCount(term.shape)).fill(term.values) }
      : term;
  return { ...body, results: new Map([...body.results].map(([name, term]) => [name, whole(term)])) };
}
