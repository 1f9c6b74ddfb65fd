import type { Builder } from "../graph/builder.ts";
import type { Node } from "../graph/graph.ts";
import type { LayerContext } from "../registry/layer.ts";

/** Where a layer's context gets what is no operation, and where it leaves what is no result. Names are whole: `trunk.dropout_1.keep`. */
export interface LayerContextOptions {
  /** Where the layer stands: `trunk.dropout_1`. */
  readonly path: string;
  readonly training: boolean;
  /** Rows in the batch, padding rows included. */
  readonly batch: number;
  /** [batch] f32: 1 for a real row. */
  readonly rows: Node;
  /** By token axis: [batch, length] f32, 1 for a token. */
  readonly masks: ReadonlyMap<string, Node>;
  /** The input that holds a running state. */
  readonly state: (name: string) => Node;
  readonly setState: (name: string, next: Node) => void;
  /** An input of uniform numbers in [0, 1) of this shape. Asked once for each name. */
  readonly random: (name: string, shape: readonly number[]) => Node;
  readonly penalize: (value: Node) => void;
  readonly report?: (name: string, value: Node) => void;
  readonly targetScale: (task: string) => { readonly shift: readonly number[]; readonly factor: readonly number[] };
  readonly taskKind: (task: string) => string;
}

/** The context that one layer's forward pass sees: every operation of `g`, and the layer's own corner of the model. */
export function createLayerContext(g: Builder, options: LayerContextOptions): LayerContext {
  const { path, training, batch, rows, masks } = options;
  const whole = (name: string): string => `${path}.${name}`;
  return {
    ...g,
    training,
    batch,
    rows: () => rows,
    mask(axis) {
      const mask = masks.get(axis);
      if (!mask) throw new Error(`${path}: there is no token axis ${axis}`);
      return mask;
    },
    random(name, shape) {
      if (!training) throw new Error(`${path}: random numbers are drawn in training only`);
      return options.random(whole(name), shape);
    },
    state: (name) => options.state(whole(name)),
    setState: (name, next) => options.setState(whole(name), next),
    penalize: options.penalize,
    report: (name, value) => options.report?.(whole(name), value),
    targetScale: options.targetScale,
    taskKind: options.taskKind,
  };
}
