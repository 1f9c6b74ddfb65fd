import type { Argument, Expression, Name } from "../../grammar/tree.ts";
import { report } from "../diagnostics/diagnostic.ts";
import { names } from "../diagnostics/names.ts";
import { settings } from "../diagnostics/settings.ts";
import { shapes } from "../diagnostics/shapes.ts";
import type { LayerRow } from "../registry/layer.ts";
import { useBlock } from "./blocks.ts";
import { applyStep, constantTensor, elaborate, poison } from "./expressions.ts";
import { contextOf } from "./frame-context.ts";
import { applyRow } from "./layers.ts";
import { reportUnknownLayer, touch, use } from "./lookup.ts";
import { describeEntity, find, type Chain, type NamedLayer, type TensorValue } from "./scope.ts";
import { checkSettings } from "./settings.ts";
import type { Operand } from "./shapes.ts";
import { PathCounter, type Frame, type Session } from "./session.ts";
import { builtinLayer, sortOf } from "./sorts.ts";
import { didYouMean, replaceWord } from "./suggest.ts";

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

/** What stands in a call's parentheses, sorted. */
interface Sorted {
  readonly operands: readonly Operand[];
  readonly chains: readonly Expression[];
  readonly written: readonly Argument[];
  /** False where an operand stands in the wrong place. */
  readonly sound: boolean;
}

/** Takes tensors and chains from the front of a call; all else are settings. */
function sortArguments(session: Session, frame: Frame, row: LayerRow, { given, piped }: Invocation): Sorted {
  const { scope } = frame;
  const shown = `\`${row.name}\``;
  const operands: Operand[] = piped ? [{ tensor: piped, span: null }] : [];
  const chains: Expression[] = [];
  const written: Argument[] = [];
  const positional = Object.values(row.settings).some((setting) => setting.first);
  let settingsBegan = false;
  let sound = true;
  for (const argument of given) {
    const { value } = argument;
    if (argument.name !== undefined) {
      if (argument.name.text === row.chains?.named) chains.push(...chainsIn(value));
      else if (isChainMisnamed(session, frame, row, argument)) {
        reportMisnamedChain(session, row, argument);
        chains.push(...chainsIn(value));
        sound = false;
      } else {
        // What a setting that there is not was to be is used all the same.
        if (!(argument.name.text in row.settings)) touch(scope, value);
        written.push(argument);
      }
      settingsBegan = true;
      continue;
    }
    const sort = sortOf(session, scope, value);
    if (sort === "unknown" && operands.length < row.operands.max && !settingsBegan) {
      operands.push({ tensor: elaborate(session, frame, value), span: value.span });
      sound = false;
      continue;
    }
    if (sort === "chain" && isChainMisnamed(session, frame, row, argument) && chains.length === 0) {
      reportMisnamedChain(session, row, argument);
      chains.push(value);
      sound = false;
      continue;
    }
    if (sort === "tensor" && (operands.length < row.operands.max || !positional || settingsBegan)) {
      if (settingsBegan && sound) {
        session.report(report(shapes.operandAfterSetting, { layer: shown }, { span: value.span }));
        sound = false;
      }
      operands.push({ tensor: elaborate(session, frame, value), span: value.span });
    } else if (sort === "chain" && row.chains !== undefined && row.chains.named === undefined) {
      chains.push(value);
    } else if (
      sort === "value" &&
      !positional &&
      operands.length < row.operands.max &&
      isScalar(session, frame, value)
    ) {
      operands.push({ tensor: constantTensor(session, frame, value), span: value.span });
    } else if ((sort === "chain" || sort === "word") && !positional) {
      // No setting may stand here without its name, so a tensor was meant.
      operands.push({ tensor: elaborate(session, frame, value), span: value.span });
    } else {
      written.push(argument);
      settingsBegan = true;
    }
  }
  return { operands, chains, written, sound };
}

function chainsIn(value: Expression): readonly Expression[] {
  return value.kind === "list" ? value.items : [value];
}

/** A chain under another name than the layer gives to its chains, or under none. */
function isChainMisnamed(session: Session, frame: Frame, row: LayerRow, { name, value }: Argument): boolean {
  if (row.chains?.named === undefined || (name !== undefined && name.text in row.settings)) return false;
  return chainsIn(value).some((one) => sortOf(session, frame.scope, one) === "chain");
}

function reportMisnamedChain(session: Session, { name: layer, chains }: LayerRow, { name, span }: Argument): void {
  const what = `\`${layer}\``;
  const right = chains?.named ?? "";
  session.report(
    name === undefined
      ? report(
          settings.needsItsName,
          { what },
          {
            span,
            help: `write \`${right}: …\``,
            fixes: [
              { title: `write \`${right}:\``, edits: [{ span: { ...span, end: span.start }, text: `${right}: ` }] },
            ],
          },
        )
      : report(
          settings.unknownSetting,
          { what, noun: "setting", setting: name.text },
          { span: name.span, help: didYouMean(right), fixes: [replaceWord(name.span, right)] },
        ),
  );
}

function isScalar(session: Session, frame: Frame, value: Expression): boolean {
  switch (value.kind) {
    case "number":
    case "negate":
    case "binary":
      return true;
    case "group":
      return isScalar(session, frame, value.inner);
    case "reference": {
      const meaning = find(frame.scope, value.name.text)?.meaning;
      return meaning?.kind === "constant" && (meaning.value === undefined || typeof meaning.value === "number");
    }
    default:
      return false;
  }
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
    { what: `\`${row.name}\``, row, span: name.span, path: frame.paths.peek(row.name), owner: frame.owner.name },
    context,
  );
  const complete = Object.keys(row.settings).every((key) => checked[key] !== undefined);
  const sound = counted && sorted.sound && complete && session.errors() === before;
  return applyRow(session, frame, {
    row,
    shown: `\`${row.name}\``,
    node,
    nameSpan: name.span,
    operands: sorted.operands,
    chains: sorted.chains,
    settings: sound ? checked : undefined,
  });
}

/** Whether a layer has as many tensors and chains as it takes; reports where not. */
function checkCounts(
  session: Session,
  { scope }: Frame,
  row: LayerRow,
  sorted: Sorted,
  { name, piped }: Invocation,
): boolean {
  const { operands, chains } = sorted;
  const shown = `\`${row.name}\``;
  const rule = row.chains ?? { min: 0, max: 0 };
  if (rule.min > chains.length && operands.length > row.operands.max) {
    const span = operands[operands.length - 1].span ?? name.span;
    session.report(report(names.notAChain, { what: `a chain of layers` }, { span, help: chainHelp(row) }));
    return false;
  }
  if (operands.length < row.operands.min || operands.length > row.operands.max) {
    const extra = operands.length > row.operands.max ? operands[row.operands.max].span : null;
    const none = operands.length === 0;
    if (none && invocationIsChain(row, sorted)) {
      scope.file.lost = true;
      session.report(
        report(
          names.notATensor,
          { name: shown, what: "a layer that nothing is fed to" },
          { span: name.span, help: `give it a tensor: \`x -> ${row.name}\`` },
        ),
      );
    } else
      session.report(
        report(
          shapes.operandCount,
          { layer: shown, wants: amount(row.operands, "tensor"), has: are(operands.length) },
          { span: extra ?? name.span, help: extra && piped ? "what the arrow brings is the first tensor" : undefined },
        ),
      );
    return false;
  }
  if (chains.length < rule.min || chains.length > rule.max) {
    const extra = chains.length > rule.max ? chains[rule.max].span : name.span;
    session.report(
      report(
        shapes.operandCount,
        { layer: shown, wants: amount(rule, "chain"), has: are(chains.length) },
        { span: extra, help: chains.length < rule.min ? chainHelp(row) : undefined },
      ),
    );
    return false;
  }
  return true;
}

/** A layer with settings only, where a tensor is needed, is a chain that was not fed. */
function invocationIsChain(row: LayerRow, sorted: Sorted): boolean {
  return row.operands.max === 1 && sorted.operands.length === 0;
}

function chainHelp(row: LayerRow): string | undefined {
  if (!row.chains) return undefined;
  return row.chains.named === undefined
    ? `write \`${row.name}(${row.chains.copies === undefined ? "" : "3, "}dense(16) -> relu)\``
    : `write \`${row.chains.named}: dense(16) -> relu\``;
}

function amount({ min, max }: { readonly min: number; readonly max: number }, unit: string): string {
  const plural = (n: number) => `${n} ${unit}${n === 1 ? "" : "s"}`;
  if (max === 0) return `no ${unit}`;
  if (min === max) return plural(min);
  return max === Number.POSITIVE_INFINITY ? `${min} or more ${unit}s` : `${min} to ${plural(max)}`;
}
const are = (n: number) => (n === 0 ? "there is none" : n === 1 ? "there is 1" : `there are ${n}`);

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
      report(shapes.operandCount, { layer: shown, wants: "1 tensor", has: are(operands.length) }, { span: name.span }),
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
