import { describe, expect, it } from "vitest";
import { balanceRows, scaledAlpha, solveGradientRule } from "../../compiler/balance/index.ts";
import { createBuilder } from "../../compiler/graph/create.ts";
import { gradients } from "../../compiler/graph/gradients.ts";
import type { Builder } from "../../compiler/graph/builder.ts";
import type { Node } from "../../compiler/graph/graph.ts";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import { randomStream } from "../../compiler/random/index.ts";
import { optimizerRows } from "../../compiler/optimizers/index.ts";
import type { Value } from "../../compiler/ir/model.ts";
import { expectClose, golden, printUnbuilt, settingsOf } from "./golden.ts";

interface Run {
  id: string;
  problem: "squares" | "quadratics" | "toy";
  method?: string;
  settings?: Record<string, Value>;
  scale: "mean" | "paper";
  optimizer: { kind: "sgd" | "adam"; rate: number };
  start: [number, number];
  path: { step: number; x: number[]; losses: number[] }[];
  tolerance: number;
}
interface Values {
  id: string;
  points: [number, number][];
  losses: number[][];
  gradients: number[][][];
  tolerance: number;
}
const file = golden<{ angle: number; entries: (Run & Values)[] }>("trajectories.json");

/** Two losses of a point [2], in operations. */
function lossesOf(g: Builder, problem: Run["problem"], angle: number, x: Node): [Node, Node] {
  const c = (value: number): Node => g.constant(value);
  const coordinate = (k: number): Node => g.reshape(g.slice(x, [k], [1]), []);
  const [x1, x2] = [coordinate(0), coordinate(1)];
  switch (problem) {
    case "squares":
      return [g.square(x1), g.square(x2)];
    case "quadratics": {
      const quadratic = (turn: number, long: number, centre: number): Node => {
        // |Bᵀ(x - u)|², B = R(turn) diag(long, 0.1), u = (centre, 0)
        const d = g.sub(x1, c(centre));
        const along = g.add(g.mul(c(long * Math.cos(turn)), d), g.mul(c(long * Math.sin(turn)), x2));
        const across = g.add(g.mul(c(-0.1 * Math.sin(turn)), d), g.mul(c(0.1 * Math.cos(turn)), x2));
        return g.add(g.square(along), g.square(across));
      };
      return [quadratic(angle, 1, 1), quadratic(-angle, Math.sqrt(3), -1)];
    }
    case "toy": {
      const line = (node: Node, factor: number, offset: number): Node => g.add(g.mul(c(factor), node), c(offset));
      const log = (inner: Node): Node => g.add(g.log(g.maximum(g.abs(inner), c(5e-6))), c(6));
      const minusTanh = g.tanh(g.neg(x2));
      const f1 = log(g.sub(line(x1, -0.5, -3.5), minusTanh));
      const f2 = log(g.add(g.add(line(x1, -0.5, 1.5), minusTanh), c(2)));
      const [c1, c2] = [g.relu(g.tanh(g.mul(c(0.5), x2))), g.relu(g.tanh(g.mul(c(-0.5), x2)))];
      const well = (offset: number): Node => {
        const bowl = g.add(g.square(line(x1, -1, offset)), g.mul(c(0.1), g.square(line(x2, -1, -8))));
        return g.sub(g.mul(c(0.1), bowl), c(20));
      };
      return [g.add(g.mul(f1, c1), g.mul(well(7), c2)), g.add(g.mul(f2, c1), g.mul(well(-7), c2))];
    }
    default:
      return problem satisfies never;
  }
}

/** Losses and both gradients at a point. */
function problemAt(problem: Run["problem"], angle: number) {
  const g = createBuilder();
  const x = g.input("x", { element: "f32", shape: [2] });
  const losses = lossesOf(g, problem, angle, x);
  const [a, b] = losses.map((node) => gradients(g, [{ node, cotangent: null }], [x])[0] ?? g.fill(0, [2]));
  const graph = g.finish({ l0: losses[0], l1: losses[1], a, b });
  return (point: readonly number[]) => {
    const got = evaluate(graph, { x: point });
    return { losses: [got.l0[0], got.l1[0]], gradients: [[...got.a], [...got.b]] };
  };
}

/** An optimizer's row on a point [2], step by step. */
function stepper(kind: string, rate: number) {
  const row = optimizerRows.find((row) => row.name === kind);
  if (row?.update === undefined) throw new Error(`no optimizer ${kind}`);
  const settings = settingsOf(row, { rate });
  const g = createBuilder();
  const vector = (name: string): Node => g.input(name, { element: "f32", shape: [2] });
  const names = row.state(settings);
  const scalars = Object.keys(row.scalars(settings, { t: 1, rate, decay: false }));
  const next = row.update(g, {
    settings,
    parameter: vector("x"),
    gradient: vector("gradient"),
    state: Object.fromEntries(names.map((name) => [name, vector(name)])),
    scalars: Object.fromEntries(scalars.map((name) => [name, g.input(name, { element: "f32", shape: [] })])),
  });
  const graph = g.finish({ ...next.state, x: next.parameter });
  let state: Record<string, ArrayLike<number>> = Object.fromEntries(names.map((name) => [name, [0, 0]]));
  return (x: readonly number[], gradient: readonly number[], t: number): number[] => {
    const values = Object.entries(row.scalars(settings, { t, rate, decay: false })).map(([name, v]) => [name, [v]]);
    const { x: moved, ...kept } = evaluate(graph, { x, gradient, ...state, ...Object.fromEntries(values) });
    state = kept;
    return [...moved];
  };
}

describe("whole optimisations against a reference", () => {
  const runs = file.entries.filter((entry) => entry.method !== undefined);
  const ruleOf = (method = ""): string => (method === "static_mean" ? "static" : method);
  const built = runs.filter(({ method }) => balanceRows.some((row) => row.name === ruleOf(method) && row.built));

  it("prints what is not built", () => {
    const missing = runs.filter((run) => !built.includes(run)).map(({ method }) => ruleOf(method));
    printUnbuilt("trajectories.json", missing);
    expect(built.length).toBeGreaterThanOrEqual(12);
  });

  it("the toy problem has the given losses and gradients", () => {
    const values = file.entries.find(({ id }) => id === "toy_values");
    const at = problemAt("toy", file.angle);
    values?.points.forEach((point, k) => {
      const got = at(point);
      expectClose(got.losses, values.losses[k], values.tolerance);
      expectClose(got.gradients.flat(), values.gradients[k].flat(), values.tolerance);
    });
    expect(values?.points.length).toBe(3);
  });

  it.each(built)("$id", ({ problem, method, settings: given = {}, scale, optimizer, start, path, tolerance }) => {
    const at = problemAt(problem, file.angle);
    const step = stepper(optimizer.kind, optimizer.rate);
    const rule = balanceRows.find((row) => row.name === method && row.family === "gradient");
    const settings = rule ? settingsOf(rule, method === "pcgrad" ? { ...given, order: "index" } : given) : {};
    let x: number[] = start;
    const last = path.at(-1)?.step ?? 0;
    for (let k = 1; k <= last; k++) {
      const {
        losses,
        gradients: [a, b],
      } = at(x);
      const dot = (u: number[], v: number[]): number => u[0] * v[0] + u[1] * v[1];
      const gram = Float64Array.of(dot(a, a), dot(a, b), dot(a, b), dot(b, b));
      const problemNow = {
        tasks: 2,
        present: [0, 1],
        gram,
        losses: Float64Array.from(losses),
        random: randomStream(0, "balance"),
        state: {},
      };
      const solved = rule ? solveGradientRule(rule, settings, problemNow) : null;
      const alpha = scaledAlpha(solved?.alpha ?? Float64Array.of(1, 1), solved?.live.length ?? 2, 2, scale);
      x = step(x, [alpha[0] * a[0] + alpha[1] * b[0], alpha[0] * a[1] + alpha[1] * b[1]], k);
      const expected = path.find((point) => point.step === k);
      if (expected === undefined) continue;
      expectClose(x, expected.x, tolerance);
      expectClose(at(x).losses, expected.losses, tolerance);
    }
  });
});
