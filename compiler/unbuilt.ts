import type { Span } from "../grammar/tree.ts";
import { compilation } from "./diagnostics/compilation.ts";
import { report, type Diagnostic } from "./diagnostics/diagnostic.ts";
import type { Instruction, KeySpans, Model, Source, Value, Word } from "./ir/model.ts";
import { isWord } from "./registry/describe.ts";
import { wordTable, type Registry } from "./registry/registry.ts";
import type { RowBase, SettingKind, WordTable } from "./registry/settings.ts";

/**
 * What a file may say and nothing can train yet: words whose row is not built, and the uses listed here. `check` warns of it
 * and `train` stops at it, both at the word itself, and `docs/words.md` lists it.
 */

/** What is no word of a table. */
interface UnbuiltUse {
  readonly noun: string;
  readonly word: string;
  /** Under which heading, and as what, the page lists it. */
  readonly listed: readonly [title: string, text: string];
  readonly help: string;
  /** Where a model has it, with the word that it has there. */
  readonly places: (model: Model) => readonly { readonly span?: Span; readonly word?: string }[];
}

/** Where a rule of a phase says this. */
function inRules(says: (rule: Word) => boolean, setting: string): UnbuiltUse["places"] {
  return ({ phases }) =>
    phases.flatMap(({ balance, span, spans = {} }) =>
      balance.flatMap((rule, k) =>
        says(rule)
          ? [{ span: spans[`balance.${k}.${setting}`] ?? spans[`balance.${setting}`] ?? ruleSpan(spans, k) ?? span }]
          : [],
      ),
    );
}

const ruleSpan = (spans: KeySpans, k: number): Span | undefined => spans[`balance.${k}`] ?? spans.balance;

export const unbuiltUses: readonly UnbuiltUse[] = [
  {
    noun: "task key",
    word: "probability",
    listed: ["Keys of `task`", "`probability`"],
    help: "give the task a head of its own",
    places: ({ tasks }) =>
      tasks.flatMap(({ probability, span, spans }) =>
        probability === null ? [] : [{ span: spans?.probability ?? span }],
      ),
  },
  {
    noun: "second data section",
    word: "data",
    listed: ["Sections", "several `data` sections"],
    help: "put the rows into one section: where a row has no answer for a task, its cell is empty",
    places: ({ data }) =>
      data.slice(1, 2).map(({ span, name }) => ({ span, word: name === null ? "data" : `data ${name}` })),
  },
  {
    noun: "setting of a balance rule",
    word: "gradients: representation",
    listed: ["Settings of balance rules", "`gradients: representation`"],
    help: "mtlc explain balance",
    places: inRules(({ settings }) => settings.gradients === "representation", "gradients"),
  },
  {
    noun: "setting of a balance rule",
    word: "over",
    listed: ["Settings of balance rules", "`over: […]`"],
    help: "mtlc explain balance",
    places: inRules(({ settings }) => Array.isArray(settings.over), "over"),
  },
];

/** Everything of a model that cannot run yet: one diagnostic a word or use, at its first place. */
export function unbuiltWords(model: Model, registry: Registry): Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  const add = (noun: string, word: string, help: string, span?: Span): void => {
    const key = `${noun} ${word}`;
    if (!found.has(key)) found.set(key, report(compilation.notBuilt, { noun, word }, { span, help }));
  };
  const ask = (noun: string, row: RowBase | undefined, settings: Word["settings"], span?: Span): void => {
    if (!row) return;
    if (!row.built) add(noun, row.name, `mtlc explain ${row.name}`, span);
    for (const [name, { kind }] of Object.entries(row.settings)) askValue(kind, settings[name], span);
  };
  const askValue = (kind: SettingKind, value: Value | undefined, span?: Span): void => {
    if (value === undefined || value === null) return;
    if (kind.kind === "word" && isWord(value)) askWord(kind.table, value, span);
    if (kind.kind === "either") kind.of.forEach((inner) => askValue(inner, value, span));
    if (kind.kind === "list" && Array.isArray(value)) value.forEach((item) => askValue(kind.of, item, span));
  };
  const askWord = (table: WordTable, { word, settings }: Word, span?: Span): void =>
    ask(nouns[table] ?? table, wordTable(registry, table).get(word), settings, span);
  const askInstruction = (instruction: Instruction): void => {
    for (const region of instruction.regions ?? []) region.instructions.forEach(askInstruction);
    ask("layer", registry.layer.get(instruction.layer), instruction.settings, instruction.span);
  };
  const askSource = (source: Source): void => {
    source.operands.forEach(askSource);
    ask("source", registry.source.get(source.word), source.settings, source.span);
  };

  for (const { kind, tokenizer, augment, span, spans = {} } of model.inputs) {
    ask("input kind", registry.inputKind.get(kind.word), {}, spans.kind ?? span);
    if (tokenizer) askWord("tokenizer", tokenizer, spans.tokenizer ?? span);
    augment.forEach((word, k) => askWord("augment", word, spans[`augment.${k}`] ?? spans.augment ?? span));
  }
  model.instructions.forEach(askInstruction);
  for (const { kind, loss, metrics, span, spans = {} } of model.tasks) {
    ask("task kind", registry.taskKind.get(kind.word), {}, spans.kind ?? span);
    for (const term of loss) ask("loss", registry.loss.get(term.loss.word), term.loss.settings, term.span ?? span);
    metrics.forEach((metric, k) => askWord("metric", metric, spans[`metrics.${k}`] ?? span));
  }
  for (const { balance, optimizer, schedule, clip, average, penalty, sampling, span, spans = {} } of model.phases) {
    balance.forEach((rule, k) => askWord("balance", rule, ruleSpan(spans, k) ?? span));
    for (const [table, word] of Object.entries({ optimizer, schedule, clip, average, sampling }))
      if (word && isTable(table)) askWord(table, word, spans[table] ?? span);
    penalty.forEach((word, k) => askWord("penalty", word, spans[`penalty.${k}`] ?? spans.penalty ?? span));
  }
  for (const section of model.data)
    for (const source of [section.train, section.validation, section.test]) if (source) askSource(source);
  for (const { noun, word, help, places } of unbuiltUses)
    for (const place of places(model)) add(noun, place.word ?? word, help, place.span);
  return [...found.values()];
}

const nouns: Readonly<Partial<Record<WordTable, string>>> = {
  start: "initial value",
  balance: "balance rule",
  average: "weight average",
  augment: "augmentation",
};

function isTable(name: string): name is "optimizer" | "schedule" | "clip" | "average" | "sampling" {
  return ["optimizer", "schedule", "clip", "average", "sampling"].includes(name);
}
