import type { Argument, Expression, Name } from "../../grammar/tree.ts";
import { report } from "../diagnostics/diagnostic.ts";
import { names } from "../diagnostics/names.ts";
import { shapes } from "../diagnostics/shapes.ts";
import type { LayerRow } from "../registry/layer.ts";
import { sortArguments } from "./arguments.ts";
import { useBlock } from "./blocks.ts";
import { elaborate, poison } from "./expressions.ts";
import { applyStep } from "./steps.ts";
import { contextOf } from "./frame-context.ts";
import { applyRow } from "./layers.ts";
import { checkCounts, thereAre } from "./operand-counts.ts";
import { reportUnknownLayer, touch, use } from "./lookup.ts";
import { describeEntity, type Chain, type NamedLayer, type TensorValue } from "./scope.ts";
import { checkSettings } from "./settings.ts";
import { PathCounter, type Frame, type Session } from "./session.ts";
import { builtinLayer, sortOf } from "./sorts.ts";

/** A layer, block or chain by name, applied by an arrow or by parentheses. */
export interface Invocation {
  readonly name: Name;
  readonly given: readonly Argument[];
  readonly node: Expression;
  /** What the arrow brings; null where there is none. */
  readonly piped: TensorValue | null;
}

export function invoke(session: Session, frame: Frame, invocation: Invocation): TensorValue {
  const { name, node, given } = invocation;
  const { scope } = frame;
  if (!session.countUse(name.span)) {
    scope.file.lost = true;
    return poison(node.span);
  }
  const entity = use(scope, name.text);
  const builtin = builtinLayer(session, name.text);
  const failed = (): TensorValue => {
    for (const { value } of given) touch(scope, value);
    return poison(node.span);
  };
  if (!entity) {
    if (!builtin) {
      reportUnknownLayer(session, frame, name);
      return failed();
    }
    if (!scope.file.builtins.has(name.text)) scope.file.builtins.set(name.text, name.span);
    return useRow(session, frame, builtin, invocation);
  }
  const { meaning } = entity;
  switch (meaning.kind) {
    case "layer":
      return useLayer(session, frame, meaning.layer, invocation);
    case "block":
      return useBlock(session, frame, meaning.block, invocation);
    case "chain":
      if (meaning.chain === undefined) {
        for (const { value } of given) if (sortOf(session, scope, value) === "tensor") elaborate(session, frame, value);
        return poison(node.span);
      }
      return useChain(session, frame, meaning.chain, `\`${name.text}\``, invocation);
    case "tensor":
    case "constant":
    case "task":
    case "penalty":
      if (builtin) {
        // The layer is meant; that the name is taken is reported once, where it is declared.
        if (!scope.file.builtins.has(name.text)) scope.file.builtins.set(name.text, name.span);
        return useRow(session, frame, builtin, invocation);
      }
      session.report(
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

/** What Keras sets within a layer is a layer here. */
function stepOfItsOwn(setting: string): string | undefined {
  return /^activation(_fn|_function)?$/.test(setting)
    ? "an activation is a step of its own: `dense(64) -> relu`"
    : undefined;
}

function useRow(session: Session, frame: Frame, row: LayerRow, invocation: Invocation): TensorValue {
  const { name, node } = invocation;
  const sorted = sortArguments(session, frame, row, invocation);
  const counted = checkCounts(session, frame, row, sorted, invocation);
  const context = contextOf(session, frame);
  const before = session.errors();
  const checked = checkSettings(
    row.settings,
    // What stands in a wrong place need not be checked for what it would be in another.
    counted
      ? sorted.written
      : sorted.written.filter((argument) => argument.name !== undefined || argument.value.kind !== "pipeline"),
    {
      what: `\`${row.name}\``,
      row,
      span: name.span,
      path: frame.paths.peek(row.name),
      owner: frame.owner.name,
      instead: stepOfItsOwn,
    },
    context,
  );
  const complete = Object.keys(row.settings).every((key) => checked[key] !== undefined);
  const sound = counted && sorted.sound && complete && session.errors() === before;
  return applyRow(session, frame, {
    row,
    node,
    nameSpan: name.span,
    operands: sorted.operands,
    chains: sorted.chains,
    settings: sound ? checked : undefined,
  });
}

/** `x -> project`: the same weights in every use. */
function useLayer(session: Session, frame: Frame, layer: NamedLayer, invocation: Invocation): TensorValue {
  const { node, name } = invocation;
  const inside: Frame = {
    ...frame,
    paths: new PathCounter(layerPath(session, layer)),
    layer: { layer, span: node.span },
    use: { name: name.text, span: node.span },
  };
  return useChain(session, inside, layer, `layer \`${name.text}\``, invocation, frame);
}

/** The path of a layer's weights is its name; a library's layer whose name the model uses otherwise has its file's before it. */
function layerPath(session: Session, layer: NamedLayer): string {
  const { main } = session;
  const file = layer.scope.file;
  const meaning = main?.entities.get(layer.name)?.meaning;
  const isOwn = file === main || (meaning?.kind === "layer" && meaning.layer === layer);
  const holder = session.layerPaths.get(layer.name);
  if (isOwn || (!main?.declared.has(layer.name) && (holder === undefined || holder === layer))) {
    session.layerPaths.set(layer.name, layer);
    return layer.name;
  }
  return `${file.file.replace(/^.*\//, "").replace(/\.[^.]*$/, "")}.${layer.name}`;
}

/** Feeds one tensor to a chain that has a name. `outer` is where the arguments stand. */
function useChain(
  session: Session,
  frame: Frame,
  chain: Chain,
  shown: string,
  { given, piped, node, name }: Invocation,
  outer: Frame = frame,
): TensorValue {
  const operands: TensorValue[] = piped ? [piped] : [];
  const written: Argument[] = [];
  for (const argument of given) {
    const sort = sortOf(session, outer.scope, argument.value);
    if (argument.name === undefined && sort !== "value") operands.push(elaborate(session, outer, argument.value));
    else written.push(argument);
  }
  const before = session.errors();
  checkSettings({}, written, { what: `\`${name.text}\``, span: name.span }, contextOf(session, outer));
  if (session.errors() === before && operands.length !== 1)
    session.report(
      report(
        shapes.operandCount,
        { layer: shown, wants: "1 tensor", has: thereAre(operands.length) },
        { span: name.span },
      ),
    );
  if (operands.length !== 1) return poison(node.span);
  const result = applyStep(
    session,
    { ...frame, scope: chain.scope },
    chain.expression,
    operands[0],
    chain.expression.span.start,
  );
  return result.type === null ? result : { ...result, origin: node.span };
}
