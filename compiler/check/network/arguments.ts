import type { Argument, Expression } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { settings } from "../../diagnostics/settings.ts";
import { shapes } from "../../diagnostics/shapes.ts";
import type { LayerRow } from "../../registry/layer.ts";
import type { Context } from "../context/context.ts";
import { find } from "../context/scope.ts";
import { touch } from "../names/lookup.ts";
import { didYouMean, replaceWord } from "../names/suggest.ts";
import type { Invocation, Operand, SortedArguments } from "./application.ts";
import { constantTensor } from "./arithmetic.ts";
import { sortOf } from "./sorts.ts";
import { ungrouped } from "../settings/written.ts";

/** Takes tensors and chains from the front of a call; all else are settings. */
export function sortArguments(context: Context, row: LayerRow, { given, piped }: Invocation): SortedArguments {
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
      else if (isChainMisnamed(context, row, argument)) {
        reportMisnamedChain(context, row, argument);
        chains.push(...chainsIn(value));
        sound = false;
      } else {
        // What a setting that there is not was to be is used all the same.
        if (!(argument.name.text in row.settings)) touch(context, value);
        written.push(argument);
      }
      settingsBegan = true;
      continue;
    }
    const listed = positional ? undefined : tensorsInList(context, value);
    if (listed !== undefined) {
      reportTensorsInList(context, row, value, listed);
      for (const item of listed) operands.push({ tensor: context.elaborate(item), span: item.span });
      continue;
    }
    const sort = sortOf(context, value);
    if (sort === "unknown" && operands.length < row.operands.max && !settingsBegan) {
      operands.push({ tensor: context.elaborate(value), span: value.span });
      sound = false;
      continue;
    }
    if (sort === "chain" && isChainMisnamed(context, row, argument) && chains.length === 0) {
      reportMisnamedChain(context, row, argument);
      chains.push(value);
      sound = false;
      continue;
    }
    if (sort === "tensor" && (operands.length < row.operands.max || !positional || settingsBegan)) {
      if (settingsBegan && sound) {
        context.report(report(shapes.operandAfterSetting, { layer: shown }, { span: value.span }));
        sound = false;
      }
      operands.push({ tensor: context.elaborate(value), span: value.span });
    } else if (sort === "chain" && row.chains !== undefined && row.chains.named === undefined) {
      chains.push(value);
    } else if (value.kind === "string" && !positional && find(context.scope, value.value)) {
      operands.push({ tensor: context.elaborate(value), span: value.span });
    } else if (sort === "value" && !positional && operands.length < row.operands.max && isScalar(context, value)) {
      operands.push({ tensor: constantTensor(context, value), span: value.span });
    } else if ((sort === "chain" || sort === "word") && !positional) {
      // No setting may stand here without its name, so a tensor was meant.
      operands.push({ tensor: context.elaborate(value), span: value.span });
    } else {
      written.push(argument);
      settingsBegan = true;
    }
  }
  return { operands, chains, written, sound };
}

/** The tensors of `concat([a, b])`. */
function tensorsInList(context: Context, written: Expression): readonly Expression[] | undefined {
  const list = ungrouped(written);
  if (list.kind !== "list") return undefined;
  const sorts = list.items.map((item) => sortOf(context, item));
  return sorts.includes("tensor") && sorts.every((sort) => sort !== "value") ? list.items : undefined;
}

function reportTensorsInList(
  context: Context,
  { name }: LayerRow,
  { span }: Expression,
  items: readonly Expression[],
): void {
  const text = items.map((item) => context.textAt(item.span)).join(", ");
  context.report(
    report(
      shapes.tensorsInList,
      { layer: name },
      {
        span,
        help: `write \`${name}(${text})\``,
        fixes: [{ title: "take the brackets away", edits: [{ span, text }] }],
      },
    ),
  );
}

function chainsIn(value: Expression): readonly Expression[] {
  return value.kind === "list" ? value.items : [value];
}

/** A chain under another name than the layer gives to its chains, or under none. */
function isChainMisnamed(context: Context, row: LayerRow, { name, value }: Argument): boolean {
  if (row.chains?.named === undefined || (name !== undefined && name.text in row.settings)) return false;
  return chainsIn(value).some((one) => sortOf(context, one) === "chain");
}

function reportMisnamedChain(context: Context, { name: layer, chains }: LayerRow, { name, span }: Argument): void {
  const what = `\`${layer}\``;
  const right = chains?.named ?? "";
  context.report(
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

function isScalar(context: Context, value: Expression): boolean {
  switch (value.kind) {
    case "number":
    case "negate":
    case "binary":
      return true;
    case "group":
      return isScalar(context, value.inner);
    case "reference": {
      const meaning = find(context.scope, value.name.text)?.meaning;
      return meaning?.kind === "constant" && (meaning.value === undefined || typeof meaning.value === "number");
    }
    default:
      return false;
  }
}
