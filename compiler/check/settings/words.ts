import type { Expression, Span } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { settings as rows } from "../../diagnostics/settings.ts";
import type { Value } from "../../ir/model.ts";
import { describeKind, tableNoun } from "../../registry/describe.ts";
import { wordTable } from "../../registry/registry.ts";
import type { SettingKind, WordTable } from "../../registry/settings.ts";
import type { Context } from "../context/context.ts";
import { alternativesOf, type Spot } from "../context/spot.ts";
import { peekName, useName } from "../names/lookup.ts";
import { didYouMean, replaceWord, rowAliases, suggest } from "../names/suggest.ts";
import { checkConstant } from "./constant-values.ts";
import { constantValue } from "./constants.ts";
import { refuse } from "./refuse.ts";
import { readWord } from "./settings.ts";
import { nothingHelp } from "./written.ts";

/** Words that stand as a setting's value: one of a few, or one of a table with settings of its own. */

export function readChoice(
  context: Context,
  kind: SettingKind & { kind: "choice" },
  expression: Expression,
  at: Spot,
): Value | undefined {
  if (expression.kind === "reference") {
    const word = expression.name.text;
    if (kind.words.includes(word)) return word;
    if (peekName(context, word)?.kind === "const") {
      const value = constantValue(context, expression);
      return value === undefined ? undefined : checkConstant(context, kind, value, expression.span, at);
    }
    return reportUnknownChoice(context, kind, word, expression.span, at);
  }
  return refuse(context, kind, expression, at);
}

export function reportUnknownChoice(
  context: Context,
  kind: SettingKind,
  word: string,
  span: Span,
  at: Spot,
): undefined {
  const words = alternativesOf(kind).flatMap((one) => (one.kind === "choice" ? one.words : []));
  const nothing = nothingHelp(word, words);
  const suggestion = nothing === undefined ? suggest(word, words) : undefined;
  const list = `it is ${describeKind(kind)}`;
  context.report(
    report(
      rows.unknownChoice,
      { setting: at.setting, word },
      {
        span,
        help: nothing ?? didYouMean(suggestion) ?? list,
        fixes: suggestion === undefined ? [] : [replaceWord(span, suggestion)],
      },
    ),
  );
}

export function readTableWord(
  context: Context,
  kind: SettingKind & { kind: "word" },
  expression: Expression,
  at: Spot,
): Value | undefined {
  if (expression.kind !== "reference" && expression.kind !== "call") return refuse(context, kind, expression, at);
  if (!wordTable(context.registry, kind.table).has(expression.name.text)) {
    if (expression.kind === "reference" && peekName(context, expression.name.text)?.kind === "const") {
      useName(context, expression.name.text);
      return refuse(context, kind, expression, at);
    }
    return reportUnknownWord(context, kind.table, [], expression, at);
  }
  return readWord(context, kind.table, expression, at);
}

/**
 * A word that is in no table: says which there are, or which was meant, and goes on with that one, so that mistakes in its
 * settings are found as well. `choices` may stand there too.
 */
export function reportUnknownWord(
  context: Context,
  table: WordTable,
  choices: readonly string[],
  expression: Expression & { kind: "reference" | "call" },
  at: Spot,
): Value | undefined {
  const words = wordTable(context.registry, table);
  const { name } = expression;
  const candidates = [...words.keys(), ...choices];
  const nothing = nothingHelp(name.text, candidates);
  const suggestion = nothing === undefined ? suggest(name.text, candidates, rowAliases(words.values())) : undefined;
  const known = candidates.map((word) => `\`${word}\``).join(", ");
  context.report(
    report(
      rows.unknownWord,
      { table: tableNoun(table), word: name.text },
      {
        span: name.span,
        help: nothing ?? didYouMean(suggestion) ?? (known === "" ? undefined : `there are ${known}`),
        fixes: suggestion === undefined ? [] : [replaceWord(name.span, suggestion)],
      },
    ),
  );
  if (suggestion === undefined) return undefined;
  if (choices.includes(suggestion)) return suggestion;
  return readWord(context, table, { ...expression, name: { ...name, text: suggestion } }, at);
}
