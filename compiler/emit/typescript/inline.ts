import { bodyOf } from "./body.ts";
import type { Code } from "./code.ts";
import { writeBody } from "./function.ts";
import { Names } from "./names.ts";
import type { Site } from "./sites.ts";
import type { WeightTree } from "./weight-paths.ts";
import { traceLayer } from "./trace.ts";
import { axisQuantities } from "./layer-uses.ts";

/** Operators have no function: `a + b` is written where it stands, from the definition of `add` all the same. */
export function inlineLayer(
  site: Site,
  operands: readonly Code[],
  {
    taskKind,
    tree,
    layers,
  }: {
    readonly taskKind: (task: string) => string;
    readonly tree: WeightTree;
    readonly layers: { readonly own: Set<string> };
  },
): Code | null {
  const traces = site.uses.map((use) =>
    bodyOf(traceLayer(use, { training: false, taskKind }).graph, {
      differentiable: (name) => name.startsWith("operand/"),
    }),
  );
  const { statements, results } = writeBody(traces, {
    quantities: axisQuantities(site.uses, tree),
    words: [],
    pairs: [],
    own: layers.own,
    names: new Names(),
    given: (name) => operands[Number(name.slice("operand/".length))],
  });
  return statements.length === 0 ? (results.get("result") ?? null) : null;
}
