import type { Registry } from "../registry/registry.ts";
import type { Instruction, Model, Type, ValueId } from "./model.ts";

/**
 * Who reads what. A task *reads* a value that its head or probability is computed from; its loss *reaches* a value that a
 * gradient flows back to, which `stop_gradient` prevents. Of a tensor that exists once for every task, a task reads and
 * reaches its own, and others' only where a layer mixes them.
 */
export interface Reach {
  /** Tasks that read a value, in the order of declaration: those that a per-task tensor exists for. */
  readers(value: ValueId): readonly string[];
  /**
   * Tasks whose losses reach an instruction's parameters. `own` names the task whose own they are (a copy of `per_task`, a
   * gate of `mmoe`); without it, those that all tasks share.
   */
  reachedBy(instruction: Instruction, own?: string | null): readonly string[];
}

/** Values that one task reaches: each with the tasks whose own tensors they are, or null for a plain one. */
type Slots = Map<ValueId, Set<string | null>>;

export function reachOf(model: Model, registry: Registry): Reach {
  const types = new Map<ValueId, Type>(model.inputs.map(({ name, type }) => [name, type]));
  collectTypes(model.instructions, types);
  const ends = model.tasks.flatMap((task) => {
    const end = task.head ?? task.probability;
    return end === null ? [] : [{ name: task.name, end, learns: task.loss.length > 0 || task.probability !== null }];
  });

  const readers = new Map<ValueId, string[]>();
  for (const { name, end } of ends) {
    for (const value of walk(model.instructions, new Set([end]))) {
      const list = readers.get(value);
      if (list) list.push(name);
      else readers.set(value, [name]);
    }
  }
  const readersOf = (value: ValueId): readonly string[] => readers.get(value) ?? [];

  const reached = new Map<ValueId, Map<string, Set<string | null>>>();
  for (const { name, end, learns } of ends) {
    if (!learns) continue;
    const slots: Slots = new Map();
    const owner = model.instructions.find(({ id }) => id === end)?.owner ?? name;
    mark(slots, end, types.get(end)?.perTask ? owner : null);
    follow(model.instructions, slots, types, readersOf, registry);
    for (const [value, own] of slots) {
      const tasks = reached.get(value) ?? new Map<string, Set<string | null>>();
      reached.set(value, tasks.set(name, own));
    }
  }
  return {
    readers: readersOf,
    reachedBy(instruction, own = null) {
      const tasks = reached.get(instruction.id);
      if (!tasks) return [];
      const mixes = registry.layer.get(instruction.layer)?.mixesTasks === true;
      return [...tasks].filter(([, slots]) => own === null || mixes || slots.has(own)).map(([task]) => task);
    },
  };
}

function collectTypes(instructions: readonly Instruction[], types: Map<ValueId, Type>): void {
  for (const { id, type, regions } of instructions) {
    types.set(id, type);
    for (const region of regions ?? []) {
      types.set(region.argument, region.argumentType);
      collectTypes(region.instructions, types);
    }
  }
}

/** Values that `wanted` is computed from, itself included. Later instructions read earlier ones, so one pass back is enough. */
function walk(instructions: readonly Instruction[], wanted: Set<ValueId>): Set<ValueId> {
  for (const { id, inputs, regions } of [...instructions].reverse()) {
    if (!wanted.has(id)) continue;
    for (const input of inputs) wanted.add(input);
    for (const region of regions ?? []) walk(region.instructions, wanted.add(region.result));
  }
  return wanted;
}

function mark(slots: Slots, value: ValueId, own: string | null): void {
  const set = slots.get(value);
  if (set) set.add(own);
  else slots.set(value, new Set([own]));
}

/** Carries the marks of a task's loss back to what it is computed from. */
function follow(
  instructions: readonly Instruction[],
  slots: Slots,
  types: ReadonlyMap<ValueId, Type>,
  readers: (value: ValueId) => readonly string[],
  registry: Registry,
): void {
  for (const instruction of [...instructions].reverse()) {
    const own = slots.get(instruction.id);
    const row = registry.layer.get(instruction.layer);
    if (!own || row?.stopsGradient) continue;
    const mixed = row?.mixesTasks === true ? readers(instruction.id) : null;
    const carry = (value: ValueId): void => {
      if (!types.get(value)?.perTask) return mark(slots, value, null);
      // A plain result of per-task tensors belongs to a task, and reads that task's own.
      for (const task of mixed ?? own) mark(slots, value, task ?? instruction.owner);
    };
    instruction.inputs.forEach(carry);
    for (const region of instruction.regions ?? []) {
      for (const task of types.get(region.result)?.perTask ? own : [null]) mark(slots, region.result, task);
      follow(region.instructions, slots, types, readers, registry);
    }
  }
}
