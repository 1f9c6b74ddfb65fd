import type { Task } from "../../ir/model.ts";
import type { WrittenBalance, WrittenCall, WrittenRule } from "./balance.ts";
import { statement, type FunctionDescription } from "./description.ts";
import { literalCode } from "./literal.ts";
import { camelCase } from "./names.ts";
import { Unsupported } from "./unsupported.ts";

/** One step of training as a function: losses, their balance, gradients, update. */

export interface StepContext {
  readonly tasks: readonly Task[];
  /** Whether layers want to know of training, and whether losses do. */
  readonly wants: { readonly layers: boolean; readonly losses: boolean };
  /** Code of what is added to the losses, a scalar; null where nothing is. */
  readonly penalty: string | null;
}

/** What `learning` holds beside the optimizer, as entries of an object. */
export function learningEntries(balances: readonly WrittenBalance[], tasks: readonly Task[]): string[] {
  const entries = new Map<string, string>();
  const weights = tasks.map(({ weight }) => weight);
  const balance = (
    { word, key, settings }: Pick<WrittenRule, "word" | "key" | "settings">,
    seesLosses: boolean,
  ): string => {
    const options = {
      key: key === word ? undefined : key,
      weights: !seesLosses || weights.every((weight) => weight === 1) ? undefined : weights,
    };
    const hasOptions = Object.values(options).some((option) => option !== undefined);
    const further = hasOptions ? [settings, options] : Object.keys(settings).length > 0 ? [settings] : [];
    return `new mtlc.Balance(${["tasks", ...[word, ...further].map(literalCode)].join(", ")})`;
  };
  for (const { rules, gradients } of balances) {
    for (const rule of rules) {
      for (const { name, start, rate } of rule.trained) {
        const settings = literalCode({ name: `balance.${rule.key}.${name}`, start, rate: rate ?? undefined });
        entries.set(scalarName(rule, name), `mtlc.trainedScalars(tf, tasks, ${settings})`);
      }
      if (rule.hosted.length > 0) entries.set(camelCase(rule.key), balance(rule, true));
    }
    if (gradients) entries.set(camelCase(gradients.key), balance(gradients, false));
  }
  return [...entries].map(([name, code]) => `${name}: ${code}`);
}

/** Rules that are told when an epoch is over. */
export function rememberingRules(balances: readonly WrittenBalance[]): string[] {
  const rules = balances.flatMap((each) => each.rules).filter(({ hosted }) => hosted.length > 0);
  return [...new Set(rules.map(({ key }) => camelCase(key)))];
}

/** Whether a step has to know where it stands, beside its rate. */
export function isTimed(balances: readonly WrittenBalance[], wantsLayers: boolean): boolean {
  return (
    wantsLayers ||
    balances.some(({ rules, gradients }) => gradients !== null || rules.some(({ hosted }) => hosted.length > 0))
  );
}

/** `s`, or more where several rules train something of that name. */
function scalarName({ key, word }: WrittenRule, name: string): string {
  return key === word ? name : camelCase(`${name}_of_${key}`);
}

export function writeStep(
  balance: WrittenBalance,
  name: string,
  timed: boolean,
  context: StepContext,
): FunctionDescription {
  const { wants, penalty } = context;
  const { gradients } = balance;
  if (gradients && penalty !== null) throw new Unsupported("penalties under a rule on gradients");
  const factors = writeFactors(balance, context);
  const training = wants.layers ? [`training${gradients ? ".again()" : ""}`] : [];
  const losses = `losses(heads(${["inputs", "network.weights", ...training].join(", ")}), targets${wants.losses ? ", true" : ""})`;
  const vector =
    penalty === null ? `meanLosses(${losses})` : `tf.concat([meanLosses(${losses}), ${penalty}.expandDims(-1)])`;
  const before = [
    "const trained = learning.optimizer.trained(network.weights);",
    ...(wants.layers ? ["const training = new mtlc.Training(tf, at);"] : []),
    ...factors.before,
  ];
  const inside = [
    "const { inputs, targets } = mtlc.tensorsOf(tf, data, batch);",
    "const present = tf.tensor(tasks.map((task) => Number(batch.present.has(task))));",
    `const lossesOf = () => ${vector};`,
    ...factors.inside,
  ];
  const options = timed ? "{ ...at, present: batch.present }" : "{ rate, present: batch.present }";
  const after = [
    ...(wants.layers ? ["training.commit(learning.optimizer, batch.present);"] : []),
    ...factors.hosts.map((key) => `learning.${key}.note(result.losses, at);`),
  ];
  const body = gradients
    ? [
        ...before,
        `const made = tf.tidy(() => {
          ${inside.join("\n")}
          const rows = tasks.map((_, k) => tf.valueAndGrads(lossesOf)(trained, factors.mul(tf.oneHot(k, tasks.length))));
          return { losses: rows[0].value, factors, rows: rows.map(({ grads }) => grads)${factors.pulls.length > 0 ? `, pulls: [${factors.pulls.map((code) => code.replaceAll("value", "rows[0].value")).join(", ")}]` : ""} };
        });`,
        "const told = await mtlc.readStep(tasks, batch, made);",
        `const { gradients, result, commit } = await mtlc.combineGradients(tf, learning.${camelCase(gradients.key)}, learning.optimizer, { tasks, weights: trained, rows: made.rows, result: told }, at);`,
        `await learning.optimizer.step([${["...trained", ...factors.trained].join(", ")}], [...gradients${factors.pulls.length > 0 ? ", ...made.pulls" : ""}], ${options});`,
        "commit();",
        ...after,
        "return result;",
      ]
    : [
        ...before,
        `const made = tf.tidy(() => {
          ${inside.join("\n")}
          const { value, grads } = tf.valueAndGrads(lossesOf)(trained, ${penalty === null ? "factors" : "tf.concat([factors, tf.ones([1])])"});
          ${penalty === null ? "" : "const each = value.slice(0, tasks.length);\n"}return { losses: ${penalty === null ? "value" : "each"}, factors, gradients: ${pulled(factors.pulls, penalty)} };
        });`,
        "const result = await mtlc.readStep(tasks, batch, made);",
        `await learning.optimizer.step(${factors.trained.length > 0 ? `[${["...trained", ...factors.trained].join(", ")}]` : "trained"}, made.gradients, ${options});`,
        ...after,
        "return result;",
      ];
  return {
    kind: "function",
    name,
    doc: "One step on a batch: losses, their balance, gradients, update.",
    async: true,
    parameters: [
      { name: "network", type: "Network" },
      { name: "learning", type: "Learning" },
      { name: "batch", type: "mtlc.Batch" },
      timed ? { name: "at", type: "mtlc.At" } : { name: "rate", type: "number" },
    ],
    returns: "Promise<mtlc.StepResult>",
    statements: body.map(statement),
  };
}

function pulled(pulls: readonly string[], penalty: string | null): string {
  if (pulls.length === 0) return "grads";
  const of = penalty === null ? "value" : "each";
  return `[...grads, ${pulls.map((code) => `...${code.replaceAll("value", of)}`).join(", ")}]`;
}

interface WrittenFactors {
  /** Before the tensors are made. */
  readonly before: readonly string[];
  /** Among them; the last one gives `factors`. */
  readonly inside: readonly string[];
  /** Spread lists of what rules train beside the network. */
  readonly trained: readonly string[];
  /** Code of their gradients, from the losses in `value`. */
  readonly pulls: readonly string[];
  /** Rules that are told the losses. */
  readonly hosts: readonly string[];
}

/** The factors of the losses: written weights times what each rule gives. */
function writeFactors({ rules }: WrittenBalance, { tasks }: StepContext): WrittenFactors {
  const before: string[] = [];
  const inside: string[] = [];
  const trained: string[] = [];
  const pulls: string[] = [];
  const hosts: string[] = [];
  const weights = tasks.map(({ weight }) => weight);
  /** Code of the factors so far; null while all are 1. */
  let soFar = weights.every((weight) => weight === 1) ? null : `present.mul([${weights.join(", ")}])`;
  let hasLosses = false;
  for (const [k, rule] of rules.entries()) {
    const key = camelCase(rule.key);
    if (rule.hosted.length > 0) {
      if (k > 0) throw new Unsupported(`the rule \`${rule.word}\` behind another rule on losses`);
      before.push(`const fed = learning.${key}.feed(at, batch.present);`);
      hosts.push(key);
    }
    for (const { name } of rule.trained) {
      const local = scalarName(rule, name);
      inside.push(`const ${local} = tf.stack(learning.${local});`);
      trained.push(`...learning.${local}`);
    }
    const seen = (losses: string): string => (soFar === null ? losses : `${losses}.mul(${soFar})`);
    const callOf = (call: WrittenCall, losses: string): string =>
      `${call.description.name}(${call.takes.map((each) => argument(each, rule, seen(losses))).join(", ")})`;
    if (rule.trained.length > 0 && soFar !== null && !/^\w+$/.test(soFar)) {
      inside.push(`const written = ${soFar};`);
      soFar = "written";
    }
    for (const { gradient } of rule.trained) pulls.push(`${callOf(gradient, "value")}.unstack()`);
    if (rule.weights === null) continue;
    if (rule.weights.takes.includes("losses") && !hasLosses) {
      inside.push("const now = lossesOf();");
      hasLosses = true;
    }
    const call = callOf(rule.weights, "now");
    soFar = soFar === null ? call : `${soFar}.mul(${call})`;
  }
  inside.push(`const factors = ${soFar ?? "present"};`);
  return { before, inside, trained, pulls, hosts };
}

function argument(input: string, rule: WrittenRule, losses: string): string {
  const [kind, name] = input.split("/");
  if (kind === "losses") return losses;
  if (kind === "present") return "present";
  return kind === "state" ? scalarName(rule, name) : `tf.tensor(fed.${name})`;
}
