import type {
  Cell,
  Columns,
  DataSection,
  Input,
  Instruction,
  Model,
  Source,
  Task,
  Type,
  Value,
  Word,
} from "../../compiler/ir/model.ts";
import { showSize, unknownSize, type Size } from "../../compiler/ir/size.ts";
import { metricRows } from "../../compiler/metrics/index.ts";
import { taskKinds } from "../../compiler/words/kinds.ts";
import type { Codes } from "../data/data.ts";

/**
 * Data as a generated module writes them down: what is read for each input and task, and where rows come from. Plain data,
 * with defaults left out; `modelOf` makes of it what the rest of the runtime reads.
 */
export interface DataDescription {
  readonly inputs: Readonly<Record<string, InputDescription>>;
  readonly tasks: Readonly<Record<string, TaskDescription>>;
  readonly rows: RowsDescription;
}

/** One column, several, or all from the first to the last. The declaration's own name where absent. */
export type From = string | readonly string[] | { readonly first: string; readonly last: string };
export type ScaleWord = "standard" | "minmax";

export type InputDescription =
  | {
      readonly kind: "numbers" | "whole numbers" | "image";
      readonly from?: From;
      /** Shape of one example; as many numbers as columns where absent. */
      readonly shape?: readonly number[];
      readonly scale?: ScaleWord;
      /** What an empty cell becomes; an empty cell is an error where absent. */
      readonly fill?: "mean" | "median" | number;
      /** Whole numbers that are looked up in a table: how many codes it has. */
      readonly codes?: number;
    }
  | { readonly kind: "category"; readonly from?: From; readonly values?: readonly Cell[] }
  | { readonly kind: "tokens"; readonly from?: From; readonly length: number; readonly tokenizer: Word };

export interface TaskDescription {
  readonly kind: Task["kind"]["word"];
  /** The column of its answers; null where it has none of its own. */
  readonly target?: From | null;
  /** How many classes, flags or levels there are, or their labels; learnt from the training rows where absent. */
  readonly labels?: number | readonly Cell[];
  /** Shape of one answer; names of token inputs stand for their axes. */
  readonly shape?: readonly (number | string)[];
  readonly positive?: readonly Cell[];
  readonly scale?: ScaleWord;
  readonly unit?: string;
  /** The kind's own where absent. */
  readonly metrics?: readonly (string | MetricDescription)[];
  /** Factor of its loss in the total; 1 where absent. */
  readonly weight?: number;
  /** Auxiliary tasks stay out of the total loss. */
  readonly role?: "main" | "auxiliary";
  readonly rowWeight?: string;
  readonly group?: string;
  /** The loss that chooses the labels of a row together: `crf`. */
  readonly decode?: string;
}

export interface MetricDescription {
  readonly word: string;
  readonly settings: Readonly<Record<string, Value | undefined>>;
}

/** A source of rows: its word, and its settings beside it. */
export interface SourceDescription {
  readonly source: string;
  /** Tables that it is made of (`join`, `beside`). */
  readonly tables?: readonly SourceDescription[];
  readonly [setting: string]: Value | readonly SourceDescription[] | undefined;
}

/** Parts are cut in the order in which they are written. */
export interface RowsDescription {
  readonly train: SourceDescription;
  readonly validation?: SourceDescription;
  readonly test?: SourceDescription;
}

/** The model behind a description: its inputs, tasks and data, without a network. */
export function modelOf(description: DataDescription, sizes: Readonly<Record<string, number>> = {}): Model {
  const inputs = Object.entries(description.inputs).map(([name, input]) => inputOf(name, input));
  const lengths = new Map(inputs.flatMap(({ name, type }) => (type.axes ? [[name, type.shape[0]] as const] : [])));
  const tasks = Object.entries(description.tasks).map(([name, task]) => taskOf(name, task, lengths, sizes));
  return {
    name: "",
    inputs,
    instructions: [
      // Every task reads every input: what a network reads decides which inputs a row must have.
      ...tasks.map(({ name }) =>
        instructionOf(
          name,
          "",
          inputs.map((input) => input.name),
        ),
      ),
      ...Object.entries(description.inputs).flatMap(([name, input]) =>
        "codes" in input ? [instructionOf(`${name}.table`, "embed", [name], { codes: input.codes ?? null })] : [],
      ),
    ],
    shared: [],
    tasks,
    penalties: [],
    phases: [],
    data: [sectionOf(description.rows)],
    searches: [],
  };
}

function instructionOf(
  id: string,
  layer: string,
  inputs: readonly string[],
  settings: Instruction["settings"] = {},
): Instruction {
  return { id, layer, inputs, settings, path: id, owner: id, type: { element: "f32", shape: [] } };
}

/** The model behind a description, with the sizes that codes tell. */
export function sizedModel(description: DataDescription, { tasks }: Codes): Model {
  const labels = Object.entries(tasks).flatMap(([name, task]) =>
    task.labels ? [[`labels(${name})`, task.labels.length] as const] : [],
  );
  return modelOf(description, Object.fromEntries(labels));
}

function columnsOf(from: From | undefined, name: string): Columns {
  if (from === undefined) return { kind: "names", names: [name] };
  if (typeof from === "string") return { kind: "names", names: [from] };
  return "first" in from ? { kind: "range", ...from } : { kind: "names", names: from };
}

function shapeOf(from: From | undefined): readonly number[] {
  return Array.isArray(from) && from.length > 1 ? [from.length] : [];
}

function inputOf(name: string, input: InputDescription): Input {
  const common = { name, from: columnsOf(input.from, name), augment: [], scale: "none", fill: null } as const;
  switch (input.kind) {
    case "category":
      return {
        ...common,
        kind: { word: "category", ...(input.values && { values: input.values }) },
        type: { element: "i32", shape: [] },
      };
    case "tokens": {
      const type: Type = { element: "i32", shape: [input.length], axes: [name] };
      return { ...common, kind: { word: "tokens", length: input.length }, type, tokenizer: input.tokenizer };
    }
    case "numbers":
    case "whole numbers":
    case "image": {
      const { shape = shapeOf(input.from), scale = "none", fill = null } = input;
      const whole = input.kind === "whole numbers";
      const [height = 0, width = 0, channels = 1] = shape;
      const kind: Input["kind"] =
        input.kind === "image" ? { word: "image", height, width, channels } : { word: whole ? "i32" : "f32" };
      return { ...common, kind, type: { element: whole ? "i32" : "f32", shape }, scale, fill };
    }
    default:
      return input satisfies never;
  }
}

function taskOf(
  name: string,
  task: TaskDescription,
  lengths: ReadonlyMap<string, Size>,
  sizes: Readonly<Record<string, number>>,
): Task {
  const { kind: word, labels, shape = [], metrics = metricsOf(word) } = task;
  const unknown = unknownSize(`labels(${name})`);
  const learnt = labels === undefined && word === "class";
  const size =
    typeof labels === "number" ? labels : (labels?.length ?? (learnt ? (sizes[showSize(unknown)] ?? unknown) : 1));
  return {
    name,
    kind: {
      word,
      size,
      ...(typeof labels === "object" && { labels }),
      learnt,
      shape: shape.map((axis) => (typeof axis === "number" ? axis : (lengths.get(axis) ?? 0))),
      axes: shape.map((axis) => (typeof axis === "number" ? null : axis)),
    },
    head: name,
    probability: null,
    target: task.target === null ? null : columnsOf(task.target, name),
    ...(task.group !== undefined && { group: task.group }),
    ...(task.positive && { positive: task.positive }),
    scale: task.scale ?? "none",
    unit: task.unit ?? null,
    // Any loss marks a task that learns from answers of its own.
    loss: task.target === null ? [] : [{ factor: 1, loss: { word: "", settings: {} } }],
    weight: task.weight ?? 1,
    metrics: metrics.map(metricWord),
    role: task.role ?? "main",
    rowWeight: task.rowWeight ?? null,
  };
}

function metricsOf(word: string): readonly string[] {
  return taskKinds.find(({ name }) => name === word)?.metrics ?? [];
}

/** A metric with all of its settings. */
function metricWord(metric: string | MetricDescription): Word {
  const { word, settings } = typeof metric === "string" ? { word: metric, settings: {} } : metric;
  const rows = Object.entries(metricRows.find(({ name }) => name === word)?.settings ?? {});
  const given = Object.entries(settings).flatMap(([name, value]): [string, Value][] =>
    value === undefined ? [] : [[name, value]],
  );
  const defaults = rows.map(([name, row]) => [name, row.fallback ?? null] as const);
  return { word, settings: Object.fromEntries([...defaults, ...given]) };
}

function sectionOf(rows: RowsDescription): DataSection {
  const { train, validation, test } = rows;
  const names = ["train", "validation", "test"] as const;
  return {
    name: null,
    train: sourceOf(train),
    validation: validation ? sourceOf(validation) : null,
    test: test ? sourceOf(test) : null,
    tasks: null,
    order: Object.keys(rows).flatMap((key) => names.filter((name) => name === key)),
  };
}

function sourceOf({ source: word, tables = [], ...settings }: SourceDescription): Source {
  const given = Object.entries(settings).flatMap(([name, value]): [string, Value][] =>
    value === undefined || isSources(value) ? [] : [[name, value]],
  );
  return { word, settings: Object.fromEntries(given), operands: tables.map(sourceOf) };
}

function isSources(value: Value | readonly SourceDescription[]): value is readonly SourceDescription[] {
  const isSource = (each: unknown): boolean => typeof each === "object" && each !== null && "source" in each;
  return Array.isArray(value) && value.length > 0 && value.every(isSource);
}
