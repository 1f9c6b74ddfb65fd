import type { Expression, SettingsBlock, Span, TaskDeclaration } from "../../../grammar/tree.ts";
import { advice } from "../../diagnostics/advice.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { tasks as rows } from "../../diagnostics/tasks.ts";
import type { Cell, Columns, KeySpans, LossTerm, TaskKind, Value, Word } from "../../ir/model.ts";
import { alternatives, isWord } from "../../registry/describe.ts";
import type { KindRow, MetricRow } from "../../registry/rows.ts";
import { writeWord } from "../../ir/text-values.ts";
import type { Context } from "../context/context.ts";
import { readColumns } from "../settings/column-names.ts";
import { type CheckedKind, checkKind } from "../settings/kind-words.ts";
import { columnsOfTask, writeTaskKind } from "../settings/kinds-written.ts";
import { checkSettings, defaultWord, fromEntry } from "../settings/settings.ts";
import { wordSpans } from "../settings/word-spans.ts";
import { describeWritten, ungrouped } from "../settings/written.ts";
import { areDistinct, cellsOf, entryOf, readFrom, reportMisfits, sizeOf } from "./inputs.ts";
import { lossFitsKind, readLoss } from "./losses.ts";
import type { TaskDraft } from "./task-draft.ts";
import { teacherValue } from "./teachers.ts";

/** Tasks: kinds of targets, and all that a task says beside its head. */

/** Which kinds a key is for; those not named are for all. */
const keysOf: Readonly<Record<string, readonly string[]>> = {
  positive: ["flag", "flags"],
  scale: ["real"],
  unit: ["real", "count"],
};
/** Keys that act on answers. */
const answerKeys = ["loss", "weight", "metrics", "row_weight", "positive", "scale", "unit", "distill"];

/** Heads and probabilities are left to whoever asks: it finds the entries `head` and `probability` in the settings itself. */
export function checkTask(context: Context, declaration: TaskDeclaration): TaskDraft {
  const { name, type: written, settings } = declaration;
  const task = name?.text ?? "";
  const place = name?.span ?? declaration.keyword;
  const before = context.errors();
  const checked = written && checkKind(context, written, "target", context.registry.taskKind, task);
  const kind = written && checked && describeTarget(context, task, checked, written.span);
  const keys = context.registry.section.get("task")?.keys ?? {};
  const values = checkSettings(context, keys, (settings?.entries ?? []).map(fromEntry), {
    what: name ? `task \`${task}\`` : "the task without a name",
    span: place,
    noun: "key",
    path: task,
    owner: task,
    elsewhere: ["head", "probability", "target", "loss", "metrics"],
    home: "task",
  });
  if (checked) reportMisfits(context, settings, keysOf, checked.row.name, "targets");
  checkHead(context, declaration, task, kind);
  const beforeTarget = context.errors();
  const { target, each } = readTarget(context, entryOf(settings, "target"), task, place);
  if (kind && target) checkColumnCount(context, task, kind, target, entryOf(settings, "target"));
  const isGuess = name === undefined || context.textAt(name.span) !== task;
  if (context.errors() !== beforeTarget || (isGuess && !entryOf(settings, "target"))) context.check.misread.add(task);
  const answered = target !== null;
  if (!answered) reportAnswerKeys(context, settings, task);
  const positive = cellsOf(values.positive);
  const soFar = context.errors();
  const metrics = answered ? metricsOf(context, entryOf(settings, "metrics"), task, kind, checked?.row) : [];
  const metricsLost = context.errors() > soFar;
  const loss = answered
    ? [
        ...lossOf(context, settings, task, kind, checked?.row),
        ...teachersOf(context, settings, values.distill, task, kind),
      ]
    : [];
  if (context.errors() !== before) context.check.doubtful.add(task);
  return {
    name: task,
    ...(declaration.doc !== undefined && { doc: declaration.doc }),
    ...(kind && { kind }),
    ...(written && { kindSpan: written.span }),
    target,
    each,
    ...(positive && { positive }),
    scale: values.scale === "standard" || values.scale === "minmax" ? values.scale : "none",
    unit: textOf(values.unit),
    loss,
    weight: typeof values.weight === "number" ? values.weight : 1,
    metrics,
    ...(metricsLost && { metricsLost }),
    role: values.role === "auxiliary" ? "auxiliary" : "main",
    rowWeight: textOf(values.row_weight),
    span: place,
    spans: keySpans(settings, written),
  };
}

function keySpans(settings: SettingsBlock | undefined, kind: { readonly span: Span } | undefined): KeySpans {
  const probability = settings?.entries.find((entry) => entry.key.text === "probability");
  return {
    ...wordSpans(settings?.entries ?? []),
    ...(probability && { probability: probability.key.span }),
    ...(kind && { kind: kind.span }),
  };
}

function textOf(value: Value | undefined): string | null {
  return typeof value === "string" ? value : null;
}

// ── Kinds ────────────────────────────────────────────────────────────────────────────────────────────────────────────

function describeTarget(
  context: Context,
  task: string,
  { row, settings, axes }: CheckedKind,
  span: Span,
): TaskKind | undefined {
  const along = axes.map((axis) => axis.axis);
  const shape = {
    shape: axes.map((axis) => axis.size),
    ...(along.some((axis) => axis !== null) && { axes: along }),
  };
  switch (row.name) {
    case "class":
    case "ordinal": {
      const { name: word } = row;
      const labels = word === "class" ? settings.labels : settings.levels;
      if (typeof labels === "number") return { word, size: labels, learnt: false, ...shape };
      const cells = cellsOf(labels);
      if (cells === undefined) return { word, size: sizeOf(context, `labels(${task})`), learnt: true, ...shape };
      if (!areDistinct(context, cells, 2, span)) return undefined;
      return { word, size: cells.length, labels: cells, learnt: false, ...shape };
    }
    case "flag":
    case "real":
    case "count":
      return { word: row.name, size: 1, learnt: false, ...shape };
    case "flags": {
      const { count: size } = settings;
      if (typeof size !== "number") throw new Error("a checked size was expected");
      return { word: row.name, size, learnt: false, ...shape };
    }
    default:
      throw new Error(`the kind of target ${row.name} has no type`);
  }
}

/** The kind of one task of a group: labels that the data tell are each column's own. */
export function memberKind(context: Context, kind: TaskKind, name: string): TaskKind {
  return kind.learnt ? { ...kind, size: sizeOf(context, `labels(${name})`) } : kind;
}

// ── Head, target ─────────────────────────────────────────────────────────────────────────────────────────────────────

function checkHead(context: Context, declaration: TaskDeclaration, task: string, kind: TaskKind | undefined): void {
  const { settings } = declaration;
  const head = settings?.entries.find((entry) => entry.key.text === "head");
  const probability = settings?.entries.find((entry) => entry.key.text === "probability");
  if (head && probability)
    context.report(
      report(
        rows.headAndProbability,
        { task },
        {
          span: probability.key.span,
          labels: [{ span: head.key.span, message: "its head" }],
          help: "keep one of the two",
        },
      ),
    );
  else if (probability && kind && kind.word !== "flag")
    context.report(
      report(
        rows.probabilityOfFlag,
        { task, kind: writeTaskKind(kind) },
        { span: declaration.type?.span ?? probability.key.span, help: `write \`task ${task}: flag\`` },
      ),
    );
  else if (!head && !probability && declaration.type)
    context.report(
      report(
        rows.headMissing,
        { task },
        {
          span: declaration.name?.span ?? declaration.keyword,
          help: "write `head: trunk -> dense`, with the tensor it starts from",
        },
      ),
    );
}

interface Target {
  readonly target: Columns | null;
  readonly each: TaskDraft["each"];
}

function readTarget(context: Context, written: Expression | undefined, task: string, place: Span): Target {
  const own: Target = { target: { kind: "names", names: [task], spans: [place] }, each: null };
  if (written === undefined) return own;
  const expression = ungrouped(written);
  if (expression.kind === "reference" && expression.name.text === "none") return { target: null, each: null };
  if (expression.kind !== "call" || expression.name.text !== "each") {
    const target = readFrom(context, expression, task, place, "target");
    return target ? { target, each: null } : own;
  }
  const refuse = (problem: string, span: Span): Target => {
    context.report(report(rows.badEach, { problem }, { span, help: 'write `each(["a", "b"])`' }));
    return own;
  };
  const [argument] = expression.arguments;
  if (expression.arguments.length !== 1 || argument.name !== undefined)
    return refuse("`each` takes one list of columns", expression.span);
  const list = ungrouped(argument.value);
  if (list.kind !== "list" && list.kind !== "reference")
    return refuse(`\`each\` takes a list of columns; this is ${describeWritten(context, list)}`, list.span);
  const columns = readColumns(context, list, { setting: "target", path: task, owner: task, source: false });
  if (columns === undefined) return own;
  if (columns.kind === "range") return refuse("`each` needs every column by its name", list.span);
  const doubled = columns.names.find((name, index) => columns.names.indexOf(name) !== index);
  if (doubled !== undefined) return refuse(`the column "${doubled}" is named twice`, list.span);
  return {
    target: columns,
    each: { names: columns.names, spans: columns.spans ?? columns.names.map(() => list.span) },
  };
}

function checkColumnCount(
  context: Context,
  name: string,
  kind: TaskKind,
  target: Columns,
  written: Expression | undefined,
): void {
  if (written === undefined || target.kind !== "names") return;
  const expression = ungrouped(written);
  if (expression.kind === "call") return;
  const wanted = columnsOfTask(kind);
  const found = target.names.length;
  if (found === 1 || wanted === null || wanted === found) return;
  context.report(
    report(
      rows.columnCount,
      { name, kind: writeTaskKind(kind), wanted, key: "target", found },
      { span: written.span, help: severalColumns(kind, found) },
    ),
  );
}

/** What reads several columns. */
function severalColumns(kind: TaskKind, columns: number): string | undefined {
  const { word, shape, axes } = kind;
  const flagKind = writeTaskKind({ ...kind, word: "flags", size: columns });
  if (word === "flags") return `write \`${flagKind}\``;
  if (shape.length > 1) return undefined;
  if (word === "real" || word === "count")
    return `write \`${writeTaskKind({ ...kind, shape: axes ? [...shape, columns] : [columns] })}\``;
  const flags = `several answers at once are \`${flagKind}\``;
  return word === "class" && shape.length === 0
    ? `a class is one number a row, the place of the 1, in one column; ${flags}`
    : word === "flag"
      ? flags
      : undefined;
}

function reportAnswerKeys(context: Context, settings: SettingsBlock | undefined, task: string): void {
  for (const { key } of settings?.entries ?? [])
    if (answerKeys.includes(key.text))
      context.report(report(rows.keyWithoutTarget, { task, key: key.text }, { span: key.span }));
}

// ── Loss, metrics ────────────────────────────────────────────────────────────────────────────────────────────────────

function lossOf(
  context: Context,
  settings: SettingsBlock | undefined,
  name: string,
  kind: TaskKind | undefined,
  row: KindRow | undefined,
): readonly LossTerm[] {
  const written = entryOf(settings, "loss");
  if (written === undefined) {
    const own = row?.losses?.[0];
    return own === undefined ? [] : [{ factor: 1, loss: defaultWord("loss", own, context.registry) }];
  }
  const terms = readLoss(context, written, { name, kind });
  const probability = entryOf(settings, "probability");
  const other = probability && terms.find((term) => term.loss.word !== "binary_cross_entropy");
  if (other && kind)
    context.report(
      report(
        rows.lossDoesNotFit,
        {
          loss: other.loss.word,
          task: name,
          kind: writeTaskKind(kind),
          why: "a product of probabilities is trained by `binary_cross_entropy`",
        },
        { span: other.span },
      ),
    );
  return terms;
}

/** `distill: "runs/large-1"` adds the loss `distillation(of: "runs/large-1")`. */
function teachersOf(
  context: Context,
  settings: SettingsBlock | undefined,
  teacher: Value | undefined,
  task: string,
  kind: TaskKind | undefined,
): readonly LossTerm[] {
  const written = entryOf(settings, "distill");
  const row = context.registry.loss.get("distillation");
  if (typeof teacher !== "string" || written === undefined || row === undefined) return [];
  if (kind && !lossFitsKind(context, row, task, kind, written)) return [];
  const { word, settings: usual } = defaultWord("loss", row.name, context.registry);
  const of = teacherValue(context, teacher, written);
  return [{ factor: 1, loss: { word, settings: { ...usual, of } }, span: written.span }];
}

function metricsOf(
  context: Context,
  written: Expression | undefined,
  task: string,
  kind: TaskKind | undefined,
  row: KindRow | undefined,
): readonly Word[] {
  if (written === undefined) {
    const names = [...(row?.metrics ?? []), ...(kind ? furtherMetrics(kind) : [])];
    return names.map((name) => defaultWord("metric", name, context.registry));
  }
  const at = { setting: "metrics", path: `${task}.metrics`, owner: task, source: false };
  const expression = ungrouped(written);
  if (expression.kind !== "list") {
    context.value({ kind: "list", of: { kind: "word", table: "metric" } }, expression, at);
    return [];
  }
  const metrics: Word[] = [];
  for (const item of expression.items) {
    const value = context.value({ kind: "word", table: "metric" }, item, { ...at, setting: "each of `metrics`" });
    if (!isWord(value)) continue;
    const metric = context.registry.metric.get(value.word);
    if (!metric || (kind !== undefined && !fitsKind(context, metric, task, kind, item.span))) continue;
    const text = writeWord(value);
    if (metrics.some((other) => writeWord(other) === text))
      context.report(
        report(advice.metricTwice, { metric: value.word }, { span: item.span, help: "leave one of them out" }),
      );
    metrics.push(value);
  }
  return metrics;
}

/** Along axes: what spans or areas of labels are measured by. */
function furtherMetrics(kind: TaskKind): readonly string[] {
  if (kind.word !== "class" || kind.shape.length === 0) return [];
  if (kind.axes === undefined) return ["iou"];
  const spans = kind.labels?.every((label: Cell) => typeof label === "string" && /^(O$|[BI]-)/.test(label)) ?? false;
  return spans ? ["span_f1"] : [];
}

function fitsKind(context: Context, row: MetricRow, task: string, kind: TaskKind, span: Span): boolean {
  const why = row.kinds.includes(kind.word)
    ? (row.fits?.(kind) ?? null)
    : `it is for ${alternatives(row.kinds.map((one) => `\`${one}\``))} targets`;
  if (why === null) return true;
  const own = context.registry.taskKind.get(kind.word)?.metrics?.map((one) => `\`${one}\``);
  context.report(
    report(
      rows.metricDoesNotFit,
      { metric: row.name, task, kind: writeTaskKind(kind), why },
      {
        span,
        help: own === undefined ? undefined : `\`${kind.word}\` is measured by ${alternatives(own)}, among others`,
      },
    ),
  );
  return false;
}
