import type { Model, Phase, Word } from "../../ir/model.ts";
import type { Registry } from "../../registry/registry.ts";
import type { WrittenBalance } from "./balance.ts";
import { furtherSettings } from "./data.ts";
import { statement, type FunctionDescription } from "./description.ts";
import type { LearningEntries } from "./learning.ts";
import { literalCode } from "./literal.ts";
import type { WrittenOptimizer } from "./optimizer.ts";
import type { StepWants } from "./step.ts";

/** Whether a phase changes its rate. */
export function isScheduled({ phases }: Model): boolean {
  return phases.some(
    ({ schedule: { word, settings } }) =>
      word !== "constant" || Object.values(settings).some((setting) => setting !== 0),
  );
}

/** A phase with what is written of it. */
export interface WrittenPhase {
  readonly phase: Phase;
  readonly balance: WrittenBalance;
  readonly optimizer: WrittenOptimizer;
  readonly step: string;
}

export interface LoopContext {
  readonly model: Model;
  readonly registry: Registry;
  readonly wants: StepWants;
  /** Whether steps are told where they stand. */
  readonly timed: boolean;
  readonly learning: LearningEntries;
}

/** The loop over phases and epochs. A setting that all phases share stands where it is used, any other in the phase. */
export class Loop {
  private readonly all: readonly WrittenPhase[];
  private readonly context: LoopContext;
  /** Entries of each phase, in the order in which the loop reads them. */
  private readonly settings = new Map<string, readonly string[]>();

  constructor(all: readonly WrittenPhase[], context: LoopContext) {
    this.all = all;
    this.context = context;
    // Read once, so that the phases know their entries before they are written.
    this.train([]);
  }

  private get isOne(): boolean {
    return this.all.length === 1;
  }

  private get hasAverage(): boolean {
    return this.all.some(({ phase }) => phase.average !== null);
  }

  private get hasOneSeed(): boolean {
    return this.all.every(({ phase }) => phase.seed === this.all[0].phase.seed);
  }

  /** A setting's code: itself where all phases have it, else a member of the phase. */
  private setting(name: string, write: (phase: WrittenPhase) => string): string {
    const codes = this.all.map(write);
    if (codes.every((code) => code === codes[0])) return codes[0];
    this.settings.set(name, codes);
    return `phase.${name}`;
  }

  /** A function: nothing of a module runs as it is loaded, so what it takes from the runtime may stand behind it. */
  phases(): FunctionDescription | null {
    if (this.isOne) return null;
    const list = this.all.map(({ phase }, k) => {
      const entries = [...this.settings].map(([name, codes]) => `${name}: ${codes[k]}`);
      return `{ ${[...(phase.name === null ? [] : [`name: ${JSON.stringify(phase.name)}`]), ...entries].join(", ")} }`;
    });
    return {
      kind: "function",
      name: "phases",
      doc: "Training goes through these one after another.",
      parameters: [],
      returns: "",
      statements: [statement(`return [${list.join(", ")}];`)],
    };
  }

  private optimizer({ phase, optimizer }: WrittenPhase): string {
    const { clip, rates, freeze, average, penalty } = phase;
    const limit = clip?.settings.limit;
    const norms = penalty.map(({ word, settings }) => [word, settings.strength]);
    const entries = [
      ...optimizer.entries,
      "reach",
      ...(clip ? [`clip: { ${clip.word}: ${String(limit)} }`] : []),
      ...(Object.keys(rates).length > 0 ? [`rates: ${literalCode(rates)}`] : []),
      ...(freeze.length > 0 ? [`freeze: ${literalCode(freeze)}`] : []),
      ...(average ? [`average: ${literalCode(average.settings)}`] : []),
      ...(norms.length > 0 ? [`penalty: ${literalCode(norms)}`] : []),
    ];
    return `{ ${entries.join(", ")} }`;
  }

  learning(): FunctionDescription {
    const optimizer = this.isOne
      ? `new mtlc.Optimizer(tf).use(${this.optimizer(this.all[0])})`
      : "new mtlc.Optimizer(tf)";
    const entries = [`optimizer: ${optimizer}`, ...this.context.learning.entries()];
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
    const { isOne, hasAverage, hasOneSeed } = this;
    const [{ phase: first }] = this.all;
    const start = hasOneSeed ? "seed" : "seed: firstSeed";
    const result = hasAverage ? (isOne ? "averaged" : "result") : "network";
    const statements = [
      `const { seed${hasOneSeed ? ` = ${first.seed}` : ""}, from = import.meta.url, onStep, onEpoch, onWarning } = options;`,
      ...(hasOneSeed ? [] : [`const firstSeed = seed ?? ${first.seed};`]),
      `const rows = await mtlc.readRows(data, { from, ${start}, onWarning });`,
      `const network = createNetwork(rows.codes, { ${start}, codes: rows.codes });`,
      "const learning = startLearning();",
      ...(hasAverage && !isOne ? ["let result = network;"] : []),
      "let steps = 0;",
      ...(isOne
        ? this.phase(remembering)
        : ["let epochs = 0;", `for (const phase of phases()) { ${this.phase(remembering).join("\n")} }`]),
      `return ${result};`,
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
    const { isOne, hasAverage } = this;
    const { model, wants, timed } = this.context;
    const hasValidation = model.data[0].validation !== null;
    const seed = this.seed();
    const schedule = this.setting("schedule", ({ phase }) => this.schedule(phase.schedule));
    const hasSchedule = schedule !== "null";
    const plateau = this.setting("plateau", ({ phase }) => plateauCode(phase));
    const stop = this.setting("stop", ({ phase }) => stopCode(phase));
    const batch = this.setting("batch", ({ phase }) => String(phase.batch));
    const rate = this.setting("rate", ({ phase }) => String(phase.optimizer.settings.rate));
    const step = this.setting("step", ({ step: name }) => name);
    const freezes = wants.layers && this.all.some(({ phase }) => phase.freeze.length > 0);
    const freeze = freezes ? this.setting("freeze", ({ phase }) => literalCode(phase.freeze)) : null;
    const accumulate = wants.accumulates ? this.setting("accumulate", ({ phase }) => String(phase.accumulate)) : null;
    const length = this.length(batch, accumulate, hasSchedule);
    // Of one phase, the steps of the run are those of the phase.
    const done = isOne ? "steps" : "done";
    const countsDone = !isOne && (timed || hasSchedule || length.isCounted);
    const moving = hasSchedule ? `${rate} * factor` : rate;
    const at = [
      seed,
      "step: steps + 1",
      `phaseStep: ${done}`,
      `rate: ${moving}`,
      hasSchedule ? "factor" : "factor: 1",
      ...(freeze === null ? [] : [`freeze: ${freeze}`]),
    ];
    const drops = plateau === "null" ? "" : `, plateau: ${isMember(plateau) ? "plateau?.drops" : "plateau.drops"}`;
    const factor = `${isOne ? "schedule" : schedule}({ step: ${done}, total, epoch${drops} })`;
    const batches = [
      "rows.train",
      batch,
      ...(accumulate === null ? [] : [accumulate]),
      ...this.order(`{ ${seed}, ${isOne ? "epoch" : "epoch: epochs"} }`),
    ];
    const found = hasAverage ? "averaged" : "network";
    const event = `onStep?.({ ...result, step: steps, rate: ${timed ? "at.rate" : moving}, network });`;
    const skips = this.all.some(({ balance }) => balance.skips);
    return [
      ...(isOne ? [] : [this.beginning()]),
      ...(hasAverage ? ["const averaged = learning.optimizer.averaged(network);"] : []),
      ...made(
        "stopping",
        "EarlyStopping",
        hasAverage ? "[network.weights, averaged.weights], " : "network.weights, ",
        stop,
      ),
      ...(hasSchedule && isOne ? [`const schedule = ${schedule};`] : []),
      ...made("plateau", "Plateau", "", plateau),
      ...(length.total === null ? [] : [`const total = ${length.total};`]),
      ...(countsDone ? ["let done = 0;"] : []),
      `for (let epoch = 0; ${length.isCounted ? `${done} < total` : `epoch < ${length.epochs}`}${isDue(stop)}; epoch++) {`,
      accumulate === null
        ? `for (const batch of mtlc.batchesOf(${batches.join(", ")})) {`
        : `for (const batches of mtlc.stepsOf(${batches.join(", ")})) {`,
      ...(length.isCounted ? [`if (${done} === total) break;`] : []),
      ...(hasSchedule ? [`const factor = ${factor};`] : []),
      ...(timed ? [`const at = { ${at.join(", ")} };`] : []),
      `const result = await ${step}(network, learning, ${accumulate === null ? "batch" : "batches"}, ${timed ? "at" : moving});`,
      "steps += 1;",
      ...(countsDone ? ["done += 1;"] : []),
      skips ? `if (result) ${event}` : event,
      "}",
      ...(hasValidation ? [`const validation = await evaluate(rows.validation, ${found});`] : []),
      ...remembering.map((key) => `learning.${key}.closeEpoch();`),
      ...(stop === "null" ? [] : [`stopping${may(stop)}.note(validation);`]),
      ...(plateau === "null" ? [] : [`plateau${may(plateau)}.note(validation);`]),
      ...(isOne ? [] : ["epochs += 1;"]),
      `await onEpoch?.({ epoch: ${isOne ? "epoch + 1" : "epochs"}, network${hasAverage ? ": averaged" : ""}, validation${hasValidation ? "" : ": null"} });`,
      "}",
      ...(stop === "null" ? [] : [`stopping${may(stop)}.restore();`]),
      ...(hasAverage && !isOne ? ["result = averaged;"] : []),
    ];
  }

  /** The seed of the phase as an entry: the caller's, else its own. */
  private seed(): string {
    return this.hasOneSeed ? "seed" : `seed: seed ?? ${this.setting("seed", ({ phase }) => String(phase.seed))}`;
  }

  /** The last argument that shuffles rows, where they are shuffled. */
  private order(order: string): string[] {
    const shuffle = this.setting("shuffle", ({ phase }) => String(phase.shuffle));
    if (shuffle === "false") return [];
    return [shuffle === "true" ? order : `${shuffle} ? ${order} : undefined`];
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
  private length(
    batch: string,
    accumulate: string | null,
    hasSchedule: boolean,
  ): { epochs: string; total: string | null; isCounted: boolean } {
    const count = (length: string): string =>
      `mtlc.countSteps(${["rows.train", batch, length, ...(accumulate === null ? [] : [accumulate])].join(", ")})`;
    if (this.all.every(({ phase }) => phase.epochs !== null)) {
      const epochs = this.setting("epochs", ({ phase }) => String(phase.epochs));
      const total =
        accumulate === null ? `${epochs} * Math.ceil(rows.train.rows / ${batch})` : count(`{ epochs: ${epochs} }`);
      return { epochs, total: hasSchedule ? total : null, isCounted: false };
    }
    if (this.all.every(({ phase }) => phase.steps !== null))
      return { epochs: "", total: this.setting("steps", ({ phase }) => String(phase.steps)), isCounted: true };
    const length = this.setting("length", ({ phase: { epochs, steps } }) =>
      literalCode(steps === null ? { epochs } : { steps }),
    );
    return { epochs: "", total: count(length), isCounted: true };
  }

  private schedule({ word, settings }: Word): string {
    const further = furtherSettings(settings, this.context.registry.schedule.get(word)?.settings ?? {});
    if (!isScheduled(this.context.model)) return "null";
    return `mtlc.schedule(${[word, ...(Object.keys(further).length > 0 ? [further] : [])].map(literalCode).join(", ")})`;
  }
}

/** A statement that makes what watches the validation part, where there is such. */
function made(name: string, kind: string, first: string, settings: string): string[] {
  if (settings === "null") return [];
  return [`const ${name} = ${isMember(settings) ? `${settings} && ` : ""}new mtlc.${kind}(${first}${settings});`];
}

/** Whether a setting differs between phases, and may be missing in some. */
function isMember(code: string): boolean {
  return code.startsWith("phase.");
}

function may(code: string): string {
  return isMember(code) ? "?" : "";
}

function isDue(stop: string): string {
  return stop === "null" ? "" : ` && !stopping${may(stop)}.isDue`;
}

function stopCode({ stop }: Phase): string {
  return literalCode(stop ? { on: watchedPath(stop.on), patience: stop.patience } : null);
}

/** What a schedule watches that goes down when learning stands still; null where there is none. */
function plateauCode({ schedule: { word, settings } }: Phase): string {
  if (word !== "plateau") return "null";
  return literalCode({ on: watchedPath(String(settings.on)), patience: settings.patience });
}

/** What is watched is a value of the validation part. */
function watchedPath(path: string): string {
  return path.replace(/^validation\./, "");
}
