import { compile } from "../../compiler/compile.ts";
import type { Model } from "../../compiler/ir/model.ts";
import { registry } from "../../compiler/registry/index.ts";
import type { BoundData } from "../../runtime/data/data.ts";
import { openEngine, type EngineChoice } from "../../runtime/engines/index.ts";
import type { EngineDescription } from "../../runtime/engines/engine.ts";
import { trainModel } from "../../runtime/train/train.ts";

/** What an engine did with a small model, in milliseconds. */
export interface Trial {
  readonly engine: EngineDescription;
  /** From nothing loaded to the end of the first step. */
  readonly firstStep: number;
  /** A later step; the median of some. */
  readonly laterStep: number;
}

const ROWS = 32;
const STEPS = 20;

const text = `model Trial
input point: f32[2]
shared trunk = point -> dense(16) -> tanh
task inside: flag { head: trunk -> dense }
task distance: real { head: trunk -> dense }
train { optimizer: adam(rate: 0.02), steps: ${STEPS}, batch: ${ROWS}, shuffle: false, seed: 1 }
data { train: csv("rows.csv") }
`;

/** Trains a small model for some steps, as `train` does. Throws where the engine cannot, or where it computes nonsense. */
export async function tryEngine(choice: EngineChoice): Promise<Trial> {
  const started = performance.now();
  const engine = await openEngine(choice);
  try {
    const ends: number[] = [];
    const losses: number[] = [];
    await trainModel({
      engine,
      registry,
      model: trialModel(),
      data: points(),
      hooks: {
        onStep({ losses: { inside, distance } }) {
          ends.push(performance.now());
          losses.push(inside + distance);
        },
      },
    });
    const [before, after] = [losses[0], losses[STEPS - 1]];
    if (!(after < before)) throw new Error(`${STEPS} steps took the loss from ${before} to ${after}`);
    const later = ends.slice(1).map((end, k) => end - ends[k]);
    later.sort((a, b) => a - b);
    return { engine: engine.description, firstStep: ends[0] - started, laterStep: later[later.length >> 1] };
  } finally {
    await engine.close();
  }
}

function trialModel(): Model {
  const { model, diagnostics } = compile(text);
  if (!model) throw new Error(`the trial model has mistakes: ${diagnostics.map(({ message }) => message).join("; ")}`);
  return model;
}

/** Points on a spiral: how far from the middle each is, and whether it lies in the unit circle. */
function points(): BoundData {
  const point = new Float32Array(2 * ROWS);
  const inside = new Float32Array(ROWS);
  const distance = new Float32Array(ROWS);
  for (let row = 0; row < ROWS; row++) {
    const radius = (2 * (row + 1)) / ROWS;
    point.set([radius * Math.cos(row), radius * Math.sin(row)], 2 * row);
    inside[row] = radius < 1 ? 1 : 0;
    distance[row] = radius;
  }
  const weight = new Float32Array(ROWS).fill(1);
  const targets = { inside: { values: inside, weight }, distance: { values: distance, weight } };
  const train = { rows: ROWS, inputs: { point }, targets };
  return {
    sections: [{ name: null, tasks: ["inside", "distance"], train, validation: null, test: null }],
    codes: { schema: 1, inputs: {}, tasks: { inside: {}, distance: {} } },
    sizes: {},
  };
}
