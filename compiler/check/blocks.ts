import type { Argument, Parameter, Span } from "../../grammar/tree.ts";
import { report } from "../diagnostics/diagnostic.ts";
import { names } from "../diagnostics/names.ts";
import { shapes } from "../diagnostics/shapes.ts";
import type { Value } from "../ir/model.ts";
import { int, list, number, SettingBuilder, string, type SettingRow } from "../registry/settings.ts";
import type { Invocation } from "./calls.ts";
import type { Declared } from "./context.ts";
import { constantValue } from "./constants.ts";
import { elaborate, poison } from "./expressions.ts";
import { applyStep } from "./steps.ts";
import { contextOf } from "./frame-context.ts";
import { type Block, type Chain, type Entity, type Meaning, type Scope, type TensorValue } from "./scope.ts";
import { checkSettings } from "./settings.ts";
import { PathCounter, type Frame, type Session } from "./session.ts";
import { sortOf } from "./sorts.ts";

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
export function useBlock(session: Session, frame: Frame, block: Block, invocation: Invocation): TensorValue {
  const { name, given, node, piped } = invocation;
  const { parameters } = block.declaration;
  const shown = `block \`${name.text}\``;
  const tensorNames = parameters.filter(isTensor).map((parameter) => parameter.name.text);
  const chainNames = parameters.filter(isChain).map((parameter) => parameter.name.text);
  const returnsChain = isChainBlock(session, block);
  const wanted = tensorNames.length + (returnsChain ? 1 : 0);

  const operands: { value: TensorValue; span: Span }[] = piped ? [{ value: piped, span: name.span }] : [];
  const chains = new Map<string, Chain>();
  const written: Argument[] = [];
  const before = session.errors();
  for (const argument of given) {
    const { value } = argument;
    const sort = sortOf(session, frame.scope, value);
    const asChain = argument.name?.text ?? chainNames.find((candidate) => !chains.has(candidate));
    if (argument.name === undefined && sort === "tensor") {
      if (written.length > 0)
        session.report(report(shapes.operandAfterSetting, { layer: shown }, { span: value.span }));
      operands.push({ value: elaborate(session, frame, value), span: value.span });
    } else if (asChain !== undefined && chainNames.includes(asChain) && sort !== "value") {
      if (sort === "tensor") session.report(report(names.notAChain, { what: "a chain" }, { span: value.span }));
      chains.set(asChain, { expression: value, scope: frame.scope });
    } else if (argument.name === undefined && sort === "word" && operands.length < wanted) {
      operands.push({ value: elaborate(session, frame, value), span: value.span });
    } else {
      written.push(argument);
    }
  }
  if (operands.length !== wanted && session.errors() === before)
    session.report(
      report(
        shapes.operandCount,
        { layer: shown, wants: `${wanted} tensor${wanted === 1 ? "" : "s"}`, has: `there are ${operands.length}` },
        { span: operands.length > wanted ? operands[wanted].span : name.span },
      ),
    );

  const fallbacks = new Map<string, Value | undefined>();
  for (const parameter of parameters)
    if (!isTensor(parameter) && !isChain(parameter) && parameter.fallback)
      fallbacks.set(parameter.name.text, constantValue(session, block.scope, parameter.fallback));
  const path = frame.paths.next(name.text);
  const settings = checkSettings(
    settingRows(block, fallbacks),
    written,
    { what: `\`${name.text}\``, span: name.span, path, owner: frame.owner.name },
    contextOf(session, frame),
  );
  for (const parameter of parameters.filter(isChain)) {
    if (chains.has(parameter.name.text)) continue;
    if (parameter.fallback) chains.set(parameter.name.text, { expression: parameter.fallback, scope: block.scope });
    else
      session.report(
        report(
          shapes.operandCount,
          { layer: shown, wants: `a chain \`${parameter.name.text}\``, has: "there is none" },
          { span: name.span, labels: [{ span: parameter.span, message: "asked for here" }] },
        ),
      );
  }
  if (operands.length !== wanted || session.errors() !== before) return poison(node.span);

  const locals = new Map<string, Entity>();
  let tensor = returnsChain ? 1 : 0;
  for (const parameter of parameters) {
    const text = parameter.name.text;
    if (isTensor(parameter))
      bind(locals, parameter.name, "shared", { kind: "tensor", tensor: operands[tensor++].value });
    else if (isChain(parameter)) bind(locals, parameter.name, "layer", { kind: "chain", chain: chains.get(text) });
    else bind(locals, parameter.name, "const", { kind: "constant", value: settings[text] });
  }
  const inside: Frame = {
    ...frame,
    scope: { ...block.scope, locals },
    paths: new PathCounter(path),
    use: { name: name.text, span: node.span },
  };
  const result = runBody(session, inside, block, locals, returnsChain ? operands[0].value : null);
  return result.type === null ? result : { ...result, origin: node.span };
}

/** `block tower(width: int) { return dense(width) -> relu }` is a chain with settings. */
export function isChainBlock(session: Session, block: Block): boolean {
  return sortOf(session, blankScope(block), block.declaration.result) === "chain";
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
  session: Session,
  frame: Frame,
  { declaration }: Block,
  locals: Map<string, Entity>,
  fed: TensorValue | null,
): TensorValue {
  for (const { name, value } of declaration.statements) {
    if (sortOf(session, frame.scope, value) === "value")
      bind(locals, name, "const", { kind: "constant", value: constantValue(session, frame.scope, value) });
    else bind(locals, name, "shared", { kind: "tensor", tensor: elaborate(session, frame, value) });
  }
  const { result } = declaration;
  if (fed) return applyStep(session, frame, result, fed, result.span.start);
  return elaborate(session, frame, result);
}
