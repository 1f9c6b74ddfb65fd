import type {
  Cell,
  DataSection,
  Input,
  Instruction,
  LossTerm,
  Model,
  Penalty,
  Phase,
  Region,
  Search,
  Task,
} from "./model.ts";
import { ownerOf } from "./print.ts";
import { TextReader } from "./text-reader.ts";

/**
 * Reads IR text, as `printModel` writes it. Throws an `Error` that names the line where the text is none.
 */
export function parseModel(text: string): Model {
  const reader = new TextReader(text);
  const doc = reader.doc();
  if (!reader.takesWord("model")) reader.fail("`model`");
  const name = reader.name();
  const inputs: Input[] = [];
  const instructions: Instruction[] = [];
  const shared: { name: string; value: string; doc?: string }[] = [];
  const tasks: Task[] = [];
  const penalties: Penalty[] = [];
  const phases: Phase[] = [];
  const data: DataSection[] = [];
  const searches: Search[] = [];
  while (!reader.done) {
    const about = described(reader.doc());
    if (reader.takesWord("input")) inputs.push(input(reader, about));
    else if (reader.takesWord("shared")) shared.push({ ...assignment(reader), ...about });
    else if (reader.takesWord("task")) tasks.push(task(reader, about));
    else if (reader.takesWord("penalty")) penalties.push(assignment(reader));
    else if (reader.takesWord("train")) phases.push(phase(reader));
    else if (reader.takesWord("data")) data.push(section(reader));
    else if (reader.takesWord("search")) searches.push(search(reader));
    else instructions.push(instruction(reader));
  }
  return { name, ...described(doc), inputs, instructions, shared, tasks, penalties, phases, data, searches };
}

function described(doc: string | undefined): { doc?: string } {
  return doc === undefined ? {} : { doc };
}
function assignment(reader: TextReader): { name: string; value: string } {
  const name = reader.name();
  reader.expect("=");
  return { name, value: reader.name() };
}
/** Reads `key: …` where that key must stand. */
function entry<T>(reader: TextReader, key: string, read: () => T): T {
  if (reader.key() !== key) reader.fail(`\`${key}:\``);
  return read();
}
/** Reads `key: …` where it stands. */
function optional<K extends string, T>(reader: TextReader, key: K, read: () => T): { [key in K]?: T } {
  const found = reader.takesKey(key);
  const fields: { [key in K]?: T } = {};
  if (found) fields[key] = read();
  return fields;
}
function cells(reader: TextReader): Cell[] {
  return reader.list(() => {
    const value = reader.value();
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
    return reader.fail("a number, a string or a boolean");
  });
}

// ── Inputs and instructions ──────────────────────────────────────────────────────────────────────────────────────────

function input(reader: TextReader, about: { doc?: string }): Input {
  const name = reader.name();
  reader.expect(":");
  const kind = inputKind(reader);
  reader.expect(":");
  const type = reader.type();
  reader.expect("{");
  const read: Input = {
    name,
    ...about,
    kind,
    type,
    from: entry(reader, "from", () => reader.columns()),
    scale: entry(reader, "scale", () => reader.choice("none", "standard", "minmax")),
    fill: entry(reader, "fill", () => fill(reader)),
    ...optional(reader, "tokenizer", () => reader.word()),
    augment: entry(reader, "augment", () => reader.list(() => reader.word())),
  };
  reader.expect("}");
  return read;
}
function fill(reader: TextReader): Input["fill"] {
  const value = reader.value();
  if (value === null || typeof value === "number" || value === "mean" || value === "median") return value;
  return reader.fail("`mean`, `median`, a number or `none`");
}
function inputKind(reader: TextReader): Input["kind"] {
  const word = reader.choice("f32", "i32", "category", "tokens", "image");
  const sizes = (count: number): number[] => {
    reader.expect("(");
    const found = reader.until(")", () => reader.number());
    return found.length === count ? found : reader.fail(`${count} sizes`);
  };
  switch (word) {
    case "f32":
    case "i32":
      return { word };
    case "category": {
      if (!reader.takes("(")) return { word };
      const values = cells(reader);
      reader.expect(")");
      return { word, values };
    }
    case "tokens":
      return { word, length: sizes(1)[0] };
    case "image": {
      const [height, width, channels] = sizes(3);
      return { word, height, width, channels };
    }
  }
}

function instruction(reader: TextReader): Instruction {
  const id = reader.name();
  reader.expect("=");
  const layer = reader.name();
  reader.expect("(");
  const inputs: string[] = [];
  const settings: [string, Instruction["settings"][string]][] = [];
  reader.until(")", () => {
    const key = reader.key();
    if (key === undefined) inputs.push(reader.name());
    else settings.push([key, reader.value()]);
  });
  if (!reader.takesWord("at")) reader.fail("`at`");
  const path = reader.name();
  const owner = reader.takesWord("in") ? reader.name() : ownerOf(id);
  reader.expect(":");
  const type = reader.type();
  const plain = { id, layer, inputs, settings: Object.fromEntries(settings), path, owner, type };
  if (!reader.takes("{")) return plain;
  const regions: Region[] = [];
  while (!reader.takes("}")) regions.push(region(reader));
  return { ...plain, regions };
}

function region(reader: TextReader): Region {
  if (!reader.takesWord("chain")) reader.fail("`chain`");
  const argument = reader.name();
  reader.expect(":");
  const argumentType = reader.type();
  reader.expect("{");
  const instructions: Instruction[] = [];
  while (!reader.takesWord("return")) instructions.push(instruction(reader));
  const result = reader.name();
  reader.expect("}");
  return { argument, argumentType, instructions, result };
}

// ── Tasks ────────────────────────────────────────────────────────────────────────────────────────────────────────────

function task(reader: TextReader, about: { doc?: string }): Task {
  const name = reader.name();
  reader.expect(":");
  const word = reader.choice("class", "flag", "flags", "real", "count", "ordinal");
  reader.expect("{");
  const size = entry(reader, "size", () => reader.size());
  const labels = optional(reader, "labels", () => cells(reader));
  const learnt = entry(reader, "learnt", () => reader.boolean());
  const { shape, axes } = entry(reader, "shape", () => reader.shape());
  const read: Task = {
    name,
    ...about,
    kind: { word, size, ...labels, learnt, shape, ...(axes && { axes }) },
    head: entry(reader, "head", () => reader.orNone(() => reader.name())),
    probability: entry(reader, "probability", () => reader.orNone(() => reader.name())),
    target: entry(reader, "target", () => reader.orNone(() => reader.columns())),
    ...optional(reader, "group", () => reader.name()),
    ...optional(reader, "positive", () => cells(reader)),
    scale: entry(reader, "scale", () => reader.choice("none", "standard", "minmax")),
    unit: entry(reader, "unit", () => reader.orNone(() => reader.string())),
    loss: entry(reader, "loss", () => reader.orNone(() => lossTerms(reader)) ?? []),
    weight: entry(reader, "weight", () => reader.number()),
    metrics: entry(reader, "metrics", () => reader.list(() => reader.word())),
    role: entry(reader, "role", () => reader.choice("main", "auxiliary")),
    rowWeight: entry(reader, "row_weight", () => reader.orNone(() => reader.string())),
  };
  reader.expect("}");
  return read;
}
function lossTerms(reader: TextReader): LossTerm[] {
  const terms: LossTerm[] = [];
  do {
    const factor = reader.number();
    reader.expect("*");
    terms.push({ factor, loss: reader.word() });
  } while (reader.takes("+"));
  return terms;
}

// ── Training and data ────────────────────────────────────────────────────────────────────────────────────────────────

function sectionName(reader: TextReader): string | null {
  const name = reader.takes("{") ? null : reader.name();
  if (name !== null) reader.expect("{");
  return name;
}

function phase(reader: TextReader): Phase {
  const word = () => reader.word();
  const words = () => reader.list(word);
  const number = () => reader.number();
  const read: Phase = {
    name: sectionName(reader),
    balance: entry(reader, "balance", words),
    optimizer: entry(reader, "optimizer", word),
    schedule: entry(reader, "schedule", word),
    clip: entry(reader, "clip", () => reader.orNone(word)),
    accumulate: entry(reader, "accumulate", number),
    average: entry(reader, "average", () => reader.orNone(word)),
    epochs: entry(reader, "epochs", () => reader.orNone(number)),
    steps: entry(reader, "steps", () => reader.orNone(number)),
    batch: entry(reader, "batch", number),
    shuffle: entry(reader, "shuffle", () => reader.boolean()),
    seed: entry(reader, "seed", number),
    stop: entry(reader, "stop", () => reader.orNone(() => stop(reader))),
    rates: entry(reader, "rates", () => rates(reader)),
    freeze: entry(reader, "freeze", () => reader.list(() => reader.name())),
    penalty: entry(reader, "penalty", words),
    sampling: entry(reader, "sampling", () => reader.orNone(word)),
  };
  reader.expect("}");
  return read;
}
function stop(reader: TextReader): { on: string; patience: number } {
  const { on, patience } = reader.word().settings;
  if (typeof on === "string" && typeof patience === "number") return { on, patience };
  return reader.fail("`early(on: …, patience: …)`");
}
function rates(reader: TextReader): Record<string, number> {
  reader.expect("{");
  return Object.fromEntries(
    reader.until("}", (): [string, number] => [reader.key() ?? reader.fail("a name"), reader.number()]),
  );
}

function section(reader: TextReader): DataSection {
  const source = () => reader.source();
  const read: DataSection = {
    name: sectionName(reader),
    train: entry(reader, "train", source),
    validation: entry(reader, "validation", () => reader.orNone(source)),
    test: entry(reader, "test", () => reader.orNone(source)),
    tasks: entry(reader, "tasks", () => reader.orNone(() => reader.list(() => reader.name()))),
    order: entry(reader, "order", () => reader.list(() => reader.choice("train", "validation", "test"))),
  };
  reader.expect("}");
  return read;
}

function search(reader: TextReader): Search {
  const path = reader.name();
  reader.expect("=");
  const chosen = reader.value();
  if (!reader.takesWord("of")) reader.fail("`of`");
  if (reader.takes("[")) return { path, choices: reader.until("]", () => reader.value()), chosen };
  const low = reader.number();
  if (!reader.takesWord("to")) reader.fail("`to`");
  return { path, choices: { low, high: reader.number(), scale: reader.choice("linear", "log") }, chosen };
}
