import type { Expression } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { settings as rows } from "../../diagnostics/settings.ts";
import type { Value, ValueId } from "../../ir/model.ts";
import type { SettingKind } from "../../registry/settings.ts";
import type { Context } from "../context/context.ts";
import type { Declared } from "../context/scope.ts";
import type { Spot } from "../context/spot.ts";
import { isExcused, isTooEarly, namesOfKinds, peekName, useName } from "../names/lookup.ts";
import { didYouMean, replaceWord, suggest, thereAre } from "../names/suggest.ts";
import { refuse } from "./refuse.ts";
import { wantedNames } from "./wanted-names.ts";
import { nothingHelp, pathParts } from "./written.ts";

type NameKind = SettingKind & { kind: "name" };

const nouns: Readonly<Record<Declared["kind"], string>> = {
  const: "a constant",
  input: "an input",
  layer: "a layer",
  block: "a block: its uses have weights of their own",
  shared: "a shared tensor",
  task: "a task",
  penalty: "a penalty",
};

/** A tensor given as a setting (`gate: features`), computed where it stands. */
function tensorGiven(context: Context, expression: Expression): ValueId | undefined {
  const tensor = context.elaborate(expression);
  if (tensor.type === null) return undefined;
  context.check.settingTensors.set(tensor.value, tensor);
  return tensor.value;
}

/** A declaration named by a setting: its name as text, or a tensor's value. A member of a group is `assay.NR-AR`. */
export function readName(context: Context, kind: NameKind, expression: Expression, at: Spot): Value | undefined {
  if (kind.of === "tensor") return tensorGiven(context, expression);
  const parts = pathParts(expression);
  if (parts === undefined) return refuse(context, kind, expression, at);
  const path = parts.map((part) => part.text).join(".");
  if (kind.of === "source") return path;
  const { kinds, what } = wantedNames[kind.of];
  const [{ text: name, span }] = parts;
  // Naming a part to hold it still is no use of it; reading along an axis is one.
  const declared = kind.of === "axis" ? useName(context, name) : peekName(context, name);
  if (declared !== undefined && kinds.includes(declared.kind)) return path;
  if (isExcused(context, name) || isTooEarly(context, name, span)) return undefined;
  const candidates = namesOfKinds(context, kinds);
  const suggestion = suggest(name, candidates);
  const found = declared && `\`${name}\` is ${nouns[declared.kind]}`;
  context.report(
    report(
      rows.noSuchName,
      { what, name },
      {
        span,
        help: found ?? nothingHelp(name) ?? didYouMean(suggestion) ?? thereAre(candidates),
        labels: declared === undefined ? [] : [{ span: declared.span, message: "declared here" }],
        fixes: suggestion === undefined ? [] : [replaceWord(span, suggestion)],
      },
    ),
  );
  return undefined;
}
