import type { Span } from "../../../grammar/tree.ts";
import { createBuilder } from "../../graph/create.ts";
import { hasLoss } from "../../ir/kinds.ts";
import { valuesBehind } from "../../ir/behind.ts";
import type { Model, Task, ValueId } from "../../ir/model.ts";
import { bodyOf } from "./body.ts";
import type { Declared } from "./declarations.ts";
import { statement, type FunctionDescription, type StatementDescription } from "./description.ts";
import { writeBody } from "./function.ts";
import { predictionShape } from "./loss-functions.ts";
import { camelCase, keyCode, Names } from "./names.ts";
import type { Sized, Site } from "./sites.ts";

/** The function that puts all declarations together: from a batch of inputs to what every head gives. */
export interface WrittenNetwork {
  readonly description: FunctionDescription;
  /** Values that some head or penalty needs. */
  readonly needed: ReadonlySet<ValueId>;
  readonly takesCodes: boolean;
  readonly takesTraining: boolean;
  /** Whether it adds to the losses. */
  readonly hasPenalty: boolean;
}

export function writeNetwork(
  model: Model,
  declared: readonly Declared[],
  sites: ReadonlyMap<string, Site>,
  sized: readonly Sized[],
  names: Names,
): WrittenNetwork {
  const inner = names.inside();
  const local = new Map<ValueId, string>();
  const ends = model.tasks.flatMap(({ head }) => (head === null ? [] : [head]));
  const penalties = model.penalties.map(({ value }) => value);
  const needed = valuesBehind(model.instructions, [...ends, ...penalties]);
  const masks = new Set(declared.flatMap((each) => (needed.has(each.value) ? each.masks : [])));
  const inputs = model.inputs.filter(({ name }) => needed.has(name) || masks.has(name));
  // What the function calls its own comes before what a person may have called an input.
  for (const name of ["weights", "codes", "training"]) inner.take(name);
  for (const { name } of inputs) local.set(name, inner.take(name));
  const maskNames = new Map([...masks].map((axis) => [axis, inner.take(`${camelCase(axis)}Mask`)] as const));
  const statements: StatementDescription[] = [...maskNames].map(([axis, name]) =>
    statement(`const ${name} = ${nameOf(local, axis)}.greater(0).toFloat();`),
  );
  let takesCodes = false;
  let takesTraining = false;
  const places: (Span | undefined)[] = [];
  for (const each of declared) {
    if (!needed.has(each.value)) continue;
    const given = [
      ...each.reads.map((value) => nameOf(local, value)),
      ...each.masks.map((axis) => nameOf(maskNames, axis)),
      ...(each.weights === null ? [] : [each.weights]),
      ...(each.takesCodes ? ["codes"] : []),
      ...(each.takesTraining ? ["training"] : []),
    ];
    takesCodes ||= each.takesCodes;
    takesTraining ||= each.takesTraining;
    const call = `${each.description.name}(${given.join(", ")})`;
    // A head that nobody else reads stands where it is given back.
    const isRead = declared.some(({ reads }) => reads.includes(each.value)) || !ends.includes(each.value);
    if (!isRead && ends.filter((end) => end === each.value).length === 1) {
      local.set(each.value, call);
      places.push(each.description.span);
      continue;
    }
    const name = inner.take(each.name);
    local.set(each.value, name);
    statements.push({ code: `const ${name} = ${call};`, places: [each.description.span] });
  }
  for (const { value, span } of model.penalties)
    statements.push({ code: `training?.penalize(${nameOf(local, value)});`, places: [span] });
  const hasPenalty = model.penalties.length > 0;
  takesTraining ||= hasPenalty;
  const results = model.tasks.flatMap((task) => {
    if (task.head === null) return [];
    const code = shaped(task, nameOf(local, task.head), sites, sized);
    return [code === keyCode(task.name) ? code : `${keyCode(task.name)}: ${code}`];
  });
  statements.push({ code: `return { ${results.join(", ")} };`, places });
  const destructured = inputs.map(({ name }) => {
    const here = nameOf(local, name);
    return here === name ? name : `${keyCode(name)}: ${here}`;
  });
  return {
    description: {
      kind: "function",
      name: "heads",
      doc: "The whole network: what every head gives for a batch.",
      parameters: [
        { name: `{ ${destructured.join(", ")} }`, type: "mtlc.Tensors<keyof Inputs>" },
        { name: "weights", type: "Weights" },
        ...(takesCodes ? [{ name: "codes", type: "mtlc.Codes" }] : []),
        ...(takesTraining ? [{ name: "training", type: "mtlc.Training", optional: true }] : []),
      ],
      returns: "mtlc.Tensors<keyof Answers>",
      statements,
    },
    needed,
    takesCodes,
    takesTraining,
    hasPenalty,
  };
}

function nameOf(local: ReadonlyMap<ValueId, string>, value: ValueId): string {
  const name = local.get(value);
  if (name === undefined) throw new Error(`the value ${value} has no function`);
  return name;
}

/** A head's output in the shape of its answers. */
function shaped(task: Task, name: string, sites: ReadonlyMap<string, Site>, sized: readonly Sized[]): string {
  const site = task.head === null ? undefined : sites.get(task.head);
  if (!site) return name;
  const bodies = sized.map(({ model, batch }, k) => {
    const g = createBuilder();
    const known = model.tasks.find((each) => each.name === task.name) ?? task;
    const head = g.input("head", { element: "f32", shape: [batch, ...site.uses[k].outputType.shape] });
    return bodyOf(g.finish({ result: g.reshape(head, predictionShape(known, batch)) }), { differentiable: () => true });
  });
  const { results } = writeBody(bodies, {
    quantities: [],
    words: [],
    pairs: [],
    own: new Set(),
    names: new Names(),
    given: () => ({ text: name, isPrimary: true }),
  });
  return results.get("result")?.text ?? name;
}

/** Tasks that learn from answers of their own. */
export function learntTasks(model: Model): readonly Task[] {
  return model.tasks.filter(hasLoss);
}
