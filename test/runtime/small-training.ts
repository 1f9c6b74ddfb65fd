import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { registry as language } from "../../compiler/registry/index.ts";
import { createOnnxEngine } from "../../runtime/engines/onnx.ts";
import type { EpochEvent, StepEvent } from "../../runtime/train/hooks.ts";
import type { NamedTensor, NamedWeights, Snapshot } from "../../runtime/train/snapshot.ts";
import { trainModel, type TrainSetting } from "../../runtime/train/train.ts";
import type { PartResult } from "../../runtime/train/watch.ts";
import { prepare, type Prepared } from "../../src/project/prepare.ts";
import { overridesOf, type ModelSource } from "../../src/project/sources.ts";

/** Small models of a text and generated rows, trained for some steps. */

const base = mkdtempSync(join(tmpdir(), "mtlc-small-"));
let folders = 0;

/** A folder with these files. */
export function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(base, `${++folders}-`));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** A model whose data is these tables. */
export function sourceOf(
  text: string,
  tables: Readonly<Record<string, string>>,
  set: readonly string[] = [],
): ModelSource {
  const folder = folderOf({ ...tables, "model.mtl": text });
  return { file: join(folder, "model.mtl"), folder, text, read: () => null, overrides: overridesOf(set) };
}

export function prepared(
  text: string,
  tables: Readonly<Record<string, string>>,
  set: readonly string[] = [],
): Promise<Prepared> {
  return prepare(sourceOf(text, tables, set));
}

/** Numbers that look random and are the same in every run: multiples of 1/256 in [-1, 1). */
export function numbersFrom(seed: number): () => number {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((state >>> 16) % 512) / 256 - 1;
  };
}

/** A table in CSV; null is an empty cell. */
export function csv(columns: Readonly<Record<string, readonly (string | number | null)[]>>): string {
  const names = Object.keys(columns);
  const rows = columns[names[0]].map((_, row) => names.map((name) => columns[name][row] ?? "").join(","));
  return [names.join(","), ...rows, ""].join("\n");
}

export interface Trained {
  readonly steps: readonly StepEvent[];
  /** Without what a clock says. */
  readonly epochs: readonly Omit<EpochEvent, "seconds">[];
  /** Copies at the end, parameters and statistics alike. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly parts: ReadonlyMap<string, PartResult>;
  readonly interrupted: boolean;
  readonly snapshot: Snapshot;
}

export interface TrainOptions
  extends Pick<TrainSetting, "from" | "saveEvery">, Partial<Pick<TrainSetting, "registry">> {
  /** Asked after every step and every batch of an evaluation; true ends training. */
  interrupted?(): boolean;
  /** Copies, in the order in which they are offered. */
  save?(snapshot: Snapshot): void;
  keep?(weights: ReadonlyMap<string, Float32Array>): void;
  onStep?(event: StepEvent): void;
}

/** Trains on one thread. Everything that comes back is a copy. */
export async function trained(
  { model, data }: Pick<Prepared, "model" | "data">,
  options: TrainOptions = {},
): Promise<Trained> {
  const steps: StepEvent[] = [];
  const epochs: Omit<EpochEvent, "seconds">[] = [];
  const engine = await createOnnxEngine({ threads: 1 });
  try {
    const result = await trainModel({
      engine,
      registry: options.registry ?? language,
      model,
      data,
      from: options.from,
      saveEvery: options.saveEvery,
      hooks: {
        onStep(event) {
          steps.push(event);
          options.onStep?.(event);
        },
        onEpoch({ seconds: _, ...event }) {
          epochs.push(event);
        },
        interrupted: options.interrupted?.bind(options),
        save: async (snapshot) => options.save?.(copyOf(snapshot)),
        keep: async (weights) => options.keep?.(flat(weights)),
      },
    });
    const { interrupted, parts } = result;
    return { steps, epochs, weights: flat(result.weights), parts, interrupted, snapshot: copyOf(result.snapshot) };
  } finally {
    await engine.close();
  }
}

export function flat({ parameters, statistics }: NamedWeights): Map<string, Float32Array> {
  return new Map([...parameters, ...statistics].map(([name, { data }]) => [name, data.slice()]));
}

function copyOf({ tensors, cursor }: Snapshot): Snapshot {
  const copies = new Map<string, NamedTensor>();
  for (const [name, { shape, data }] of tensors) copies.set(name, { shape, data: data.slice() });
  return { tensors: copies, cursor: JSON.parse(JSON.stringify(cursor)) };
}

/** The start values of a model: no step is taken. */
export async function startValues(text: string, tables: Readonly<Record<string, string>>): Promise<Trained["weights"]> {
  return (await trained(await prepared(text, tables, ["train.epochs=0"]))).weights;
}

/** The bits of every tensor, so that 0 and -0 differ and NaN equals itself. */
export function bits(weights: ReadonlyMap<string, Float32Array>): Record<string, readonly number[]> {
  return Object.fromEntries([...weights].map(([name, data]) => [name, [...new Uint32Array(data.slice().buffer)]]));
}
