import type { Span } from "../grammar/tree.ts";
import { compilation } from "./diagnostics/compilation.ts";
import { report, type Diagnostic } from "./diagnostics/diagnostic.ts";
import { hasLoss } from "./ir/kinds.ts";
import type { Instruction, Model, Source, Value, Word } from "./ir/model.ts";
import { isKnown } from "./ir/size.ts";
import { layerRow, modelParameters } from "./lower/parameters.ts";
import { elementCount } from "./graph/graph.ts";
import { wordTable, type Registry } from "./registry/registry.ts";
import type { RowBase, SettingKind } from "./registry/settings.ts";

/** Numbers that one address space of the engine can hold: parameters, gradients and two optimizer vectors within 4 GB. */
const MOST_PARAMETERS = 2 ** 28;
/** Elements that a tensor may have. */
const MOST_ELEMENTS = 2 ** 31 - 1;

/** Every word of a model that cannot run yet: one diagnostic a word, at its first use. */
export function unbuiltWords(model: Model, registry: Registry): Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  const ask = (
    noun: string,
    row: RowBase | undefined,
    settings: Readonly<Record<string, Value>>,
    span?: Span,
  ): void => {
    if (!row) return;
    const key = `${noun} ${row.name}`;
    if (!row.built && !found.has(key)) {
      found.set(
        key,
        report(compilation.notBuilt, { noun, word: row.name }, { span, help: `mtlc explain ${row.name}` }),
      );
    }
    for (const [name, { kind }] of Object.entries(row.settings)) askValue(kind, settings[name], span);
  };
  const askValue = (kind: SettingKind, value: Value | undefined, span?: Span): void => {
    if (value === undefined || value === null) return;
    if (kind.kind === "word" && isWord(value)) {
      ask(nouns[kind.table] ?? kind.table, wordTable(registry, kind.table).get(value.word), value.settings, span);
    }
    if (kind.kind === "either") kind.of.forEach((inner) => askValue(inner, value, span));
    if (kind.kind === "list" && Array.isArray(value)) value.forEach((item) => askValue(kind.of, item, span));
  };
  const askInstruction = (instruction: Instruction): void => {
    for (const region of instruction.regions ?? []) region.instructions.forEach(askInstruction);
    ask("layer", layerRow(registry, instruction), instruction.settings, instruction.span);
  };
  /** Where a rule takes its gradients: all parameters that are shared, or what cannot run yet. */
  const askGradientsOf = ({ settings }: Word, span?: Span): void => {
    const words = [
      ...(settings.gradients === "representation" ? ["gradients: representation"] : []),
      ...(Array.isArray(settings.over) ? ["over"] : []),
    ];
    for (const word of words) {
      const holes = { noun: "setting of a balance rule", word };
      found.set(`setting ${word}`, report(compilation.notBuilt, holes, { span, help: "mtlc explain balance" }));
    }
  };
  const askSource = (source: Source): void => {
    source.operands.forEach(askSource);
    ask("source", registry.source.get(source.word), source.settings, source.span);
  };

  for (const input of model.inputs) {
    ask("input kind", registry.inputKind.get(input.kind.word), {}, input.span);
    if (input.tokenizer)
      ask("tokenizer", registry.tokenizer.get(input.tokenizer.word), input.tokenizer.settings, input.span);
    for (const word of input.augment) ask("augmentation", registry.augment.get(word.word), word.settings, input.span);
  }
  model.instructions.forEach(askInstruction);
  for (const task of model.tasks) {
    ask("task kind", registry.taskKind.get(task.kind.word), {}, task.span);
    for (const term of task.loss)
      ask("loss", registry.loss.get(term.loss.word), term.loss.settings, term.span ?? task.span);
    for (const metric of task.metrics) ask("metric", registry.metric.get(metric.word), metric.settings, task.span);
    if (task.probability !== null && !found.has("key probability")) {
      const holes = { noun: "task key", word: "probability" };
      found.set("key probability", report(compilation.notBuilt, holes, { span: task.span }));
    }
  }
  for (const phase of model.phases) {
    for (const rule of phase.balance) {
      const row = registry.balance.get(rule.word);
      ask("balance rule", row, rule.settings, phase.span);
      if (row?.built) askGradientsOf(rule, phase.span);
    }
    const words = {
      optimizer: phase.optimizer,
      schedule: phase.schedule,
      clip: phase.clip,
      average: phase.average,
    } as const;
    for (const [table, word] of Object.entries(words)) {
      if (word) ask(nouns[table] ?? table, rowIn(registry, table, word), word.settings, phase.span);
    }
    for (const word of phase.penalty) ask("penalty", registry.penalty.get(word.word), word.settings, phase.span);
    if (phase.sampling)
      ask("sampling", registry.sampling.get(phase.sampling.word), phase.sampling.settings, phase.span);
  }
  for (const section of model.data) {
    for (const source of [section.train, section.validation, section.test]) if (source) askSource(source);
  }
  const [, second] = model.data;
  if (second && !found.has("key sources")) {
    const holes = { noun: "use of several data sections, such as", word: `data ${second.name ?? ""}`.trim() };
    found.set("key sources", report(compilation.notBuilt, holes, { span: second.span }));
  }
  return [...found.values()];
}

const nouns: Readonly<Record<string, string>> = {
  start: "initial value",
  balance: "balance rule",
  average: "weight average",
};

function rowIn(registry: Registry, table: string, word: Word): RowBase | undefined {
  switch (table) {
    case "optimizer":
      return registry.optimizer.get(word.word);
    case "schedule":
      return registry.schedule.get(word.word);
    case "clip":
      return registry.clip.get(word.word);
    default:
      return registry.average.get(word.word);
  }
}

function isWord(value: Value): value is Word {
  return typeof value === "object" && value !== null && "word" in value && typeof value.word === "string";
}

/** Sizes that no engine could hold, found before memory is taken. All sizes of the model must be known. */
export function oversized(model: Model, registry: Registry): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const { parameters } = modelParameters(model, registry);
  const sizes = parameters.map(({ name, shape }) => ({ name, size: elementCount(shape) }));
  const total = sizes.reduce((sum, { size }) => sum + size, 0);
  if (total > MOST_PARAMETERS) {
    const largest = sizes.reduce((a, b) => (b.size > a.size ? b : a));
    const owner = parameters.find(({ name }) => name === largest.name)!;
    const at = model.instructions.find(({ path }) => path === owner.path);
    const holes = { parameters: total, limit: MOST_PARAMETERS, largest: largest.name, size: largest.size };
    diagnostics.push(report(compilation.tooManyParameters, holes, { span: at?.span }));
  }
  const batch = Math.max(...model.phases.map((phase) => phase.batch));
  const large = largeTensor(model.instructions, batch);
  if (large !== null) {
    const { path, elements, span } = large;
    diagnostics.push(report(compilation.tensorTooLarge, { value: path, elements, limit: MOST_ELEMENTS }, { span }));
  }
  return diagnostics;
}

/** The first tensor that no engine could index, in chains too. */
function largeTensor(
  instructions: readonly Instruction[],
  batch: number,
): { readonly path: string; readonly elements: number; readonly span?: Span } | null {
  for (const { path, type, span, regions = [] } of instructions) {
    for (const region of regions) {
      const inside = largeTensor(region.instructions, batch);
      if (inside !== null) return inside;
    }
    const elements = type.shape.reduce<number>((product, size) => product * (isKnown(size) ? size : 1), batch);
    if (elements > MOST_ELEMENTS) return { path, elements, span };
  }
  return null;
}

/** Tasks that training learns from: a model needs one. */
export function learntTasks(model: Model): readonly string[] {
  return model.tasks.filter(hasLoss).map((task) => task.name);
}
