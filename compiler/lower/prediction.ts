import { ownOf } from "../ir/own.ts";
import type { Builder } from "../graph/builder.ts";
import { createBuilder } from "../graph/create.ts";
import { elementCount, topologicalOrder, type Graph, type Node } from "../graph/graph.ts";
import type { Model, Task } from "../ir/model.ts";
import type { Registry } from "../registry/registry.ts";
import { knownAnswerShape, predictionWidthOf } from "./answers.ts";
import { chosenOutput, chosenTogether } from "./chosen.ts";
import { lowerEvaluation } from "./evaluation.ts";
import type { ModelFacts } from "./forward.ts";

export interface PredictionSetting {
  readonly batch: number;
  readonly facts: ModelFacts;
  /** The name that an input has in the graph: its own where absent. */
  readonly inputName?: (name: string) => string;
  /** Values of `parameter/…` and `state/…` by their names without that. */
  weight(name: string): Float32Array;
}

/**
 * The network as those use it who did not train it: scaled numbers and codes in, answers out, weights inside.
 * Inputs are the model's, [batch, …]; outputs the tasks: probabilities of labels or levels [batch, …, n], the
 * probability of a flag, a number in the target's own unit [batch, …]. Labels that are chosen together have an output of their
 * own, `chosenOutput`: codes [batch, …], i32.
 */
export function lowerPrediction(model: Model, registry: Registry, setting: PredictionSetting): Graph {
  const { batch, facts, inputName = (name) => name, weight } = setting;
  const network = lowerEvaluation(model, registry, batch, facts).graph;
  const predictions = new Map([...network.outputs].filter(([name]) => name.startsWith("prediction/")));
  const g = createBuilder();
  const given = new Map<string, Node>();
  for (const { name, node } of network.inputs) {
    const [kind, rest] = [name.slice(0, name.indexOf("/")), name.slice(name.indexOf("/") + 1)];
    if (kind === "parameter" || kind === "state")
      given.set(name, g.constant(Float64Array.from(weight(rest)), node.type));
    else if (kind === "input") given.set(name, g.input(inputName(rest), node.type));
    else if (name === "rows") given.set(name, g.fill(1, [batch]));
    else given.set(name, emptyAnswers(g, node));
  }
  const made = remade(g, { ...network, outputs: predictions }, given);
  const inside = (name: string): Node => {
    const node = given.get(name);
    if (!node) throw new Error(`the network has no input ${name}`);
    return node;
  };
  return g.finish(
    new Map(
      model.tasks.flatMap((task): [string, Node][] => {
        const raw = made.get(`prediction/${task.name}`);
        if (!raw) throw new Error(`the network does not answer ${task.name}`);
        const chosen = chosenTogether(g, registry, task, raw, inside);
        if (chosen === null) return [[task.name, answer(g, task, raw, facts)]];
        return [
          [task.name, chosen.probabilities],
          [chosenOutput(task), chosen.codes],
        ];
      }),
    ),
  );
}

/** The graph's results, made again with other nodes in place of its inputs. */
function remade(g: Builder, graph: Graph, given: ReadonlyMap<string, Node>): ReadonlyMap<string, Node> {
  const made = new Map(graph.inputs.map(({ name, node }) => [node, given.get(name)!]));
  for (const node of topologicalOrder(graph.outputs.values())) {
    if (made.has(node)) continue;
    const from = node.inputs.map((input) => made.get(input)!);
    made.set(node, g.apply(node.operation, from, node.attributes));
  }
  return new Map([...graph.outputs].map(([name, node]) => [name, made.get(node)!]));
}

/** What stands for targets and their weights, which no prediction reads. */
function emptyAnswers(g: Builder, { type }: Node): Node {
  const zeros = g.fill(0, type.shape);
  return type.element === "f32" ? zeros : g.cast(zeros, type.element);
}

function answer(g: Builder, task: Task, raw: Node, { targetScales }: ModelFacts): Node {
  switch (task.kind.word) {
    case "class":
      return g.softmax(raw);
    case "flag":
    case "flags":
      return g.sigmoid(raw);
    case "ordinal":
      return levels(g, raw, predictionWidthOf(task));
    case "count":
      return g.exp(raw);
    case "real": {
      const scale = ownOf(targetScales, task.name);
      if (!scale) return raw;
      const shape = knownAnswerShape(task);
      const per = (values: readonly number[]): Node =>
        values.length === 1 ? g.constant(values[0]) : g.constant(repeated(values, shape), { element: "f32", shape });
      return g.add(g.mul(raw, per(scale.factor)), per(scale.shift));
    }
    default:
      throw new Error(`no answers of kind ${String(task.kind.word satisfies never)}`);
  }
}

function repeated(values: readonly number[], shape: readonly number[]): number[] {
  return Array.from({ length: elementCount(shape) }, (_, k) => values[k % values.length]);
}

/** P(level = k) from logits of which the first k + 1 sigmoids multiply to P(level > k). */
function levels(g: Builder, raw: Node, width: number): Node {
  const lead = raw.type.shape.slice(0, -1);
  const above: Node[] = [];
  for (let k = 0; k < width; k++) {
    const begin = [...lead.map(() => 0), k];
    const chance = g.sigmoid(g.slice(raw, begin, [...lead, 1]));
    above.push(k === 0 ? chance : g.mul(above[k - 1], chance));
  }
  const certain = g.fill(1, [...lead, 1]);
  const parts = [certain, ...above].map((chance, level) => (level < width ? g.sub(chance, above[level]) : chance));
  return g.concat(parts, -1);
}
