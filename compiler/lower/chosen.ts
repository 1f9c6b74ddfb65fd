import type { Builder } from "../graph/builder.ts";
import type { Node } from "../graph/graph.ts";
import type { Task } from "../ir/model.ts";
import type { Registry } from "../registry/registry.ts";
import type { DecodedNodes, LossRow } from "../registry/rows.ts";

/** Labels of a sequence that a task's loss chooses together (crf), in the graph that stands for a network. */

interface Choice {
  readonly word: string;
  readonly decoding: NonNullable<LossRow["decoding"]>;
  /** The tokens that the labels go along. */
  readonly along: string;
}

function choiceOf({ kind, loss }: Task, registry: Registry): Choice | null {
  const along = kind.axes?.[0] ?? null;
  for (const {
    loss: { word },
  } of along === null ? [] : loss) {
    const decoding = registry.loss.get(word)?.decoding;
    if (decoding && along !== null) return { word, decoding, along };
  }
  return null;
}

export function choosesTogether(task: Task, registry: Registry): boolean {
  return choiceOf(task, registry) !== null;
}

/** The output that holds such a task's labels. */
export function chosenOutput({ name }: Task): string {
  return `${name}.label`;
}

/** Null for a task whose labels are chosen each by itself. `given` brings an input of the network by name: `parameter/…`, `input/…`. */
export function chosenTogether(
  g: Builder,
  registry: Registry,
  task: Task,
  prediction: Node,
  given: (name: string) => Node,
): DecodedNodes | null {
  const choice = choiceOf(task, registry);
  if (choice === null) return null;
  const { word, decoding, along } = choice;
  const keys = Object.keys(registry.loss.get(word)?.parameters?.(task.kind) ?? {});
  const parameters = Object.fromEntries(keys.map((key) => [key, given(`parameter/${task.name}.${word}.${key}`)]));
  // Code 0 is padding.
  const mask = g.cast(g.greater(given(`input/${along}`), g.cast(g.constant(0), "i32")), "f32");
  return decoding(g, { prediction, mask, parameters });
}
