import { createBuilder } from "../../graph/create.ts";
import { scaleWeights, smoothWeights, type ScaleMode } from "../../balance/scale.ts";
import type { Phase, Task, Value } from "../../ir/model.ts";
import { ruleKeys, scaleOf } from "../../lower/balance.ts";
import type { Builder } from "../../graph/builder.ts";
import type { Node } from "../../graph/graph.ts";
import type { Registry } from "../../registry/registry.ts";
import type { BalanceRow } from "../../registry/rows.ts";
import { bodyOf } from "./body.ts";
import { furtherSettings } from "./data.ts";
import { statement, type FunctionDescription } from "./description.ts";
import { writeBody, type WrittenBody } from "./function.ts";
import { firstSentence } from "./layer-description.ts";
import { camelCase, Names } from "./names.ts";

/** Balance rules on losses: a function from what a rule sees to the factors of the losses, traced from its definition. */
export interface WrittenRule {
  readonly word: string;
  /** What its state is kept under. */
  readonly key: string;
  /** Its factors: null where they are those of the tasks that are present. */
  readonly weights: WrittenCall | null;
  /** Brings the factors of a rule that remembers to a common size, behind what it remembers. */
  readonly scale: WrittenCall | null;
  /** Whether its factors are noted, for later steps. */
  readonly remembers: boolean;
  /** Scalars that it trains, one a task, each with the gradient that it gives them. */
  readonly trained: readonly {
    readonly name: string;
    readonly start: number;
    readonly rate: number | null;
    readonly gradient: WrittenCall;
  }[];
  /** Vectors that the runtime works out before a step. */
  readonly hosted: readonly string[];
  /** Settings that are not their defaults. */
  readonly settings: Readonly<Record<string, Value>>;
}

export interface WrittenCall {
  readonly description: FunctionDescription;
  /** `losses`, `present`, `state/s`, `host/weights`. */
  readonly takes: readonly string[];
}

/** Whether what a rule gives is noted, or what it sees. */
export function looksBack({ hosted, remembers }: WrittenRule): boolean {
  return hosted.length > 0 || remembers;
}

export interface WrittenBalance {
  readonly rules: readonly WrittenRule[];
  /** The rule on gradients that comes last. */
  readonly gradients: {
    readonly word: string;
    readonly key: string;
    readonly settings: Readonly<Record<string, Value>>;
  } | null;
  readonly functions: readonly FunctionDescription[];
  /** Whether a task whose loss is not finite is left out of the step, instead of ending training. */
  readonly skips: boolean;
}

export function writeBalance(phase: Phase, tasks: readonly Task[], registry: Registry, names: Names): WrittenBalance {
  const keys = ruleKeys(phase.balance);
  const rules: WrittenRule[] = [];
  let gradients: WrittenBalance["gradients"] = null;
  phase.balance.forEach(({ word, settings }, index) => {
    const row = registry.balance.get(word);
    if (!row) throw new Error(`there is no rule ${word}`);
    const further = furtherSettings(settings, row.settings);
    if (row.family === "gradient") gradients = { word, key: keys[index], settings: further };
    else
      rules.push(
        writeRule(row, settings, further, keys[index], tasks.length, index === phase.balance.length - 1, names),
      );
  });
  return {
    rules,
    gradients,
    skips: phase.balance.some(({ settings }) => settings.on_nonfinite === "skip"),
    functions: rules.flatMap(({ weights, scale, trained }) => [
      ...(weights ? [weights.description] : []),
      ...(scale ? [scale.description] : []),
      ...trained.map(({ gradient }) => gradient.description),
    ]),
  };
}

const noChance = { uniform: () => 0, normal: () => 0, below: () => 0 };

function writeRule(
  row: BalanceRow,
  settings: Readonly<Record<string, Value>>,
  further: Readonly<Record<string, Value>>,
  key: string,
  tasks: number,
  isLast: boolean,
  names: Names,
): WrittenRule {
  if (!row.lossRule) throw new Error(`the rule ${row.name} cannot run yet`);
  const g = createBuilder();
  const vector = (name: string) => g.input(name, { element: "f32", shape: [tasks] });
  const trainable = row.trainable?.(settings) ?? {};
  const at = { tasks, present: new Array<boolean>(tasks).fill(true), epochMeans: [], random: noChance };
  const hosted = Object.keys(row.host?.(settings, at) ?? {});
  const feeds = (kind: string, list: readonly string[]) =>
    Object.fromEntries(list.map((name) => [name, vector(`${kind}/${name}`)]));
  const present = vector("present");
  const result = row.lossRule(g, {
    settings,
    tasks,
    losses: vector("losses"),
    present,
    state: feeds("state", Object.keys(trainable)),
    host: feeds("host", hosted),
  });
  const mode = isLast ? scaleOf(settings, row.scale) : "paper";
  const smoothing = typeof settings.smoothing === "number" ? settings.smoothing : 0;
  const remembers = smoothing > 0 || (typeof settings.every === "number" && settings.every > 1);
  const remembered = ["kept", "seen", "solved", "solve"];
  const weights = remembers
    ? remember(g, feeds("host", remembered), result.weights, present, smoothing)
    : scaleWeights(g, result.weights, present, mode);
  const described = (name: string, doc: string, body: WrittenBody): WrittenCall =>
    describe(names.take(name), doc, body);
  const written = bodyOfOne(g.finish({ result: weights }));
  const own = written.results.get("result")?.text;
  const isPresent = written.statements.length === 0 && written.results.get("result")?.text === "present";
  const call = isPresent ? null : described(camelCase(row.name), firstSentence(row.doc), written);
  /** The factors themselves, where a gradient is made of them. */
  const again = (body: WrittenBody): WrittenBody => {
    const result = body.results.get("result");
    if (!call || own === undefined || !result || written.statements.length > 0 || body.statements.length > 0)
      return body;
    const { name, parameters } = call.description;
    const text = result.text.replaceAll(own, `${name}(${parameters.map((each) => each.name).join(", ")})`);
    return { ...body, results: new Map([["result", { ...result, text }]]) };
  };
  return {
    word: row.name,
    key,
    weights: call,
    scale: remembers ? writeScale(mode, tasks, names) : null,
    remembers,
    trained: Object.entries(trainable).map(([name, start]) => {
      const gradient = result.gradients?.[name];
      if (!gradient) throw new Error(`the rule ${row.name} gives ${name} no gradient`);
      return {
        name,
        start,
        rate: typeof settings.rate === "number" ? settings.rate : null,
        gradient: described(
          `${camelCase(row.name)}Gradient`,
          `How the objective of \`${row.name}\` changes with each ${name}.`,
          again(bodyOfOne(g.finish({ result: gradient }))),
        ),
      };
    }),
    hosted,
    settings: further,
  };
}

/** What a rule gives once it has looked at what it gave before: solved anew, or as it was. */
function remember(g: Builder, fed: Readonly<Record<string, Node>>, weights: Node, present: Node, a: number): Node {
  const { kept, seen, solved, solve } = fed;
  const smoothed = smoothWeights(g, { kept, seen }, weights, present, a);
  return g.mul(g.select(g.greater(solve, g.constant(0)), smoothed.weights, solved), present);
}

function writeScale(mode: ScaleMode, tasks: number, names: Names): WrittenCall | null {
  if (mode === "paper") return null;
  const g = createBuilder();
  const vector = (name: string): Node => g.input(name, { element: "f32", shape: [tasks] });
  const result = scaleWeights(g, vector("weights"), vector("present"), mode);
  const doc = mode === "sum" ? "Makes weights add up to the number of tasks." : "Makes weights add up to 1.";
  const name = names.take(mode === "sum" ? "scaledToSum" : "scaledToMean");
  return describe(name, doc, bodyOfOne(g.finish({ result })));
}

function bodyOfOne(graph: Parameters<typeof bodyOf>[0]): WrittenBody {
  return writeBody([bodyOf(graph, { differentiable: () => false })], {
    quantities: [],
    words: [],
    pairs: [],
    own: new Set(),
    names: new Names(),
    given: (name) => ({ text: camelCase(name.slice(name.indexOf("/") + 1)), isPrimary: true }),
  });
}

function describe(name: string, doc: string, { statements, results, reads }: WrittenBody): WrittenCall {
  const takes = [...reads].sort((a, b) => rankOf(a) - rankOf(b));
  return {
    takes,
    description: {
      kind: "function",
      brief: true,
      name,
      doc,
      parameters: takes.map((each) => ({ name: camelCase(each.slice(each.indexOf("/") + 1)), type: "tf.Tensor" })),
      returns: "tf.Tensor",
      statements: [...statements, `return ${results.get("result")?.text ?? ""};`].map(statement),
    },
  };
}

function rankOf(name: string): number {
  return name === "losses" || name === "weights" ? 0 : name === "present" ? 1 : 2;
}
