import { wordTable } from "../../registry/registry.ts";
import type { SettingKind } from "../../registry/settings.ts";
import type { Context } from "../context/context.ts";
import { alternativesOf } from "../context/spot.ts";
import { namesOfKinds, peekName } from "../names/lookup.ts";
import { rowAliases, suggest } from "../names/suggest.ts";
import { wantedNames } from "./wanted-names.ts";

/**
 * What stands without quotes where a word, a name, a number or a truth value is meant: `"mean_squared_error"` is `mse`,
 * `"validation.loss"` a path. Undefined where a text may stand, or where nothing is near.
 */
export function withoutQuotes(context: Context, kind: SettingKind, text: string): string | undefined {
  const kinds = alternativesOf(kind);
  if (kinds.some((one) => texts.has(one.kind))) return undefined;
  for (const one of kinds) {
    const found = bare(context, one, text.trim());
    if (found !== undefined) return found;
  }
  return undefined;
}

/** How that is said. */
export function quotesHelp(word: string): string {
  return word.startsWith("[")
    ? `a list stands in brackets, and words without quotes: \`${word}\``
    : `it stands without quotes: \`${word}\``;
}

const texts: ReadonlySet<SettingKind["kind"]> = new Set(["string", "cell", "column", "columns"]);

function bare(context: Context, kind: SettingKind, text: string): string | undefined {
  switch (kind.kind) {
    case "choice":
      return kind.words.includes(text) ? text : suggest(text, kind.words);
    case "word": {
      const rows = wordTable(context.registry, kind.table);
      const word = rows.has(text) ? text : suggest(text, [...rows.keys()], rowAliases(rows.values()));
      const needed = Object.values((word !== undefined && rows.get(word)?.settings) || {}).some(
        ({ required }) => required,
      );
      return word !== undefined && needed ? `${word}(…)` : word;
    }
    case "int":
    case "number":
      return /^-?\d[\d_]*(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? text : undefined;
    case "bool":
      return /^(true|false)$/i.test(text) ? text.toLowerCase() : undefined;
    case "path":
      if (/^val(idation)?[_.]loss$/.test(text)) return "validation.loss";
      return isPath(text) && text.startsWith("validation.") ? text : undefined;
    case "name":
      return nameIn(context, kind, text);
    case "list": {
      const item = withoutQuotes(context, kind.of, text);
      return item === undefined ? undefined : `[${item}]`;
    }
    default:
      return undefined;
  }
}

function nameIn(context: Context, kind: SettingKind & { kind: "name" }, text: string): string | undefined {
  if (kind.of === "source") return isPath(text) ? text : undefined;
  if (kind.of === "tensor") return peekName(context, text) === undefined ? undefined : text;
  const names = namesOfKinds(context, wantedNames[kind.of].kinds);
  return names.includes(text.replace(/\..*/, "")) ? text : suggest(text, names);
}

function isPath(text: string): boolean {
  return /^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)*$/u.test(text);
}
