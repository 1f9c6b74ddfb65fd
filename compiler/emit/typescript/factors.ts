import type { Task } from "../../ir/model.ts";
import { looksBack, type WrittenBalance, type WrittenCall, type WrittenRule } from "./balance.ts";
import { scalarName, type LearningEntries } from "./learning.ts";
import { capital, ruleName } from "./names.ts";

/** The factors of the losses in a step: written weights times what each rule on losses gives. */
export interface WrittenFactors {
  /** What rules read of the host, before tensors are made. */
  readonly feeds: readonly string[];
  /** Among the tensors; the last one gives `factors`. */
  readonly inside: readonly string[];
  /** Spread lists of what rules train beside the network. */
  readonly trained: readonly string[];
  /** Code of their gradients, from the losses in `value`. */
  readonly pulls: readonly string[];
  /** Entries of what rules look back on, from the losses in `value`. */
  readonly seen: readonly string[];
  /** Statements that tell them, from `result`. */
  readonly notes: readonly string[];
  /** Whether the losses are needed before their gradients. */
  readonly readsLosses: boolean;
}

/** `losses` is the code of the losses, [tasks]. */
export function writeFactors(
  { rules }: WrittenBalance,
  tasks: readonly Pick<Task, "weight">[],
  learning: LearningEntries,
  losses: string,
): WrittenFactors {
  /** Constants of what rules read beside the losses, and the rules. */
  const fedBy = new Map<string, string>();
  const inside: string[] = [];
  const trained: string[] = [];
  const pulls: string[] = [];
  const seen: string[] = [];
  const notes: string[] = [];
  const weights = tasks.map(({ weight }) => weight);
  const isOnlyFed = rules.filter(looksBack).length === 1;
  /** Code of the factors so far; null while all are 1. */
  let soFar = weights.every((weight) => weight === 1) ? null : `present.mul([${weights.join(", ")}])`;
  let readsLosses = false;
  const held = (name: string): void => {
    if (soFar === null || /^\w+$/.test(soFar)) return;
    inside.push(`const ${name} = ${soFar};`);
    soFar = name;
  };
  for (const [k, rule] of rules.entries()) {
    const key = ruleName(rule.key);
    const fed = isOnlyFed ? "fed" : `${key}Fed`;
    if (looksBack(rule)) fedBy.set(fed, learning.balance(rule, k === 0));
    for (const { name } of rule.trained) {
      const local = scalarName(rule, name);
      inside.push(`const ${local} = tf.stack(learning.${local});`);
      trained.push(`...learning.${local}`);
    }
    const isReadTwice = rule.trained.length > 0 || (k > 0 && looksBack(rule)) || rule.weights?.takes.includes("losses");
    if (isReadTwice) held(k === 0 ? "written" : `before${capital(key)}`);
    const before = soFar;
    const weighted = (of: string): string => (before === null ? of : `${of}.mul(${before})`);
    const callOf = (call: WrittenCall, of: string): string =>
      `${call.description.name}(${call.takes.map((each) => argument(each, rule, weighted(of), fed)).join(", ")})`;
    for (const { gradient } of rule.trained) pulls.push(`${callOf(gradient, "value")}.unstack()`);
    // Written weights are known to the rule's memory; what other rules have made of the losses is not.
    const isFirst = k === 0;
    if (looksBack(rule)) {
      const told = isFirst ? "result.losses" : `result.seen.${key}`;
      if (!isFirst) seen.push(`${key}: ${weighted("value")}`);
      notes.push(
        `${learning.balance(rule, isFirst)}.note(${[told, "at", ...(rule.remembers ? [`result.seen.${key}Weights`] : [])].join(", ")});`,
      );
    }
    if (rule.weights === null) continue;
    if (rule.weights.takes.includes("losses") && !readsLosses) {
      inside.push(`const now = ${losses};`);
      readsLosses = true;
    }
    let call = callOf(rule.weights, "now");
    if (rule.remembers) {
      inside.push(`const ${key}Weights = ${call};`);
      seen.push(`${key}Weights`);
      const { scale } = rule;
      const given = scale?.takes.map((name) => (name === "weights" ? `${key}Weights` : name));
      call = scale && given ? `${scale.description.name}(${given.join(", ")})` : `${key}Weights`;
    }
    soFar = soFar === null ? call : `${soFar}.mul(${call})`;
  }
  inside.push(`const factors = ${soFar ?? "present"};`);
  const feeds = [...fedBy].map(([fed, rule]) => {
    const uses = [...inside, ...pulls].flatMap((code) => [...code.matchAll(new RegExp(`\\b${fed}\\.(\\w+)`, "g"))]);
    const asked = [...new Set(uses.map(([, name]) => JSON.stringify(name)))];
    return `const ${fed} = ${rule}.feed<${asked.join(" | ") || "never"}>(at, batch.present);`;
  });
  return { feeds, inside, trained, pulls, seen, notes, readsLosses };
}

function argument(input: string, rule: WrittenRule, losses: string, fed: string): string {
  const [kind, name] = input.split("/");
  if (kind === "losses") return losses;
  if (kind === "present") return "present";
  return kind === "state" ? scalarName(rule, name) : `tf.tensor(${fed}.${name})`;
}
