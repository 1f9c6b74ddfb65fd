import type { Argument } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { names } from "../../diagnostics/names.ts";
import { shapes } from "../../diagnostics/shapes.ts";
import type { LayerRow } from "../../registry/layer.ts";
import type { Context } from "../context/context.ts";
import { PathCounter } from "../context/paths.ts";
import { type Chain, describeEntity, type NamedLayer, type TensorValue } from "../context/scope.ts";
import { reportUnknownLayer, touch, use } from "../names/lookup.ts";
import type { Invocation } from "./application.ts";
import { sortArguments } from "./arguments.ts";
import { useBlock } from "./blocks.ts";
import { applyRow } from "./layers.ts";
import { checkCounts, countInWords } from "./operand-counts.ts";
import { builtinLayer, sortOf } from "./sorts.ts";
import { poison } from "./tensors.ts";
import { checkSettings } from "../settings/settings.ts";

export function invoke(context: Context, invocation: Invocation): TensorValue {
  const { name, node, given } = invocation;
  const { scope } = context;
  if (!context.check.countUse(name.span)) {
    scope.file.lost = true;
    return poison(node.span);
  }
  const entity = use(context, name.text);
  const builtin = builtinLayer(context, name.text);
  const failed = (): TensorValue => {
    for (const { value } of given) touch(context, value);
    return poison(node.span);
  };
  if (!entity) {
    if (!builtin) {
      reportUnknownLayer(context, name);
      return failed();
    }
    if (!scope.file.builtins.has(name.text)) scope.file.builtins.set(name.text, name.span);
    return useRow(context, builtin, invocation);
  }
  const { meaning } = entity;
  switch (meaning.kind) {
    case "layer":
      return useLayer(context, meaning.layer, invocation);
    case "block":
      return useBlock(context, meaning.block, invocation);
    case "chain":
      if (meaning.chain === undefined) {
        for (const { value } of given) if (sortOf(context, value) === "tensor") context.elaborate(value);
        return poison(node.span);
      }
      return useChain(context, meaning.chain, `\`${name.text}\``, invocation);
    case "tensor":
    case "constant":
    case "task":
    case "penalty":
      if (builtin) {
        // The layer is meant; that the name is taken is reported once, where it is declared.
        if (!scope.file.builtins.has(name.text)) scope.file.builtins.set(name.text, name.span);
        return useRow(context, builtin, invocation);
      }
      context.report(
        report(
          names.notALayer,
          { name: name.text, what: describeEntity(entity) },
          { span: name.span, labels: [{ span: entity.declared.span, message: "declared here" }] },
        ),
      );
      return failed();
    case "unknown":
      return failed();
    default:
      return meaning satisfies never;
  }
}

function useRow(context: Context, row: LayerRow, invocation: Invocation): TensorValue {
  const { name, node } = invocation;
  const sorted = sortArguments(context, row, invocation);
  const counted = checkCounts(context, row, sorted, invocation);
  const before = context.errors();
  const checked = checkSettings(
    context,
    row.settings,
    counted
      ? sorted.written
      : sorted.written.filter((argument) => argument.name !== undefined || argument.value.kind !== "pipeline"),
    {
      what: `\`${row.name}\``,
      row,
      span: name.span,
      path: context.paths.peek(row.name),
      owner: context.owner.name,
      home: "layer",
    },
  );
  const complete = Object.keys(row.settings).every((key) => checked[key] !== undefined);
  const sound = counted && sorted.sound && complete && context.errors() === before;
  return applyRow(context, {
    row,
    node,
    nameSpan: name.span,
    operands: sorted.operands,
    chains: sorted.chains,
    settings: sound ? checked : undefined,
  });
}

/** `x -> project`: the same weights in every use. */
function useLayer(context: Context, layer: NamedLayer, invocation: Invocation): TensorValue {
  const { node, name } = invocation;
  const inside = context.at({
    paths: new PathCounter(layerPath(context, layer)),
    layer: { layer, span: node.span },
    use: { name: name.text, span: node.span },
  });
  return useChain(inside, layer, `layer \`${name.text}\``, invocation, context);
}

/** The path of a layer's weights is its name; a library's layer whose name the model uses otherwise has its file's before it. */
function layerPath(context: Context, layer: NamedLayer): string {
  const { main } = context.check;
  const file = layer.scope.file;
  const meaning = main?.entities.get(layer.name)?.meaning;
  const isOwn = file === main || (meaning?.kind === "layer" && meaning.layer === layer);
  const holder = context.check.layerPaths.get(layer.name);
  if (isOwn || (!main?.declared.has(layer.name) && (holder === undefined || holder === layer))) {
    context.check.layerPaths.set(layer.name, layer);
    return layer.name;
  }
  return `${file.file.replace(/^.*\//, "").replace(/\.[^.]*$/, "")}.${layer.name}`;
}

/** Feeds one tensor to a chain that has a name. `outer` is where the arguments stand. */
function useChain(
  context: Context,
  chain: Chain,
  shown: string,
  { given, piped, node, name }: Invocation,
  outer: Context = context,
): TensorValue {
  const operands: TensorValue[] = piped ? [piped] : [];
  const written: Argument[] = [];
  for (const argument of given) {
    const sort = sortOf(outer, argument.value);
    if (argument.name === undefined && sort !== "value") operands.push(outer.elaborate(argument.value));
    else written.push(argument);
  }
  const before = context.errors();
  checkSettings(outer, {}, written, { what: `\`${name.text}\``, span: name.span });
  if (context.errors() === before && operands.length !== 1)
    context.report(
      report(
        shapes.operandCount,
        { layer: shown, wants: "1 tensor", has: countInWords(operands.length) },
        { span: name.span },
      ),
    );
  if (operands.length !== 1) return poison(node.span);
  const result = context.at({ scope: chain.scope }).step(chain.expression, operands[0], chain.expression.span.start);
  return result.type === null ? result : { ...result, origin: node.span };
}
