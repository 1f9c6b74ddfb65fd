import { codeLimits } from "../../ir/code-limits.ts";
import { ownOf } from "../../ir/own.ts";
import type { Cell, Columns, Input, Model, Source, Task, Value, Word } from "../../ir/model.ts";
import { isKnown, type Size } from "../../ir/size.ts";
import type { Registry } from "../../registry/registry.ts";
import type { SettingRows } from "../../registry/settings.ts";
import type { InterfaceDescription } from "./description.ts";
import { literalCode } from "./literal.ts";
import { keyCode } from "./names.ts";

/** What is read and answered: types of both, and the description of the data as a plain object. */

/** What a trained network has learnt of its inputs and tasks, for narrower types. */
export interface KnownCells {
  readonly categories: Readonly<Record<string, readonly Cell[]>>;
  readonly labels: Readonly<Record<string, readonly Cell[]>>;
}

export function inputsInterface(model: Model, known: KnownCells): InterfaceDescription {
  return {
    kind: "interface",
    name: "Inputs",
    exported: true,
    doc: "One example.",
    members: model.inputs.map((input) => ({
      name: keyCode(input.name),
      type: inputType(input, known),
      doc: input.doc,
    })),
  };
}

function inputType(input: Input, known: KnownCells): string {
  const empty = input.fill === null ? "" : " | null";
  switch (input.kind.word) {
    case "category": {
      const values = input.kind.values ?? ownOf(known.categories, input.name);
      return `${values ? union(values) : "mtlc.Cell"} | null`;
    }
    case "tokens":
      return "string | readonly string[]";
    case "f32":
    case "i32":
    case "image": {
      const { shape } = input.type;
      if (shape.length === 0) return `number${empty}`;
      if (shape.length === 1) return listType(`number${empty}`, shape[0]);
      return "mtlc.Nested<number>";
    }
    default:
      return input.kind satisfies never;
  }
}

/** A short list of known length as a tuple. */
function listType(of: string, size: Size | null): string {
  if (typeof size === "number" && size <= 4) return `readonly [${new Array<string>(size).fill(of).join(", ")}]`;
  return of.includes(" ") ? `readonly (${of})[]` : `readonly ${of}[]`;
}

function union(values: readonly Cell[]): string {
  return values.length === 0 || values.length > 12
    ? "mtlc.Cell"
    : values.map((value) => JSON.stringify(value)).join(" | ");
}

export function answersInterface(model: Model, known: KnownCells): InterfaceDescription {
  return {
    kind: "interface",
    name: "Answers",
    exported: true,
    doc: "What the network answers to it.",
    members: model.tasks.map((task) => ({
      name: keyCode(task.name),
      type: answerType(task, known),
      doc:
        [task.doc, task.unit === null ? undefined : `In ${task.unit}.`]
          .filter((text) => text !== undefined)
          .join("\n") || undefined,
    })),
  };
}

function answerType(task: Task, known: KnownCells): string {
  const { word, size, labels, shape, axes = [] } = task.kind;
  /** Along tokens there are as many answers as a row has tokens. */
  const along = (of: string): string =>
    shape.length === 0 ? of : shape.length === 1 ? listType(of, axes[0] ? null : shape[0]) : `mtlc.Nested<${of}>`;
  switch (word) {
    case "class": {
      const all =
        labels ??
        ownOf(known.labels, task.name) ??
        (isKnown(size) ? Array.from({ length: size }, (_, label) => label) : []);
      return along(classAnswerType(all));
    }
    case "flag":
      return along("mtlc.FlagAnswer");
    case "flags":
      return along("readonly mtlc.FlagAnswer[]");
    case "ordinal":
      return along(labels ? classAnswerType(labels) : "mtlc.OrdinalAnswer");
    case "real":
    case "count":
      return along("number");
    default:
      return word satisfies never;
  }
}

function classAnswerType(labels: readonly Cell[]): string {
  const type = union(labels);
  return type === "mtlc.Cell" ? "mtlc.ClassAnswer" : `mtlc.ClassAnswer<${type}>`;
}

/** The description of inputs, tasks and rows that `mtlc/runtime` reads. `relocate` makes a path of the file one of the module. */
export function dataCode(model: Model, registry: Registry, relocate: (path: string) => string): string {
  const limits = codeLimits(model);
  const inputs = Object.fromEntries(
    model.inputs.map((input) => [input.name, inputData(input, limits.get(input.name)?.codes)]),
  );
  const tasks = Object.fromEntries(model.tasks.map((task) => [task.name, taskData(task, registry)]));
  const [section] = model.data;
  const rows = Object.fromEntries(
    section.order.flatMap((part) => {
      const source = section[part];
      return source ? [[part, sourceData(source, registry, relocate)]] : [];
    }),
  );
  return literalCode({ inputs, tasks, rows });
}

function fromData(from: Columns, name: string): unknown {
  if (from.kind === "range") return { first: from.first, last: from.last };
  if (from.names.length !== 1) return from.names;
  return from.names[0] === name ? undefined : from.names[0];
}

function inputData(input: Input, codes: number | undefined): unknown {
  const from = fromData(input.from, input.name);
  switch (input.kind.word) {
    case "category":
      return { kind: "category", from, values: input.kind.values };
    case "tokens":
      return { kind: "tokens", from, length: input.kind.length, tokenizer: input.tokenizer };
    case "f32":
    case "i32":
    case "image":
      return {
        kind: input.kind.word === "image" ? "image" : input.kind.word === "i32" ? "whole numbers" : "numbers",
        from,
        shape: input.type.shape.length === 0 || isList(input) ? undefined : input.type.shape,
        scale: input.scale === "none" ? undefined : input.scale,
        fill: input.fill ?? undefined,
        codes,
      };
    default:
      return input.kind satisfies never;
  }
}

/** A vector of as many numbers as there are columns. */
function isList({ from, type }: Input): boolean {
  return (
    from.kind === "names" && from.names.length > 1 && type.shape.length === 1 && type.shape[0] === from.names.length
  );
}

function taskData(task: Task, registry: Registry): unknown {
  const { kind } = task;
  const shape = kind.shape.map((size, axis) => kind.axes?.[axis] ?? size);
  return {
    kind: kind.word,
    target: task.target === null ? null : fromData(task.target, task.name),
    labels: kind.labels ?? (kind.learnt || (kind.size === 1 && kind.word !== "flags") ? undefined : kind.size),
    shape: shape.length === 0 ? undefined : shape,
    positive: task.positive,
    scale: task.scale === "none" ? undefined : task.scale,
    unit: task.unit ?? undefined,
    metrics: metricsData(task, registry),
    weight: task.weight === 1 ? undefined : task.weight,
    role: task.role === "main" ? undefined : task.role,
    rowWeight: task.rowWeight ?? undefined,
    group: task.group,
    decode: task.loss.find(({ loss }) => registry.loss.get(loss.word)?.decode)?.loss.word,
  };
}

/** The kind's own metrics are left out. */
function metricsData(task: Task, registry: Registry): unknown {
  const own = registry.taskKind.get(task.kind.word)?.metrics ?? [];
  const words = task.metrics.map((metric) => wordData(metric, registry.metric.get(metric.word)?.settings ?? {}));
  return JSON.stringify(words) === JSON.stringify(own) ? undefined : words;
}

/** A word alone where all of its settings are their defaults. */
function wordData(
  { word, settings }: Word,
  rows: SettingRows,
): string | { word: string; settings: Record<string, Value> } {
  const further = furtherSettings(settings, rows);
  return Object.keys(further).length === 0 ? word : { word, settings: further };
}

/** Settings that are not their defaults. */
export function furtherSettings(settings: Word["settings"], rows: SettingRows): Record<string, Value> {
  const further = Object.entries(settings).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(rows[name]?.fallback ?? null),
  );
  return Object.fromEntries(further);
}

function sourceData(
  { word, settings, operands }: Source,
  registry: Registry,
  relocate: (path: string) => string,
): unknown {
  const row = registry.source.get(word);
  const isFile = (name: string): boolean => name === "path" || (row?.freeFiles === true && !(name in row.settings));
  const further = Object.entries(settings).flatMap(([name, value]): [string, unknown][] => {
    const isEmpty = value === null || (typeof value === "object" && Object.keys(value).length === 0);
    if (isEmpty) return [];
    return [[name, typeof value === "string" && isFile(name) ? relocate(value) : value]];
  });
  return {
    source: word,
    ...Object.fromEntries(further),
    tables: operands.length === 0 ? undefined : operands.map((operand) => sourceData(operand, registry, relocate)),
  };
}
