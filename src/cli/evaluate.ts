import { askedBy, columnsMeasured } from "../../compiler/check/tables/asked.ts";
import { ownOf } from "../../compiler/ir/own.ts";
import { describe } from "../../compiler/describe.ts";
import { DiagnosticError, report, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { training } from "../../compiler/diagnostics/training.ts";
import { metricName } from "../../compiler/ir/metric-names.ts";
import { registry } from "../../compiler/registry/index.ts";
import { fileMarks } from "../../runtime/data/source-settings.ts";
import { readTableFile } from "../../runtime/data/table-file.ts";
import type { RowSet } from "../../runtime/data/data.ts";
import type { SetResult } from "../../runtime/train/evaluate.ts";
import { classesMeasured, metricInput, metricsOf, type TaskMetrics } from "../../runtime/train/metrics.ts";
import { metricsByColumn, type ColumnMetrics } from "../../runtime/train/components.ts";
import { bootstrap, type Interval } from "../../runtime/train/resample.ts";
import { openTrained, type TrainedModel } from "../project/trained.ts";
import { prepare } from "../project/prepare.ts";
import { sourceOfRun } from "../project/run-source.ts";
import { tellNotes } from "../render/diagnostics.ts";
import { metricsTable } from "../render/metrics.ts";
import { shellWord } from "../render/words.ts";
import { exitCodes, formatOption, runOperand, type Command } from "./command.ts";
import { engineChoice, engineOptions } from "./train.ts";
import { out } from "../render/output.ts";
import { jsonText } from "../render/shown.ts";

type Intervals = Record<string, Record<string, Interval>>;

/** Times that rows are drawn again for the intervals. */
const DRAWS = 200;
const MOST_DRAWS = 100_000;

export const evaluate: Command = {
  usage: "RUN [options]",
  doc: "Measures a trained run on its validation and test parts, or on another file, with a 95 % bootstrap interval for each number.",
  options: {
    ...engineOptions,
    on: {
      type: "string",
      value: "FILE",
      doc: "Rows with answers, in the columns that the model names (csv, tsv, json, jsonl, npz).",
    },
    bootstrap: {
      type: "string",
      value: "N",
      whole: { min: 0, max: MOST_DRAWS },
      doc: `Draws for the intervals (${DRAWS}); 0 leaves them out.`,
    },
    format: formatOption("pretty", "json"),
  },
  operands: [runOperand],
  async run(args) {
    const draws = args.whole("bootstrap") ?? DRAWS;
    const trained = await openTrained(args.positionals[0], engineChoice(args));
    try {
      tellNotes(trained.run.warnings());
      if (trained.model.tasks.every(({ metrics }) => metrics.length === 0))
        throw nothingToMeasure(
          "no task of the model has a metric",
          "`metrics` of a task names some: `metrics: [mae, r2]`",
        );
      const parts = [];
      const sets = await setsOf(trained, args.text("on"));
      if (!sets.some(({ set }) => isAnswered(trained, set)))
        throw nothingToMeasure(`no row of ${sets.map(({ name }) => name).join(" and ")} has an answer`);
      for (const { name, set } of sets) {
        const result = await trained.evaluate(set);
        const metrics = metricsOf(trained.model, registry, set, result, trained.codes);
        const columns = metricsByColumn(trained.model, registry, set, result, trained.codes);
        parts.push({ name, metrics, columns, intervals: intervalsOf(trained, name, set, result, draws) });
      }
      if (args.text("format") === "json") out.data(`${jsonText(asData(trained, parts))}\n`);
      else out.say(metricsTable(trained.model, registry, parts, trained.codes));
      return exitCodes.fine;
    } finally {
      await trained.close();
    }
  },
};

async function setsOf(trained: TrainedModel, file: string | undefined): Promise<{ name: string; set: RowSet }[]> {
  if (file !== undefined) {
    const found: Diagnostic[] = [];
    const table = await readTableFile(
      file,
      undefined,
      fileMarks(trained.model.data[0].train),
      columnsMeasured(askedBy(trained.model)),
    );
    const set = trained.encode(table, { onWarning: (warning) => found.push(warning) });
    tellNotes(found);
    if (set.rows === 0) throw nothingToMeasure(`${file} has no rows`);
    return [{ name: file, set }];
  }
  const { data, notes } = await prepare(sourceOfRun(trained.run), { codes: trained.codes, teachers: false });
  tellNotes(notes);
  const sets = data.sections.flatMap(({ validation, test }) => [
    ...(validation ? [{ name: "validation", set: validation }] : []),
    ...(test ? [{ name: "test", set: test }] : []),
  ]);
  const help = `\`mtlc evaluate ${shellWord(trained.run.folder)} --on FILE\` measures the rows of a file`;
  if (sets.length === 0) throw nothingToMeasure("the model's data have no validation or test part", help);
  return sets;
}

function isAnswered({ model }: TrainedModel, set: RowSet): boolean {
  return model.tasks.some(({ name }) => ownOf(set.targets, name)?.weight.some((weight) => weight > 0));
}

function nothingToMeasure(problem: string, help?: string): DiagnosticError {
  return new DiagnosticError([report(training.nothingToMeasure, { problem }, { help })]);
}

function intervalsOf(trained: TrainedModel, part: string, set: RowSet, result: SetResult, draws: number): Intervals {
  const intervals: Intervals = {};
  if (draws === 0) return intervals;
  for (const task of trained.model.tasks) {
    const target = ownOf(set.targets, task.name);
    if (!target || task.target === null) continue;
    const input = metricInput(task, target, result, trained.codes);
    for (const metric of task.metrics) {
      const name = metricName(task, metric);
      const row = registry.metric.get(metric.word)!;
      const interval = bootstrap(row, metric.settings, input, draws, `${part}/${task.name}/${name}`);
      if (interval) intervals[task.name] = { ...ownOf(intervals, task.name), [name]: interval };
    }
  }
  return intervals;
}

function asData(
  { model, run, engine, codes }: TrainedModel,
  parts: readonly { name: string; metrics: TaskMetrics; columns: ColumnMetrics; intervals: Intervals }[],
): unknown {
  const { epochs, steps, seconds } = run.info;
  return {
    schema: 1,
    model: model.name,
    run: run.folder,
    engine: engine.name,
    device: engine.device,
    epochs,
    steps,
    seconds: Number(seconds.toFixed(3)),
    parameters: describe(model, registry).parameters,
    splits: Object.fromEntries([...parts].reverse().map(({ name, metrics }) => [name, metrics])),
    intervals: Object.fromEntries([...parts].reverse().map(({ name, intervals }) => [name, intervals])),
    columns: Object.fromEntries([...parts].reverse().map(({ name, columns }) => [name, columns])),
    classes: classesMeasured(
      model,
      codes,
      parts.map(({ metrics }) => metrics),
    ),
  };
}
