import { quoted } from "../../grammar/literals.ts";
import type { DataSection, Input, Instruction, Model, Phase, Region, Search, Task } from "./model.ts";
import {
  writeColumns,
  writeName,
  writeNumber,
  writeSettings,
  writeShape,
  writeSize,
  writeSource,
  writeType,
  writeValue,
  writeWord,
} from "./text-values.ts";

/**
 * The IR as text: one layer a line, types always shown, every default written out. `parseModel` reads it back.
 *
 *     bird.1 = dense(bird.0, width: 32, bias: true) at bird.dense_1 : f32[_, 32]
 */
export function printModel(model: Model): string {
  const parts = [
    ...doc(model.doc),
    `model ${writeName(model.name)}`,
    ...model.inputs.flatMap(printInput),
    ...printInstructions(model.instructions),
    ...(model.shared.length > 0 ? [""] : []),
    ...model.shared.flatMap((each) => [...doc(each.doc), `shared ${writeName(each.name)} = ${writeName(each.value)}`]),
    ...model.tasks.flatMap(printTask),
    ...(model.penalties.length > 0 ? [""] : []),
    ...model.penalties.map(({ name, value }) => `penalty ${writeName(name)} = ${writeName(value)}`),
    ...model.phases.flatMap(printPhase),
    ...model.data.flatMap(printData),
    ...(model.searches.length > 0 ? [""] : []),
    ...model.searches.map(printSearch),
  ];
  return `${parts.join("\n")}\n`;
}

function doc(text: string | undefined): string[] {
  return text === undefined ? [] : text.split("\n").map((line) => (line === "" ? "///" : `/// ${line}`));
}
function block(head: string, entries: readonly (readonly [string, string])[]): string[] {
  return [`${head} {`, ...entries.map(([key, value]) => `  ${key}: ${value}`), "}"];
}
function optional(key: string, value: string | undefined): (readonly [string, string])[] {
  return value === undefined ? [] : [[key, value]];
}

function printInput(input: Input): string[] {
  return [
    "",
    ...doc(input.doc),
    ...block(`input ${writeName(input.name)}: ${inputKind(input.kind)} : ${writeType(input.type)}`, [
      ["from", writeColumns(input.from)],
      ["scale", input.scale],
      ["fill", writeValue(input.fill)],
      ...optional("tokenizer", input.tokenizer && writeWord(input.tokenizer)),
      ["augment", `[${input.augment.map(writeWord).join(", ")}]`],
    ]),
  ];
}
function inputKind(kind: Input["kind"]): string {
  switch (kind.word) {
    case "f32":
    case "i32":
      return kind.word;
    case "category":
      return kind.values ? `category(${writeValue(kind.values)})` : "category";
    case "tokens":
      return `tokens(${writeNumber(kind.length)})`;
    case "image":
      return `image(${[kind.height, kind.width, kind.channels].map(writeNumber).join(", ")})`;
  }
}

/** The declaration that an instruction belongs to unless its line says another: its id without the number at the end. */
export function ownerOf(id: string): string {
  return id.replace(/\.\d+$/, "");
}

function printInstructions(instructions: readonly Instruction[]): string[] {
  return instructions.flatMap((instruction, i) => {
    const begins = i === 0 || instructions[i - 1].owner !== instruction.owner;
    return [...(begins ? [""] : []), ...printInstruction(instruction, "")];
  });
}

function printInstruction(instruction: Instruction, indent: string): string[] {
  const { id, layer, inputs, settings, path, owner, type, regions } = instruction;
  const given = [...inputs.map(writeName), ...writeSettings(settings)].join(", ");
  const belongs = owner === ownerOf(id) ? "" : ` in ${writeName(owner)}`;
  const line = `${indent}${writeName(id)} = ${writeName(layer)}(${given}) at ${writeName(path)}${belongs} : ${writeType(type)}`;
  if (!regions) return [line];
  return [`${line} {`, ...regions.flatMap((region) => printRegion(region, `${indent}  `)), `${indent}}`];
}

function printRegion(region: Region, indent: string): string[] {
  return [
    `${indent}chain ${writeName(region.argument)} : ${writeType(region.argumentType)} {`,
    ...region.instructions.flatMap((instruction) => printInstruction(instruction, `${indent}  `)),
    `${indent}  return ${writeName(region.result)}`,
    `${indent}}`,
  ];
}

function printTask(task: Task): string[] {
  const { kind } = task;
  const loss = task.loss.map(({ factor, loss }) => `${writeNumber(factor)} * ${writeWord(loss)}`).join(" + ");
  return [
    "",
    ...doc(task.doc),
    ...block(`task ${writeName(task.name)}: ${kind.word}`, [
      ["size", writeSize(kind.size)],
      ...optional("labels", kind.labels && writeValue(kind.labels)),
      ["learnt", String(kind.learnt)],
      ["shape", writeShape(kind.shape, kind.axes, false)],
      ["head", writeValue(task.head)],
      ["probability", writeValue(task.probability)],
      ["target", task.target === null ? "none" : writeColumns(task.target)],
      ...optional("group", task.group === undefined ? undefined : writeName(task.group)),
      ...optional("positive", task.positive && writeValue(task.positive)),
      ["scale", task.scale],
      ["unit", task.unit === null ? "none" : quoted(task.unit)],
      ["loss", loss === "" ? "none" : loss],
      ["weight", writeNumber(task.weight)],
      ["metrics", `[${task.metrics.map(writeWord).join(", ")}]`],
      ["role", task.role],
      ["row_weight", task.rowWeight === null ? "none" : quoted(task.rowWeight)],
    ]),
  ];
}

function words(list: Phase["balance"]): string {
  return `[${list.map(writeWord).join(", ")}]`;
}

function printPhase(phase: Phase): string[] {
  return [
    "",
    ...block(phase.name === null ? "train" : `train ${writeName(phase.name)}`, [
      ["balance", words(phase.balance)],
      ["optimizer", writeWord(phase.optimizer)],
      ["schedule", writeWord(phase.schedule)],
      ["clip", writeValue(phase.clip)],
      ["accumulate", writeNumber(phase.accumulate)],
      ["average", writeValue(phase.average)],
      ["epochs", writeValue(phase.epochs)],
      ["steps", writeValue(phase.steps)],
      ["batch", writeNumber(phase.batch)],
      ["shuffle", String(phase.shuffle)],
      ["seed", writeNumber(phase.seed)],
      ["stop", phase.stop === null ? "none" : writeWord({ word: "early", settings: phase.stop })],
      ["rates", writeValue(phase.rates)],
      ["freeze", writeValue(phase.freeze)],
      ["penalty", words(phase.penalty)],
      ["sampling", writeValue(phase.sampling)],
    ]),
  ];
}

function printData(section: DataSection): string[] {
  return [
    "",
    ...block(section.name === null ? "data" : `data ${writeName(section.name)}`, [
      ["train", writeSource(section.train)],
      ["validation", section.validation === null ? "none" : writeSource(section.validation)],
      ["test", section.test === null ? "none" : writeSource(section.test)],
      ["tasks", writeValue(section.tasks)],
      ["order", writeValue(section.order)],
    ]),
  ];
}

function printSearch({ path, chosen, choices }: Search): string {
  const among =
    "low" in choices
      ? `${writeNumber(choices.low)} to ${writeNumber(choices.high)} ${choices.scale}`
      : `[${choices.map(writeValue).join(", ")}]`;
  return `search ${writeName(path)} = ${writeValue(chosen)} of ${among}`;
}
