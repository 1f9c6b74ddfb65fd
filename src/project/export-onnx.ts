import { ownOf } from "../../compiler/ir/own.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { scaledInput, type ColumnScaling } from "../../compiler/emit/onnx/columns.ts";
import { emitOnnx } from "../../compiler/emit/onnx/index.ts";
import { loaderText, type LoaderInput, type LoaderTask } from "../../compiler/emit/onnx/loader.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { codeLimits, type CodeLimit } from "../../compiler/ir/code-limits.ts";
import type { Input, Model, Task } from "../../compiler/ir/model.ts";
import { knownAnswerShape, predictionWidthOf } from "../../compiler/lower/answers.ts";
import { choosesTogether, chosenOutput } from "../../compiler/lower/chosen.ts";
import { concrete } from "../../compiler/ir/parameters.ts";
import { lowerPrediction } from "../../compiler/lower/prediction.ts";
import { lowerStep } from "../../compiler/lower/step.ts";
import { optimize } from "../../compiler/passes/index.ts";
import { registry } from "../../compiler/registry/index.ts";
import { isTokenizer } from "../../compiler/words/tokenizing.ts";
import type { Codes, Scale } from "../../runtime/data/data.ts";
import { marksOf } from "../../runtime/data/source-settings.ts";
import { MOST_FLOAT } from "../../runtime/data/inputs.ts";
import { labelsOf } from "../../runtime/train/answers.ts";
import { factsOf } from "../../runtime/train/plan.ts";
import { formatSource } from "../typescript/format.ts";
import { runtimeSource } from "../typescript/runtime-source.ts";
import { standalone } from "../typescript/standalone.ts";
import { loadMorph } from "../typescript/ts-morph.ts";
import { version } from "../version.ts";
import { readTrained } from "./trained.ts";

/** A graph file with what is written beside it. */
export interface OnnxExport {
  /** The model's name. */
  readonly model: string;
  readonly bytes: Uint8Array;
  /** The TypeScript that loads a graph of this name; null for a training step. */
  readonly loader: ((file: string) => Promise<string>) | null;
}

/**
 * The predicting graph of a run: columns in, answers out, weights inside. Its metadata hold what its numbers mean
 * (`mtlc.inputs`: codes of words; `mtlc.tasks`: labels and units), as JSON.
 */
export function exportPrediction(folder: string, batch: number, onWarning?: (warning: Diagnostic) => void): OnnxExport {
  const { model, codes, weights } = readTrained(folder, onWarning);
  const columns = Object.fromEntries(model.inputs.flatMap(({ name }) => scalingOf(name, ownOf(codes.inputs, name))));
  const graph = lowerPrediction(model, registry, {
    batch,
    facts: factsOf({ codes }),
    inputName: (name) => (Object.hasOwn(columns, name) ? scaledInput(name) : name),
    weight(name) {
      const tensor = weights.get(name);
      if (!tensor) throw new Error(`the run holds no ${name}`);
      return tensor.data;
    },
  });
  const limits = codeLimits(model);
  const inputs = model.inputs.map((input) => describedInput(input, codes, limits.get(input.name)));
  const tasks = model.tasks.map((task) => describedTask(model, task, codes));
  const missing = marksOf(model);
  return {
    model: model.name,
    bytes: written(
      graph,
      model,
      { "mtlc.inputs": JSON.stringify(inputs), "mtlc.tasks": JSON.stringify(tasks) },
      columns,
    ),
    async loader(file) {
      const morph = await loadMorph();
      const text = loaderText({ model: model.name, version, file, batch, missing, inputs, tasks });
      return formatSource(
        standalone(morph, text, await runtimeSource(morph, "loader"), "What follows reads cells as mtlc does."),
      );
    },
  };
}

/** The training step of a run's first phase, as it is run: parameters, batch and random numbers in, losses and gradients out. */
export function exportStep(folder: string, onWarning?: (warning: Diagnostic) => void): OnnxExport {
  const { model, codes } = readTrained(folder, onWarning);
  const { graph, batch } = lowerStep(model, registry, model.phases[0], factsOf({ codes }));
  return { model: model.name, bytes: written(graph, model, { "mtlc.batch": String(batch) }), loader: null };
}

function written(
  graph: Graph,
  model: Model,
  facts: Readonly<Record<string, string>>,
  columns: Readonly<Record<string, ColumnScaling>> = {},
): Uint8Array {
  const metadata = { "mtlc.version": version, "mtlc.model": model.name, ...facts };
  return emitOnnx(optimize(graph).graph, { name: model.name, metadata, columns }).bytes;
}

function scalingOf(name: string, learnt: Codes["inputs"][string] | undefined): [string, ColumnScaling][] {
  const { scale, fill } = learnt ?? {};
  if (!scale && !fill) return [];
  return [[name, { shift: scale?.shift ?? [0], factor: scale?.factor ?? [1], fill: fill ?? null }]];
}

function describedInput({ name, doc, kind, type, tokenizer }: Input, codes: Codes, limit?: CodeLimit): LoaderInput {
  const { categories, tokens, fill, scale } = ownOf(codes.inputs, name) ?? {};
  const values = kind.word === "tokens" ? tokens : kind.word === "category" ? categories : undefined;
  const { shape } = concrete(type);
  return {
    name,
    kind: kind.word,
    shape,
    element: scale || fill ? "f64" : type.element === "f32" ? "f32" : "i32",
    filled: fill !== undefined,
    ...(doc !== undefined && { doc }),
    ...(values && { values }),
    ...(kind.word === "category" && kind.values && { written: true }),
    ...(limit !== undefined ? { range: [0, limit.codes - 1] } : rangeOf(scale)),
    ...(tokenizer &&
      isTokenizer(tokenizer.word) && {
        tokenizer: { word: tokenizer.word, lowercase: tokenizer.settings.lowercase === true },
      }),
  };
}

/** A scale that makes more of a number than 32 bits hold. */
function rangeOf(scale: Scale | undefined): Pick<LoaderInput, "range"> {
  const most = Math.min(...(scale?.factor ?? []).map((each, k) => each * MOST_FLOAT - Math.abs(scale?.shift[k] ?? 0)));
  return most < MOST_FLOAT ? { range: [-most, most] } : {};
}

function describedTask(model: Model, task: Task, codes: Codes): LoaderTask {
  const { name, doc, kind, unit } = task;
  const width = predictionWidthOf(task);
  return {
    name,
    kind: kind.word,
    shape: knownAnswerShape(task),
    axes: knownAnswerShape(task).map((_, axis) => tokensOf(model, kind.axes?.[axis] ?? null)),
    width: kind.word === "ordinal" ? width + 1 : width,
    unit,
    ...(doc !== undefined && { doc }),
    ...(kind.word === "class" && { labels: labelsOf(task, codes, width) }),
    ...(kind.word === "ordinal" && kind.labels && { labels: kind.labels }),
    ...(choosesTogether(task, registry) && { chosen: chosenOutput(task) }),
  };
}

function tokensOf(model: Model, axis: string | null): string | null {
  return model.inputs.some(({ name, kind }) => name === axis && kind.word === "tokens") ? axis : null;
}
