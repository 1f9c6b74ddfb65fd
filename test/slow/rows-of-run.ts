import type { Input } from "../../compiler/ir/model.ts";
import { answerElements } from "../../compiler/lower/answers.ts";
import { isCoded } from "../../compiler/ir/kinds.ts";
import { concrete } from "../../compiler/ir/parameters.ts";
import { bindData } from "../../runtime/data/bind.ts";
import type { BoundSection, Codes, RowSet, Target } from "../../runtime/data/data.ts";
import { answersOf, type Answer } from "../../runtime/train/answers.ts";
import { sourceOfRun } from "../../src/project/run-source.ts";
import { openTrained } from "../../src/project/trained.ts";

/** A run's own rows as a program has them, and what `mtlc predict` answers. */
export interface RowsOfRun {
  /** By input: numbers in their own units, words, tokens. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly answers: readonly Readonly<Record<string, Answer>>[];
}

/** The first rows of the test part; an input of another section is taken from that one's rows. */
export async function rowsOfRun(folder: string, count: number): Promise<RowsOfRun> {
  const trained = await openTrained(folder, { engine: "onnx", threads: 1 });
  const { model, codes, run } = trained;
  const inputs = Object.entries(codes.inputs).map(([name, { scale: _, ...others }]) => [name, others] as const);
  const unscaled: Codes = { ...codes, inputs: Object.fromEntries(inputs) };
  const bound = async (learnt: Codes) => {
    const options = { folder: sourceOfRun(run).folder, seed: model.phases[0].seed, codes: learnt };
    return firstRows(model.inputs, (await bindData(model, options)).sections, count);
  };
  const given = await bound(unscaled);
  const targets = model.tasks.flatMap((task): [string, Target][] => {
    const elements = count * answerElements(task);
    const values = isCoded(task.kind) ? new Int32Array(elements) : new Float32Array(elements);
    return task.target === null ? [] : [[task.name, { values, weight: new Float32Array(elements) }]];
  });
  const set: RowSet = { rows: count, inputs: await bound(codes), targets: Object.fromEntries(targets) };
  const answers = answersOf(model, codes, set, await trained.evaluate(set));
  await trained.close();
  const rows = Array.from({ length: count }, (_, row) =>
    Object.fromEntries(model.inputs.map((input) => [input.name, valueOf(input, codes, given[input.name], row, count)])),
  );
  return { rows, answers };
}

function firstRows(inputs: readonly Input[], sections: readonly BoundSection[], count: number): RowSet["inputs"] {
  return Object.fromEntries(
    inputs.map(({ name }) => {
      const part = sections.map(({ test, train }) => test ?? train).find((each) => Object.hasOwn(each.inputs, name));
      if (!part || part.rows < count) throw new Error(`too few rows hold ${name}`);
      return [name, part.inputs[name].slice(0, (part.inputs[name].length / part.rows) * count)];
    }),
  );
}

function valueOf(
  { name, kind, type }: Input,
  codes: Codes,
  values: Float32Array | Int32Array,
  row: number,
  count: number,
): unknown {
  const size = values.length / count;
  const own = [...values.subarray(row * size, (row + 1) * size)];
  const { categories = [], tokens = [] } = codes.inputs[name] ?? {};
  switch (kind.word) {
    case "category":
      return own[0] === 0 ? "what nobody has seen" : categories[own[0] - 1];
    case "tokens":
      return own.filter((code) => code !== 0).map((code) => (code === 1 ? "what nobody has seen" : tokens[code]));
    default:
      return nested(own, concrete(type).shape);
  }
}

function nested(numbers: readonly number[], [size, ...others]: readonly number[]): unknown {
  if (size === undefined) return numbers[0];
  const step = numbers.length / size;
  return Array.from({ length: size }, (_, k) => nested(numbers.slice(k * step, (k + 1) * step), others));
}
