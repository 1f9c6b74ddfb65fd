import type { Cursor } from "./cursor.ts";
import { floats, window, type TrainingState } from "./state.ts";

/** A named tensor on the host. */
export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Weights at one moment: copies, by name. */
export interface WeightCopy {
  readonly parameters: ReadonlyMap<string, NamedTensor>;
  readonly average: ReadonlyMap<string, NamedTensor>;
  readonly statistics: ReadonlyMap<string, NamedTensor>;
}

/** All that a resumed run needs: tensors by name, and the cursor. */
export interface Snapshot {
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  readonly cursor: Cursor;
}

export function copyWeights(state: TrainingState): WeightCopy {
  return {
    parameters: slices(state, state.parameters),
    average: state.average ? slices(state, state.average) : new Map(),
    statistics: new Map(
      [...state.statistics].map(([name, { current }]) => [
        name,
        { shape: current.type.shape, data: floats(current).slice() },
      ]),
    ),
  };
}

export function restoreWeights(state: TrainingState, copy: WeightCopy): void {
  for (const [name, tensor] of copy.parameters) window(state.parameters, state.layout, name).set(tensor.data);
  if (state.average)
    for (const [name, tensor] of copy.average) window(state.average, state.layout, name).set(tensor.data);
  for (const [name, tensor] of copy.statistics) floats(state.statistics.get(name)!.current).set(tensor.data);
}

export function takeSnapshot(state: TrainingState, cursor: Cursor, best: WeightCopy | null): Snapshot {
  const tensors = new Map<string, NamedTensor>();
  const put = (prefix: string, from: ReadonlyMap<string, NamedTensor>): void => {
    for (const [name, tensor] of from) tensors.set(`${prefix}/${name}`, tensor);
  };
  const now = copyWeights(state);
  put("parameter", now.parameters);
  put("average", now.average);
  put("statistic", now.statistics);
  for (const [name, buffer] of state.vectors) put(`optimizer/${name}`, slices(state, buffer));
  if (best) {
    put("best/parameter", best.parameters);
    put("best/average", best.average);
    put("best/statistic", best.statistics);
  }
  return { tensors, cursor: structuredClone(cursor) };
}

/** Puts a snapshot's tensors back; returns the best weights that it held. Throws where a tensor that the model needs is not there. */
export function restoreSnapshot(state: TrainingState, snapshot: Snapshot): WeightCopy | null {
  const take = (prefix: string): Map<string, NamedTensor> => {
    const found = new Map<string, NamedTensor>();
    for (const [name, tensor] of snapshot.tensors) {
      if (name.startsWith(`${prefix}/`)) found.set(name.slice(prefix.length + 1), tensor);
    }
    return found;
  };
  const now = { parameters: take("parameter"), average: take("average"), statistics: take("statistic") };
  for (const slot of state.layout.slots.values()) {
    const tensor = now.parameters.get(slot.name);
    if (!tensor || tensor.data.length !== slot.size) throw new MissingTensor(slot.name);
  }
  restoreWeights(state, now);
  for (const [name, buffer] of state.vectors) {
    for (const [parameter, tensor] of take(`optimizer/${name}`))
      window(buffer, state.layout, parameter).set(tensor.data);
  }
  const best = take("best/parameter");
  if (best.size === 0) return null;
  return { parameters: best, average: take("best/average"), statistics: take("best/statistic") };
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

function slices(state: TrainingState, flat: TrainingState["parameters"]): Map<string, NamedTensor> {
  return new Map(
    [...state.layout.slots.values()].map((slot) => [
      slot.name,
      { shape: slot.shape, data: floats(flat).slice(slot.offset, slot.offset + slot.size) },
    ]),
  );
}
