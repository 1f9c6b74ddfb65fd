import { compile } from "../../compiler/compile.ts";
import { registry } from "../../compiler/registry/index.ts";
import type { Registry } from "../../compiler/registry/registry.ts";
import type { ModelSource } from "../../src/project/sources.ts";
import { Draw } from "../property/draw.ts";
import type { SettingRows } from "../../compiler/registry/settings.ts";
import { writeSettings, type Surroundings } from "../property/settings.ts";
import { Uses } from "../property/uses.ts";
import { sourceOf } from "../runtime/small-training.ts";
import { layerVariants } from "./layer-variants.ts";
import { rowsOf } from "./rows-of.ts";
import { trainVariants } from "./train-variants.ts";

/**
 * A small model for every row of the language by itself. They come from the registry, so that a new row has its case, or is
 * missed by name.
 */
export interface Case {
  /** `layer conv2d` */
  readonly row: string;
  /** What is written of it. */
  readonly name: string;
  readonly text: string;
}

/** Rows of a table that can run. */
function builtRows(table: keyof Registry): string[] {
  return [...registry[table].values()].flatMap((row) => ("built" in row && row.built ? [row.name] : []));
}

const ROWS = 22;

/** The case with rows of its own. */
export function sourceOfCase({ text, row, name }: Case): ModelSource {
  const { model, diagnostics } = compile(text);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (!model || errors.length > 0)
    throw new Error(`${row}, ${name}: ${errors.map(({ message }) => message).join("; ")}\n${text}`);
  const [table, word] = row.split(" ");
  const uses = new Uses();
  uses.add(model);
  const isCounted = ["layer", "loss", "optimizer", "schedule", "balance"].includes(table);
  if (isCounted && uses.of(table, word) === 0) throw new Error(`${name} does not use the ${row}\n${text}`);
  return sourceOf(text, { "rows.jsonl": rowsOf(model, new Draw(1, `rows/${row}/${name}`), ROWS) });
}

// ── Layers ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The momentum has no root in it: a gradient that is nothing but rounding moves a weight by no more than that. */
const gentle = "train { optimizer: sgd(rate: 0.002, momentum: 0.9), batch: 5, epochs: 30, seed: 3 }";
const data = 'data { train: jsonl("rows.jsonl") }';

export function layerModel(lines: string): string {
  const named = [...lines.matchAll(/^shared (\w+)/gm)].map(([, name]) => name);
  const last = named[named.length - 1];
  return [
    "model Layer",
    "input x: f32[8]",
    "input image: f32[12, 12, 3]",
    "input words: tokens(10)",
    lines,
    `task alpha: real { head: ${last} -> flatten -> dense }`,
    `task beta: flag { head: ${last} -> flatten -> dense(3) -> tanh -> dense }`,
    gentle,
    data,
  ].join("\n");
}

function layerCases(): Case[] {
  const examples = [...registry.layer.values()].flatMap(({ name, built, example }) =>
    built ? [{ row: `layer ${name}`, name: example, text: layerModel(example) }] : [],
  );
  const variants = layerVariants.map(([layer, lines]) => ({
    row: `layer ${layer}`,
    name: lines,
    text: layerModel(lines),
  }));
  return [...examples, ...variants];
}

// ── Losses ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Kinds with their heads. */
const kinds = [
  ["class", "class(3)", "trunk -> dense"],
  ["class", "class", "trunk -> dense"],
  ["class", "class(3)[words]", "letters -> dense"],
  ["flag", "flag", "trunk -> dense"],
  ["flag", "flag[words]", "letters -> dense"],
  ["flags", "flags(3)", "trunk -> dense"],
  ["flags", "flags(2)[words]", "letters -> dense"],
  ["real", "real", "trunk -> dense"],
  ["real", "real[3]", "trunk -> dense"],
  ["real", "real[4]", "trunk -> dense -> sigmoid"],
  ["real", "real[words, 2]", "letters -> dense(2)"],
  ["count", "count", "trunk -> dense"],
  ["ordinal", "ordinal(4)", "trunk -> dense"],
] as const;

/** One that is left out where its loss is not finite reads its answers otherwise. */
const lenient = gentle.replace("train {", "train { balance: static(on_nonfinite: skip),");

function lossModel(kind: string, head: string, loss: string, train: string): string {
  return [
    "model Loss",
    "input x: f32[6]",
    "input words: tokens(5)",
    "shared trunk = x -> dense(8) -> tanh",
    "shared letters = words -> embed(6) -> tanh",
    ...(loss.includes("of: teacher") ? [`task teacher: ${kind} { head: ${head} }`] : []),
    `task alpha: ${kind} { head: ${head}, loss: ${loss} }`,
    "task beta: real { head: concat(trunk, letters -> mean_pool) -> dense }",
    train,
    data,
  ].join("\n");
}

/** Each loss on each kind that it fits: as it is, and with settings drawn by the seed. */
function lossCases(): Case[] {
  return [...registry.loss.values()].flatMap((row) => {
    if (!row.built) return [];
    return kinds.flatMap(([word, kind, head]) => {
      if (!row.kinds.includes(word)) return [];
      const given: Given =
        "of" in row.settings ? { of: { text: "teacher", value: { word: "teacher", settings: {} } } } : {};
      return writings(`${row.name}/${kind}`, row.name, row.settings, DRAWN, given).flatMap((loss) =>
        [gentle, lenient].flatMap((train) => {
          const text = lossModel(kind, head, loss, train);
          // Some fit only kinds of certain shapes, as the checker says.
          const fits = compile(text).diagnostics.every(({ severity }) => severity !== "error");
          const name = `${kind}: ${loss}${train === lenient ? ", skipped where it is not finite" : ""}`;
          return fits ? [{ row: `loss ${row.name}`, name, text }] : [];
        }),
      );
    });
  });
}

const DRAWN = 2;
type Given = NonNullable<Parameters<typeof writeSettings>[2]>;

/** A word as it is where it may stand alone, and with settings drawn by a seed. */
function writings(seed: string, word: string, settings: SettingRows, draws = DRAWN, given: Given = {}): string[] {
  const room = (k: number): Surroundings => ({
    registry,
    draw: new Draw(k, `settings/${seed}`),
    axes: {},
    weight: () => 1,
  });
  const isWhole = Object.values(settings).every(({ required }) => !required);
  const drawn = Array.from({ length: draws }, (_, k) => writeSettings(settings, room(k), given)?.text ?? "");
  return [...new Set([...(isWhole && Object.keys(given).length === 0 ? [""] : []), ...drawn])]
    .filter((text) => isWhole || text !== "")
    .map((text) => (text === "" ? word : `${word}(${text})`));
}

// ── Training ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * A smooth model with three tasks, each with answers missing, that trains by these keys. Without random numbers steps need not
 * know where they stand, and modules are written otherwise.
 */
export function trainModel(keys: string, { start = "", random = true } = {}): string {
  const drawn = start === "" ? "" : `, start: ${start}`;
  const optimizer = keys.includes("optimizer:") ? "" : "optimizer: sgd(rate: 0.02, momentum: 0.9)\n  ";
  const whole = keys.startsWith("train")
    ? keys
    : `train {\n  ${optimizer}${keys}\n  batch: 6\n  epochs: 20\n  seed: 7\n}`;
  return [
    "model Train",
    "input x: f32[6] { scale: standard }",
    `shared low = x -> dense(6${drawn}) -> tanh${random ? " -> dropout(0.2)" : ""}`,
    "shared high = low -> dense(6) -> softplus",
    "task alpha: class(3) { head: high -> dense }",
    "task beta: real { head: high -> dense(4) -> tanh -> dense, weight: 2 }",
    "task gamma: flag { head: concat(low, beta.output) -> dense }",
    whole,
    'data {\n  train: jsonl("rows.jsonl")\n  validation: part(0.2, of: train)\n}',
  ].join("\n");
}

/** Settings of rules that are not built. */
const withoutGradients = /gradients: representation|over: \[/;

function trainCases(): Case[] {
  const cases: Case[] = [];
  const add = (table: keyof Registry, key: string, draws = DRAWN, given: Given = {}): void => {
    for (const row of registry[table].values()) {
      if (!("built" in row) || !row.built) continue;
      const words = writings(`${table}/${row.name}`, row.name, row.settings, draws, given);
      for (const [k, word] of words.filter((each) => !withoutGradients.test(each)).entries()) {
        const text = trainModel(`${key}: ${word}`, { random: k % 2 === 0 });
        cases.push({ row: `${table} ${row.name}`, name: word, text });
      }
    }
  };
  // A random rate would leave all bounds.
  add("optimizer", "optimizer", 3, { rate: { text: "0.01", value: 0.01 } });
  add("schedule", "schedule");
  add("balance", "balance");
  add("clip", "clip");
  add("average", "average");
  add("penalty", "penalty");
  add("stop", "stop");
  for (const row of registry.start.values())
    if (row.built)
      for (const word of writings(`start/${row.name}`, row.name, row.settings, 1))
        cases.push({ row: `start ${row.name}`, name: word, text: trainModel("clip: none", { start: word }) });
  for (const keys of trainVariants)
    for (const random of [true, false])
      cases.push({
        row: "train keys",
        name: `${keys}${random ? "" : ", no dropout"}`,
        text: trainModel(keys, { random }),
      });
  return cases;
}

/** Tables whose rows each have a case. */
const tables = [
  ...(["layer", "loss", "optimizer", "schedule", "balance", "clip", "average", "penalty", "stop", "start"] as const),
];

export function allCases(): Case[] {
  return [...layerCases(), ...lossCases(), ...trainCases()];
}

/** Rows that can run and have no case. */
export function rowsWithout(cases: readonly Case[]): string[] {
  const known = new Set(cases.map(({ row }) => row));
  return tables.flatMap((table) => builtRows(table).map((name) => `${table} ${name}`)).filter((row) => !known.has(row));
}
