import type { Draw } from "../property/draw.ts";

/** Two or three phases that differ in anything that a phase may say. */
export function randomPhases(draw: Draw): string {
  const names = ["first", "second", "third"].slice(0, draw.between(2, 3));
  const section = (): string => ["epochs: 2", ...draw.some(keys, 5).map((values) => draw.pick(values))].join(", ");
  return names.map((name) => `train ${name} { ${section()} }`).join("\n");
}

/** What a key may be, each with values that are written otherwise in a module. */
const keys: readonly (readonly string[])[] = [
  [
    "schedule: cosine",
    "schedule: linear(warmup: 2)",
    "schedule: exponential(0.9)",
    "schedule: step(every: 2, factor: 0.5)",
  ],
  [
    "optimizer: sgd(rate: 0.02, momentum: 0.9)",
    "optimizer: adam(rate: 1e-3)",
    "optimizer: rmsprop(rate: 1e-3)",
    "optimizer: lion(rate: 1e-4)",
  ],
  ["balance: uncertainty", "balance: pcgrad", "balance: [dwa, imtl_g]", "balance: static(on_nonfinite: skip)"],
  ["stop: early(on: validation.loss, patience: 1)", "stop: early(on: validation.loss, patience: 2)"],
  ["batch: 4", "batch: 7"],
  ["shuffle: false", "shuffle: true"],
  ["freeze: [low]", "freeze: [high]"],
  ["average: ema(0.8)"],
  ["accumulate: 2"],
  ["clip: norm(0.5)", "clip: value(0.1)"],
  ["penalty: [l2(1e-3)]"],
  ["seed: 3", "seed: 4"],
  ["rates: { low: 0.5 }"],
];
