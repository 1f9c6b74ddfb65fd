import type { Cursor } from "./cursor.ts";
import type { Layout } from "./layout.ts";
import { floats, type TrainingState } from "./state.ts";

/** A named tensor on the host. */
export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What a network computes with, by name: parameters (averaged where the phase averages), and running statistics. */
export interface NamedWeights {
  readonly parameters: ReadonlyMap<string, NamedTensor>;
  readonly statistics: ReadonlyMap<string, NamedTensor>;
}

/** All that a resumed run needs: tensors by name, and the cursor. */
export interface Snapshot {
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  readonly cursor: Cursor;
}

/** A copy of all weights at one moment, flat: made once and written over. */
export interface WeightCopy {
  readonly parameters: Float32Array;
  readonly average: Float32Array | null;
  readonly statistics: ReadonlyMap<string, Float32Array>;
}

export function emptyCopy(state: TrainingState): WeightCopy {
  return {
    parameters: new Float32Array(state.layout.length),
    average: state.average ? new Float32Array(state.layout.length) : null,
    statistics: new Map([...state.statistics].map(([name, { current }]) => [name, floats(current).slice()])),
  };
}

export function copyWeights(state: TrainingState, into: WeightCopy): void {
  into.parameters.set(floats(state.parameters));
  if (state.average) into.average?.set(floats(state.average));
  for (const [name, { current }] of state.statistics) into.statistics.get(name)?.set(floats(current));
}

export function restoreWeights(state: TrainingState, copy: WeightCopy): void {
  floats(state.parameters).set(copy.parameters);
  if (state.average && copy.average) floats(state.average).set(copy.average);
  for (const [name, { current }] of state.statistics) floats(current).set(copy.statistics.get(name)!);
}

/** Views of the network's weights: the average's where there is one under way. Scalars of balance rules are no part of it. */
export function namedWeights(state: TrainingState, cursor: Cursor): NamedWeights {
  const flat = cursor.averaged !== null && state.average ? state.average : state.parameters;
  const slots = [...state.layout.slots.values()].filter(({ ofRule }) => !ofRule);
  return {
    parameters: new Map(
      slots.map(({ name, shape, offset, size }) => [
        name,
        { shape, data: floats(flat).subarray(offset, offset + size) },
      ]),
    ),
    statistics: new Map(
      [...state.statistics].map(([name, { current }]) => [name, { shape: current.type.shape, data: floats(current) }]),
    ),
  };
}

/** Everything that a snapshot holds, as the places in memory that its tensors are views of. */
function* places(state: TrainingState, cursor: Cursor, best: WeightCopy | null): Iterable<[string, NamedTensor]> {
  yield* weightPlaces("", state, cursor, {
    parameters: floats(state.parameters),
    average: state.average && floats(state.average),
    statistics: new Map([...state.statistics].map(([name, { current }]) => [name, floats(current)])),
  });
  for (const vector of cursor.optimizer?.vectors ?? []) {
    const buffer = state.vectors.get(vector);
    if (buffer) yield* windows(`optimizer/${vector}`, state.layout, floats(buffer));
  }
  if (best && cursor.best) yield* weightPlaces("best/", state, cursor, best);
}

function* weightPlaces(
  prefix: string,
  state: TrainingState,
  cursor: Cursor,
  weights: WeightCopy,
): Iterable<[string, NamedTensor]> {
  yield* windows(`${prefix}parameter`, state.layout, weights.parameters);
  if (cursor.averaged !== null && weights.average) yield* windows(`${prefix}average`, state.layout, weights.average);
  for (const [name, { current }] of state.statistics) {
    yield [`${prefix}statistic/${name}`, { shape: current.type.shape, data: weights.statistics.get(name)! }];
  }
}

function* windows(prefix: string, layout: Layout, flat: Float32Array): Iterable<[string, NamedTensor]> {
  for (const { name, shape, offset, size } of layout.slots.values()) {
    yield [`${prefix}/${name}`, { shape, data: flat.subarray(offset, offset + size) }];
  }
}

/** Views of the state as it is, and a copy of the cursor. */
export function takeSnapshot(state: TrainingState, cursor: Cursor, best: WeightCopy | null): Snapshot {
  return { tensors: new Map(places(state, cursor, best)), cursor: structuredClone(cursor) };
}

/**
 * Puts a snapshot's tensors back, the best weights of its phase into `best`. Scalars of a balance rule that it does not know
 * stay as they start. Throws a MissingTensor where anything else is not there in its size.
 */
export function restoreSnapshot(state: TrainingState, snapshot: Snapshot, best: WeightCopy | null): void {
  const fresh = new Set([...state.layout.slots.values()].filter(({ ofRule }) => ofRule).map(({ name }) => name));
  for (const [name, { data }] of places(state, snapshot.cursor, best)) {
    const found = snapshot.tensors.get(name);
    if (found?.data.length === data.length) data.set(found.data);
    else if (found || ![...fresh].some((scalar) => name.endsWith(`/${scalar}`))) throw new MissingTensor(name);
  }
}

/** A saved state that does not fit the model. */
export class MissingTensor extends Error {
  readonly tensor: string;
  constructor(tensor: string) {
    super(`the saved state holds no ${tensor} of the size that the model needs`);
    this.name = "MissingTensor";
    this.tensor = tensor;
  }
}
