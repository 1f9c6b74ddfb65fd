import { hasLoss } from "../../ir/kinds.ts";
import type { Model, Task } from "../../ir/model.ts";
import { lowerStep } from "../../lower/step.ts";
import type { Registry } from "../../registry/registry.ts";
import { groupedBy } from "./grouping.ts";
import { literalCode } from "./literal.ts";
import { flagsOf } from "./loss-functions.ts";
import type { Sized } from "./sites.ts";
import type { WeightTree } from "./weight-paths.ts";

/** Tasks whose losses reach the weights: by declaration, or deeper where they differ within one. */
export function reachCode(model: Model, registry: Registry, [sized]: readonly Sized[], tree: WeightTree): string {
  const classCounts = Object.fromEntries(sized.model.tasks.filter(hasLoss).flatMap(countsOf));
  // What settings of a phase penalize or hold still is for the phase to say.
  const phase = { ...sized.model.phases[0], penalty: [], freeze: [] };
  const { parameters } = lowerStep(sized.model, registry, phase, { targetScales: {}, classCounts });
  const reached = parameters
    .filter(({ info }) => info.trainable !== false)
    .map(({ info, reachedBy, trained }) => ({
      parts: tree.cut(info.name),
      // What only penalties reach has no tasks; what nothing reaches is not there.
      tasks: trained || reachedBy.length > 0 ? reachedBy : null,
    }));
  const table: Record<string, readonly string[]> = {};
  const write = (depth: number, members: typeof reached): void => {
    for (const [head, inside] of groupedBy(members, ({ parts }) => parts.slice(0, depth).join("."))) {
      const [{ tasks }] = inside;
      if (inside.some((each) => each.tasks?.join() !== tasks?.join())) write(depth + 1, inside);
      else if (tasks !== null) table[head] = tasks;
    }
  };
  write(1, reached);
  const order = [...model.shared, ...model.tasks].map(({ name }) => name);
  const rank = (name: string): number => {
    const at = order.findIndex((each) => name === each || name.startsWith(`${each}.`));
    return at < 0 ? order.length : at;
  };
  return literalCode(Object.fromEntries(Object.entries(table).sort(([a], [b]) => rank(a) - rank(b))));
}

/** Some counts of labels, for losses that ask for them: what they are has no part in what is reached. */
function countsOf({ name, kind }: Task): [string, readonly number[]][] {
  if (kind.word === "class") return [[name, new Array<number>(Number(kind.size)).fill(1)]];
  if (kind.word !== "flag" && kind.word !== "flags") return [];
  return [[name, new Array<number>(2 * flagsOf(kind)).fill(1)]];
}
