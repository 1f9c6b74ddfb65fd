import type { Expression } from "../../grammar/tree.ts";
import { report } from "../diagnostics/diagnostic.ts";
import { settings as rows } from "../diagnostics/settings.ts";
import type { Value } from "../ir/model.ts";
import type { SettingKind } from "../registry/settings.ts";
import type { CheckContext, Declared } from "./context.ts";
import { didYouMean, replaceWord, suggest, thereAre } from "./suggest.ts";
import { refuse, type Spot } from "./values.ts";
import { pathParts } from "./written.ts";

type NameKind = SettingKind & { kind: "name" };

/** What may be named, and what it is called in messages. */
const wanted: Readonly<Record<"task" | "axis" | "declaration", { kinds: readonly Declared["kind"][]; what: string }>> =
  {
    task: { kinds: ["task"], what: "task" },
    axis: { kinds: ["input"], what: "token input" },
    declaration: { kinds: ["layer", "shared", "task"], what: "part of the network" },
  };

const nouns: Readonly<Record<Declared["kind"], string>> = {
  const: "a constant",
  input: "an input",
  layer: "a layer",
  block: "a block: its uses have weights of their own",
  shared: "a shared tensor",
  task: "a task",
  penalty: "a penalty",
};

/** A declaration named by a setting: its name as text, or a tensor's value. A member of a group is `assay.NR-AR`. */
export function readName(kind: NameKind, expression: Expression, at: Spot, context: CheckContext): Value | undefined {
  if (kind.of === "tensor") return context.tensor(expression, at.owner)?.value;
  const parts = pathParts(expression);
  if (parts === undefined) return refuse(kind, expression, at, context);
  const path = parts.map((part) => part.text).join(".");
  if (kind.of === "source") return path;
  const { kinds, what } = wanted[kind.of];
  const [{ text: name, span }] = parts;
  // Naming a part to hold it still is no use of it; reading along an axis is one.
  const declared = kind.of === "axis" ? context.names.use(name) : context.names.peek(name);
  if (declared !== undefined && kinds.includes(declared.kind)) return path;
  if (context.names.doubtful(name) || context.names.tooEarly(name, span)) return undefined;
  const candidates = context.names.all(kinds);
  const suggestion = suggest(name, candidates);
  const found = declared && `\`${name}\` is ${nouns[declared.kind]}`;
  context.report(
    report(
      rows.noSuchName,
      { what, name },
      {
        span,
        help: found ?? didYouMean(suggestion) ?? thereAre(candidates),
        labels: declared === undefined ? [] : [{ span: declared.span, message: "declared here" }],
        fixes: suggestion === undefined ? [] : [replaceWord(span, suggestion)],
      },
    ),
  );
  return undefined;
}
