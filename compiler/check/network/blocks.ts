import type { Argument, Parameter, Span } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { names } from "../../diagnostics/names.ts";
import { shapes } from "../../diagnostics/shapes.ts";
import type { Value } from "../../ir/model.ts";
import { int, list, number, SettingBuilder, string, type SettingRow } from "../../registry/settings.ts";
import type { Context } from "../context/context.ts";
import { PathCounter } from "../context/paths.ts";
import type { Block, Chain, Declared, Entity, Meaning, Scope, TensorValue } from "../context/scope.ts";
import type { Invocation } from "./application.ts";
import { sortOf } from "./sorts.ts";
import { poison } from "./tensors.ts";
import { constantValue } from "../settings/constants.ts";
import { checkSettings } from "../settings/settings.ts";

/** Blocks: sub-networks with weights of their own in each use. */

/** The settings of a block that are no chains, as rows. Of a kind that there is not (which is reported) any value will do. */
function settingRows(
  block: Block,
  values: ReadonlyMap<string, Value | undefined>,
): Record<string, SettingRow<unknown>> {
  const rows: Record<string, SettingRow<unknown>> = {};
  let first = true;
  for (const parameter of block.declaration.parameters) {
    if (parameter.type === undefined || parameter.type.name.text === "chain") continue;
    const kind = kindOf(parameter.type.name.text) ?? anything;
    const fallback = values.get(parameter.name.text);
    rows[parameter.name.text] = {
      kind: kind.kind,
      doc: "",
      first,
      required: parameter.fallback === undefined,
      ...(fallback !== undefined && { fallback }),
    };
    first = false;
  }
  return rows;
}

export function kindOf(word: string): SettingRow<unknown> | undefined {
  switch (word) {
    case "int":
      return int();
    case "number":
      return number();
    case "bool":
      return SettingBuilder.of<boolean>({ kind: "bool" });
    case "string":
      return string();
    case "list":
      return list(number());
    default:
      return undefined;
  }
}

const anything = SettingBuilder.of<unknown>({
  kind: "either",
  of: [{ kind: "number" }, { kind: "string" }, { kind: "bool" }, { kind: "list", of: { kind: "cell" } }],
});

const isTensor = (parameter: Parameter) => parameter.type === undefined;
const isChain = (parameter: Parameter) => parameter.type?.name.text === "chain";

/** Computes a block from its operands and settings, in a place of its own. */
export function useBlock(context: Context, block: Block, invocation: Invocation): TensorValue {
  const { name, given, node, piped } = invocation;
  const { parameters } = block.declaration;
  const shown = `block \`${name.text}\``;
  const tensorNames = parameters.filter(isTensor).map((parameter) => parameter.name.text);
  const chainNames = parameters.filter(isChain).map((parameter) => parameter.name.text);
  const returnsChain = isChainBlock(context, block);
  const wanted = tensorNames.length + (returnsChain ? 1 : 0);

  const operands: { value: TensorValue; span: Span }[] = piped ? [{ value: piped, span: name.span }] : [];
  const chains = new Map<string, Chain>();
  const written: Argument[] = [];
  const before = context.errors();
  for (const argument of given) {
    const { value } = argument;
    const sort = sortOf(context, value);
    const asChain = argument.name?.text ?? chainNames.find((candidate) => !chains.has(candidate));
    if (argument.name === undefined && sort === "tensor") {
      if (written.length > 0)
        context.report(report(shapes.operandAfterSetting, { layer: shown }, { span: value.span }));
      operands.push({ value: context.elaborate(value), span: value.span });
    } else if (asChain !== undefined && chainNames.includes(asChain) && sort !== "value") {
      if (sort === "tensor") context.report(report(names.notAChain, { what: "a chain" }, { span: value.span }));
      chains.set(asChain, { expression: value, scope: context.scope });
    } else if (argument.name === undefined && sort === "word" && operands.length < wanted) {
      operands.push({ value: context.elaborate(value), span: value.span });
    } else {
      written.push(argument);
    }
  }
  if (operands.length !== wanted && context.errors() === before)
    context.report(
      report(
        shapes.operandCount,
        { layer: shown, wants: `${wanted} tensor${wanted === 1 ? "" : "s"}`, has: `there are ${operands.length}` },
        { span: operands.length > wanted ? operands[wanted].span : name.span },
      ),
    );

  const fallbacks = new Map<string, Value | undefined>();
  for (const parameter of parameters)
    if (!isTensor(parameter) && !isChain(parameter) && parameter.fallback)
      fallbacks.set(parameter.name.text, constantValue(context.at({ scope: block.scope }), parameter.fallback));
  const path = context.paths.next(name.text);
  const settings = checkSettings(context, settingRows(block, fallbacks), written, {
    what: `\`${name.text}\``,
    span: name.span,
    path,
    owner: context.owner.name,
  });
  for (const parameter of parameters.filter(isChain)) {
    if (chains.has(parameter.name.text)) continue;
    if (parameter.fallback) chains.set(parameter.name.text, { expression: parameter.fallback, scope: block.scope });
    else
      context.report(
        report(
          shapes.operandCount,
          { layer: shown, wants: `a chain \`${parameter.name.text}\``, has: "there is none" },
          { span: name.span, labels: [{ span: parameter.span, message: "asked for here" }] },
        ),
      );
  }
  if (operands.length !== wanted || context.errors() !== before) return poison(node.span);

  const locals = new Map<string, Entity>();
  let tensor = returnsChain ? 1 : 0;
  for (const parameter of parameters) {
    const text = parameter.name.text;
    if (isTensor(parameter))
      bind(locals, parameter.name, "shared", { kind: "tensor", tensor: operands[tensor++].value });
    else if (isChain(parameter)) bind(locals, parameter.name, "layer", { kind: "chain", chain: chains.get(text) });
    else bind(locals, parameter.name, "const", { kind: "constant", value: settings[text] });
  }
  const inside = context.at({
    scope: { ...block.scope, locals },
    paths: new PathCounter(path),
    use: { name: name.text, span: node.span },
  });
  const result = runBody(inside, block, locals, returnsChain ? operands[0].value : null);
  return result.type === null ? result : { ...result, origin: node.span };
}

/** `block tower(width: int) { return dense(width) -> relu }` is a chain with settings. */
export function isChainBlock(context: Context, block: Block): boolean {
  return sortOf(context.at({ scope: blankScope(block) }), block.declaration.result) === "chain";
}

/** A block's names with nothing known of them. */
function blankScope({ declaration, scope }: Block): Scope {
  const locals = new Map<string, Entity>();
  for (const parameter of declaration.parameters) bindBlank(locals, parameter);
  for (const { name } of declaration.statements)
    bind(locals, name, "shared", { kind: "tensor", tensor: poison(name.span) });
  return { ...scope, locals };
}

export function bindBlank(locals: Map<string, Entity>, parameter: Parameter): Entity {
  if (isTensor(parameter))
    return bind(locals, parameter.name, "shared", { kind: "tensor", tensor: poison(parameter.name.span) });
  if (isChain(parameter)) return bind(locals, parameter.name, "layer", { kind: "chain", chain: undefined });
  return bind(locals, parameter.name, "const", { kind: "constant", value: undefined });
}

function bind(
  locals: Map<string, Entity>,
  name: { readonly text: string; readonly span: Span },
  kind: Declared["kind"],
  meaning: Meaning,
): Entity {
  const entity: Entity = { declared: { name: name.text, kind, span: name.span }, meaning, index: -1, used: false };
  locals.set(name.text, entity);
  return entity;
}

export function runBody(
  context: Context,
  { declaration }: Block,
  locals: Map<string, Entity>,
  fed: TensorValue | null,
): TensorValue {
  for (const { name, value } of declaration.statements) {
    if (sortOf(context, value) === "value")
      bind(locals, name, "const", { kind: "constant", value: constantValue(context, value) });
    else bind(locals, name, "shared", { kind: "tensor", tensor: context.elaborate(value) });
  }
  const { result } = declaration;
  if (fed) return context.step(result, fed, result.span.start);
  return context.elaborate(result);
}
