import type { Span } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { shapes } from "../../diagnostics/shapes.ts";
import type { Instruction, Type, Value } from "../../ir/model.ts";
import { concreteType } from "../../ir/concrete.ts";
import { isKnown, multiplySizes } from "../../ir/size.ts";
import { showNamedType } from "../../layers/types.ts";
import { ShapeProblem, type ChainType, type LayerRow } from "../../registry/layer.ts";
import type { Context } from "../context/context.ts";
import { PathCounter } from "../context/paths.ts";
import type { TensorValue } from "../context/scope.ts";
import { type Application, useLabels } from "./application.ts";
import { BrokenChain, mostCopies, Regions } from "./regions.ts";
import { reportShapeProblem } from "./shapes.ts";
import { forOneTask, poison } from "./tensors.ts";
import { checkWeights } from "./weights.ts";

/** More numbers in one tensor, of one example, than any machine holds. */
const mostNumbers = 2 ** 40;

/** Applies a layer: finds its type, counts its place, and adds its instruction. */
export function applyRow(context: Context, application: Application): TensorValue {
  const { row, node, operands, settings } = application;
  const types: Type[] = [];
  for (const { tensor } of operands) if (tensor.type !== null) types.push(tensor.type);
  if (settings === undefined || types.length < operands.length) {
    walkChains(context, application);
    return poison(node.span);
  }
  const named = namedTensors(context, row, settings);
  for (const { type } of named) if (type !== null) types.push(type);
  if (types.length < operands.length + named.length) return poison(node.span);
  if (row.infers !== undefined && settings[row.infers] === null && !context.inferred?.nodes.has(node)) {
    context.report(
      report(
        shapes.noWidth,
        {},
        { span: application.nameSpan, help: "write how wide its result is: `dense(64)`", labels: useLabels(context) },
      ),
    );
    return poison(node.span);
  }

  if (isTall(context, application, settings)) return poison(node.span);

  let regions: Regions;
  let type: Type;
  try {
    regions = new Regions(context, application, settings);
    type = regions.complete(shapeOf(context, application, types, settings, regions.functions), types[0]);
  } catch (problem) {
    if (!(problem instanceof ShapeProblem)) throw problem;
    if (!(problem instanceof BrokenChain)) reportShapeProblem(context, application, problem);
    return poison(node.span);
  }
  type = perTask(context, type, types);
  const large = plausible(type) ? largeWeights(row, settings, types, type) : `a tensor of ${showNamedType(type)}`;
  if (large !== null) {
    context.report(report(shapes.sizeTooLarge, { what: large }, { span: placeOfSize(context, application, type) }));
    return poison(node.span);
  }
  const instruction: Instruction = {
    id: `${context.owner.name}.${++context.owner.ids}`,
    layer: row.name,
    inputs: [...operands.map(({ tensor }) => tensor.value), ...named.map(({ value }) => value)],
    settings: widthKnown(context, application, settings),
    path: regions.path ?? context.paths.next(row.name),
    owner: context.owner.name,
    type,
    ...(regions.list.length > 0 && { regions: regions.list }),
    span: node.span,
  };
  context.instructions.push(instruction);
  if (context.layer) checkWeights(context, context.layer, row, instruction, types);
  return { value: instruction.id, type, origin: node.span };
}

/** Whether it stands for more layers than anybody means; that is reported, before any of them is worked out. */
function isTall(context: Context, { row, nameSpan }: Application, settings: Readonly<Record<string, Value>>): boolean {
  const layers = row.stack === undefined ? undefined : settings[row.stack.setting];
  if (typeof layers !== "number") return false;
  const most = (context.copies ?? 1) * layers;
  if (most <= mostCopies) return !context.check.countUse(nameSpan, most);
  context.report(report(shapes.sizeTooLarge, { what: `a stack of ${most} layers` }, { span: nameSpan }));
  return true;
}

function shapeOf(
  context: Context,
  { row, node }: Application,
  inputs: readonly Type[],
  settings: Readonly<Record<string, Value>>,
  chains: readonly ChainType[],
): Type {
  const call = { inputs, chains, axes: context.check.axes };
  const { infers } = row;
  const inferred = infers !== undefined && settings[infers] === null ? context.inferred : undefined;
  if (infers === undefined || !inferred?.nodes.has(node)) return row.shape({ ...call, settings });
  // The width is the task's, perhaps not known yet: the rule is asked with a stand-in, which the true size replaces.
  if (inferred.width === undefined) throw new BrokenChain("the task's kind is not known");
  const type = row.shape({ ...call, settings: { ...settings, [infers]: 1 } });
  return { ...type, shape: [...type.shape.slice(0, -1), inferred.width] };
}

/** Settings with the width that the last `dense` of a head took from the task, once it is a number. */
function widthKnown(
  { inferred }: Context,
  { row, node }: Application,
  settings: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> {
  const { infers } = row;
  if (infers === undefined || settings[infers] !== null || !inferred?.nodes.has(node)) return settings;
  return typeof inferred.width === "number" ? { ...settings, [infers]: inferred.width } : settings;
}

/** An expression that mixes per-task and plain tensors is per task; inside a task its own is meant. */
function perTask(context: Context, type: Type, inputs: readonly Type[]): Type {
  const is = !context.owner.task && (type.perTask === true || inputs.some((input) => input.perTask === true));
  if (is === (type.perTask === true)) return type;
  return is ? { ...type, perTask: true } : forOneTask(type);
}

/** The layer, or the kind of the task that it takes its width from where that is what is large. */
function placeOfSize({ inferred }: Context, { node, nameSpan }: Application, { shape }: Type): Span {
  const isOfKind = inferred?.nodes.has(node) === true && inferred.width === Math.max(...shape.filter(isKnown));
  return isOfKind ? (inferred.kind ?? nameSpan) : nameSpan;
}

export function plausible(type: Type): boolean {
  const count = multiplySizes(...type.shape);
  return !isKnown(count) || count <= mostNumbers;
}

/** Parameters that no machine holds, in words; asked for only where inputs and result are large enough to have them. */
function largeWeights(
  row: LayerRow,
  settings: Readonly<Record<string, Value>>,
  inputs: readonly Type[],
  result: Type,
): string | null {
  const output = concreteType(result);
  const concrete = inputs.flatMap((input) => concreteType(input) ?? []);
  if (!row.parameters || output === null || concrete.length < inputs.length) return null;
  const bound = [...concrete, output].reduce(
    (product, { shape, codes = 1 }) => shape.reduce((count, size) => count * size, product * codes),
    1,
  );
  if (bound <= mostNumbers / 100) return null;
  const specs = Object.values(row.parameters({ settings, inputs: concrete, output, tasks: [] }));
  const largest = Math.max(0, ...specs.map(({ shape }) => shape.reduce((count, size) => count * size, 1)));
  return largest > mostNumbers / 10 ? `a layer of ${largest} parameters` : null;
}

/** Tensors that settings point to (`gate: features`) are further operands. */
function namedTensors(context: Context, row: LayerRow, settings: Readonly<Record<string, Value>>): TensorValue[] {
  const tensors: TensorValue[] = [];
  for (const [key, setting] of Object.entries(row.settings)) {
    const value = settings[key];
    if (setting.kind.kind !== "name" || setting.kind.of !== "tensor" || typeof value !== "string") continue;
    const tensor = context.check.settingTensors.get(value);
    if (tensor) tensors.push(tensor);
  }
  return tensors;
}

/** Looks for mistakes inside the chains of a layer that cannot be applied itself. */
function walkChains(context: Context, { chains, node }: Application): void {
  const scratch = context.at({ instructions: [], paths: new PathCounter("") });
  for (const chain of chains) scratch.step(chain, poison(node.span), chain.span.start);
}
