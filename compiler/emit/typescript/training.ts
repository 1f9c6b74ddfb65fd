import type { Model, Phase, Task, Word } from "../../ir/model.ts";
import type { Registry } from "../../registry/registry.ts";
import { writeBalance, type WrittenBalance } from "./balance.ts";
import { furtherSettings } from "./data.ts";
import { statement, type ConstDescription, type FunctionDescription } from "./description.ts";
import { literalCode } from "./literal.ts";
import type { Names } from "./names.ts";
import { writeOptimizer, type WrittenOptimizer } from "./optimizer.ts";
import { isTimed, learningEntries, rememberingRules, writeStep } from "./step.ts";
import { Unsupported } from "./unsupported.ts";

/** Training: what it remembers, its steps, and the loop over phases and epochs. */
export interface WrittenTraining {
  /** Rules of balance and optimizers. */
  readonly rules: readonly FunctionDescription[];
  /** What stands in phases that differ. */
  readonly phases: ConstDescription | null;
  readonly learning: FunctionDescription;
  readonly steps: readonly FunctionDescription[];
  readonly train: FunctionDescription;
}

export interface TrainingContext {
  readonly model: Model;
  readonly registry: Registry;
  readonly names: Names;
  /** Tasks with a loss. */
  readonly tasks: readonly Task[];
  readonly wants: { readonly layers: boolean; readonly losses: boolean };
  readonly penalty: string | null;
}

/** A phase with what is written of it. */
interface WrittenPhase {
  readonly phase: Phase;
  readonly balance: WrittenBalance;
  readonly optimizer: WrittenOptimizer;
  readonly step: string;
}

export function writeTraining(context: TrainingContext): WrittenTraining {
  const { model, registry, names, tasks } = context;
  for (const phase of model.phases) refuse(phase);
  const once = <Written>(write: (phase: Phase) => Written, key: (phase: Phase) => unknown) => {
    const known = new Map<string, Written>();
    return {
      of(phase: Phase): Written {
        const text = literalCode(key(phase));
        const written = known.get(text) ?? write(phase);
        known.set(text, written);
        return written;
      },
      all: () => [...known.values()],
    };
  };
  const balances = once(
    (phase) => writeBalance(phase, tasks, registry, names),
    ({ balance }) => balance,
  );
  const optimizers = once(
    ({ optimizer }) => writeOptimizer(optimizer, registry, names),
    ({ optimizer }) => ({ ...optimizer, settings: { ...optimizer.settings, rate: 0 } }),
  );
  const stepNames = new Map<WrittenBalance, string>();
  const phases = model.phases.map((phase): WrittenPhase => {
    const balance = balances.of(phase);
    const step = stepNames.get(balance) ?? names.take("step", [`${phase.name ?? "other"}Step`]);
    stepNames.set(balance, step);
    return { phase, balance, optimizer: optimizers.of(phase), step };
  });
  const timed = isTimed(balances.all(), context.wants.layers);
  const loop = new Loop(phases, context, timed);
  return {
    rules: [
      ...balances.all().flatMap(({ functions }) => functions),
      ...optimizers.all().map(({ description }) => description),
    ],
    phases: loop.phases(),
    learning: loop.learning(balances.all()),
    steps: [...stepNames].map(([balance, name]) => writeStep(balance, name, timed, context)),
    train: loop.train(rememberingRules(balances.all())),
  };
}

/** Names what cannot be written yet. */
function refuse(phase: Phase): void {
  if (phase.accumulate > 1) throw new Unsupported("`accumulate`");
  if (phase.average) throw new Unsupported("`average`");
  if (phase.sampling) throw new Unsupported("`sampling`");
  for (const { word, settings } of phase.balance) {
    if (settings.on_nonfinite === "skip") throw new Unsupported(`\`on_nonfinite: skip\` of the rule \`${word}\``);
  }
}

/** The loop over phases and epochs. A setting that all phases share stands where it is used, any other in the phase. */
class Loop {
  private readonly all: readonly WrittenPhase[];
  private readonly context: TrainingContext;
  private readonly timed: boolean;
  /** Entries of each phase, in the order in which the loop reads them. */
  private readonly entries = new Map<string, readonly string[]>();

  constructor(all: readonly WrittenPhase[], context: TrainingContext, timed: boolean) {
    this.all = all;
    this.context = context;
    this.timed = timed;
    // Read once, so that the phases know their entries before they are written.
    this.train([]);
  }

  private get isOne(): boolean {
    return this.all.length === 1;
  }

  /** A setting's code: itself where all phases have it, else a member of the phase. */
  private setting(name: string, write: (phase: WrittenPhase) => string): string {
    const codes = this.all.map(write);
    if (codes.every((code) => code === codes[0])) return codes[0];
    this.entries.set(name, codes);
    return `phase.${name}`;
  }

  phases(): ConstDescription | null {
    if (this.isOne) return null;
    const list = this.all.map(({ phase }, k) => {
      const entries = [...this.entries].map(([name, codes]) => `${name}: ${codes[k]}`);
      return `{ ${[...(phase.name === null ? [] : [`name: ${JSON.stringify(phase.name)}`]), ...entries].join(", ")} }`;
    });
    return {
      kind: "const",
      name: "phases",
      doc: "Training goes through these one after another.",
      value: `[${list.join(", ")}]`,
    };
  }

  private optimizer({ phase, optimizer }: WrittenPhase): string {
    const { clip, rates, freeze } = phase;
    const limit = clip?.settings.limit;
    const entries = [
      ...optimizer.entries,
      "reach",
      ...(clip ? [`clip: { ${clip.word}: ${String(limit)} }`] : []),
      ...(Object.keys(rates).length > 0 ? [`rates: ${literalCode(rates)}`] : []),
      ...(freeze.length > 0 ? [`freeze: ${literalCode(freeze)}`] : []),
    ];
    return `{ ${entries.join(", ")} }`;
  }

  learning(balances: readonly WrittenBalance[]): FunctionDescription {
    const { tasks } = this.context;
    const optimizer = this.isOne
      ? `new mtlc.Optimizer(tf).use(${this.optimizer(this.all[0])})`
      : "new mtlc.Optimizer(tf)";
    const entries = [`optimizer: ${optimizer}`, ...learningEntries(balances, tasks)];
    return {
      kind: "function",
      name: "startLearning",
      doc: "What training remembers from step to step.",
      parameters: [],
      returns: "",
      statements: [statement(`return { ${entries.join(", ")} };`)],
    };
  }

  train(remembering: readonly string[]): FunctionDescription {
    const [{ phase: first }] = this.all;
    const statements = [
      `const { seed = ${first.seed}, from = import.meta.url, onStep, onEpoch } = options;`,
      "const rows = await mtlc.readRows(data, { from, seed });",
      "const network = createNetwork(rows.codes, { seed, codes: rows.codes });",
      "const learning = startLearning();",
      "let steps = 0;",
      ...(this.isOne
        ? this.phase(remembering)
        : ["let epochs = 0;", `for (const phase of phases) { ${this.phase(remembering).join("\n")} }`]),
      "return network;",
    ];
    return {
      kind: "function",
      name: "train",
      doc: "Trains a new network on the rows of `data`.",
      exported: true,
      async: true,
      parameters: [{ name: "options", type: "mtlc.TrainOptions<Network>", value: "{}" }],
      returns: "Promise<Network>",
      statements: statements.map(statement),
    };
  }

  private phase(remembering: readonly string[]): string[] {
    const { model, wants } = this.context;
    const hasValidation = model.data[0].validation !== null;
    const schedule = this.setting("schedule", ({ phase }) => this.schedule(phase.schedule));
    const hasSchedule = schedule !== "null";
    const plateau = this.plateau();
    const stop = this.setting("stop", ({ phase }) => stopCode(phase));
    const batch = this.setting("batch", ({ phase }) => String(phase.batch));
    const rate = this.setting("rate", ({ phase }) => String(phase.optimizer.settings.rate));
    const step = this.setting("step", ({ step: name }) => name);
    const shuffle = this.setting("shuffle", ({ phase }) => String(phase.shuffle));
    const freezes = wants.layers && this.all.some(({ phase }) => phase.freeze.length > 0);
    const freeze = freezes ? this.setting("freeze", ({ phase }) => literalCode(phase.freeze)) : null;
    const length = this.length(batch, hasSchedule);
    // Of one phase, the steps of the run are those of the phase.
    const done = this.isOne ? "steps" : "done";
    const epoch = this.isOne ? "epoch" : "epochs";
    const order = `{ seed, epoch: ${epoch} }`.replace("epoch: epoch ", "epoch ");
    const given = shuffle === "true" ? [order] : shuffle === "false" ? [] : [`${shuffle} ? ${order} : undefined`];
    const countsDone = !this.isOne && (this.timed || hasSchedule || length.isCounted);
    const moving = hasSchedule ? `${rate} * factor` : rate;
    const at = [
      "seed",
      "step: steps + 1",
      `phaseStep: ${done}`,
      `rate: ${moving}`,
      hasSchedule ? "factor" : "factor: 1",
      ...(freeze === null ? [] : [`freeze: ${freeze}`]),
    ];
    const isDue = stop === "null" ? "" : stop.startsWith("phase.") ? " && !stopping?.isDue" : " && !stopping.isDue";
    const may = stop.startsWith("phase.") ? "?" : "";
    const factor = `${this.isOne ? "schedule" : schedule}({ step: ${done}, total, epoch${plateau === null ? "" : ", plateau: plateau.drops"} })`;
    return [
      ...(this.isOne ? [] : [this.beginning()]),
      ...(stop === "null"
        ? []
        : [`const stopping = ${may ? `${stop} && ` : ""}new mtlc.EarlyStopping(network.weights, ${stop});`]),
      ...(hasSchedule && this.isOne ? [`const schedule = ${schedule};`] : []),
      ...(plateau === null ? [] : [`const plateau = new mtlc.Plateau(${plateau});`]),
      ...(length.total === null ? [] : [`const total = ${length.total};`]),
      ...(countsDone ? ["let done = 0;"] : []),
      `for (let epoch = 0; ${length.isCounted ? `${done} < total` : `epoch < ${length.epochs}`}${isDue}; epoch++) {`,
      `for (const batch of mtlc.batchesOf(${["rows.train", batch, ...given].join(", ")})) {`,
      ...(length.isCounted ? [`if (${done} === total) break;`] : []),
      ...(hasSchedule ? [`const factor = ${factor};`] : []),
      ...(this.timed ? [`const at = { ${at.join(", ")} };`] : []),
      `const result = await ${step}(network, learning, batch, ${this.timed ? "at" : moving});`,
      "steps += 1;",
      ...(countsDone ? ["done += 1;"] : []),
      `onStep?.({ ...result, step: steps, rate: ${this.timed ? "at.rate" : moving}, network });`,
      "}",
      ...(hasValidation ? ["const validation = await evaluate(rows.validation, network);"] : []),
      ...remembering.map((key) => `learning.${key}.closeEpoch();`),
      ...(stop === "null" ? [] : [`stopping${may}.note(validation);`]),
      ...(plateau === null ? [] : ["plateau.note(validation);"]),
      ...(this.isOne ? [] : ["epochs += 1;"]),
      `await onEpoch?.({ epoch: ${this.isOne ? "epoch + 1" : "epochs"}, network, validation${hasValidation ? "" : ": null"} });`,
      "}",
      ...(stop === "null" ? [] : [`stopping${may}.restore();`]),
    ];
  }

  /** Each phase hands its own rule to the optimizer, whose types differ. */
  private beginning(): string {
    const code = this.setting(
      "begin",
      (each) => `(optimizer: mtlc.Optimizer) => optimizer.use(${this.optimizer(each)})`,
    );
    return code.startsWith("phase.")
      ? `${code}(learning.optimizer);`
      : `learning.optimizer.use(${this.optimizer(this.all[0])});`;
  }

  /** How long a phase is: in epochs, or in steps that are counted. */
  private length(batch: string, hasSchedule: boolean): { epochs: string; total: string | null; isCounted: boolean } {
    const perEpoch = `Math.ceil(rows.train.rows / ${batch})`;
    if (this.all.every(({ phase }) => phase.epochs !== null)) {
      const epochs = this.setting("epochs", ({ phase }) => String(phase.epochs));
      return { epochs, total: hasSchedule ? `${epochs} * ${perEpoch}` : null, isCounted: false };
    }
    if (this.all.every(({ phase }) => phase.steps !== null))
      return { epochs: "", total: this.setting("steps", ({ phase }) => String(phase.steps)), isCounted: true };
    throw new Unsupported("phases of which some count epochs and some count steps");
  }

  /** What a schedule watches that goes down when learning stands still; null where there is none. */
  private plateau(): string | null {
    const found = this.all.filter(({ phase }) => phase.schedule.word === "plateau");
    if (found.length === 0) return null;
    if (!this.isOne) throw new Unsupported("the schedule `plateau` in one of several phases");
    const { on, patience } = found[0].phase.schedule.settings;
    return literalCode({ on: watchedPath(String(on)), patience });
  }

  private schedule({ word, settings }: Word): string {
    const further = furtherSettings(settings, this.context.registry.schedule.get(word)?.settings ?? {});
    const isPlain = ({ phase }: WrittenPhase): boolean =>
      phase.schedule.word === "constant" &&
      Object.keys(phase.schedule.settings).every((name) => phase.schedule.settings[name] === 0);
    if (this.all.every(isPlain)) return "null";
    return `mtlc.schedule(${[word, ...(Object.keys(further).length > 0 ? [further] : [])].map(literalCode).join(", ")})`;
  }
}

function stopCode({ stop }: Phase): string {
  return literalCode(stop ? { on: watchedPath(stop.on), patience: stop.patience } : null);
}

/** What is watched is a value of the validation part. */
function watchedPath(path: string): string {
  return path.replace(/^validation\./, "");
}
