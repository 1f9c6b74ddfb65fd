import { describe } from "../../compiler/describe.ts";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { MOST_THREADS } from "../../runtime/engines/threads.ts";
import { writeValue } from "../../compiler/registry/describe.ts";
import { registry } from "../../compiler/registry/index.ts";
import type { EarlierRun } from "../project/resume.ts";
import { openSource } from "../project/sources.ts";
import { runTraining, type Training, type TrainingStart } from "../project/training.ts";
import { tellNotes } from "../render/diagnostics.ts";
import { classesMeasured } from "../../runtime/train/metrics.ts";
import { metricsTable } from "../render/metrics.ts";
import { grouped } from "../../compiler/prose/numbers.ts";
import { counted } from "../render/numbers.ts";
import { createProgress } from "../render/progress.ts";
import { shellWord } from "../render/words.ts";
import {
  exitCodes,
  formatOption,
  modelOperand,
  UsageError,
  type Arguments,
  type Command,
  type Option,
} from "./command.ts";
import { watchInterruption } from "./interruption.ts";
import { err, out } from "../render/output.ts";
import { jsonText } from "../render/shown.ts";

/** Options of every command that runs a network. */
export const engineOptions: Readonly<Record<string, Option>> = {
  engine: { type: "string", value: "NAME", doc: "The engine that computes (onnx)." },
  device: { type: "string", value: "NAME", doc: "The engine's device (cpu)." },
  threads: {
    type: "string",
    value: "N",
    whole: { min: 1, max: MOST_THREADS },
    doc: "Threads of the engine (MTLC_THREADS, or as many as pay).",
  },
};

export function engineChoice(args: Arguments): { engine?: string; device?: string; threads?: number } {
  return { engine: args.text("engine"), device: args.text("device"), threads: args.whole("threads") };
}

export const train: Command = {
  usage: "FILE [options]",
  doc: "Trains the model, shows how it goes, writes a run folder and measures the result on the test part. Ctrl-C saves; --resume goes on.",
  options: {
    ...engineOptions,
    run: { type: "string", value: "FOLDER", doc: "The run's folder (runs/MODEL-N)." },
    resume: { type: "boolean", doc: "Goes on with an interrupted run: the one in --run, or the newest of this model." },
    set: {
      type: "string",
      multiple: true,
      value: "train.KEY=VALUE",
      doc: "Sets a key of `train`, or of one phase (train.PHASE.KEY).",
    },
    seed: {
      type: "string",
      value: "N",
      whole: { min: 0, max: 2 ** 32 - 1 },
      doc: "Sets train.seed: it decides everything random.",
    },
    log: {
      type: "string",
      value: "steps",
      words: ["steps"],
      doc: "Writes steps.jsonl to the run folder: losses and weights of every step.",
    },
    "dry-run": { type: "boolean", doc: "Trains on one batch and writes nothing." },
    format: formatOption("pretty", "json"),
  },
  operands: [modelOperand],
  takesSignals: true,
  async run(args) {
    const [file] = args.positionals;
    const seed = args.whole("seed");
    const dry = args.flag("dry-run");
    if (dry && args.flag("resume"))
      throw new UsageError("`--resume` writes to the run, and `--dry-run` writes nothing");
    const set = [
      ...args.texts("set"),
      ...(seed === undefined ? [] : [`train.seed=${seed}`]),
      ...(dry ? ["train.steps=1"] : []),
    ];
    const json = args.text("format") === "json";
    const progress = createProgress(process.stderr);
    const interruption = watchInterruption(args.text("format"));
    /** The run's folder, and the step whose weights were written there last. */
    const kept: { folder: string | null; step: number | null } = { folder: null, step: null };
    try {
      const training = await runTraining(openSource(file, set), {
        engine: engineChoice(args),
        run: args.text("run"),
        resume: args.flag("resume"),
        logSteps: args.text("log") === "steps",
        keepNothing: dry,
        hooks: {
          onStart(start) {
            kept.folder = start.run;
            tellNotes(start.notes);
            err.say(heading(start, file), LABEL);
            progress.begin(start.model);
          },
          onPhase: (event) => progress.phase(event),
          onPhaseEnd: (event) => progress.phaseEnd(event),
          onStep: (event) => progress.step(event),
          onEpoch: (event) => progress.epoch(event),
          onMeasure: (event) => progress.measure(event),
          onKept: (step) => (kept.step = step),
          interrupted: interruption.wanted,
        },
      });
      progress.end();
      if (json) out.data(`${jsonText(asData(training))}\n`);
      if (training.result.interrupted) {
        const { run, result } = training;
        const saved = run === null ? "" : `; saved to ${run}`;
        err.say(`Interrupted after step ${grouped(result.cursor.step)}${saved}\n`);
        if (run !== null) err.lines(`Go on: mtlc train ${shellWord(file)} --resume --run ${shellWord(run)}\n`);
        return exitCodes.interrupted;
      }
      const { earlier, result } = training;
      if (earlier?.from?.cursor.step === result.cursor.step)
        err.say("No step was left to take: the run had done all that it is asked for\n");
      if (!json) tellClosing(training);
      return exitCodes.fine;
    } catch (error) {
      progress.end();
      if (kept.folder !== null && kept.step !== null && isOfTraining(error))
        err.say(`${weightsOf(kept.step)} are kept in ${kept.folder}\n`);
      throw error;
    } finally {
      progress.end();
      interruption.stop();
    }
  },
};

/** Lines of the heading go on behind their label. */
const LABEL = "engine     ".length;

/** Whether numbers went wrong while training (MTL84xx): what was kept by then is good. */
function isOfTraining(error: unknown): boolean {
  return error instanceof DiagnosticError && error.diagnostics.some(({ code }) => code.startsWith("MTL84"));
}

function weightsOf(step: number): string {
  return step === 0 ? "The weights as they began" : `The weights of step ${grouped(step)}`;
}

/** What a resumed run begins with, and that a changed file has no part in it. */
function resumedLines({ run, from, changed }: EarlierRun, file: string): string {
  const where = from
    ? `after ${counted(from.cursor.epoch, "epoch")}, ${counted(from.cursor.step, "step")}`
    : "nothing was saved before it stopped: it starts anew";
  const text = changed
    ? `model      ${file} has changed since the run began: the run goes on with its own model.mtl\n`
    : "";
  return `resumed    ${run.folder}, ${where}\n${text}`;
}

function heading({ model, data, engine, earlier }: TrainingStart, file: string): string {
  const { parameters } = describe(model, registry);
  const rows = data.sections.map(({ name, train: set, validation, test }) => {
    const parts = [`${grouped(set.rows)} rows to train`];
    if (validation) parts.push(`${grouped(validation.rows)} to validate`);
    if (test) parts.push(`${grouped(test.rows)} to test`);
    return `${name ? `${name}: ` : ""}${parts.join(", ")}`;
  });
  const searches = model.searches.map(
    ({ path, chosen }) => `search     ${path} is ${writeValue(chosen)} here; \`search\` is for tuning\n`,
  );
  return [
    `${model.name}   ${counted(model.tasks.length, "task")} · ${grouped(parameters.total)} parameters (${grouped(parameters.shared)} shared) · ${rows.join("; ")}\n`,
    `engine     ${engine.name} on ${engine.device}, ${counted(engine.threads, "thread")} (${engine.reason})\n`,
    ...searches,
    earlier ? resumedLines(earlier, file) : "",
  ].join("");
}

function tellClosing({ model, data, run, result }: Training): void {
  const parts = [...result.parts].map(([name, { metrics, columns }]) => ({ name, metrics, columns }));
  const { skipped: skips, balance } = result.cursor;
  const skipped = skips > 0 ? `${counted(skips, "step")} skipped: a loss or gradient was not finite\n` : "";
  const solved =
    balance.fallbacks > 0
      ? `${counted(balance.fallbacks, "step")} without a balance: the rule gave no finite weights\n`
      : "";
  const where = run === null ? "" : `Saved to ${run} · predict: mtlc predict ${shellWord(run)} FILE\n`;
  const measured =
    metricsTable(model, registry, parts, data.codes) || `Nothing is measured: ${whyNothing(parts.length)}\n`;
  out.say(`${measured}${skipped}${solved}`);
  out.lines(where);
}

function whyNothing(parts: number): string {
  return parts > 0
    ? "no task has a metric"
    : "the data have no validation or test part; `test: part(0.2, of: train)` makes one";
}

function asData({ model, data, run, engine, result }: Training): unknown {
  const splits: Record<string, unknown> = {};
  const columns: Record<string, unknown> = {};
  for (const [name, part] of [...result.parts].reverse()) {
    splits[name] = part.metrics;
    columns[name] = part.columns;
  }
  return {
    schema: 1,
    model: model.name,
    run,
    engine: engine.name,
    device: engine.device,
    epochs: result.cursor.epoch,
    steps: result.cursor.step,
    seconds: Number(result.cursor.seconds.toFixed(3)),
    parameters: describe(model, registry).parameters,
    splits,
    interrupted: result.interrupted,
    columns,
    classes: classesMeasured(
      model,
      data.codes,
      [...result.parts.values()].map(({ metrics }) => metrics),
    ),
  };
}
