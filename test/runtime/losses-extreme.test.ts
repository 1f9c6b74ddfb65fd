import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBuilder } from "../../compiler/graph/create.ts";
import { gradients } from "../../compiler/graph/gradients.ts";
import { elementCount, type Graph, type Node } from "../../compiler/graph/graph.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import type { TaskKind, Value } from "../../compiler/ir/model.ts";
import { lossRows } from "../../compiler/losses/index.ts";
import { optimize } from "../../compiler/passes/index.ts";
import { randomStream } from "../../compiler/random/index.ts";
import type { LossRow } from "../../compiler/registry/rows.ts";
import type { Engine } from "../../runtime/engines/engine.ts";
import { openEngine } from "../../runtime/engines/index.ts";
import { settingsOf } from "../compiler/golden.ts";
import { runGraph } from "./run-graph.ts";

/**
 * Losses far out: logits that answer well and badly, up to ±100, on the engines in 32 bits against formulas in 64 bits that
 * are written out here. What one element costs must be right to five digits however small it is wherever nothing but that
 * small number is asked for; where a softmax is, float32 keeps a digit's worth of the largest logit.
 */
const LOGITS = [-100, -50, -20, -15, -8, -1, 0, 1, 8, 15, 20, 50, 100];

interface Expected {
  readonly cost: number;
  readonly slopes: readonly number[];
}

interface Case {
  readonly label: string;
  readonly loss: string;
  readonly kind: TaskKind["word"];
  readonly settings?: Readonly<Record<string, Value>>;
  /** Logits of each element, and its target. */
  readonly rows: readonly { readonly logits: readonly number[]; readonly target: number }[];
  readonly expected: (logits: readonly number[], target: number) => Expected;
  /** What float32 may lose of a cost, beside the fifth digit. */
  readonly loss32?: number;
  /** The largest weight of an element. */
  readonly weight?: number;
}

const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
/** Exact on both sides: 1 - σ(z) is σ(-z). */
const sigmoid = (z: number): number => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));

const flags = (targets: readonly number[] = [0, 1]): Case["rows"] =>
  targets.flatMap((target) => LOGITS.map((z) => ({ logits: [z], target })));

/** Three classes: the first logit far out, the others near 0. */
const classes: Case["rows"] = [0, 1, 2].flatMap((target) => LOGITS.map((z) => ({ logits: [z, 0.5, -0.25], target })));

function logProbability(logits: readonly number[], at: number): number {
  const others = logits.filter((_, k) => k !== at).map((z) => z - logits[at]);
  const most = Math.max(...others);
  const rest = others.reduce((sum, z) => sum + Math.exp(z - most), 0);
  // log(1 + e^most · rest), exact where that is near 0.
  return most > 0 ? -(most + Math.log(Math.exp(-most) + rest)) : -Math.log1p(Math.exp(most) * rest);
}
const shares = (logits: readonly number[]): number[] => logits.map((_, k) => Math.exp(logProbability(logits, k)));
const crossEntropySlopes = (logits: readonly number[], target: number): number[] =>
  shares(logits).map((share, k) => share - (k === target ? 1 : 0));

function binary(z: number, y: number): Expected {
  return { cost: y * softplus(-z) + (1 - y) * softplus(z), slopes: [y === 1 ? -sigmoid(-z) : sigmoid(z) - y] };
}

/** (1 - p)^γ (-log p) and its slope by -log p = c: γ (1-p)^(γ-1) p c + (1-p)^γ. */
function focused(cost: number, slopes: readonly number[], gamma: number): Expected {
  const p = Math.exp(-cost);
  const doubt = -Math.expm1(-cost);
  const by = gamma * doubt ** (gamma - 1) * p * cost + doubt ** gamma;
  return { cost: doubt ** gamma * cost, slopes: slopes.map((slope) => by * slope) };
}

const cases: readonly Case[] = [
  {
    label: "binary_cross_entropy",
    loss: "binary_cross_entropy",
    kind: "flag",
    rows: flags(),
    expected: ([z], y) => binary(z, y),
  },
  {
    label: "binary_cross_entropy, yes weighs 3",
    loss: "binary_cross_entropy",
    kind: "flag",
    settings: { positive_weight: 3 },
    weight: 3,
    rows: flags(),
    expected: ([z], y) => {
      const { cost, slopes } = binary(z, y);
      return y === 1 ? { cost: 3 * cost, slopes: [3 * slopes[0]] } : { cost, slopes };
    },
  },
  {
    label: "binary_cross_entropy, smoothed",
    loss: "binary_cross_entropy",
    kind: "flag",
    settings: { label_smoothing: 0.125 },
    rows: flags(),
    expected: ([z], y) => binary(z, y * 0.875 + 0.0625),
  },
  ...[0.5, 1, 2].map((gamma): Case => ({
    label: `focal of flags, gamma ${gamma}`,
    loss: "focal",
    kind: "flag",
    settings: { gamma },
    rows: flags(),
    expected: ([z], y) => {
      const { cost, slopes } = binary(z, y);
      return focused(cost, slopes, gamma);
    },
  })),
  {
    label: "cross_entropy",
    loss: "cross_entropy",
    kind: "class",
    rows: classes,
    expected: (logits, target) => ({
      cost: -logProbability(logits, target),
      slopes: crossEntropySlopes(logits, target),
    }),
    loss32: 2e-7,
  },
  {
    label: "cross_entropy, smoothed",
    loss: "cross_entropy",
    kind: "class",
    settings: { label_smoothing: 0.25 },
    rows: classes,
    expected: (logits, target) => {
      const t = (k: number): number => 0.25 / 3 + (k === target ? 0.75 : 0);
      return {
        cost: logits.reduce((sum, _, k) => sum - t(k) * logProbability(logits, k), 0),
        slopes: shares(logits).map((share, k) => share - t(k)),
      };
    },
    loss32: 2e-7,
  },
  {
    label: "focal of a class",
    loss: "focal",
    kind: "class",
    settings: { gamma: 2 },
    rows: classes,
    expected: (logits, target) => focused(-logProbability(logits, target), crossEntropySlopes(logits, target), 2),
    loss32: 2e-7,
  },
  {
    label: "ordinal",
    loss: "ordinal",
    kind: "ordinal",
    rows: [0, 1, 2].flatMap((target) => LOGITS.map((z) => ({ logits: [z, -z], target }))),
    expected: (logits, target) => {
      const levels = logits.map((z, k) => (target < k ? { cost: 0, slopes: [0] } : binary(z, target > k ? 1 : 0)));
      return {
        cost: levels.reduce((sum, { cost }) => sum + cost, 0),
        slopes: levels.map(({ slopes }) => slopes[0]),
      };
    },
  },
  {
    label: "poisson",
    loss: "poisson",
    kind: "count",
    rows: [-100, -50, -15, 0, 8, 15].flatMap((z) => [0, 3].map((target) => ({ logits: [z], target }))),
    expected: ([z], t) => ({ cost: Math.exp(z) - t * z, slopes: [Math.exp(z) - t] }),
  },
  ...["mse", "mae", "huber", "smooth_l1", "log_cosh"].map((loss): Case => ({
    label: loss,
    loss,
    kind: "real",
    rows: [-1e4, -100, -50, -15, 15, 50, 100, 1e4].map((p) => ({ logits: [p], target: 0 })),
    expected: ([e]) => {
      const size = Math.abs(e);
      switch (loss) {
        case "mse":
          return { cost: e * e, slopes: [2 * e] };
        case "mae":
          return { cost: size, slopes: [Math.sign(e)] };
        case "log_cosh":
          return { cost: size + Math.log1p(Math.exp(-2 * size)) - Math.LN2, slopes: [Math.tanh(e)] };
        default:
          return { cost: size - 0.5, slopes: [Math.sign(e)] };
      }
    },
  })),
];

/** Costs of the elements (the slope of the sum by their weights) and the slopes of their logits. */
function graphOf({ loss, kind: word, settings: given = {}, rows }: Case): Graph {
  const row = lossRows.find(({ name }) => name === loss);
  if (!row?.parts) throw new Error(`no loss ${loss}`);
  const width = rows[0].logits.length;
  const coded = word === "class" || word === "ordinal";
  const g = createBuilder();
  const prediction = g.input("prediction", { element: "f32", shape: [rows.length, width] });
  const target = g.input("target", { element: coded ? "i32" : "f32", shape: [rows.length] });
  const weight = g.input("weight", { element: "f32", shape: [rows.length] });
  const { sum } = row.parts(g, {
    settings: settingsOf(row, given),
    prediction,
    target,
    weight,
    kind: { word, size: word === "ordinal" ? width + 1 : width, learnt: false, shape: [] },
    parameters: {},
  });
  const [slopes, costs] = gradients(g, [{ node: sum, cotangent: null }], [prediction, weight]);
  if (!slopes || !costs) throw new Error(`${loss} has no gradient`);
  return optimize(g.finish({ sum, slopes, costs })).graph;
}

const shapes: Readonly<Record<TaskKind["word"], { size: number; answer: readonly number[]; last: readonly number[] }>> =
  {
    class: { size: 3, answer: [2], last: [3] },
    flag: { size: 1, answer: [], last: [1] },
    flags: { size: 3, answer: [3], last: [] },
    real: { size: 1, answer: [4], last: [] },
    count: { size: 1, answer: [], last: [1] },
    ordinal: { size: 4, answer: [], last: [3] },
  };
const BATCH = 12;

/** A loss as it is written by default, on predictions drawn far out: its graph and its inputs. */
function drawn(row: LossRow, word: TaskKind["word"]) {
  if (!row.parts) throw new Error(`no loss ${row.name}`);
  const { size, answer, last } = shapes[word];
  const random = randomStream(11, `${row.name}/${word}`);
  const coded = word === "class" || word === "ordinal";
  const target = { element: coded ? ("i32" as const) : ("f32" as const), shape: [BATCH, ...answer] };
  const elements = elementCount(target.shape);
  const g = createBuilder();
  const kind: TaskKind = { word, size, learnt: false, shape: answer };
  const prediction = g.input("prediction", { element: "f32", shape: [...target.shape, ...last] });
  const far = word === "count" ? 6 : 50;
  const given: Record<string, number[]> = {
    prediction: Array.from({ length: elementCount(prediction.type.shape) }, () => Math.fround(far * random.normal())),
    target: Array.from({ length: elements }, () =>
      word === "real" ? random.normal() : random.below(word === "flags" ? 2 : Math.max(2, size)),
    ),
    weight: Array.from({ length: elements }, () => 1),
  };
  const parameters: Record<string, Node> = {};
  for (const [name, { shape }] of Object.entries(row.parameters?.(kind) ?? {})) {
    parameters[name] = g.input(name, { element: "f32", shape });
    given[name] = Array.from({ length: elementCount(shape) }, () => Math.fround(random.normal()));
  }
  given.teacher = given.prediction.map(() => Math.fround(far * random.normal()));
  const { sum, count } = row.parts(g, {
    settings: settingsOf(row, {}),
    prediction,
    teacher: g.input("teacher", prediction.type),
    target: g.input("target", target),
    weight: g.input("weight", { element: "f32", shape: target.shape }),
    kind,
    parameters,
  });
  const [slopes] = gradients(g, [{ node: sum, cotangent: null }], [prediction]);
  return { graph: g.finish({ sum, count, ...(slopes && { slopes }) }), given };
}

describe.each([{ engine: "onnx" }, { engine: "tfjs" }])("$engine", ({ engine: name }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine({ engine: name });
  });
  afterAll(() => engine.close());

  const rows = lossRows.flatMap((row) => (row.built ? row.kinds.map((word) => ({ row, word, name: row.name })) : []));

  it.each(rows)("$name of $word, drawn far out", async ({ row, word }) => {
    const { graph, given } = drawn(row, word);
    const expected = evaluate(graph, given);
    const found = await runGraph(engine, optimize(graph).graph, given);
    for (const [name, values] of Object.entries(expected)) {
      const largest = Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      Array.from(values).forEach((value, k) => {
        const off = Math.abs(found[name][k] - value);
        expect(off, `${name}[${k}]: ${found[name][k]}, not ${value}`).toBeLessThanOrEqual(
          1e-5 * Math.abs(value) + 4e-7 * largest,
        );
      });
    }
  });

  it.each(cases)("$label", async (one) => {
    const found = await runGraph(engine, graphOf(one), {
      prediction: one.rows.flatMap(({ logits }) => logits),
      target: one.rows.map(({ target }) => target),
      weight: one.rows.map(() => 1),
    });
    const width = one.rows[0].logits.length;
    one.rows.forEach(({ logits, target }, k) => {
      const { cost, slopes } = one.expected(logits, target);
      const where = `${one.label} of [${logits.join(", ")}] for ${target}`;
      const allowed = 1e-5 * Math.abs(cost) + (one.loss32 ?? 1e-37);
      expect(Math.abs(found.costs[k] - cost), `${where}: ${found.costs[k]}, not ${cost}`).toBeLessThanOrEqual(allowed);
      slopes.forEach((slope, at) => {
        const got = found.slopes[k * width + at];
        const bound = 1e-5 * Math.abs(slope) + 2e-7 * (one.weight ?? 1);
        expect(Math.abs(got - slope), `slope of ${where}: ${got}, not ${slope}`).toBeLessThanOrEqual(bound);
      });
    });
  });
});
