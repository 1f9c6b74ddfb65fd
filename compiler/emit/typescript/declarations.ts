import type { Instruction, Model, ValueId } from "../../ir/model.ts";
import type { FunctionDescription } from "./description.ts";
import { FunctionWriter, type Surroundings } from "./function-writer.ts";
import { groupedBy } from "./grouping.ts";
import type { LayerFunctions } from "./layer-functions.ts";
import { capital, camelCase, memberCode, type Names } from "./names.ts";
import type { Site } from "./sites.ts";
import { accessCode, type WeightTree } from "./weight-paths.ts";

/** One function for each declaration that computes something: shared tensors and heads. */
export interface Declared {
  readonly name: string;
  readonly description: FunctionDescription;
  /** Values of other declarations that it reads, in the order of its parameters. */
  readonly reads: readonly ValueId[];
  /** Token axes whose masks it reads. */
  readonly masks: readonly string[];
  /** The code of its weights from those of the network; null where it has none. */
  readonly weights: string | null;
  readonly takesCodes: boolean;
  readonly takesTraining: boolean;
  /** The value that it gives. */
  readonly value: ValueId;
}

export interface DeclarationContext {
  readonly model: Model;
  readonly sites: ReadonlyMap<string, Site>;
  readonly layers: LayerFunctions;
  readonly tree: WeightTree;
  readonly names: Names;
  /** What a value of another declaration is called. */
  readonly valueName: (value: ValueId) => string;
  readonly taskKind: (task: string) => string;
  readonly isScaled: (task: string) => boolean;
  /** Declarations that some phase holds still: norms in them have to know. */
  readonly frozen: ReadonlySet<string>;
}

/** Functions in the order of the file. */
export function declarationFunctions(context: DeclarationContext): Declared[] {
  const { model } = context;
  const order = fileOrder(model);
  return [...groupedBy(model.instructions, ({ owner }) => owner)].map(([owner, instructions]) => {
    const shared = model.shared.find(({ name }) => name === owner);
    const task = model.tasks.find(({ name }) => name === owner);
    const value = shared?.value ?? task?.head ?? instructions[instructions.length - 1].id;
    const wanted = task ? `${camelCase(owner)}Head` : `shared${capital(camelCase(owner))}`;
    return write(context, {
      order,
      owner,
      instructions,
      value,
      doc: shared?.doc ?? task?.doc,
      name: context.names.take(wanted),
    });
  });
}

interface Wanted {
  /** Where a value stands in the file. */
  readonly order: (value: ValueId) => number;
  readonly owner: string;
  readonly instructions: readonly Instruction[];
  readonly value: ValueId;
  readonly doc: string | undefined;
  readonly name: string;
}

function write(context: DeclarationContext, { order, owner, instructions, value, doc, name }: Wanted): Declared {
  const { tree } = context;
  const names = context.names.inside();
  // What the function calls its own comes before what a person may have called a tensor.
  for (const name of ["weights", "codes", "training"]) names.take(name);
  const masks = new Map<string, string>();
  const maskOf = (axis: string): string => {
    const known = masks.get(axis) ?? names.take(`${camelCase(axis)}Mask`);
    masks.set(axis, known);
    return known;
  };
  const own = pathsOf(instructions).every((path) => tree.cut(path)[0] === owner);
  const found = { reads: [] as ValueId[], masks: [] as string[], weights: false, codes: false, training: false };
  const outsideNames = new Map<ValueId, string>();
  const around: Surroundings = {
    ...context,
    weights(path) {
      found.weights = true;
      return around.weightsAt(path);
    },
    weightsAt: (path) => accessCode(tree, path, "weights", own ? 1 : 0),
    codes() {
      found.codes = true;
      return "codes";
    },
    mask(axis) {
      if (!found.masks.includes(axis)) found.masks.push(axis);
      return maskOf(axis);
    },
    training(path, use) {
      found.training = true;
      if (use === "draw") return `training?.draw(${JSON.stringify(path)})`;
      const part = tree.cut(path)[0];
      return context.frozen.has(part) ? `training?.unlessFrozen(${JSON.stringify(part)})` : "training";
    },
    outside(read) {
      const known = outsideNames.get(read);
      if (known !== undefined) return known;
      found.reads.push(read);
      const taken = names.take(context.valueName(read));
      outsideNames.set(read, taken);
      return taken;
    },
  };
  // Parameters take their names before the variables of the body do.
  for (const read of readsOf(instructions).sort((a, b) => order(a) - order(b))) around.outside(read);
  const statements = new FunctionWriter(around, names).write(instructions, value);
  const parameters = [
    ...found.reads.map((read) => ({ name: around.outside(read), type: "tf.Tensor" })),
    ...found.masks.map((axis) => ({ name: maskOf(axis), type: "tf.Tensor" })),
    ...(found.weights ? [{ name: "weights", type: own ? `Weights[${JSON.stringify(owner)}]` : "Weights" }] : []),
    ...(found.codes ? [{ name: "codes", type: "mtlc.Codes" }] : []),
    ...(found.training ? [{ name: "training", type: "mtlc.Training", optional: true }] : []),
  ];
  return {
    name: owner,
    description: {
      kind: "function",
      brief: true,
      name,
      doc,
      parameters,
      returns: "tf.Tensor",
      statements,
      span: instructions[0].span,
    },
    reads: found.reads,
    masks: found.masks,
    weights: found.weights ? (own ? `weights${memberCode(owner)}` : "weights") : null,
    takesCodes: found.codes,
    takesTraining: found.training,
    value,
  };
}

/** Where a value stands in the file: inputs first. */
function fileOrder({ inputs, instructions }: Model): (value: ValueId) => number {
  const values = [...inputs.map(({ name }) => name), ...instructions.map(({ id }) => id)];
  const order = new Map(values.map((value, k) => [value, k]));
  return (value) => order.get(value) ?? -1;
}

function pathsOf(instructions: readonly Instruction[]): string[] {
  return instructions.flatMap(({ path, regions }) => [
    path,
    ...(regions ?? []).flatMap((region) => pathsOf(region.instructions)),
  ]);
}

/** Values that instructions read and do not make, in the order in which they read them. */
function readsOf(instructions: readonly Instruction[]): ValueId[] {
  const made = new Set<ValueId>();
  const read = new Set<ValueId>();
  const visit = (list: readonly Instruction[]): void => {
    for (const { id, inputs, regions } of list) {
      for (const input of inputs) if (!made.has(input)) read.add(input);
      for (const region of regions ?? []) {
        made.add(region.argument);
        visit(region.instructions);
      }
      made.add(id);
    }
  };
  visit(instructions);
  return [...read];
}
