import type { Entry, SectionDeclaration } from "../../../grammar/tree.ts";
import { data as rows } from "../../diagnostics/data.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { sections } from "../../diagnostics/sections.ts";
import type { DataSection, Source } from "../../ir/model.ts";
import type { Context } from "../context/context.ts";
import { didYouMean, replaceWord, suggest } from "../names/suggest.ts";
import type { ProgramFacts } from "./facts.ts";
import { checkSectionNames } from "./section-names.ts";
import { readSource } from "./sources.ts";
import { writeTaskKind } from "../settings/kinds-written.ts";
import { checkSettings, fromEntry } from "../settings/settings.ts";

/** Data sections: which rows to train on, to validate with, to test with, and for which tasks. */
export function checkData(
  context: Context,
  declarations: readonly SectionDeclaration[],
  program: ProgramFacts,
): readonly DataSection[] {
  checkSectionNames(context, program.sections);
  const before = context.errors();
  const found = declarations.map((declaration) => readSection(context, declaration, program));
  if (context.errors() === before && declarations.length > 0) checkCoverage(context, found, program);
  return found.flatMap((section) => section ?? []);
}

const parts = ["train", "validation", "test"] as const;
type Part = (typeof parts)[number];

function readSection(
  context: Context,
  declaration: SectionDeclaration,
  program: ProgramFacts,
): DataSection | undefined {
  const { name, settings } = declaration;
  const path = name === undefined ? "data" : `data.${name.text}`;
  const before = context.errors();
  const checked = checkSettings(
    context,
    context.registry.section.get("data")?.keys ?? {},
    settings.entries.map(fromEntry),
    {
      what: name === undefined ? "`data`" : `\`data ${name.text}\``,
      span: declaration.keyword,
      noun: "key",
      path,
      elsewhere: parts,
      home: "data",
    },
  );
  const sources = new Map<Part, Source>();
  const entries = new Map<Part, Entry>();
  for (const entry of settings.entries) {
    const part = parts.find((one) => one === entry.key.text);
    if (part === undefined || entries.has(part)) continue;
    entries.set(part, entry);
    const source = readSource(context, entry.value, `${path}.${part}`);
    if (source) sources.set(part, source);
  }
  checkParts(context, sources, entries, program);
  const train = sources.get("train");
  if (train === undefined) return undefined;
  const section: DataSection = {
    name: name?.text ?? null,
    train,
    validation: sources.get("validation") ?? null,
    test: sources.get("test") ?? null,
    tasks: tasksOf(checked.tasks, program),
    order: [...sources.keys()],
    span: name?.span ?? declaration.keyword,
  };
  if (context.errors() !== before) context.check.doubtfulData.add(section);
  return section;
}

/** Names of tasks, groups taken apart; null for all. */
function tasksOf(value: unknown, program: ProgramFacts): readonly string[] | null {
  if (!Array.isArray(value)) return null;
  const names = value.filter((name) => typeof name === "string");
  return names.flatMap((name) => program.groups.get(name) ?? [name]);
}

// ── Parts ────────────────────────────────────────────────────────────────────────────────────────────────────────────

function checkParts(
  context: Context,
  sources: ReadonlyMap<Part, Source>,
  entries: ReadonlyMap<Part, Entry>,
  program: ProgramFacts,
): void {
  const shares = new Map<string, number>();
  for (const [part, source] of sources) {
    if (source.word !== "part") continue;
    const { share, of, stratify, group } = source.settings;
    const span = source.span;
    if (typeof of !== "string" || typeof share !== "number" || source.doubtful) continue;
    // A section without rows to train on has been told so.
    if (of === "train" && part !== "train" && !entries.has("train")) continue;
    const problem = whyNoSource(part, of, sources, entries);
    if (problem !== undefined) {
      const meant = suggest(of, parts);
      const at = source.spans?.of ?? span;
      context.report(
        report(
          rows.partOfNothing,
          { part, of, problem },
          {
            span: at,
            help: didYouMean(meant) ?? (part === "train" ? undefined : "write `of: train`"),
            fixes: meant === undefined || at === undefined ? [] : [replaceWord(at, meant)],
          },
        ),
      );
      continue;
    }
    const total = (shares.get(of) ?? 0) + share;
    shares.set(of, total);
    // Shares such as 0.7 + 0.2 + 0.1 are 1 but for rounding.
    if (total > 1 - 1e-9)
      context.report(
        report(
          rows.nothingLeft,
          { of, part },
          { span, help: `the parts of ${of} add up to ${Number(total.toFixed(6))}` },
        ),
      );
    if (typeof stratify === "string" && typeof group === "string")
      context.report(report(rows.stratifyAndGroup, { part }, { span, help: "keep one of the two" }));
    else if (typeof stratify === "string") checkStratify(context, stratify, source, program);
  }
}

function whyNoSource(
  part: Part,
  of: string,
  sources: ReadonlyMap<Part, Source>,
  entries: ReadonlyMap<Part, Entry>,
): string | undefined {
  const name = parts.find((one) => one === of);
  if (name === undefined) return `a section has ${parts.map((one) => `\`${one}\``).join(", ")}`;
  if (name === part) return "that is the part itself";
  if (!entries.has(name)) return "this section has no such key";
  return sources.get(name)?.word === "part" ? "that is a part itself" : undefined;
}

function checkStratify(context: Context, name: string, source: Source, program: ProgramFacts): void {
  const span = source.spans?.stratify ?? source.span;
  if (program.groups.has(name)) {
    context.report(report(rows.noStrata, { task: name, kind: "it is a group of tasks" }, { span }));
    return;
  }
  const kind = program.tasks.find((task) => task.name === name)?.kind;
  if (kind === undefined) return;
  const oneLabel = kind.shape.length === 0 && kind.word !== "real" && kind.word !== "flags";
  if (!oneLabel) context.report(report(rows.noStrata, { task: name, kind: `it is ${writeTaskKind(kind)}` }, { span }));
}

/** Every task that has answers must have them somewhere. */
function checkCoverage(context: Context, found: readonly (DataSection | undefined)[], program: ProgramFacts): void {
  if (found.some((section) => section === undefined || section.tasks === null)) return;
  const covered = new Set(found.flatMap((section) => section?.tasks ?? []));
  for (const task of program.tasks) {
    if (task.target === null || covered.has(task.name)) continue;
    context.report(
      report(
        sections.taskWithoutData,
        { task: task.name },
        { span: task.span, help: "add it to the `tasks:` of a data section" },
      ),
    );
  }
}
