import { createBuilder } from "../../graph/create.ts";
import type { Graph, Node } from "../../graph/graph.ts";
import type { OptimizerRow } from "../../registry/rows.ts";
import type { Word } from "../../ir/model.ts";
import type { Registry } from "../../registry/registry.ts";
import { bodyOf } from "./body.ts";
import { furtherSettings } from "./data.ts";
import { statement, type FunctionDescription } from "./description.ts";
import { writeBody } from "./function.ts";
import { firstSentence } from "./layer-description.ts";
import { literalCode } from "./literal.ts";
import { camelCase, Names } from "./names.ts";

/** An optimizer's rule as a function, traced from its definition, and the settings that `mtlc.Optimizer` is given. */
export interface WrittenOptimizer {
  readonly description: FunctionDescription;
  /** Entries of the settings' object: `word: "adamw"`, `rule: adamw`. */
  readonly entries: readonly string[];
}

export function writeOptimizer({ word, settings }: Word, registry: Registry, names: Names): WrittenOptimizer {
  const row = registry.optimizer.get(word);
  if (!row) throw new Error(`there is no optimizer ${word}`);
  const state = row.state(settings);
  const scalars = Object.keys(row.scalars(settings, { t: 1, rate: 1, decay: true }));
  const graph = traceUpdate(row, settings, state, scalars);
  const written = writeBody([bodyOf(graph, { differentiable: () => false })], {
    quantities: [],
    words: [],
    pairs: [],
    own: new Set(),
    names: new Names(["parameter", "gradient", "state", ...scalars.map(camelCase)]),
    given: (name) => {
      const [kind, key] = name.split("/");
      if (kind === "state") return { text: `state.${key}`, isPrimary: true };
      return kind === "scalar" ? { text: camelCase(key), isPrimary: false } : { text: kind, isPrimary: true };
    },
    resultNames: Object.fromEntries(state.map((name) => [`state/${name}`, name])),
  });
  const name = names.take(camelCase(word));
  const read = scalars.filter((scalar) => written.reads.has(`scalar/${scalar}`)).map(camelCase);
  const next = state.map((each) => {
    const code = written.results.get(`state/${each}`)?.text ?? "";
    return code === each ? each : `${each}: ${code}`;
  });
  const keys = (list: readonly string[]): string =>
    list.length === 0 ? "never" : list.map((each) => JSON.stringify(each)).join(" | ");
  const further = furtherSettings(
    Object.fromEntries(Object.entries(settings).filter(([key]) => key !== "rate")),
    row.settings,
  );
  return {
    description: {
      kind: "function",
      name,
      doc: firstSentence(row.doc),
      parameters: [
        { name: "parameter", type: "tf.Tensor" },
        { name: "gradient", type: "tf.Tensor" },
        { name: state.length === 0 ? "_state" : "state", type: `mtlc.Tensors<${keys(state)}>` },
        { name: read.length === 0 ? "_numbers" : `{ ${read.join(", ")} }`, type: `mtlc.Numbers<${keys(read)}>` },
      ],
      returns: "",
      statements: [
        ...written.statements,
        `return { parameter: ${written.results.get("parameter")?.text ?? ""}, state: {${next.length === 0 ? "" : ` ${next.join(", ")} `}} };`,
      ].map(statement),
    },
    entries: [
      `word: ${literalCode(word)}`,
      `rule: ${name}`,
      ...(Object.keys(further).length === 0 ? [] : [`settings: ${literalCode(further)}`]),
    ],
  };
}

/** The rule on one weight: inputs `parameter`, `gradient`, `state/<name>`, `scalar/<name>`; outputs `parameter`, `state/<name>`. */
function traceUpdate(
  row: OptimizerRow,
  settings: Word["settings"],
  state: readonly string[],
  scalars: readonly string[],
): Graph {
  if (!row.update) throw new Error(`the optimizer ${row.name} cannot run yet`);
  const g = createBuilder();
  // Any length will do: a rule says nothing of it.
  const vector = (name: string): Node => g.input(name, { element: "f32", shape: [8] });
  const named = (kind: string, list: readonly string[], make: (name: string) => Node): Record<string, Node> =>
    Object.fromEntries(list.map((name) => [name, make(`${kind}/${name}`)]));
  const result = row.update(g, {
    settings,
    parameter: vector("parameter"),
    gradient: vector("gradient"),
    state: named("state", state, vector),
    scalars: named("scalar", scalars, (name) => g.input(name, { element: "f32", shape: [] })),
  });
  const next = Object.fromEntries(state.map((name) => [`state/${name}`, result.state[name]]));
  return g.finish({ parameter: result.parameter, ...next });
}
