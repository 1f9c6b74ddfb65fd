import type { Builder } from "../../graph/builder.ts";
import { createBuilder } from "../../graph/create.ts";
import type { Graph, Node, TensorType } from "../../graph/graph.ts";
import { createLayerContext } from "../../lower/layer-context.ts";
import type { ConcreteType } from "../../registry/layer.ts";
import type { Use } from "./sites.ts";

/** A layer's forward pass by itself. */
export interface Trace {
  /**
   * Inputs `operand/<k>`, `parameter/<key>`, `state/<name>`, `mask/<axis>`, `random/<name>`, `chain/<k>/<call>`, and
   * `shift/<task>`, `factor/<task>` where a task's answers are scaled; outputs `result`, `next/<state>`, `penalty/<k>`, and
   * `argument/<k>/<call>` of what a chain was given.
   */
  readonly graph: Graph;
}

export interface TraceOptions {
  readonly training: boolean;
  readonly taskKind: (task: string) => string;
  /** Whether the answers to a task are scaled; none are where absent. */
  readonly isScaled?: (task: string) => boolean;
  /** Numbers that stand for operands. */
  readonly numbers?: ReadonlyMap<number, number>;
}

/** What no scale is: constants of the trace that are made of these are read from the data. */
const shiftMark = 0.7351824951171875;
const factorMark = 1.9127044677734375;

/** Runs a layer's definition on a builder that records what it does. */
export function traceLayer(use: Use, options: TraceOptions): Trace {
  const { row, instruction, inputTypes, outputType, batch } = use;
  if (!row.forward) throw new Error(`the layer ${row.name} cannot run yet`);
  const g = createBuilder();
  const f32 = (name: string, shape: readonly number[]): Node => g.input(name, { element: "f32", shape });
  const prefix = `${instruction.path}.`;
  const short = (name: string): string => name.slice(prefix.length);
  const outputs: Record<string, Node> = {};
  const states = new Map<string, Node>();
  let penalties = 0;
  const marked = marking(g);
  const context = createLayerContext(marked.builder, {
    path: instruction.path,
    training: options.training,
    batch,
    // Batches of generated modules hold real rows only.
    rows: g.fill(1, [batch]),
    masks: masksOf(inputTypes, outputType, (axis, length) => f32(`mask/${axis}`, [batch, length])),
    state: (name) => {
      const known = states.get(name);
      if (known) return known;
      const info = use.states.find((state) => state.name === name);
      if (!info) throw new Error(`no layer declares the state ${name}`);
      const node = f32(`state/${short(name)}`, info.shape);
      states.set(name, node);
      return node;
    },
    setState: (name, next) => (outputs[`next/${short(name)}`] = next),
    random: (name, shape) => f32(`random/${short(name)}`, shape),
    penalize: (value) => (outputs[`penalty/${penalties++}`] = value),
    targetScale(task) {
      if (!options.isScaled?.(task)) return { shift: [0], factor: [1] };
      marked.task = task;
      return { shift: [shiftMark], factor: [factorMark] };
    },
    taskKind: options.taskKind,
  });
  const chains = (instruction.regions ?? []).map((_, k) => {
    let calls = 0;
    return (argument: Node): Node => {
      const result = use.chains[k];
      outputs[`argument/${k}/${calls}`] = argument;
      return g.input(`chain/${k}/${calls++}`, { element: result.element, shape: [batch, ...result.shape] });
    };
  });
  outputs.result = row.forward(context, {
    settings: instruction.settings,
    inputs: inputTypes.map(({ element, shape, batch: has }, k) =>
      operandOf(g, k, { element, shape: has === false ? shape : [batch, ...shape] }, options.numbers),
    ),
    inputTypes,
    outputType,
    parameters: Object.fromEntries(
      use.parameters.map(({ name, shape }) => [short(name), f32(`parameter/${short(name)}`, shape)]),
    ),
    chains,
  });
  return { graph: g.finish(outputs) };
}

function operandOf(g: Builder, k: number, type: TensorType, numbers?: ReadonlyMap<number, number>): Node {
  const value = numbers?.get(k);
  return value === undefined ? g.input(`operand/${k}`, type) : g.fill(value, type.shape);
}

/** A builder that makes inputs of the constants of a scale. */
function marking(g: Builder): { readonly builder: Builder; task: string | null } {
  const marked: { readonly builder: Builder; task: string | null } = {
    task: null,
    builder: {
      ...g,
      constant(values, type) {
        const kind = values === shiftMark ? "shift" : values === factorMark ? "factor" : null;
        if (kind === null || marked.task === null) return g.constant(values, type);
        return g.input(`${kind}/${marked.task}`, { element: "f32", shape: [] });
      },
    },
  };
  return marked;
}

/** Masks of the token axes of some types, by axis. */
function masksOf(
  inputs: readonly ConcreteType[],
  output: ConcreteType,
  make: (axis: string, length: number) => Node,
): ReadonlyMap<string, Node> {
  const lengths = new Map<string, number>();
  for (const { shape, axes } of [...inputs, output])
    axes?.forEach((axis, k) => {
      if (axis !== null) lengths.set(axis, shape[k]);
    });
  return new Map([...lengths].map(([axis, length]) => [axis, make(axis, length)]));
}
