import { parse } from "../grammar/parse.ts";
import type { Entry, SectionDeclaration, SourceTree } from "../grammar/tree.ts";
import { syntaxDiagnostic } from "./check/files/syntax.ts";
import { suggest, thereAre } from "./check/names/suggest.ts";
import { report, type Diagnostic } from "./diagnostics/diagnostic.ts";
import { overrides as rows } from "./diagnostics/overrides.ts";

/** A key of `train` set from outside the file: `train.epochs=3` in every section, `train.finish.epochs=3` in one. */
export interface Override {
  /** As it was written. */
  readonly text: string;
  /** What messages call its place: `--set`. */
  readonly file: string;
}

/** The tree with overrides written into its `train` sections, as if they stood there; and what is wrong with them. */
export function applyOverrides(
  tree: SourceTree,
  overrides: readonly Override[],
): { tree: SourceTree; texts: readonly SourceTree[]; diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const texts: SourceTree[] = [];
  let { declarations } = tree;
  overrides.forEach(({ text, file }, index) => {
    const name = overrides.length === 1 ? file : `${file} (${index + 1})`;
    const parts = /^\s*train\.(?:(\w+)\.)?(\w+)\s*=/.exec(text);
    const all = { file: name, start: 0, end: text.length };
    if (!parts) {
      texts.push({ ...tree, file: name, text, declarations: [], comments: [], problems: [] });
      diagnostics.push(report(rows.notAnOverride, { text }, { span: all, help: helpFor(text) }));
      return;
    }
    const [written, section, key] = parts;
    // The value is read where it stands in the text: the path before it gives way to a declaration of equal length.
    const declaration = "const _ =";
    const parsed = parse(declaration.padEnd(written.length) + text.slice(written.length), name);
    const end = endOfValue(parsed);
    texts.push({ ...parsed, text, ...(end !== null && { problems: [] }) });
    if (end !== null) {
      const holes = { value: text.slice(0, end).trim(), rest: text.slice(end).replace(/^[\s,;]+/, "") };
      const span = { file: name, start: end, end: text.length };
      diagnostics.push(report(rows.leftOver, holes, { span, help: apart(holes) }));
      return;
    }
    diagnostics.push(...parsed.problems.map((problem) => syntaxDiagnostic(problem, text)));
    const [constant] = parsed.declarations;
    if (constant?.kind !== "const" || parsed.problems.length > 0) return;
    const start = text.indexOf(key, written.indexOf(section ?? "train") + (section ?? "train").length);
    const entry: Entry = {
      key: { text: key, quoted: false, span: { file: name, start, end: start + key.length } },
      value: constant.value,
      span: all,
    };
    const sections = declarations.filter((one): one is SectionDeclaration => one.kind === "train");
    const chosen = sections.filter((one) => section === undefined || one.name?.text === section);
    if (section !== undefined && chosen.length === 0) {
      const names = sections.flatMap((one) => one.name?.text ?? []);
      const near = suggest(section, names);
      const value = text.slice(written.length).trim();
      const help = near ? `did you mean \`${near}\`?` : ofSetting(section, key, value, declarations, names);
      diagnostics.push(report(rows.noSuchPhase, { section }, { span: all, help }));
      return;
    }
    if (chosen.length === 0) {
      const settings = { kind: "settings", entries: [entry], span: all } as const;
      declarations = [...declarations, { kind: "train", keyword: all, span: all, settings }];
      return;
    }
    declarations = declarations.map((one) =>
      one.kind === "train" && chosen.includes(one) ? withEntry(one, entry) : one,
    );
  });
  return { tree: { ...tree, declarations }, texts, diagnostics };
}

/** Where a whole value ends behind which something else stands; null where it is one value, or none. */
function endOfValue({ text, file, problems, declarations: [, second] }: SourceTree): number | null {
  if (problems.length === 0) return second?.span.start ?? null;
  const end = problems[0].span.start;
  const { problems: before, declarations } = parse(text.slice(0, end), file);
  const isWhole = before.length === 0 && declarations.length === 1 && end < text.length;
  return isWhole ? end : null;
}

/** What is left over as a setting of its own, where it is one. */
function apart({ value, rest }: { readonly value: string; readonly rest: string }): string | undefined {
  const [, path, other] = /^(?:train\.)?((?:\w+\.)?\w+)\s*(=[^]*)$/.exec(rest) ?? [];
  return path === undefined ? undefined : `each takes its own: \`--set ${value} --set train.${path}${other}\``;
}

/** `train.optimizer.rate=0.1`: a setting of a key's word is set with the word. */
function ofSetting(
  key: string,
  setting: string,
  value: string,
  declarations: SourceTree["declarations"],
  phases: readonly string[],
): string | undefined {
  const entries = declarations.flatMap((one) => (one.kind === "train" ? one.settings.entries : []));
  const written = entries.find((entry) => entry.key.text === key)?.value;
  const word = written?.kind === "call" || written?.kind === "reference" ? written.name.text : usual[key];
  if (word !== undefined) return `a key is set whole: \`--set "train.${key}=${word}(${setting}: ${value})"\``;
  return phases.length === 0 ? "its `train` section has no name: write `train.KEY=VALUE`" : thereAre(phases);
}

/** Words that these keys have as a rule. */
const usual: Readonly<Record<string, string | undefined>> = {
  optimizer: "adam",
  schedule: "cosine",
  stop: "early",
  clip: "norm",
  average: "ema",
};

/** What was meant, where that can be told. */
function helpFor(text: string): string | undefined {
  const [, path, value] = /^\s*(train(?:\.\w+){1,2})\s*:\s*(\S.*)$/s.exec(text) ?? [];
  if (path !== undefined) return `write \`${path}=${value}\``;
  if (/^\s*(?:data|model|input|task)\b.*=/s.test(text))
    return "only keys of `train` are set so: change the file itself";
  if (/^\s*train\.\w+(?:\.\w+)?\s*$/.test(text)) return `write \`${text.trim()}=…\`, with its value`;
  return /^\s*\w+(?:\.\w+)?\s*=/.test(text) ? `write \`train.${text.trim()}\`` : undefined;
}

function withEntry(section: SectionDeclaration, entry: Entry): SectionDeclaration {
  const others = section.settings.entries.filter(({ key }) => key.text !== entry.key.text);
  // Epochs and steps say the same thing in two ways: setting one takes the other away.
  const rival = { epochs: "steps", steps: "epochs" }[entry.key.text];
  const entries = [...others.filter(({ key }) => key.text !== rival), entry];
  return { ...section, settings: { ...section.settings, entries } };
}
