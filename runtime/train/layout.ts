import type { StepProgram, TrainedParameter } from "../../compiler/lower/step.ts";
import { elementCount } from "../../compiler/graph/graph.ts";

/**
 * Where every parameter stands in one flat buffer. Gradients and optimizer vectors use the same offsets. The order is fixed
 * for a whole run (shared parameters first, then by what reaches them), so that neighbours mostly learn alike; what differs
 * between phases (frozen, rates, step counts) only decides where segments end.
 */
export interface Slot {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly size: number;
  /** True for scalars of a balance rule: they are no part of the network. */
  readonly ofRule: boolean;
}

export interface Layout {
  readonly slots: ReadonlyMap<string, Slot>;
  /** Numbers in the whole buffer. */
  readonly length: number;
}

/** Scalars that balance rules train, one a task: they stand behind the model's own parameters. */
export interface RuleScalars {
  /** `balance/uncertainty/s`: no parameter's name has a slash before its first dot. */
  readonly name: string;
  readonly tasks: readonly string[];
}

export function layOut(parameters: readonly TrainedParameter[], scalars: readonly RuleScalars[]): Layout {
  const order = [...parameters].sort(
    (a, b) =>
      Number(b.shared) - Number(a.shared) ||
      compare(a.reachedBy.join(" "), b.reachedBy.join(" ")) ||
      Number(b.info.decay) - Number(a.info.decay) ||
      compare(a.info.name, b.info.name),
  );
  const slots = new Map<string, Slot>();
  let length = 0;
  const add = (name: string, shape: readonly number[], ofRule: boolean): void => {
    const size = elementCount(shape);
    slots.set(name, { name, shape, offset: length, size, ofRule });
    length += size;
  };
  for (const { info } of order) add(info.name, info.shape, false);
  for (const { name, tasks } of scalars) add(name, [tasks.length], true);
  return { slots, length };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A stretch of the flat buffer whose numbers share step count, rate and decay: updated by one call. */
export interface Segment {
  readonly offset: number;
  readonly length: number;
  /** Parameters, or a rule's scalar with its task (`balance/uncertainty/s/mass`), that stand in it. */
  readonly members: readonly string[];
  /** Tasks whose presence makes it take part; empty: it always does. */
  readonly tasks: readonly string[];
  /** Whether a penalty's gradient stands by itself and is to be added. */
  readonly penalty: boolean;
  readonly decay: boolean;
  readonly rateFactor: number;
  /** A rule's scalars have a rate of their own (null: the optimizer's) and stand outside clipping. */
  readonly rule: { readonly rate: number | null } | null;
  /** Steps it has taken before this one. */
  steps: number;
}

/**
 * Cuts the trained part of the buffer into segments. `steps` are the steps that each parameter has taken so far; `apart`: every
 * parameter is a segment by itself.
 */
export function cutSegments(
  layout: Layout,
  program: StepProgram,
  scalars: readonly (RuleScalars & { readonly rate: number | null })[],
  steps: ReadonlyMap<string, number>,
  apart: boolean,
): Segment[] {
  const segments: (Segment & { length: number; members: string[] })[] = [];
  const byName = new Map(program.parameters.map((parameter) => [parameter.info.name, parameter]));
  // Key of the segment that the next slot may still join.
  let open: string | null = null;
  for (const slot of [...layout.slots.values()].sort((a, b) => a.offset - b.offset)) {
    const parameter = byName.get(slot.name);
    if (!parameter?.trained) {
      open = null;
      continue;
    }
    const { info, reachedBy, rateFactor } = parameter;
    const taken = steps.get(slot.name) ?? 0;
    const penalty = program.graph.outputs.has(`penalty/${slot.name}`);
    const key = JSON.stringify([reachedBy, penalty, info.decay, rateFactor, taken]);
    const last = segments.at(-1);
    if (last && key === open && !apart) {
      last.length += slot.size;
      last.members.push(slot.name);
      continue;
    }
    open = key;
    segments.push({
      offset: slot.offset,
      length: slot.size,
      members: [slot.name],
      tasks: reachedBy,
      penalty,
      decay: info.decay,
      rateFactor,
      rule: null,
      steps: taken,
    });
  }
  for (const { name, tasks, rate } of scalars) {
    const slot = layout.slots.get(name)!;
    tasks.forEach((task, k) => {
      const member = `${name}/${task}`;
      segments.push({
        offset: slot.offset + k,
        length: 1,
        members: [member],
        tasks: [task],
        penalty: false,
        decay: false,
        rateFactor: 1,
        rule: { rate },
        steps: steps.get(member) ?? 0,
      });
    });
  }
  return segments;
}
