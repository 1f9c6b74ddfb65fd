import type { Graph, TensorType } from "../../compiler/graph/graph.ts";
import type { StepProgram } from "../../compiler/lower/step.ts";
import { fillUniform } from "../../compiler/random/index.ts";
import type { Engine, EngineBuffer } from "../engines/engine.ts";
import { rowWindows } from "./rows.ts";
import { ruleScalars } from "./scalars.ts";
import { floats, type TrainingState } from "./state.ts";

/** Which buffer every input and output of a step's graph is, apart from the batch itself. */
export interface Wiring {
  readonly inputs: Readonly<Record<string, EngineBuffer>>;
  readonly outputs: Readonly<Record<string, EngineBuffer>>;
  /** [tasks] each. */
  readonly losses: Float32Array;
  readonly present: Float32Array;
  readonly factors: Float32Array;
  /** What the host feeds rules on losses, by input name. */
  readonly fed: ReadonlyMap<string, EngineBuffer>;
  /** Draws the random numbers of a batch of a step. */
  draw(seed: number, step: number, batch: number): void;
  /**
   * Takes the gradients of rows away that are 0 and stay 0, after a run: no optimizer, decay or average moves a 0 without a
   * gradient.
   */
  holdZeros(): void;
}

export function wireStep(engine: Engine, state: TrainingState, program: StepProgram, graph: Graph): Wiring {
  const { layout } = state;
  const scalars = new Map(ruleScalars(program).map((entry) => [`balance/${entry.stage}/${entry.key}`, entry]));
  const rows = rowWindows(program);
  const at = (flat: EngineBuffer, name: string, type: TensorType): EngineBuffer =>
    engine.view(flat, layout.slots.get(name)!.offset, type);

  const inputs: Record<string, EngineBuffer> = {};
  const fed = new Map<string, EngineBuffer>();
  const random: { name: string; buffer: EngineBuffer }[] = [];
  for (const { name, node } of graph.inputs) {
    const [kind, rest] = split(name);
    switch (kind) {
      case "parameter":
        inputs[name] = at(state.parameters, rest, node.type);
        break;
      case "state":
        inputs[name] = state.statistics.get(rest)!.current;
        break;
      case "random":
        inputs[name] = engine.buffer(node.type);
        random.push({ name: rest, buffer: inputs[name] });
        break;
      case "balance": {
        const trained = scalars.get(name);
        inputs[name] = trained ? at(state.parameters, trained.name, node.type) : engine.buffer(node.type);
        if (!trained) fed.set(name, inputs[name]);
        break;
      }
    }
  }

  const outputs: Record<string, EngineBuffer> = {};
  const zeros: EngineBuffer[] = [];
  const gradient = (flat: EngineBuffer, offset: number, type: TensorType, parameter: string): EngineBuffer => {
    zeros.push(...zeroRows(engine, flat, offset, type, program, parameter));
    return engine.view(flat, offset, type);
  };
  for (const [name, node] of graph.outputs) {
    const [kind, rest] = split(name);
    const type: TensorType = { element: "f32", shape: node.type.shape };
    const offset = layout.slots.get(rest)?.offset ?? 0;
    if (kind === "gradient") outputs[name] = gradient(state.gradient, offset, type, rest);
    else if (kind === "penalty") outputs[name] = gradient(state.penalty!, offset, type, rest);
    else if (kind === "next") outputs[name] = state.statistics.get(rest)!.next;
    else if (kind === "row")
      outputs[name] = gradient(state.rows!, rows.get(name)!.offset, type, rows.get(name)!.parameter);
    else if (kind === "balance" && rest.includes("/gradient/")) {
      const trained = scalars.get(name.replace("/gradient/", "/"))!;
      outputs[name] = at(state.gradient, trained.name, type);
    } else outputs[name] = engine.buffer(type);
  }
  return {
    inputs,
    outputs,
    losses: floats(outputs.losses),
    present: floats(outputs.present),
    factors: floats(outputs.factors),
    fed,
    draw(seed, step, batch) {
      for (const { name, buffer } of random) {
        // The batches of an accumulated step draw from streams of their own.
        const stream = batch === 0 ? `dropout/${name}` : `dropout/${name}/${batch}`;
        fillUniform(seed, stream, step, floats(buffer));
        buffer.upload();
      }
    },
    holdZeros() {
      for (const buffer of zeros) {
        floats(buffer).fill(0);
        buffer.upload();
      }
    },
  };
}

/** Windows of a parameter's gradient at `offset` that belong to rows which are 0 and stay 0. */
function zeroRows(
  engine: Engine,
  flat: EngineBuffer,
  offset: number,
  { shape }: TensorType,
  { parameters }: StepProgram,
  parameter: string,
): EngineBuffer[] {
  const kept = parameters.find(({ info }) => info.name === parameter)?.info.zeroRows ?? [];
  const size = shape.slice(1).reduce((product, length) => product * length, 1);
  return kept.map((row) => engine.view(flat, offset + row * size, { element: "f32", shape: [size] }));
}

/** `gradient/trunk.dense_1.kernel` into `gradient` and the rest. */
function split(name: string): [string, string] {
  const slash = name.indexOf("/");
  return slash < 0 ? [name, ""] : [name.slice(0, slash), name.slice(slash + 1)];
}
