import type { Fix } from "../../diagnostics/diagnostic.ts";
import { settingAliases } from "../../words/setting-aliases.ts";
import type { RowBase } from "../../registry/settings.ts";
import type { Span } from "../../../grammar/tree.ts";

/** What things are called elsewhere: other name to ours. Compared without case and marks. */
export type Aliases = ReadonlyMap<string, string>;

/**
 * The candidate that a word was most likely meant to be: the same but for case, blanks and marks, then what another library
 * calls it, then the nearest by edits (insert, delete, replace, swap neighbours; one for short words, three for long ones).
 */
export function suggest(written: string, candidates: readonly string[], aliases?: Aliases): string | undefined {
  if (candidates.includes(written)) return undefined;
  const word = plain(written);
  const same = word === "" ? undefined : candidates.find((candidate) => plain(candidate) === word);
  if (same !== undefined) return same;
  if (word.length > longest || candidates.length > mostCandidates) return undefined;
  const names = new Map(candidates.map((candidate) => [plain(candidate), candidate]));
  for (const [alias, name] of aliases ?? []) {
    if (!candidates.includes(name)) continue;
    if (plain(alias) === word) return name;
    if (!names.has(plain(alias))) names.set(plain(alias), name);
  }
  let best: { name: string; distance: number } | undefined;
  for (const [text, name] of names) {
    const limit = tolerance(Math.max(text.length, word.length));
    if (Math.abs(text.length - word.length) > limit) continue;
    // Between equals, the one that begins alike.
    const distance = editDistance(word, text, limit) + (text[0] === word[0] ? 0 : 0.5);
    if (distance <= limit + 0.5 && (best === undefined || distance < best.distance)) best = { name, distance };
  }
  return best?.name;
}

/** Nobody mistypes a word of more letters, or looks for one among more. */
const longest = 200;
const mostCandidates = 2000;

/** Where more names than these mean nothing, what each was meant to be is left open: finding that out takes the longest. */
export const mostGuessed = 400;

/** `Body Mass (g)` and `body_mass_g` are alike. */
function plain(word: string): string {
  return word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

function tolerance(length: number): number {
  return length < 3 ? 0 : length < 6 ? 1 : length < 9 ? 2 : 3;
}

/** Optimal string alignment: inserts, deletions, replacements and swaps of neighbours, one each. Infinite beyond `most`. */
export function editDistance(a: string, b: string, most = Number.POSITIVE_INFINITY): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      let least = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, before[j - 2] + 1);
      row.push(least);
    }
    // A swap reaches back by two rows.
    if (Math.min(...row) > most && Math.min(...above) > most) return Number.POSITIVE_INFINITY;
    before = above;
    above = row;
  }
  return above[b.length] > most ? Number.POSITIVE_INFINITY : above[b.length];
}

/** Every row's other names. */
export function rowAliases(rows: Iterable<Pick<RowBase, "name" | "aliases">>): Aliases {
  const aliases = new Map<string, string>();
  for (const row of rows) for (const alias of row.aliases ?? []) if (!aliases.has(alias)) aliases.set(alias, row.name);
  return aliases;
}

/** The row of a table that a word was meant to be. */
export function suggestRow(written: string, table: ReadonlyMap<string, Pick<RowBase, "name" | "aliases">>) {
  return suggest(written, [...table.keys()], rowAliases(table.values()));
}

/** The setting that a name was meant to be, knowing what Keras and PyTorch call it. */
export function suggestSetting(written: string, settings: readonly string[]): string | undefined {
  const rows = settings.map((name) => ({ name, aliases: settingAliases[name] }));
  return suggest(written, settings, rowAliases(rows));
}

/** The setting that is called so by its own name or by one of Keras and PyTorch, but for case and marks. */
export function settingCalled(written: string, settings: readonly string[]): string | undefined {
  const word = plain(written);
  return (
    settings.find((name) => plain(name) === word) ??
    settings.find((name) => settingAliases[name]?.some((alias) => plain(alias) === word))
  );
}

/** Replaces a word by what was meant. */
export function replaceWord(span: Span, text: string): Fix {
  return { title: `write \`${text}\``, edits: [{ span, text }] };
}

/** "did you mean `x`?", or undefined without a suggestion. */
export function didYouMean(suggestion: string | undefined): string | undefined {
  return suggestion === undefined ? undefined : `did you mean \`${suggestion}\`?`;
}

/** What could have been meant, where nothing is near. */
export function thereAre(candidates: readonly string[]): string | undefined {
  const some = candidates.slice(0, MOST_NAMED).map((each) => `\`${each}\``);
  if (some.length === 0) return undefined;
  const more = candidates.length > some.length ? `, … (${candidates.length} in all)` : "";
  return `there ${candidates.length === 1 ? "is" : "are"} ${some.join(", ")}${more}`;
}

const MOST_NAMED = 12;

/** The word that was meant to open a declaration. */
export function suggestDeclaration(written: string): string | undefined {
  return suggestRow(written, declarations);
}

const declarations = new Map(
  [
    { name: "import", aliases: ["include", "use", "require", "using"] },
    { name: "model", aliases: ["network", "net", "program"] },
    { name: "const", aliases: ["let", "var", "final", "define", "param", "constant"] },
    { name: "input", aliases: ["feature", "features", "inputs", "placeholder", "x"] },
    { name: "layer", aliases: ["layers", "chain", "sequential", "module"] },
    { name: "block", aliases: ["function", "def", "fn", "func", "macro", "template"] },
    { name: "shared", aliases: ["trunk", "backbone", "tensor", "encoder", "hidden", "body"] },
    { name: "task", aliases: ["head", "output", "outputs", "target", "label", "predict"] },
    { name: "penalty", aliases: ["regularizer", "regularization", "loss"] },
    { name: "train", aliases: ["training", "fit", "trainer", "phase", "optimize"] },
    { name: "data", aliases: ["dataset", "source", "sources", "datasets"] },
  ].map((row) => [row.name, row]),
);
