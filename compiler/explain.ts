import { catalogue, findDiagnostic, type AnyRow } from "./diagnostics/catalogue.ts";
import { sequences } from "./check/foreign/modules.ts";
import { wrap } from "./prose/wrap.ts";
import { describeKind, tableNoun, withArticle, writeSetting } from "./registry/describe.ts";
import { registry } from "./registry/index.ts";
import { wordTable, type Registry } from "./registry/registry.ts";
import type { SectionRow } from "./registry/rows.ts";
import type { RowBase, SettingRows, WordTable } from "./registry/settings.ts";
import { everywhere } from "./words/elsewhere.ts";
import { settingAliases } from "./words/setting-aliases.ts";

/**
 * The manual: what a diagnostic means (by code, `MTL4002`, or name, `shapes-do-not-meet`), or a word of the language, in plain
 * text. A word that stands in several tables (`iou` is a loss and a metric) has all of its entries. Null for what is neither.
 * Sentences go in lines of `width` places; examples stay as they are.
 */
export function explain(codeOrWord: string, width = 96): string | null {
  const asked = codeOrWord.trim();
  const row = findDiagnostic(asked);
  const entries = row ? [explainDiagnostic(row, width)] : explainWord(asked, width);
  return entries.length === 0 ? null : `${entries.join("\n\n")}\n`;
}

/** Everything that `explain` has an entry of its own for: words first, then codes. */
export function topics(): readonly string[] {
  const words = shelves(registry).flatMap(({ rows }) => rows.map((row) => row.name));
  return [...new Set([...words, ...registry.section.keys()])].sort().concat(catalogue.map((row) => row.code));
}

// ── Diagnostics ──────────────────────────────────────────────────────────────────────────────────────────────────────

function explainDiagnostic({ code, name, severity, why, bad, good }: AnyRow, width: number): string {
  const parts = [`${code} ${name} (${severity})`, wrap(why, width)];
  if (bad !== "") parts.push(`Instead of\n\n${indent(bad)}`);
  if (good !== "") parts.push(`${bad === "" ? "Write" : "write"}\n\n${indent(good)}`);
  return parts.join("\n\n");
}

// ── Words ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Rows that go by one noun. */
interface Shelf {
  readonly noun: string;
  readonly rows: readonly Entry[];
}
type Entry = RowBase & {
  readonly example?: string;
  /** Kinds of targets that a loss or metric is for. */
  readonly kinds?: readonly string[];
  /** What a step under a balance rule costs. */
  readonly cost?: string;
};

const tables = [
  ...["loss", "metric", "balance", "optimizer", "schedule", "start", "clip", "average"],
  ...["stop", "penalty", "tie", "sampling", "augment", "tokenizer"],
] as const satisfies readonly WordTable[];

function shelves(language: Registry): readonly Shelf[] {
  const layers = [...language.layer.values()].filter((row) => row.callable);
  return [
    { noun: "layer", rows: layers },
    { noun: "kind of input", rows: [...language.inputKind.values()] },
    { noun: "kind of target", rows: [...language.taskKind.values()] },
    { noun: "kind of a block's parameter", rows: [...language.blockKind.values()] },
    ...tables.map((table) => ({ noun: tableNoun(table), rows: [...wordTable(language, table).values()] })),
    { noun: "source of rows", rows: [...language.source.values()] },
  ];
}

function explainWord(word: string, width: number): string[] {
  const entries = shelves(registry).flatMap(({ noun, rows }) =>
    rows.filter((row) => row.name === word).map((row) => explainRow(noun, row, width)),
  );
  for (const section of registry.section.values())
    if (section.section === word) entries.push(explainSection(section, width));
  if (entries.length > 0) return entries;
  const keys = explainKey(word, width);
  if (keys.length > 0) return isKey(word) ? keys : [...keys, ...saidOf(word, width)];
  const foreign = explainElsewhere(word, width);
  const last = word.slice(word.lastIndexOf(".") + 1);
  return foreign.length > 0 || last === word ? foreign : explainWord(last, width);
}

/** A word or a setting as other libraries or another spelling have it: ours, with its entries, and what is said elsewhere. */
function explainElsewhere(word: string, width: number): string[] {
  if (sequences.has(word))
    return [
      wrap(
        `\`${word}\` is no word here: layers follow one another by \`->\`, as in \`x -> dense(32) -> relu\`.`,
        width,
      ),
    ];
  const rows = shelves(registry).flatMap(({ rows }) => rows);
  const ours = rows.find((row) => [row.name, ...(row.aliases ?? [])].some((name) => plain(name) === plain(word)));
  const called = (name: string): string => `\`${word}\` is called \`${name}\` here.`;
  if (ours !== undefined) return [...saidOf(word, width), called(ours.name), ...explainWord(ours.name, width)];
  const settings = settingNames().filter((name) =>
    [name, ...(settingAliases[name] ?? [])].some((each) => plain(each) === plain(word)),
  );
  return [...saidOf(word, width), ...settings.flatMap((name) => [called(name), ...explainKey(name, width)])];
}

/** What is written in place of a setting of other libraries. */
function saidOf(word: string, width: number): string[] {
  return everywhere(word).map(({ where, text }) => wrap(`\`${word}\` in ${where}: ${text}.`, width));
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

function explainRow(noun: string, row: Entry, width: number): string {
  const parts = [`${row.name}: ${withArticle(noun)}`, wrap(row.doc, width)];
  if (row.kinds !== undefined)
    parts.push(wrap(`For ${row.kinds.map((kind) => `\`${kind}\``).join(", ")} targets.`, width));
  if (row.cost !== undefined) parts.push(wrap(`Cost of a step: ${row.cost}.`, width));
  const settings = listSettings(row.settings, width);
  if (settings !== "") parts.push(`Settings\n${settings}`);
  if (row.example !== undefined && row.example !== "") parts.push(`Example\n\n${indent(row.example)}`);
  if (row.source !== undefined)
    parts.push(`Source: ${/^\d{4}\.\d{4,5}$/.test(row.source) ? `arXiv ${row.source}` : row.source}`);
  if (!row.built) parts.push(wrap("It can be checked and described, and cannot be trained yet.", width));
  return parts.join("\n\n");
}

function explainSection({ section, doc, keys }: SectionRow, width: number): string {
  return `${section}: a declaration\n\n${wrap(doc, width)}\n\nKeys\n${listSettings(keys, width)}`;
}

/** A key or a setting that is no word itself: where it may stand, and what it is there. */
function explainKey(key: string, width: number): string[] {
  const found: string[] = [];
  for (const { section, keys } of registry.section.values())
    if (Object.hasOwn(keys, key))
      found.push(`${key}: a key of \`${section}\`\n${listSettings({ [key]: keys[key] }, width)}`);
  const users = new Map<string, string[]>();
  for (const row of shelves(registry).flatMap(({ rows }) => rows)) {
    if (!Object.hasOwn(row.settings, key)) continue;
    const text = listSettings({ [key]: row.settings[key] }, width);
    const names = users.get(text) ?? [];
    if (!names.includes(row.name)) users.set(text, [...names, row.name]);
  }
  // What most words mean by it comes first.
  for (const [text, names] of [...users].sort(([, a], [, b]) => b.length - a.length))
    found.push(`${wrap(`${key}: a setting of ${names.map((name) => `\`${name}\``).join(", ")}`, width)}\n${text}`);
  return found;
}

/** Whether a declaration has a key of this name. */
function isKey(word: string): boolean {
  return [...registry.section.values()].some(({ keys }) => Object.hasOwn(keys, word));
}

/** Every key and setting there is: `explain` says where they stand. */
export function settingNames(): readonly string[] {
  const keys = [...registry.section.values()].flatMap((section) => Object.keys(section.keys));
  const settings = shelves(registry).flatMap(({ rows }) => rows.flatMap((row) => Object.keys(row.settings)));
  return [...new Set([...keys, ...settings])];
}

/** One setting a line: name, kind, default, and what it does below. */
function listSettings(settings: SettingRows, width: number): string {
  return Object.entries(settings)
    .map(([name, { kind, first, required, fallback, doc }]) => {
      const usual = required
        ? "required"
        : fallback === undefined
          ? "may be left out"
          : `default ${writeSetting(kind, fallback)}`;
      const facts = [describeKind(kind), usual, ...(first ? ["its name may be left out"] : [])];
      const line = wrap(`  ${name}: ${facts.join("; ")}`, width, 2);
      return `${line}${doc === "" ? "" : `\n${wrap(`      ${doc}`, width)}`}`;
    })
    .join("\n");
}

function indent(text: string, by = 2): string {
  return text
    .split("\n")
    .map((line) => (line === "" ? "" : " ".repeat(by) + line))
    .join("\n");
}
