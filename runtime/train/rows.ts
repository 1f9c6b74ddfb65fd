import { elementCount } from "../../compiler/graph/graph.ts";
import type { StepProgram } from "../../compiler/lower/step.ts";
import { lowerCombination, lowerGram, type RowBlock } from "../../compiler/lower/update.ts";
import type { Engine, EngineBuffer } from "../engines/engine.ts";
import { floats, type TrainingState } from "./state.ts";

/** A shared, trained parameter's gradients: one row for each task that reaches it, block after block in one buffer. */
interface Block extends RowBlock {
  readonly offset: number;
}

function rowBlocks(program: StepProgram): { blocks: readonly Block[]; length: number } {
  let length = 0;
  const blocks: Block[] = [];
  if (!program.gradientRule) return { blocks, length };
  for (const { info, shared, frozen, reachedBy } of program.parameters) {
    if (!shared || frozen) continue;
    const size = elementCount(info.shape);
    blocks.push({ name: info.name, tasks: reachedBy, size, offset: length });
    length += size * reachedBy.length;
  }
  return { blocks, length };
}

/** Numbers that a program's rows hold. */
export function rowNumbers(program: StepProgram): number {
  return rowBlocks(program).length;
}

/** Where `row/<task>/<parameter>` stands in the rows' buffer. */
export function rowWindows(
  program: StepProgram,
): ReadonlyMap<string, { readonly parameter: string; readonly offset: number }> {
  const windows = new Map<string, { parameter: string; offset: number }>();
  for (const { name, tasks, size, offset } of rowBlocks(program).blocks) {
    tasks.forEach((task, k) => windows.set(`row/${task}/${name}`, { parameter: name, offset: offset + k * size }));
  }
  return windows;
}

/** The second half of a step under a rule on gradients: dot products of the rows, then their weighted sum. */
export interface BoundRows {
  /** True where nothing that is trained is shared. */
  readonly empty: boolean;
  /** G = J Jᵀ, [tasks × tasks] in f64, of the gradients of the weighted losses over everything shared. */
  gram(): Promise<Float64Array>;
  /** Writes Σ weight · row into the gradient. One weight for each task. */
  combine(weights: readonly number[]): Promise<void>;
  close(): Promise<void>;
}

export async function bindRows(engine: Engine, state: TrainingState, program: StepProgram): Promise<BoundRows> {
  const { blocks } = rowBlocks(program);
  const count = program.tasks.length;
  if (blocks.length === 0) return noRows(count);
  const index = new Map(program.tasks.map((task, k) => [task, k]));
  const inputs: Record<string, EngineBuffer> = {};
  const products: Record<string, EngineBuffer> = {};
  const weights: Record<string, EngineBuffer> = {};
  const sums: Record<string, EngineBuffer> = {};
  for (const { name, tasks, size, offset } of blocks) {
    inputs[`rows/${name}`] = engine.view(state.rows!, offset, { element: "f32", shape: [tasks.length, size] });
    products[`gram/${name}`] = engine.buffer({ element: "f32", shape: [tasks.length, tasks.length] });
    weights[`weights/${name}`] = engine.buffer({ element: "f32", shape: [1, tasks.length] });
    const slot = state.layout.slots.get(name)!;
    sums[`gradient/${name}`] = engine.view(state.gradient, slot.offset, { element: "f32", shape: [1, size] });
  }
  const gramProgram = await engine.prepare(lowerGram(blocks), { name: "gram" });
  const combination = await engine.prepare(lowerCombination(blocks), { name: "combination" });
  const multiply = gramProgram.bind(inputs, products);
  const add = combination.bind({ ...inputs, ...weights }, sums);
  return {
    empty: false,
    async gram() {
      await multiply();
      const gram = new Float64Array(count * count);
      for (const { name, tasks } of blocks) {
        const product = floats(products[`gram/${name}`]);
        tasks.forEach((a, i) =>
          tasks.forEach((b, j) => {
            gram[index.get(a)! * count + index.get(b)!] += product[i * tasks.length + j];
          }),
        );
      }
      return gram;
    },
    async combine(alpha) {
      for (const { name, tasks } of blocks) {
        const buffer = weights[`weights/${name}`];
        floats(buffer).set(tasks.map((task) => alpha[index.get(task)!]));
        buffer.upload();
      }
      await add();
    },
    async close() {
      await gramProgram.close();
      await combination.close();
    },
  };
}

function noRows(tasks: number): BoundRows {
  return {
    empty: true,
    gram: async () => new Float64Array(tasks * tasks),
    combine: async () => undefined,
    close: async () => undefined,
  };
}
