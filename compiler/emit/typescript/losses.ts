import { hasLoss } from "../../ir/kinds.ts";
import type { LossTerm, Task } from "../../ir/model.ts";
import { teacherOf } from "../../ir/teacher.ts";
import type { Registry } from "../../registry/registry.ts";
import type { FunctionDescription } from "./description.ts";
import {
  describeLoss,
  joinLosses,
  takenArguments,
  takenSettings,
  type LossArgument,
  type LossGroup,
  type LossUse,
} from "./loss-functions.ts";
import { camelCase, capital, memberCode, type Names } from "./names.ts";
import { exposedSettings } from "./settings.ts";
import type { Sized } from "./sites.ts";
import { Unsupported } from "./unsupported.ts";
import { accessCode, type WeightTree } from "./weight-paths.ts";

/** The loss of each task, in terms of functions for each kind of loss. */
export interface WrittenLosses {
  readonly functions: readonly FunctionDescription[];
  /** The loss of each task that has one: code that reads `prediction`, `targets` and what `reads` tells. */
  readonly tasks: readonly { readonly task: Task; readonly code: string }[];
  /** Whether some loss is a sum of several. */
  readonly hasSums: boolean;
  readonly reads: LossReads;
  readonly own: ReadonlySet<string>;
}

/** What losses read beside predictions and targets. */
export interface LossReads {
  /** Codes, or parameters of the losses' own. */
  network: boolean;
  /** Where tokens are. */
  inputs: boolean;
  /** Whether some setting acts in training alone. */
  training: boolean;
}

/** Settings that evaluation leaves out. */
const trainingOnly: Readonly<Record<string, number>> = { label_smoothing: 0 };

/** A term of a task's loss, in training and elsewhere. */
interface WrittenTerm {
  readonly factor: number;
  readonly training: LossUse;
  readonly plain: LossUse;
}

/**
 * @param guarded keeps what a head says of missing answers out of its loss even where that is not finite.
 */
export function writeLosses(
  tasks: readonly Task[],
  registry: Registry,
  sized: readonly Sized[],
  names: Names,
  tree: WeightTree,
  guarded: boolean,
): WrittenLosses {
  const own = new Set<string>();
  const written = tasks
    .filter(hasLoss)
    .map((task) => ({ task, terms: task.loss.map((term) => termOf(term, task, registry, sized)) }));
  const uses = written.flatMap(({ terms }) => terms.flatMap(({ training, plain }) => [training, plain]));
  const groups: LossGroup[] = [];
  const groupOf = new Map<LossUse, LossGroup>();
  for (const use of uses) {
    if (groupOf.has(use)) continue;
    const settings = uses.filter(({ row }) => row === use.row).map((each) => each.settings);
    groupOf.set(use, joinLosses(groups, use, exposedSettings(use.row.settings, settings), own));
  }
  const named = new Map(groups.map((group) => [group, names.take(...namesOf(group, groups))] as const));
  const reads: LossReads = { network: false, inputs: false, training: false };
  const call = (use: LossUse, task: Task, setting: (name: string) => string): string => {
    const group = groupOf.get(use);
    if (!group) throw new Error(`the loss ${use.row.name} was not written`);
    // Labels that are chosen together are read where they are missing too.
    const isReadWhole = use.row.decode !== undefined && (task.kind.axes ?? []).some((axis) => axis !== null);
    const presence = (): string => (isReadWhole ? maskCode(task, reads) : `targets${memberCode(task.name)}.weight`);
    const saidBy = (name: string): string => {
      const said = `prediction${memberCode(name)}`;
      return guarded ? `mtlc.presentOnly(tf, ${said}, ${presence()})` : said;
    };
    const given = [
      saidBy(task.name),
      `targets${memberCode(task.name)}`,
      ...takenSettings(group).map(({ name }) => setting(name)),
      ...takenArguments(group).map((kind) =>
        kind === "teacher" ? saidBy(use.teacher ?? task.name) : argumentCode(kind, task, use, tree, reads),
      ),
    ];
    return `${named.get(group)}(${given.join(", ")})`;
  };
  const codeOf = ({ training, plain }: WrittenTerm, task: Task): string => {
    const value = (use: LossUse, name: string): string => JSON.stringify(use.settings[name] ?? null);
    const inTraining = (name: string): string => value(training, name);
    if (training === plain) return call(plain, task, inTraining);
    reads.training = true;
    if (groupOf.get(training) !== groupOf.get(plain)) {
      const other = (name: string): string => value(plain, name);
      return `training ? ${call(training, task, inTraining)} : ${call(plain, task, other)}`;
    }
    return call(plain, task, (name) =>
      inTraining(name) === value(plain, name)
        ? inTraining(name)
        : `training ? ${inTraining(name)} : ${value(plain, name)}`,
    );
  };
  const codes = written.map(({ task, terms }) => {
    const [first] = terms;
    if (terms.length === 1 && first.factor === 1) return { task, code: codeOf(first, task) };
    const parts = terms.map((term) => `[${term.factor}, ${codeOf(term, task)}]`);
    return { task, code: `sumOfLosses(${parts.join(", ")})` };
  });
  return {
    functions: groups.map((group) => describeLoss(named.get(group) ?? "", group)),
    tasks: codes,
    hasSums: codes.some((each) => each.code.startsWith("sumOfLosses(")),
    reads,
    own,
  };
}

function termOf(term: LossTerm, task: Task, registry: Registry, sized: readonly Sized[]): WrittenTerm {
  const { factor, loss } = term;
  const taught = teacherOf(term);
  if (taught?.kind === "run") throw new Unsupported("a loss that learns from a run", term.span ?? task.span);
  const teacher = taught?.task;
  const row = registry.loss.get(loss.word);
  if (!row?.parts) throw new Error(`the loss ${loss.word} cannot run yet`);
  const tasks = sized.map(({ model, batch }) => ({
    task: model.tasks.find(({ name }) => name === task.name) ?? task,
    batch,
  }));
  // A teacher is an argument of the function, like the prediction.
  const written = teacher === undefined ? loss.settings : { ...loss.settings, of: null };
  const training: LossUse = { row, settings: written, tasks, teacher };
  const settings = Object.fromEntries(
    Object.entries(written).map(([name, value]) => [name, trainingOnly[name] ?? value]),
  );
  const isSame = JSON.stringify(settings) === JSON.stringify(written);
  return { factor, training, plain: isSame ? training : { row, settings, tasks, teacher } };
}

/** The loss's own name for the plainest of its kind, else with the settings in which it differs from that. */
function namesOf(group: LossGroup, groups: readonly LossGroup[]): [string, readonly string[]] {
  const [{ row, settings }] = group.uses;
  const name = camelCase(row.name);
  const alike = groups.filter(({ uses: [other] }) => other.row === row);
  const [plainest] = alike.toSorted((one, other) => writtenSettings(one).length - writtenSettings(other).length);
  const isOther = (setting: string): boolean =>
    JSON.stringify(settings[setting]) !== JSON.stringify(plainest.uses[0].settings[setting]);
  const taken = new Set(takenSettings(group).map((setting) => setting.name));
  const differing = Object.keys(row.settings).filter((setting) => isOther(setting) || taken.has(setting));
  const further = differing.map((setting) => `${name}With${capital(camelCase(setting))}`);
  return group === plainest || further.length === 0 ? [name, further] : [further[0], further.slice(1)];
}

/** Settings that a loss does not have by default, and those that its callers give. */
function writtenSettings(group: LossGroup): string[] {
  const [{ row, settings }] = group.uses;
  const written = Object.entries(row.settings)
    .filter(([name, { fallback = null }]) => JSON.stringify(settings[name] ?? null) !== JSON.stringify(fallback))
    .map(([name]) => name);
  return [...new Set([...written, ...takenSettings(group).map(({ name }) => name)])];
}

/** Where the text along which a task answers has tokens: 1, and 0 for padding. */
function maskCode({ kind }: Task, reads: LossReads): string {
  reads.inputs = true;
  const [axis] = kind.axes?.filter((each) => each !== null) ?? [];
  return `inputs${memberCode(axis ?? "")}.greater(0).toFloat()`;
}

function argumentCode(
  kind: Exclude<LossArgument, "teacher">,
  task: Task,
  { row }: LossUse,
  tree: WeightTree,
  reads: LossReads,
): string {
  switch (kind) {
    case "table": {
      reads.network = true;
      const maker = task.kind.word === "class" ? "classWeights" : "positiveWeights";
      return `mtlc.${maker}(tf, network.codes, ${JSON.stringify(task.name)})`;
    }
    case "parameters":
      reads.network = true;
      return accessCode(tree, `${task.name}.${row.name}`, "network.weights", 0);
    case "mask":
      return maskCode(task, reads);
    default:
      return kind satisfies never;
  }
}

/** What losses are given behind predictions and targets. */
export function lossArguments({ network, inputs, training }: LossReads, isTraining: boolean): string[] {
  return [...(network ? ["network"] : []), ...(inputs ? ["inputs"] : []), ...(training ? [String(isTraining)] : [])];
}
