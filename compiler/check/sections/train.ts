import type { Expression, SectionDeclaration } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { sections as rows } from "../../diagnostics/sections.ts";
import { settings as settingRows } from "../../diagnostics/settings.ts";
import { training } from "../../diagnostics/training.ts";
import type { KeySpans, Phase, Value, Word } from "../../ir/model.ts";
import { isWord, writeValue } from "../../registry/describe.ts";
import type { Context } from "../context/context.ts";
import { didYouMean, replaceWord, suggest, thereAre } from "../names/suggest.ts";
import { checkBalance } from "./balance.ts";
import type { ProgramFacts } from "./facts.ts";
import { checkWatched } from "./watched.ts";
import { checkSettings, defaultOf, fromEntry } from "../settings/settings.ts";
import { wordSpans } from "../settings/word-spans.ts";
import { ungrouped } from "../settings/written.ts";
import { entryOf, wordsOf } from "../tasks/inputs.ts";

/** Train sections: each is a phase, and a key that is not repeated keeps its value. */
export function checkTrain(
  context: Context,
  declarations: readonly SectionDeclaration[],
  program: ProgramFacts,
): readonly Phase[] {
  const base = defaults(context);
  if (declarations.length === 0) {
    const phase = phaseOf(base, null);
    if (program.tasks.length > 0) context.report(report(rows.trainByDefault, { train: describe(phase) }));
    return [phase];
  }
  const phases: Phase[] = [];
  let values = base;
  let spans: KeySpans = {};
  for (const declaration of declarations) {
    spans = { ...spans, ...wordSpans(declaration.settings.entries) };
    values = { ...values, ...readSection(context, declaration, program) };
    phases.push({
      ...phaseOf(values, declaration.name?.text ?? null),
      span: declaration.name?.span ?? declaration.keyword,
      spans,
    });
  }
  return phases;
}

type Values = Readonly<Record<string, Value>>;

function defaults(context: Context): Values {
  const values: Record<string, Value> = {};
  for (const [name, row] of Object.entries(context.registry.section.get("train")?.keys ?? {}))
    values[name] = defaultOf(row, context.registry);
  return values;
}

/** The keys that a section says, checked; those with a mistake are left out. */
function readSection(context: Context, declaration: SectionDeclaration, program: ProgramFacts): Values {
  const keys = context.registry.section.get("train")?.keys ?? {};
  const { settings, name } = declaration;
  const path = name === undefined ? "train" : `train.${name.text}`;
  const checked = checkSettings(context, keys, settings.entries.map(fromEntry), {
    what: name === undefined ? "`train`" : `\`train ${name.text}\``,
    span: declaration.keyword,
    noun: "key",
    path,
    home: "train",
  });
  const written: Record<string, Value> = {};
  for (const { key } of settings.entries) if (Object.hasOwn(checked, key.text)) written[key.text] = checked[key.text];

  const [epochs, steps] = [entryOf(settings, "epochs"), entryOf(settings, "steps")];
  if (epochs && steps)
    context.report(
      report(
        rows.epochsAndSteps,
        {},
        {
          span: steps.span,
          labels: [{ span: epochs.span, message: "set here in epochs" }],
          help: "keep one of the two",
        },
      ),
    );
  else if (steps) written.epochs = null;
  else if (epochs) written.steps = null;

  const balance = entryOf(settings, "balance");
  if (balance && written.balance !== undefined) checkBalance(context, wordsOf(written.balance), balance, program);
  for (const [key, argument] of [
    ["stop", "on"],
    ["schedule", "on"],
  ]) {
    const watched = argumentOf(entryOf(settings, key), argument);
    const value = written[key];
    if (!isWord(value)) continue;
    if (watched) checkWatched(context, watched, program);
    else if (typeof value.settings[argument] === "string") checkDefaultWatch(context, entryOf(settings, key), program);
  }
  checkRates(context, entryOf(settings, "rates"), program);
  checkFreeze(context, entryOf(settings, "freeze"), texts(written.freeze), program, name?.text ?? null);
  return written;
}

/** A named argument of a word such as `early(on: …)`, or its first one where `name` may stand without its name. */
function argumentOf(written: Expression | undefined, name: string): Expression | undefined {
  const word = written && ungrouped(written);
  if (word?.kind !== "call") return undefined;
  return word.arguments.find((argument) => argument.name?.text === name)?.value;
}

/** `stop: early` and `schedule: plateau` watch `validation.loss` without saying so. */
function checkDefaultWatch(context: Context, stop: Expression | undefined, program: ProgramFacts): void {
  if (stop === undefined) return;
  const { span } = stop;
  const name = (text: string) => ({ text, quoted: false, span });
  const validation: Expression = { kind: "reference", name: name("validation"), span };
  checkWatched(context, { kind: "member", object: validation, member: name("loss"), span }, program);
}

/** A phase in which every part is held still learns nothing. */
function checkFreeze(
  context: Context,
  freeze: Expression | undefined,
  frozen: readonly string[],
  { owners, groups }: ProgramFacts,
  phase: string | null,
): void {
  if (freeze === undefined || frozen.length === 0) return;
  const isFrozen = (owner: string): boolean => {
    const members = groups.get(owner);
    return frozen.includes(owner) || (members !== undefined && members.every((member) => frozen.includes(member)));
  };
  if (owners.length === 0 || !owners.every(isFrozen)) return;
  const help = `leave one of them out: ${owners.map((owner) => `\`${owner}\``).join(", ")}`;
  const part = `every part of the network is frozen${phase === null ? "" : ` in \`train ${phase}\``}`;
  context.report(report(training.nothingToTrain, { part }, { span: freeze.span, help }));
}

function checkRates(context: Context, rates: Expression | undefined, program: ProgramFacts): void {
  const record = rates && ungrouped(rates);
  if (record?.kind !== "settings") return;
  for (const { key } of record.entries) {
    if (program.owners.includes(key.text) || program.tasks.some((task) => task.name === key.text)) continue;
    const suggestion = suggest(key.text, program.owners);
    context.report(
      report(
        settingRows.noSuchName,
        { what: "part of the network", name: key.text },
        {
          span: key.span,
          help: didYouMean(suggestion) ?? thereAre(program.owners),
          fixes: suggestion === undefined ? [] : [replaceWord(key.span, suggestion)],
        },
      ),
    );
  }
}

// ── Checked values as a phase ────────────────────────────────────────────────────────────────────────────────────────

function phaseOf(values: Values, name: string | null): Phase {
  const { stop } = values;
  return {
    name,
    balance: wordsOf(values.balance),
    optimizer: word(values, "optimizer"),
    schedule: word(values, "schedule"),
    clip: wordOrNull(values.clip),
    accumulate: whole(values, "accumulate"),
    average: wordOrNull(values.average),
    epochs: typeof values.epochs === "number" ? values.epochs : null,
    steps: typeof values.steps === "number" ? values.steps : null,
    batch: whole(values, "batch"),
    shuffle: values.shuffle === true,
    seed: whole(values, "seed"),
    stop: isWord(stop) ? { on: String(stop.settings.on), patience: Number(stop.settings.patience) } : null,
    rates: numbers(values.rates),
    freeze: texts(values.freeze),
    penalty: wordsOf(values.penalty),
    sampling: wordOrNull(values.sampling),
  };
}

function word(values: Values, key: string): Word {
  const value = values[key];
  if (!isWord(value)) throw new Error(`\`${key}\` was expected to be a word`);
  return value;
}

function wordOrNull(value: Value | undefined): Word | null {
  return isWord(value) ? value : null;
}

function whole(values: Values, key: string): number {
  const value = values[key];
  if (typeof value !== "number") throw new Error(`\`${key}\` was expected to be a number`);
  return value;
}

function texts(value: Value | undefined): readonly string[] {
  if (!Array.isArray(value)) return [];
  const items: readonly Value[] = value;
  return items.filter((item) => typeof item === "string");
}

function numbers(value: Value | undefined): Readonly<Record<string, number>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  const factors: Record<string, number> = {};
  for (const [name, factor] of Object.entries(value)) if (typeof factor === "number") factors[name] = factor;
  return factors;
}

/** What a file without a train section is trained with. */
function describe({ balance, optimizer, epochs, batch, seed }: Phase): string {
  const { rate } = optimizer.settings;
  const trained = `${optimizer.word}(rate: ${writeValue(rate ?? null)})`;
  const rules = balance.map((rule) => rule.word).join(", ");
  return `\`train { balance: ${rules}, optimizer: ${trained}, epochs: ${epochs}, batch: ${batch}, seed: ${seed} }\``;
}
