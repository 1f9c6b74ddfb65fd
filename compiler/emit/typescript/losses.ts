import { createBuilder } from "../../graph/create.ts";
import type { Graph } from "../../graph/graph.ts";
import { answerShape, hasLoss, isCoded } from "../../ir/kinds.ts";
import type { Task, Value } from "../../ir/model.ts";
import { isKnown, type Size } from "../../ir/size.ts";
import type { LossRow } from "../../registry/rows.ts";
import type { Registry } from "../../registry/registry.ts";
import { bodyOf } from "./body.ts";
import { Mismatch } from "./code.ts";
import { statement, type FunctionDescription, type ParameterDescription } from "./description.ts";
import { Unexplained, type Quantity } from "./formula.ts";
import { writeBody, type WrittenBody } from "./function.ts";
import { firstSentence } from "./layer-description.ts";
import { camelCase, capital, memberCode, Names } from "./names.ts";
import { exposedSettings, otherSettings, settingQuantities, type ExposedSetting } from "./settings.ts";
import type { Sized } from "./sites.ts";

/** Losses: a function for each kind, traced as layers are, and the loss of each task in terms of them. */
export interface WrittenLosses {
  readonly functions: readonly FunctionDescription[];
  /** The loss of each task that has one: code that reads `prediction` and `targets`. */
  readonly tasks: readonly { readonly task: Task; readonly code: string }[];
  /** Whether some loss is a sum of several. */
  readonly hasSums: boolean;
  /** Whether some setting acts in training alone. */
  readonly readsTraining: boolean;
  readonly own: ReadonlySet<string>;
}

/** A loss in one task, at several sizes. */
interface Use {
  readonly row: LossRow;
  readonly settings: Readonly<Record<string, Value>>;
  readonly tasks: readonly { readonly task: Task; readonly batch: number }[];
}

interface Group {
  readonly uses: Use[];
  written: WrittenBody;
  readonly exposed: readonly ExposedSetting[];
}

/** Settings that evaluation leaves out. */
const trainingOnly: ReadonlySet<string> = new Set(["label_smoothing"]);

export function writeLosses(
  tasks: readonly Task[],
  registry: Registry,
  sized: readonly Sized[],
  names: Names,
): WrittenLosses {
  const own = new Set<string>();
  const uses = tasks.filter(hasLoss).map((task) => ({
    task,
    terms: task.loss.map(({ factor, loss }) => {
      const row = registry.loss.get(loss.word);
      if (!row?.parts) throw new Error(`the loss ${loss.word} cannot run yet`);
      const atSizes = sized.map(({ model, batch }) => ({
        task: model.tasks.find(({ name }) => name === task.name) ?? task,
        batch,
      }));
      return { factor, use: { row, settings: loss.settings, tasks: atSizes } satisfies Use };
    }),
  }));
  const groups: Group[] = [];
  const groupOf = new Map<Use, Group>();
  for (const { use } of uses.flatMap(({ terms }) => terms)) {
    const ofRow = uses.flatMap(({ terms }) => terms).filter((term) => term.use.row === use.row);
    const exposed = exposedSettings(
      use.row.settings,
      ofRow.map((term) => term.use.settings),
    );
    groupOf.set(use, join(groups, use, exposed, own));
  }
  const named = new Map<Group, string>();
  const functions = groups.map((group) => {
    const [use] = group.uses;
    const name = names.take(
      camelCase(use.row.name),
      group.exposed.map(({ name: setting }) => `${camelCase(use.row.name)}With${capital(camelCase(setting))}`),
    );
    named.set(group, name);
    return describe(name, group);
  });
  let readsTraining = false;
  const code = (use: Use, task: Task): string => {
    const group = groupOf.get(use);
    if (!group) throw new Error(`the loss ${use.row.name} was not written`);
    const settings = takenSettings(group).map(({ name }) => {
      const value = JSON.stringify(use.settings[name] ?? null);
      if (!trainingOnly.has(name) || use.settings[name] === 0) return value;
      readsTraining = true;
      return `training ? ${value} : 0`;
    });
    return `${named.get(group)}(${[`prediction${memberCode(task.name)}`, `targets${memberCode(task.name)}`, ...settings].join(", ")})`;
  };
  const written = uses.map(({ task, terms }) => {
    const [first] = terms;
    if (terms.length === 1 && first.factor === 1) return { task, code: code(first.use, task) };
    return {
      task,
      code: `sumOfLosses(${terms.map(({ factor, use }) => `[${factor}, ${code(use, task)}]`).join(", ")})`,
    };
  });
  return {
    functions,
    tasks: written,
    hasSums: written.some((each) => each.code.startsWith("sumOfLosses(")),
    readsTraining,
    own,
  };
}

function join(groups: Group[], use: Use, exposed: readonly ExposedSetting[], own: Set<string>): Group {
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
  const group: Group = { uses: [use], written: write([use], exposed, own), exposed };
  groups.push(group);
  return group;
}

function write(uses: readonly Use[], exposed: readonly ExposedSetting[], own: Set<string>): WrittenBody {
  const traced = uses.flatMap(({ row, settings, tasks }) => {
    const plain = tasks.map((at) => ({ row, settings, ...at }));
    // The first sizes once more, at other settings.
    const other = otherSettings(row.settings, exposed, settings);
    return other ? [...plain, { row, settings: other, ...tasks[0] }] : plain;
  });
  const graphs = traced.map(({ row, settings, task, batch }) => traceLoss(row, settings, task, batch));
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
  return writeBody(
    graphs.map(({ graph }) => bodyOf(graph, { differentiable: (name) => name === "prediction" })),
    {
      ...settings,
      quantities: [
        ...sizes(
          "prediction",
          graphs.map(({ prediction }) => prediction),
        ),
        ...sizes(
          "values",
          graphs.map(({ answer }) => answer),
        ),
        ...settings.quantities,
      ],
      given: (name) => ({ text: name, isPrimary: true }),
      names: new Names(["prediction", "values", "weight"]),
      own,
    },
  );
}

interface TracedLoss {
  readonly graph: Graph;
  /** Shapes with the batch in front. */
  readonly prediction: readonly number[];
  readonly answer: readonly number[];
}

/** A loss's definition by itself: inputs `prediction`, `values`, `weight`; outputs `sum`, `count`. */
function traceLoss(row: LossRow, settings: Use["settings"], task: Task, batch: number): TracedLoss {
  const g = createBuilder();
  const answer = [batch, ...answerShape(task.kind).map(known)];
  const prediction = predictionShape(task, batch);
  if (!row.parts) throw new Error(`the loss ${row.name} cannot run yet`);
  const { sum, count } = row.parts(g, {
    settings,
    prediction: g.input("prediction", { element: "f32", shape: prediction }),
    target: g.input("values", { element: isCoded(task.kind) ? "i32" : "f32", shape: answer }),
    weight: g.input("weight", { element: "f32", shape: answer }),
    kind: task.kind,
    parameters: {},
  });
  return { graph: g.finish({ sum, count }), prediction, answer };
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
function takenSettings({ written, exposed }: Group): readonly ExposedSetting[] {
  const text = textOf(written);
  return exposed.filter(({ code }) => new RegExp(`\\b${code}\\b`).test(text));
}

function textOf({ statements, results }: WrittenBody): string {
  return [...statements, ...[...results.values()].map(({ text }) => text)].join("\n");
}

function describe(name: string, group: Group): FunctionDescription {
  const { written } = group;
  const parameters: ParameterDescription[] = [
    { name: "prediction", type: "tf.Tensor" },
    { name: "{ values, weight }", type: "mtlc.Target" },
    ...takenSettings(group).map(({ code, type }) => ({ name: code, type })),
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
