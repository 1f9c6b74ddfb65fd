import { topologicalOrder, type Graph, type Node } from "../../compiler/graph/graph.ts";
import { numberOf } from "../../compiler/graph/attributes.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import { rowOf } from "../../compiler/operations/index.ts";
import type { Tensor } from "../../compiler/operations/operation.ts";
import type { HostArray } from "../../runtime/engines/engine.ts";
import type { Tensor as LibraryTensor } from "@tensorflow/tfjs";
import { infoOf } from "../../runtime/generated/network.ts";
import { Optimizer } from "../../runtime/generated/optimizer.ts";
import { loadTfjs } from "../../runtime/engines/tfjs/loading.ts";
import type { Prepared } from "../../src/project/prepare.ts";
import type { ModelSource } from "../../src/project/sources.ts";
import { typesOf } from "./first-difference.ts";
import { loadModule, traceOfModule } from "./generated.ts";
import { referenceEngine } from "./reference-engine.ts";
import { OPERATION_TOLERANCE, traceOn } from "./trace.ts";
import { watchingEngine } from "./watching-engine.ts";

/**
 * Where a module parts ways with live training. Its operations are not those of the live graph, one by one; but whatever it
 * computes passes through the library, where it can be noted, and what the live graph has for the result of a layer, for a
 * loss or for a gradient must be among it. The first that is not names the place, and the first operation behind it that has
 * no counterpart while its operands have names the operation.
 */
interface Situation {
  readonly ready: Prepared;
  readonly source: ModelSource;
  readonly text: string;
  /** The step at which they differ, from 1. */
  readonly step: number;
}

export async function moduleDifference({ ready, source, text, step }: Situation): Promise<string> {
  const made = await tensorsOfStep(text, source, step);
  const { graph, inputs } = await liveStep(ready, step);
  const live = new LiveValues(graph, inputs);
  const isMade = (node: Node): boolean => live.of(node).every((values) => made.has(values));
  const nodes = topologicalOrder(graph.outputs.values());

  const isForward = forwardOf(graph, nodes);
  for (const end of resultsOfParts(nodes.filter(isForward))) {
    if (isMade(end)) continue;
    const own = nodes.filter((node) => isForward(node) && node.origin === end.origin && isTelling(node, live));
    return saying(
      own.find((node) => !isMade(node) && node.inputs.every((x) => !isTelling(x, live) || isMade(x))) ?? end,
    );
  }
  const isHandedOver = (name: string, node: Node): boolean => {
    const own = made.gradients.get(name);
    return own === undefined || ready.model.phases.some(({ penalty }) => penalty.length > 0)
      ? isMade(node)
      : live.of(node).every((values) => isAlike(values, own));
  };
  const gradients = [...graph.outputs].flatMap(([output, node]) => {
    const [, name = null] = /^(?:gradient|row\/[^/]+)\/(.*)$/.exec(output) ?? [];
    return name === null ? [] : [{ output, name, node }];
  });
  for (const { output, name, node } of gradients.sort((a, b) => a.node.id - b.node.id)) {
    const isRow = output.startsWith("row/");
    if (isRow ? isMade(node) : isHandedOver(name, node)) continue;
    return `${saying(node)}, which makes ${output},`;
  }
  return "all layers and gradients are the same: the balance or the optimizer differs";
}

function saying(node: Node): string {
  return `${node.operation}${node.origin === undefined ? "" : ` of ${node.origin}`} (${typesOf(node)}) has no counterpart`;
}

/** Operations that only move or choose numbers, of which a module may have others. */
const moving: ReadonlySet<string> = new Set([
  ...["input", "constant", "fill", "iota", "reshape", "transpose", "broadcast", "concat", "slice", "pad", "reverse"],
  ...["gather", "pick", "place", "select", "cast", "stopGradient", "result"],
]);

/** Whether a node says something of the module: it calculates, and more than one number. */
function isTelling(node: Node, live: LiveValues): boolean {
  if (moving.has(node.operation)) return false;
  return live.of(node).every((values) => values.length > 1 && values.some((value) => value !== values[0]));
}

/** The results of the model's parts, in their order: the last that others read. Only what calculates counts. */
function resultsOfParts(forward: readonly Node[]): Node[] {
  const last = new Map<string, Node>();
  for (const node of forward) if (node.origin !== undefined) last.set(node.origin, node);
  return [...last.values()].filter(({ operation }) => !moving.has(operation)).sort((a, b) => a.id - b.id);
}

/** Whether a node leads to the losses. */
function forwardOf(graph: Graph, nodes: readonly Node[]): (node: Node) => boolean {
  const losses = graph.outputs.get("losses");
  const behind = new Set(losses ? topologicalOrder([losses]) : nodes);
  return (node) => behind.has(node);
}

/** What each node of a step has, on the reference. */
class LiveValues {
  private readonly values = new Map<Node, readonly Tensor[]>();
  /** Share of the rows that are none to fill a batch up. */
  private readonly real: number;

  constructor(graph: Graph, inputs: Readonly<Record<string, ArrayLike<number>>>) {
    // Without masks and statistics nothing asks.
    const rows = "rows" in inputs ? Array.from(inputs["rows"]) : [1];
    this.real = rows.reduce((sum, row) => sum + row, 0) / rows.length;
    for (const { name, node } of graph.inputs)
      this.values.set(node, [{ values: Float64Array.from(inputs[name]), shape: node.type.shape }]);
    for (const node of topologicalOrder(graph.outputs.values())) {
      if (this.values.has(node)) continue;
      const given = node.inputs.map((input) => this.values.get(input)!);
      const tensors =
        node.operation === "result"
          ? [given[0][numberOf(node.attributes, "index")]]
          : rowOf(node.operation).reference(
              given.map(([tensor]) => tensor),
              node.attributes,
              evaluate,
            );
      this.values.set(node, tensors);
    }
  }

  /** Its values, without those of rows that fill the batch up. */
  of(node: Node): Float64Array[] {
    return this.values
      .get(node)!
      .map(({ values }) => (this.real < 1 ? values.slice(0, values.length * this.real) : values));
  }
}

/** Tensors by what numbers they hold, in whatever order. */
class Seen {
  private readonly bySize = new Map<number, Float64Array[]>();

  add(values: ArrayLike<number>): void {
    const list = this.bySize.get(values.length) ?? [];
    this.bySize.set(values.length, list);
    list.push(Float64Array.from(values).sort());
  }

  has(values: Float64Array): boolean {
    const sorted = values.slice().sort();
    return (this.bySize.get(values.length) ?? []).some((other) => isAlike(sorted, other));
  }

  /** What the optimizer is handed, by the weight's name. */
  readonly gradients = new Map<string, Float64Array>();
}

function isAlike(expected: Float64Array, found: Float64Array): boolean {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
  return expected.every((value, k) => Math.abs(value - found[k]) <= OPERATION_TOLERANCE * largest);
}

/** Everything that the library computes in one step of a module. */
async function tensorsOfStep(text: string, source: ModelSource, step: number): Promise<Seen> {
  const seen = new Seen();
  const { tf } = await loadTfjs({ engine: "tfjs", device: "cpu", threads: undefined });
  const library = tf.engine();
  const run = library.runKernel;
  let taken = 0;
  library.runKernel = <Made extends LibraryTensor | LibraryTensor[]>(...given: Parameters<typeof run>): Made => {
    const made = run.apply<typeof library, typeof given, Made>(library, given);
    if (taken === step - 1) for (const each of [made].flat()) if (each.dtype === "float32") seen.add(each.dataSync());
    return made;
  };
  const { step: move } = Optimizer.prototype;
  Optimizer.prototype.step = function (weights, gradients, options) {
    if (taken === step - 1)
      for (const [k, weight] of weights.entries())
        seen.gradients.set(infoOf(weight).name, Float64Array.from(gradients[k].dataSync()));
    return move.call(this, weights, gradients, options);
  };
  try {
    await traceOfModule(await loadModule(text), source, step, () => (taken += 1));
  } finally {
    library.runKernel = run;
    Optimizer.prototype.step = move;
  }
  return seen;
}

/** The graph of a live step, and what went into it. */
interface LiveStep {
  readonly graph: Graph;
  readonly inputs: Readonly<Record<string, HostArray>>;
}

async function liveStep(ready: Prepared, step: number): Promise<LiveStep> {
  let found: LiveStep | null = null;
  const engine = watchingEngine(referenceEngine(), (graph, inputs) => {
    if (graph.outputs.has("losses") && graph.outputs.has("factors")) found = { graph, inputs };
  });
  await traceOn(engine, ready, step);
  if (!found) throw new Error("no step was taken");
  return found;
}
