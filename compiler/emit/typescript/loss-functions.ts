import type { Builder } from "../../graph/builder.ts";
import { createBuilder } from "../../graph/create.ts";
import type { Graph, Node } from "../../graph/graph.ts";
import { answerShape, isCoded } from "../../ir/kinds.ts";
import type { Task, Value } from "../../ir/model.ts";
import { isKnown, type Size } from "../../ir/size.ts";
import { positiveWeights } from "../../losses/binary-cross-entropy.ts";
import { classWeights } from "../../losses/cross-entropy.ts";
import type { LossRow } from "../../registry/rows.ts";
import { bodyOf } from "./body.ts";
import { Mismatch } from "./agree.ts";
import { statement, tensorType, type FunctionDescription, type ParameterDescription } from "./description.ts";
import { Unexplained, type Quantity } from "./formula.ts";
import { writeBody, type WrittenBody } from "./function.ts";
import { firstSentence, settingType } from "./layer-description.ts";
import { camelCase, Names } from "./names.ts";
import { ownNames } from "./own-functions.ts";
import { otherSettings, settingQuantities, type ExposedSetting } from "./settings.ts";

/** Losses as functions: traced from their definitions as layers are, several uses at once. */

/** A loss in one task, at several sizes. */
export interface LossUse {
  readonly row: LossRow;
  readonly settings: Readonly<Record<string, Value>>;
  readonly tasks: readonly { readonly task: Task; readonly batch: number }[];
  /** The task that it learns from. */
  readonly teacher?: string;
}

/** Uses that one function serves. */
export interface LossGroup {
  readonly uses: LossUse[];
  written: WrittenBody;
  readonly exposed: readonly ExposedSetting[];
}

/** What a function is given beside its settings: what another task says, weights from the counts of the training rows, own parameters, a mask. */
export type LossArgument = "teacher" | "table" | "parameters" | "mask";

/** Puts a use to the first group whose function serves it too, or to a new one. */
export function joinLosses(
  groups: LossGroup[],
  use: LossUse,
  exposed: readonly ExposedSetting[],
  own: Set<string>,
): LossGroup {
  for (const group of groups) {
    if (group.uses[0].row !== use.row) continue;
    try {
      group.written = write([...group.uses, use], exposed, own);
      group.uses.push(use);
      return group;
    } catch (error) {
      if (!(error instanceof Mismatch || error instanceof Unexplained)) throw error;
    }
  }
  const group: LossGroup = { uses: [use], written: write([use], exposed, own), exposed };
  groups.push(group);
  return group;
}

interface TracedUse {
  readonly row: LossRow;
  readonly settings: LossUse["settings"];
  readonly task: Task;
  readonly batch: number;
}

function write(uses: readonly LossUse[], exposed: readonly ExposedSetting[], own: Set<string>): WrittenBody {
  const plain = uses.flatMap(({ row, settings, tasks }) => tasks.map((at): TracedUse => ({ row, settings, ...at })));
  // The first sizes once more, at other settings.
  const further = uses.flatMap(({ row, settings, tasks }): TracedUse[] => {
    const other = otherSettings(row.settings, exposed, settings);
    return other ? [{ row, settings: other, ...tasks[0] }] : [];
  });
  try {
    return writeTraced([...plain, ...further], exposed, own);
  } catch (error) {
    if (further.length === 0 || !(error instanceof Mismatch || error instanceof Unexplained)) throw error;
    // At other settings it is something else, such as where a factor becomes 0.
    return writeTraced(plain, exposed, own);
  }
}

function writeTraced(traced: readonly TracedUse[], exposed: readonly ExposedSetting[], own: Set<string>): WrittenBody {
  const graphs = traced.map(traceLoss);
  const settings = settingQuantities(
    exposed,
    traced.map((each) => each.settings),
  );
  const sizes = (code: string, shapes: readonly (readonly number[])[]): Quantity[] =>
    shapes.some((shape) => shape.length !== shapes[0].length)
      ? []
      : shapes[0].map((_, axis) => ({
          code: `${code}.shape[${axis}]`,
          kind: "size",
          values: shapes.map((shape) => shape[axis]),
        }));
  const predictions = graphs.map(({ prediction }) => prediction);
  const answers = graphs.map(({ answer }) => answer);
  return writeBody(
    graphs.map(({ graph }) =>
      bodyOf(graph, { differentiable: (name) => /^(prediction$|teacher$|parameter\/)/.test(name) }),
    ),
    {
      ...settings,
      quantities: [...sizes("prediction", predictions), ...sizes("values", answers), ...settings.quantities],
      given: (name) => ({ text: inputName(name), isPrimary: true }),
      names: new Names([
        "prediction",
        "values",
        "weight",
        "mask",
        "teacher",
        ...exposed.map(({ code }) => code),
        ...ownNames,
      ]),
      own,
    },
  );
}

function inputName(name: string): string {
  return camelCase(name.slice(name.indexOf("/") + 1));
}

interface TracedLoss {
  readonly graph: Graph;
  /** Shapes with the batch in front. */
  readonly prediction: readonly number[];
  readonly answer: readonly number[];
}

/**
 * A loss's definition by itself. Inputs: `prediction`, `values`, `weight`, `mask`, `teacher`, `table/<setting>` for weights that counts
 * of the training rows give, `parameter/<name>`; outputs: `sum`, `count`.
 */
function traceLoss({ row, settings, task, batch }: TracedUse): TracedLoss {
  const g = createBuilder();
  const f32 = (name: string, shape: readonly number[]): Node => g.input(name, { element: "f32", shape });
  const answer = [batch, ...answerShape(task.kind).map(known)];
  const prediction = predictionShape(task, batch);
  if (!row.parts) throw new Error(`the loss ${row.name} cannot run yet`);
  const balanced = balancedTable(settings, task);
  const [axis = null] = task.kind.axes?.filter((each) => each !== null) ?? [];
  const { sum, count } = row.parts(balanced ? withTable(g, balanced) : g, {
    settings,
    prediction: f32("prediction", prediction),
    target: g.input("values", { element: isCoded(task.kind) ? "i32" : "f32", shape: answer }),
    weight: f32("weight", answer),
    kind: task.kind,
    ...(balanced && { classCounts: balanced.counts }),
    ...(axis !== null && { mask: f32("mask", answer.slice(0, 2)) }),
    ...(settings.of !== undefined && { teacher: f32("teacher", prediction) }),
    parameters: Object.fromEntries(
      Object.entries(row.parameters?.(task.kind) ?? {}).map(([name, { shape }]) => [
        name,
        f32(`parameter/${name}`, shape),
      ]),
    ),
  });
  return { graph: g.finish({ sum, count }), prediction, answer };
}

interface Table {
  readonly setting: string;
  /** Counts that no row has, and what a loss makes of them. */
  readonly counts: readonly number[];
  readonly values: readonly number[];
}

/** Weights that a setting leaves to the training rows. */
function balancedTable(settings: LossUse["settings"], { kind }: Task): Table | null {
  const numbers = (length: number): number[] => Array.from({ length }, (_, k) => 1009 + 17 * k * k + k);
  if (settings.class_weights === "balanced") {
    const counts = numbers(known(kind.size));
    return { setting: "class_weights", counts, values: classWeights("balanced", counts.length, counts) };
  }
  if (settings.positive_weight !== "balanced") return null;
  const counts = numbers(2 * flagsOf(kind));
  return { setting: "positive_weight", counts, values: positiveWeights("balanced", counts) };
}

/** Flags that are counted apart: those of one answer stand on its last axis. */
export function flagsOf(kind: Task["kind"]): number {
  return kind.word === "flags" ? known(answerShape(kind).at(-1) ?? 1) : 1;
}

/** A builder whose constant of just these numbers is an input. */
function withTable(g: Builder, { setting, values }: Table): Builder {
  return {
    ...g,
    constant(given, type) {
      const list = typeof given === "number" ? [given] : [...given];
      const isTable = list.length === values.length && list.every((value, k) => value === values[k]);
      return isTable ? g.input(`table/${setting}`, type ?? { element: "f32", shape: [] }) : g.constant(given, type);
    },
  };
}

/** What a head's output is brought to: an answer's shape, with the classes or levels behind it where there are such. */
export function predictionShape({ kind }: Task, batch: number): readonly number[] {
  const answer = [batch, ...answerShape(kind).map(known)];
  const size = known(kind.size);
  return isCoded(kind) ? [...answer, kind.word === "ordinal" ? size - 1 : size] : answer;
}

function known(size: Size): number {
  if (isKnown(size)) return size;
  throw new Error("a size is not known yet");
}

/** Settings that the function is told. */
export function takenSettings({ written, exposed }: LossGroup): readonly ExposedSetting[] {
  const text = textOf(written);
  return exposed.filter(({ code }) => new RegExp(`(?<![.\\w])${code}\\b`).test(text));
}

/** What it is given behind them. */
export function takenArguments({ written: { reads } }: LossGroup): readonly LossArgument[] {
  const starts = (kind: string): boolean => [...reads].some((name) => name.startsWith(kind));
  return [
    ...(reads.has("teacher") ? (["teacher"] as const) : []),
    ...(starts("table/") ? (["table"] as const) : []),
    ...(starts("parameter/") ? (["parameters"] as const) : []),
    ...(reads.has("mask") ? (["mask"] as const) : []),
  ];
}

function textOf({ statements, results }: WrittenBody): string {
  return [...statements, ...[...results.values()].map(({ text }) => text)].join("\n");
}

export function describeLoss(name: string, group: LossGroup): FunctionDescription {
  const { written } = group;
  const named = (kind: string): string[] =>
    [...written.reads].filter((each) => each.startsWith(kind)).map((each) => each.slice(kind.length));
  const parameters: ParameterDescription[] = [
    { name: "prediction", type: tensorType("prediction", textOf(written)) },
    { name: written.reads.has("values") ? "{ values, weight }" : "{ weight }", type: "mtlc.Target" },
    ...takenSettings(group).map(({ code, type }) => ({ name: code, type: settingType(type, code, textOf(written)) })),
    ...takenArguments(group).map((argument): ParameterDescription => {
      switch (argument) {
        case "teacher":
          return { name: "teacher", type: tensorType("teacher", textOf(written)) };
        case "table":
          return { name: camelCase(named("table/")[0]), type: "tf.Tensor" };
        case "parameters": {
          const keys = named("parameter/");
          return {
            name: `{ ${keys.join(", ")} }`,
            type: `mtlc.Tensors<${keys.map((key) => JSON.stringify(key)).join(" | ")}>`,
          };
        }
        case "mask":
          return { name: "mask", type: tensorType("mask", textOf(written)) };
        default:
          return argument satisfies never;
      }
    }),
  ];
  const result = (key: string): string => written.results.get(key)?.text ?? "";
  return {
    kind: "function",
    brief: true,
    name,
    doc: firstSentence(group.uses[0].row.doc),
    parameters,
    returns: "mtlc.Loss",
    statements: [...written.statements, ...sumStatements(result("sum"), result("count"))].map(statement),
  };
}

/** The loss of each element by itself, where a sum of them would be long. */
function sumStatements(sum: string, count: string): string[] {
  const elements = /^weight\.mul\((.*)\)\.sum\(\)$/.exec(sum)?.[1];
  if (elements === undefined || sum.length < 60) return [`return { sum: ${sum}, count: ${count} };`];
  return [`const each = ${elements};`, `return { sum: weight.mul(each).sum(), count: ${count} };`];
}
