import { describe as describeModel, type Description, type ShownShape } from "../../compiler/describe.ts";
import { bindData } from "../../runtime/data/bind.ts";
import { sizesOf } from "../../runtime/data/sizes.ts";
import { registry } from "../../compiler/registry/index.ts";
import type { Model } from "../../compiler/ir/model.ts";
import { soundModel } from "../project/sound-model.ts";
import { readTrainedModel } from "../project/trained.ts";
import { runsCode } from "../project/try-data.ts";
import { openSource } from "../project/sources.ts";
import { grouped } from "../../compiler/prose/numbers.ts";
import { counted } from "../render/numbers.ts";
import { out } from "../render/output.ts";
import { screenOf, type Screen } from "../render/screen.ts";
import { jsonText } from "../render/shown.ts";
import { table } from "../render/table.ts";
import { wrap } from "../../compiler/prose/wrap.ts";
import { placeAt } from "./places.ts";
import { exitCodes, formatOption, modelOrRunOperand, UsageError, type Command } from "./command.ts";

export const describe: Command = {
  usage: "FILE|RUN [options]",
  doc: "Shows every layer with its shape and parameters, what is shared and what each task has of its own, and the work of one example. Of a file sizes that only data tell stay names, unless --data reads it; a run knows them.",
  options: {
    data: { type: "boolean", doc: "Reads the data of a file for the sizes that only data tell." },
    format: formatOption("pretty", "json"),
  },
  operands: [modelOrRunOperand],
  async run(args) {
    const { model, sizes } = await modelAt(args.positionals[0], args.flag("data"));
    const description = { ...describeModel(model, registry), sizes };
    if (args.text("format") === "json") out.data(`${jsonText(description, 2)}\n`);
    else out.put(descriptionText(description, screenOf(process.stdout)));
    return exitCodes.fine;
  },
};

/** A model with the sizes that data told, by their names: none where no data was asked. */
interface Described {
  readonly model: Model;
  readonly sizes: Readonly<Record<string, number>>;
}

async function modelAt(path: string, readsData: boolean): Promise<Described> {
  if (placeAt(path) === "run" || placeAt(path) === "folder") {
    const { model, codes } = readTrainedModel(path);
    return { model, sizes: sizesOf(model, codes) };
  }
  const source = openSource(path);
  const { model } = soundModel(source);
  if (!readsData) return { model, sizes: {} };
  if (runsCode(model))
    throw new UsageError(
      `the rows of ${path} come out of a \`module\`, which is code, and nothing is run here: train it, and describe the run`,
    );
  const { sizes } = await bindData(model, { folder: source.folder, seed: model.phases[0]?.seed ?? 0 });
  return { model: soundModel(source, sizes).model, sizes };
}

/** A description for people: one line on the whole, then a table of each kind of part. */
export function descriptionText(
  { model, inputs, layers, parts, parameters, tasks, work, unknown }: Description,
  { columns, paint }: Screen,
): string {
  const held = parameters.total - parameters.trainable;
  const summary = [
    counted(tasks.length, "task"),
    `${counted(parameters.total, "parameter")} (${grouped(parameters.shared)} shared)`,
    ...(held > 0 ? [`${grouped(held)} never trained`] : []),
    `${counted(work, "multiply-add")} an example`,
  ].join(" · ");
  const headline = wrap(`${model}   ${summary}`, columns, 2);
  const lines = [`${paint.bold(model)}${headline.slice(model.length)}\n`];
  if (unknown.length > 0) {
    const text = `Not counted: what depends on ${unknown.join(", ")}, which only the data tell.`;
    lines.push(`${wrap(text, columns)}\n`);
  }
  const section = (head: readonly string[], rows: readonly (readonly string[])[]): void => {
    if (rows.length > 0) lines.push(`\n${table([head, ...rows], columns)}`);
  };
  section(
    ["input", "shape"],
    inputs.map(({ name, shape }) => [name, shapeText(shape)]),
  );
  section(
    ["tensor", "layer", "shape", "parameters", "owner"],
    layers.map(({ name, layer, shape, parameters: own, owner, copies = 1 }) => [
      name,
      layer,
      `${shape.length === 0 ? "" : shapeText(shape)}${copies > 1 ? ` × ${copies}` : ""}`,
      own === 0 ? "" : countText(own),
      owner,
    ]),
  );
  section(
    ["parameters", ""],
    [
      ["in all", grouped(parameters.total)],
      ["trained", grouped(parameters.trainable)],
      ...(held > 0 ? [["never trained", grouped(held)]] : []),
      ["shared by tasks", grouped(parameters.shared)],
      ...Object.entries(parameters.tasks).map(([task, own]) => [`of ${task} alone`, countText(own)]),
    ],
  );
  section(
    ["part", "parameters"],
    parts.map(({ name, parameters: own }) => [name, countText(own)]),
  );
  section(
    ["task", "kind", "loss", "weight", "own parameters", "metrics"],
    tasks.map((task) => [
      task.name,
      task.kind,
      task.loss.map(({ factor, loss }) => (factor === 1 ? loss : `${factor} * ${loss}`)).join(" + ") || "none",
      String(task.weight),
      countText(parameters.tasks[task.name]),
      task.metrics.join(", ") || "none",
    ]),
  );
  return lines.join("");
}

/** A dash where only data tell. */
function countText(count: number | null): string {
  return count === null ? "–" : grouped(count);
}

function shapeText(shape: ShownShape): string {
  return `[${shape.join(", ")}]`;
}
