import { describeKind, writeSetting } from "../../compiler/registry/describe.ts";
import { unbuiltUses } from "../../compiler/unbuilt.ts";
import { registry } from "../../compiler/registry/index.ts";
import { wordTable } from "../../compiler/registry/registry.ts";
import type { BalanceRow } from "../../compiler/registry/rows.ts";
import type { RowBase, SettingRow, SettingRows, WordTable } from "../../compiler/registry/settings.ts";

/** `docs/words.md`: every word of the language, as its tables know it. */

/** A heading with its rows; columns beside word, meaning and settings. */
interface Chapter {
  readonly title: string;
  readonly rows: readonly RowBase[];
  readonly intro?: string;
  readonly columns?: Readonly<Record<string, (row: RowBase) => string>>;
  /** Settings that are described elsewhere. */
  readonly without?: readonly string[];
}

export function wordsPage(command: string): string {
  const chapters = chaptersOf();
  return [
    "# The words of the language",
    `This page is written by a program from the tables that the compiler itself reads; \`${command}\` writes it anew. \`mtlc explain WORD\` says more of each word: what its settings mean, an example, the paper it comes from. How words are put together is told in [the language](language.md).`,
    "A setting in **bold** must be written, another shows what it is when it is not (– is nothing). The first one of a word may stand without its name where it is _slanted_.",
    ...unbuilt(chapters),
    ...chapters.map(chapterText),
    ...[...registry.section.values()].map(({ section, doc, keys }) =>
      [`## Keys of \`${section}\``, doc, settingsTable("key", keys)].join("\n\n"),
    ),
  ]
    .join("\n\n")
    .concat("\n");
}

function chaptersOf(): readonly Chapter[] {
  const layers = [...registry.layer.values()].filter((row) => row.callable);
  const groups = [...new Set(layers.map((row) => row.group))];
  const common = commonSettings([...registry.balance.values()]);
  const plain = (table: WordTable): Chapter => ({
    title: `Words of \`${table}\``,
    rows: [...wordTable(registry, table).values()],
  });
  const kinds = { for: (row: RowBase) => listOf("kinds" in row && Array.isArray(row.kinds) ? row.kinds : []) };
  return [
    { title: "Kinds of input", rows: [...registry.inputKind.values()] },
    { title: "Kinds of target", rows: [...registry.taskKind.values()] },
    { title: "Kinds of a block's settings", rows: [...registry.blockKind.values()] },
    ...groups.map((group) => ({
      title: `Layers: ${group}`,
      rows: layers.filter((row) => row.group === group),
    })),
    { title: "Initial values", rows: [...registry.start.values()] },
    { title: "Losses", rows: [...registry.loss.values()], columns: kinds },
    { title: "Metrics", rows: [...registry.metric.values()], columns: kinds },
    balanceChapter(common),
    ...(["optimizer", "schedule", "clip", "average", "stop", "penalty", "sampling"] as const).map(plain),
    ...(["tie", "tokenizer", "augment"] as const).map(plain),
    { title: "Sources of rows", rows: [...registry.source.values()] },
  ];
}

function balanceChapter(common: SettingRows): Chapter {
  const rows: readonly BalanceRow[] = [...registry.balance.values()];
  const of = (row: RowBase): BalanceRow => registry.balance.get(row.name)!;
  return {
    title: "Balance rules",
    intro: `T is the number of tasks, P that of parameters. A rule marked > 0 needs losses above 0. All rules also take\n\n${settingsTable("setting", common, { scale: "see the table" })}`,
    rows,
    without: Object.keys(common),
    columns: {
      "acts on": (row) => (of(row).family === "loss" ? "losses" : "gradients"),
      "> 0": (row) => (of(row).positive ? "yes" : ""),
      scale: (row) => `\`${of(row).scale}\``,
      "a step costs": (row) => of(row).cost,
      source: (row) => (/^\d{4}\.\d{4,5}$/.test(row.source ?? "") ? `arXiv ${row.source}` : (row.source ?? "")),
    },
  };
}

/** Settings that every row has. */
function commonSettings(rows: readonly RowBase[]): SettingRows {
  const [first] = rows;
  return Object.fromEntries(
    Object.entries(first.settings).filter(([name]) => rows.every((row) => Object.hasOwn(row.settings, name))),
  );
}

function unbuilt(chapters: readonly Chapter[]): string[] {
  const lines = chapters.flatMap(({ title, rows }) => {
    const words = rows.filter((row) => !row.built).map((row) => row.name);
    return words.length === 0 ? [] : [`- ${title}: ${listOf(words)}`];
  });
  const uses = new Map<string, string[]>();
  for (const {
    listed: [title, text],
  } of unbuiltUses)
    uses.set(title, [...(uses.get(title) ?? []), text]);
  for (const [title, texts] of uses) lines.push(`- ${title}: ${texts.join(", ")}`);
  return [
    "## What cannot be trained yet",
    lines.length === 0
      ? "Every word on this page can be trained."
      : `These words and uses are checked and described like all others. \`mtlc check\` warns of them (MTL7001), and \`mtlc train\` stops at them:\n\n${lines.join("\n")}`,
  ];
}

function chapterText({ title, rows, intro, columns = {}, without = [] }: Chapter): string {
  const head = ["word", "is", "settings", ...Object.keys(columns)];
  const cells = rows.map((row) => {
    const settings = Object.entries(row.settings).filter(([name]) => !without.includes(name));
    return [
      `\`${row.name}\`${row.built ? "" : " (not yet)"}`,
      row.doc,
      settings.map(([name, setting]) => settingText(name, setting)).join(", "),
      ...Object.values(columns).map((cell) => cell(row)),
    ];
  });
  return [`## ${title}`, ...(intro === undefined ? [] : [intro]), table([head, ...cells])].join("\n\n");
}

function settingText(name: string, { kind, required, first, fallback }: SettingRow<unknown>): string {
  const slanted = first ? `_${name}_` : name;
  if (required) return `**${slanted}**`;
  return `${slanted} (${fallback === undefined || fallback === null ? "–" : `\`${writeSetting(kind, fallback)}\``})`;
}

function settingsTable(noun: string, settings: SettingRows, instead: Readonly<Record<string, string>> = {}): string {
  const rows = Object.entries(settings).map(([name, { kind, fallback, required, doc }]) => [
    `\`${name}\``,
    describeKind(kind),
    instead[name] ?? (required ? "required" : fallback === undefined ? "–" : `\`${writeSetting(kind, fallback)}\``),
    doc,
  ]);
  return table([[noun, "is", "if not written", "says"], ...rows]);
}

function listOf(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(", ");
}

function table([head, ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
