import type { Task } from "../../ir/model.ts";
import { looksBack, type WrittenBalance, type WrittenRule } from "./balance.ts";
import { statement, type FunctionDescription } from "./description.ts";
import { writeFactors, type WrittenFactors } from "./factors.ts";
import type { LearningEntries } from "./learning.ts";
import { literalCode } from "./literal.ts";
import { lossArguments, type LossReads } from "./losses.ts";
import { ruleName } from "./names.ts";

/** One step of training as a function: losses, their balance, gradients, update. */

export interface StepContext {
  readonly tasks: readonly Task[];
  readonly learning: LearningEntries;
  readonly wants: StepWants;
}

/** What steps have to mind. */
export interface StepWants {
  /** Whether layers read what training rows have taught. */
  readonly codes: boolean;
  /** Whether layers want to know of training. */
  readonly layers: boolean;
  readonly losses: LossReads;
  /** Where something is added to the losses: by layers, or by the optimizer's settings. */
  readonly penalty: { readonly layers: boolean; readonly norms: boolean };
  /** Whether a step may have several batches. */
  readonly accumulates: boolean;
}

/** Rules that are told when an epoch is over. */
export function rememberingRules(balances: readonly WrittenBalance[]): string[] {
  const rules = balances.flatMap((each) => each.rules).filter(({ hosted }) => hosted.length > 0);
  return [...new Set(rules.map(({ key }) => ruleName(key)))];
}

/** Whether a step has to know where it stands, beside its rate. A rule's own rate follows the schedule, too. */
export function isTimed(balances: readonly WrittenBalance[], wantsLayers: boolean, isScheduled: boolean): boolean {
  const hasRate = ({ trained }: WrittenRule): boolean => isScheduled && trained.some(({ rate }) => rate !== null);
  return (
    wantsLayers ||
    balances.some(
      ({ rules, gradients }) => gradients !== null || rules.some((rule) => looksBack(rule) || hasRate(rule)),
    )
  );
}

export function writeStep(
  balance: WrittenBalance,
  name: string,
  timed: boolean,
  context: StepContext,
): FunctionDescription {
  const { accumulates } = context.wants;
  const writing = new StepWriting(balance, name, timed, context);
  const batch = accumulates
    ? { name: "batches", type: "readonly mtlc.Batch[]" }
    : { name: "batch", type: "mtlc.Batch" };
  return {
    kind: "function",
    name,
    doc: `One step${accumulates ? "" : " on a batch"}: losses, their balance, gradients, update.`,
    async: true,
    parameters: [
      { name: "network", type: "Network" },
      { name: "learning", type: "Learning" },
      batch,
      timed ? { name: "at", type: "mtlc.At" } : { name: "rate", type: "number" },
    ],
    returns: `Promise<mtlc.StepResult${balance.skips ? " | null" : ""}>`,
    statements: writing.statements().map(statement),
  };
}

class StepWriting {
  private readonly balance: WrittenBalance;
  private readonly name: string;
  private readonly timed: boolean;
  private readonly wants: StepWants;
  private readonly hasPenalty: boolean;
  private readonly tasks: number;
  private readonly learning: LearningEntries;
  private readonly factors: WrittenFactors;

  constructor(balance: WrittenBalance, name: string, timed: boolean, { wants, tasks, learning }: StepContext) {
    this.balance = balance;
    this.name = name;
    this.timed = timed;
    this.wants = wants;
    this.hasPenalty = wants.penalty.layers || wants.penalty.norms;
    this.learning = learning;
    this.tasks = tasks.length;
    this.factors = writeFactors(balance, tasks, learning, this.ofTasks("lossesOf()"));
  }

  statements(): string[] {
    const { wants, factors, balance } = this;
    return [
      "const trained = learning.optimizer.trained(network.weights);",
      ...(wants.layers ? ["const training = new mtlc.Training(tf, at);"] : []),
      ...(wants.accumulates ? this.accumulated() : this.single()),
      ...(balance.gradients ? this.combined(balance.gradients) : this.update("made.gradients")),
      ...(balance.gradients ? ["commit();"] : []),
      ...(wants.layers ? [`training.commit(learning.optimizer, ${this.lastBatch}.present);`] : []),
      ...factors.notes,
      "return result;",
    ];
  }

  /** Losses of the tasks, where a penalty stands behind them. */
  private ofTasks(code: string): string {
    return this.hasPenalty ? `${code}.slice(0, tasks.length)` : code;
  }

  private get lastBatch(): string {
    return this.wants.accumulates ? "last" : "batch";
  }

  /** What the step's own result is called before gradients are combined. */
  private get resultName(): string {
    return this.balance.gradients ? "told" : "result";
  }

  private single(): string[] {
    const { factors, name, timed, wants, balance, resultName } = this;
    const skip = balance.skips ? ', "skip"' : "";
    const again = ["network, learning", `mtlc.withoutTask(batch, ${resultName}.lost)`, timed ? "at" : "rate"].join(
      ", ",
    );
    return [
      ...factors.feeds,
      `const made = tf.tidy(() => { ${this.inside().join("\n")} });`,
      `const ${resultName} = await mtlc.readStep(tasks, batch, made${skip});`,
      ...(balance.skips
        ? [
            `if (${resultName}.lost !== null) {
              tf.dispose(made);
              ${wants.layers ? "training.undo();" : ""}
              return ${name}(${again});
            }`,
          ]
        : []),
    ];
  }

  private accumulated(): string[] {
    const { factors, name, timed, wants, balance, resultName } = this;
    const inside = this.inside().join("\n");
    const before = [
      ...(wants.layers ? ["if (before) training.next(learning.optimizer, before.present);"] : []),
      ...factors.feeds,
    ];
    const run =
      before.length === 0
        ? `(batch) => tf.tidy(() => { ${inside} })`
        : `(batch${wants.layers ? ", before" : ""}) => { ${before.join("\n")}\nreturn tf.tidy(() => { ${inside} }); }`;
    const result = resultName === "result" ? "result" : `result: ${resultName}`;
    const last = wants.layers || balance.skips ? ", last" : "";
    return [
      `const { made, ${result}, present${last} } = await mtlc.accumulate(tf, tasks, batches, ${run}${balance.skips ? ', "skip"' : ""});`,
      ...(balance.skips
        ? [
            `const { lost } = ${resultName};`,
            `if (lost !== null) {
              tf.dispose(made);
              ${wants.layers ? "training.undo();" : ""}
              return ${name}(network, learning, batches.map((batch) => mtlc.withoutTask(batch, lost)), ${timed ? "at" : "rate"});
            }`,
          ]
        : []),
    ];
  }

  /** What happens among the tensors of a batch. */
  private inside(): string[] {
    const { factors, wants, balance, hasPenalty } = this;
    const { gradients } = balance;
    const repeats = gradients !== null || factors.readsLosses;
    const training = wants.layers ? [`training${repeats ? ".again()" : ""}`] : [];
    const heads = `heads(${["inputs", "network.weights", ...(wants.codes ? ["network.codes"] : []), ...training].join(", ")})`;
    const losses = `meanLosses(losses(${[heads, "targets", ...lossArguments(wants.losses, true)].join(", ")}))`;
    const seen =
      factors.seen.length === 0
        ? []
        : [`seen: { ${factors.seen.map((code) => fromLosses(code, this.ofTasks("value"))).join(", ")} }`];
    const entries = [`losses: ${this.ofTasks("value")}`, "factors", ...seen];
    const pulls = factors.pulls.map((code) => fromLosses(code, this.ofTasks("value")));
    const readsPresent = [...factors.inside, ...pulls].some((code) => /\bpresent\b/.test(code));
    return [
      "const { inputs, targets } = mtlc.tensorsOf(tf, data, batch);",
      ...(readsPresent ? ["const present = tf.tensor(tasks.map((task) => Number(batch.present.has(task))));"] : []),
      ...(hasPenalty ? this.lossesAndPenalty(losses) : [`const lossesOf = () => ${losses};`]),
      ...factors.inside,
      ...(gradients ? this.rows(entries, pulls) : this.gradients(entries, pulls)),
    ];
  }

  private lossesAndPenalty(losses: string): string[] {
    const { layers, norms } = this.wants.penalty;
    const parts = [
      ...(layers ? ["training.penalty()"] : []),
      ...(norms ? ["learning.optimizer.penalty(trained)"] : []),
    ];
    const [first, ...others] = parts;
    const sum = `${first}${others.map((other) => `.add(${other})`).join("")}`;
    return [
      `/** The losses of the tasks, and what is added to them. */
      const lossesOf = () => tf.concat([${losses}, ${sum}]);`,
    ];
  }

  private gradients(entries: readonly string[], pulls: readonly string[]): string[] {
    const factors = this.hasPenalty ? "factors.concat(tf.ones([1]))" : "factors";
    const gradients = pulls.length === 0 ? "grads" : `[...grads, ${pulls.map((code) => `...${code}`).join(", ")}]`;
    return [
      `const { value, grads } = tf.valueAndGrads(lossesOf)(trained, ${factors});`,
      `return { ${[...entries, `gradients: ${gradients}`].join(", ")} };`,
    ];
  }

  /** The gradients of each task by itself. */
  private rows(entries: readonly string[], pulls: readonly string[]): string[] {
    const { hasPenalty } = this;
    const of = (share: string): string => `tf.valueAndGrads(lossesOf)(trained, ${share})`;
    const one = hasPenalty
      ? "factors.concat(tf.zeros([1])).mul(tf.oneHot(k, tasks.length + 1))"
      : this.tasks === 1
        ? "factors"
        : "factors.mul(tf.oneHot(k, tasks.length))";
    const penalties = hasPenalty
      ? ["penalties: tf.valueAndGrads(lossesOf)(trained, tf.oneHot(tasks.length, tasks.length + 1).toFloat()).grads"]
      : [];
    const further = [
      "rows",
      ...(pulls.length > 0 ? [`pulls: [${pulls.map((code) => `...${code}`).join(", ")}]`] : []),
      ...penalties,
    ];
    return [
      `const { value, rows } = mtlc.gradientRows(tasks, (${one === "factors" ? "" : "k"}) => ${of(one)});`,
      `return { ${[...entries, ...further].join(", ")} };`,
    ];
  }

  private combined(rule: NonNullable<WrittenBalance["gradients"]>): string[] {
    const { factors, hasPenalty } = this;
    const given = [
      "tasks",
      "weights: trained",
      "rows: made.rows",
      ...(hasPenalty ? ["penalties: made.penalties"] : []),
      "result: told",
    ];
    const gradients = factors.pulls.length > 0 ? "[...gradients, ...made.pulls]" : "gradients";
    return [
      `const { gradients, result, commit } = await mtlc.combineGradients(tf, ${this.learning.balance(rule, false)}, learning.optimizer, { ${given.join(", ")} }, at);`,
      ...this.update(gradients),
    ];
  }

  private update(gradients: string): string[] {
    const { factors, timed, wants, balance, learning } = this;
    const ownRates = learning.ownRates(balance);
    const weights = factors.trained.length > 0 ? `[${["...trained", ...factors.trained].join(", ")}]` : "trained";
    const options = [
      timed ? "...at" : "rate",
      wants.accumulates ? "present" : "present: batch.present",
      ...(Object.keys(ownRates).length > 0 ? [`ownRates: ${literalCode(ownRates)}`] : []),
      ...(balance.skips ? [`lost: ${this.lastBatch}.lost`] : []),
    ];
    const call = `await learning.optimizer.step(${weights}, ${gradients}, { ${options.join(", ")} });`;
    if (!balance.skips) return [call];
    return [
      `const isTaken = ${call}`,
      wants.layers ? "if (!isTaken) { training.undo();\nreturn null; }" : "if (!isTaken) return null;",
    ];
  }
}

/** Code that reads the losses in `value`, where they have another name. */
function fromLosses(code: string, name: string): string {
  return code.replace(/(?<![.\w])value(?![\w:])/g, name);
}
