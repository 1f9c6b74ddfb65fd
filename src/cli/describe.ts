import { describe as describeModel, type Description, type ShownShape } from "../../compiler/describe.ts";
import { registry } from "../../compiler/registry/index.ts";
import { soundModel } from "../project/sound-model.ts";
import { openSource } from "../project/sources.ts";
import { grouped } from "../../compiler/prose/numbers.ts";
import { counted } from "../render/numbers.ts";
import { out } from "../render/output.ts";
import { screenOf, type Screen } from "../render/screen.ts";
import { jsonText } from "../render/shown.ts";
import { table } from "../render/table.ts";
import { wrap } from "../../compiler/prose/wrap.ts";
import { exitCodes, formatOption, modelOperand, type Command } from "./command.ts";

export const describe: Command = {
  usage: "FILE [options]",
  doc: "Shows every tensor with its shape, every part with its parameters, shared and own, and the work of one example. Reads no data: sizes that only data tell stay names.",
  options: { format: formatOption("pretty", "json") },
  operands: [modelOperand],
  async run(args) {
    const [file] = args.positionals;
    const { model } = soundModel(openSource(file));
    const description = describeModel(model, registry);
    if (args.text("format") === "json") out.data(`${jsonText(description, 2)}\n`);
    else out.put(descriptionText(description, screenOf(process.stdout)));
    return exitCodes.fine;
  },
};

/** A description for people: one line on the whole, then a table of each kind of part. */
export function descriptionText(
  { model, inputs, tensors, parts, parameters, tasks, work, unknown }: Description,
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
    ["tensor", "shape", "owner"],
    tensors.map(({ name, shape, owner, copies = 1 }) => [
      name,
      `${shapeText(shape)}${copies > 1 ? ` × ${copies}` : ""}`,
      owner,
    ]),
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
