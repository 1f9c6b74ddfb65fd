import { elementCount, type Graph } from "../../compiler/graph/graph.ts";
import { isKnown } from "../../compiler/ir/size.ts";
import type { Model, Task } from "../../compiler/ir/model.ts";
import type { ModelFacts } from "../../compiler/lower/forward.ts";
import type { ParameterInfo, StateInfo } from "../../compiler/ir/parameters.ts";
import { answerNumbers } from "./heads.ts";
import type { Draw } from "./draw.ts";

/** Random numbers for every input of a lowered program: weights, statistics, a batch, what rules are fed. All are exact in f32. */

export function randomFacts(model: Model, draw: Draw): ModelFacts {
  const targetScales: Record<string, ModelFacts["targetScales"][string]> = {};
  const classCounts: Record<string, readonly number[]> = {};
  for (const { name, kind, scale } of model.tasks) {
    const { word, size } = kind;
    if (scale !== "none") {
      const width = kind.shape.length === 1 && isKnown(kind.shape[0]) ? kind.shape[0] : 1;
      const each = (low: number, high: number) => Array.from({ length: width }, () => draw.uniform(low, high));
      targetScales[name] = { shift: each(-1, 1), factor: each(0.5, 2) };
    }
    const counts =
      word === "class" && isKnown(size) ? size : word === "flag" || word === "flags" ? 2 * Number(size) : 0;
    if (counts > 0) classCounts[name] = Array.from({ length: counts }, () => draw.between(1, 9));
  }
  return { targetScales, classCounts };
}

/** What every batch of a program shares: who is padding, which tokens there are. */
interface Batch {
  readonly model: Model;
  readonly rows: readonly number[];
  /** [batch × length] by token input. */
  readonly lengths: ReadonlyMap<string, readonly number[]>;
  /** Tasks without an answer in this batch. */
  readonly absent: ReadonlySet<string>;
  readonly parameters: ReadonlyMap<string, ParameterInfo>;
  readonly states: ReadonlyMap<string, StateInfo>;
  readonly draw: Draw;
}

export function randomInputs(
  model: Model,
  graphs: readonly Graph[],
  own: { readonly parameters: readonly ParameterInfo[]; readonly states: readonly StateInfo[] },
  batch: number,
  draw: Draw,
): Record<string, Float64Array> {
  const filled = draw.chance(0.6) ? batch : batch - 1;
  const texts = model.inputs.flatMap(({ name, kind }) =>
    kind.word === "tokens" ? [{ name, length: kind.length }] : [],
  );
  const setting: Batch = {
    model,
    draw,
    rows: Array.from({ length: batch }, (_, row) => (row < filled ? 1 : 0)),
    lengths: new Map(
      texts.map(({ name, length }) => [
        name,
        Array.from({ length: batch }, (_, row) => (row >= filled ? 0 : draw.chance(0.1) ? 0 : draw.between(1, length))),
      ]),
    ),
    absent: new Set(model.tasks.map(({ name }) => name).filter(() => draw.chance(0.08))),
    parameters: new Map(own.parameters.map((info) => [info.name, info])),
    states: new Map(own.states.map((info) => [info.name, info])),
  };
  const values: Record<string, Float64Array> = {};
  for (const { name, node } of graphs.flatMap(({ inputs }) => inputs)) {
    if (!(name in values)) values[name] = inputValues(setting, name, node.type.shape).map(Math.fround);
  }
  return values;
}

function inputValues(batch: Batch, name: string, shape: readonly number[]): Float64Array {
  const { draw, rows } = batch;
  const [kind, ...rest] = name.split("/");
  const path = rest.join("/");
  const each = (value: (index: number) => number) =>
    Float64Array.from({ length: elementCount(shape) }, (_, k) => value(k));
  const perRow = elementCount(shape) / rows.length;
  const real = (index: number): boolean => rows[Math.floor(index / perRow)] === 1;
  switch (kind) {
    case "parameter":
      return parameterValues(batch.parameters.get(path)!, draw);
    case "state":
      return each(() => (batch.states.get(path)!.start > 0 ? draw.uniform(0.5, 1.5) : draw.uniform(-0.5, 0.5)));
    case "rows":
      return Float64Array.from(rows);
    case "random":
      return each(() => draw.uniform(0, 1));
    case "balance":
      if (path.endsWith("/solve") || path.endsWith("/seen")) return each(() => draw.below(2));
      return each(() => draw.uniform(0.2, 1.5));
    case "input":
      return inputRow(batch, path, perRow, each);
    case "target":
      return each((index) => (real(index) ? target(draw, taskNamed(batch.model, path)) : 0));
    case "weight": {
      const present = presentElements(batch, taskNamed(batch.model, path), perRow);
      return each((index) => (present(index) ? draw.pick([1, 1, 1, 0, 0.5]) : 0));
    }
    default:
      throw new Error(`nothing is known of the input ${name}`);
  }
}

/** Near the size that a start would give, but nowhere 0 or 1 alone, so that no part hides behind another. */
function parameterValues({ shape, start, values, fanIn, zeroRows = [] }: ParameterInfo, draw: Draw): Float64Array {
  const row = elementCount(shape.slice(1));
  const ones = start.word === "ones";
  const own = values?.();
  return Float64Array.from({ length: elementCount(shape) }, (_, k) => {
    if (zeroRows.includes(Math.floor(k / row))) return 0;
    if (own) return own[k] + draw.uniform(-0.1, 0.1);
    if (ones) return draw.uniform(0.5, 1.5);
    return shape.length > 1 ? draw.normal() / Math.sqrt(Math.max(fanIn, 1)) : draw.uniform(-0.4, 0.4);
  });
}

function inputRow(
  { model, draw, rows, lengths }: Batch,
  name: string,
  perRow: number,
  each: (value: (index: number) => number) => Float64Array,
): Float64Array {
  const input = model.inputs.find((candidate) => candidate.name === name)!;
  const { codes } = input.type;
  const row = (index: number): number => Math.floor(index / perRow);
  switch (input.kind.word) {
    case "f32":
    case "image":
      return each((index) => (rows[row(index)] === 1 ? draw.normal() : 0));
    case "i32":
      return each((index) => (rows[row(index)] === 1 ? draw.below(3) : 0));
    case "category":
      return each((index) => (rows[row(index)] === 1 ? draw.below(Number(codes)) : 0));
    case "tokens":
      return each((index) =>
        index % perRow < lengths.get(name)![row(index)] ? draw.between(1, Number(codes) - 1) : 0,
      );
    default:
      return input.kind satisfies never;
  }
}

function taskNamed(model: Model, name: string): Task {
  return model.tasks.find((task) => task.name === name)!;
}

function target(draw: Draw, { kind }: Task): number {
  switch (kind.word) {
    case "class":
    case "ordinal":
      return draw.below(Number(kind.size));
    case "flag":
    case "flags":
      return draw.below(2);
    case "count":
      return draw.below(6);
    case "real":
      return draw.normal();
    default:
      return kind.word satisfies never;
  }
}

/** An answer is there where its row is real, its task is not absent, and its tokens are no padding. */
function presentElements(
  { rows, lengths, absent }: Batch,
  { name, kind }: Task,
  perRow: number,
): (index: number) => boolean {
  const shape = answerNumbers(kind);
  return (index) => {
    const row = Math.floor(index / perRow);
    if (absent.has(name) || rows[row] === 0) return false;
    let rest = index % perRow;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const at = rest % shape[axis];
      rest = Math.floor(rest / shape[axis]);
      const along = kind.axes?.[axis] ?? null;
      if (along !== null && at >= lengths.get(along)![row]) return false;
    }
    return true;
  };
}
