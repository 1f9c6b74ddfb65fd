import { describe, expect, test } from "vitest";
import { evaluate } from "../../compiler/graph/interpreter.ts";
import { lowerStep } from "../../compiler/lower/step.ts";
import { registry } from "../../compiler/registry/index.ts";
import { csv, numbersFrom, prepared, trained } from "./small-training.ts";

/** The step of two graphs: the tasks' gradients apart, projected on the host, and brought together again. */

const ROWS = 24;
const random = numbersFrom(17);
const x = Array.from({ length: ROWS }, () => [random(), random(), random()]);
const columns = {
  a: x.map(([a]) => a),
  b: x.map(([, b]) => b),
  c: x.map(([, , c]) => c),
  mass: x.map(([a, b]) => a - 2 * b),
  // Nearly the opposite of mass: their gradients conflict.
  size: x.map(([a, b, c]) => 2 * b - a + c / 8),
  sex: x.map(([a, , c]) => (a + c > 0 ? 1 : 0)),
};
const text = (train: string): string => `model Birds
input x: f32[3] { from: ["a", "b", "c"] }
shared trunk = x -> dense(5) -> tanh
shared upper = trunk -> dense(4) -> tanh
task mass: real { head: upper -> dense  weight: 2 }
task size: real { head: upper -> dense }
task sex: flag { head: trunk -> dense(3) -> tanh -> dense }
train { shuffle: false, seed: 3, batch: ${ROWS}, ${train} }
data { train: csv("rows.csv") }`;
type Table = Readonly<Record<string, readonly (number | null)[]>>;
const tasks = ["mass", "size", "sex"];

/** Gradients of the weighted losses at the start values, in 64-bit floats: of each task, by parameter. */
async function tasksGradients(table: Table): Promise<Map<string, Map<string, Float64Array>>> {
  const { model, data } = await prepared(text("steps: 0"), { "rows.csv": csv(table) });
  const start = await trained({ model, data });
  const found = new Map<string, Map<string, Float64Array>>();
  const [phase] = model.phases;
  for (const only of tasks) {
    // One task at a time under the written weights: what its gradient is does not hang on any rule.
    const weighted = model.tasks.map((task) => (task.name === only ? task : { ...task, weight: 0 }));
    const program = lowerStep({ ...model, tasks: weighted }, registry, phase, { targetScales: {}, classCounts: {} });
    const inputs: Record<string, ArrayLike<number>> = {
      rows: new Array(ROWS).fill(1),
      "input/x": data.sections[0].train.inputs.x,
    };
    for (const [name, values] of start.weights) inputs[`parameter/${name}`] = values;
    for (const [task, { values, weight }] of Object.entries(data.sections[0].train.targets)) {
      inputs[`target/${task}`] = values;
      inputs[`weight/${task}`] = weight;
    }
    const results = evaluate(program.graph, inputs);
    const gradients = [...start.weights.keys()].map((name) => [name, results[`gradient/${name}`]] as const);
    found.set(only, new Map(gradients));
  }
  return found;
}

/** What the first step of `sgd(rate: 1)` takes off each parameter, and the weights that it reports. */
async function stepOf(train: string, table: Table) {
  const tables = { "rows.csv": csv(table) };
  const start = await trained(await prepared(text(`${train}, optimizer: sgd(rate: 1), steps: 0`), tables));
  const after = await trained(await prepared(text(`${train}, optimizer: sgd(rate: 1), steps: 1`), tables));
  const taken = new Map(
    [...start.weights].map(([name, values]) => [
      name,
      Float64Array.from(values, (value, k) => value - after.weights.get(name)![k]),
    ]),
  );
  return { taken, weights: after.steps[0].weights };
}

const isShared = (name: string): boolean => name.startsWith("trunk.") || name.startsWith("upper.");
const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, k) => sum + value * b[k], 0);
function joined(gradient: ReadonlyMap<string, Float64Array>): Float64Array {
  return Float64Array.from([...gradient].filter(([name]) => isShared(name)).flatMap(([, values]) => [...values]));
}

/** Gradient surgery as its paper describes it, on the gradients themselves: the projected ones, one after another by index. */
function projected(gradients: readonly Float64Array[]): Float64Array[] {
  return gradients.map((own, i) => {
    let left = own.slice();
    gradients.forEach((other, j) => {
      const along = dot(left, other);
      if (j !== i && along < 0) left = left.map((value, k) => value - (along / dot(other, other)) * other[k]);
    });
    return left;
  });
}

function expectClose(got: ArrayLike<number>, wanted: ArrayLike<number>, what: string): void {
  expect(got.length, what).toBe(wanted.length);
  for (let k = 0; k < got.length; k++) expect(Math.abs(got[k] - wanted[k]), `${what} at ${k}`).toBeLessThan(3e-6);
}

/** The step's shared part as one vector, in the order of the gradients. */
const sharedPart = (taken: ReadonlyMap<string, Float64Array>): Float64Array => joined(taken);

describe("pcgrad", () => {
  test("gives what is shared the projected gradients, and own parameters their plain ones", async () => {
    const gradients = await tasksGradients(columns);
    const rows = tasks.map((task) => joined(gradients.get(task)!));
    expect(dot(rows[0], rows[1])).toBeLessThan(0);
    const parts = projected(rows);
    const sum = parts[0].map((value, k) => value + parts[1][k] + parts[2][k]);
    const { taken, weights } = await stepOf("balance: pcgrad(order: index, scale: paper)", columns);
    expectClose(sharedPart(taken), sum, "shared");
    for (const [name, values] of taken) {
      if (!isShared(name)) expectClose(values, gradients.get(name.slice(0, name.indexOf(".")))!.get(name)!, name);
    }
    // Σ α g is the direction: the reported weights are the written ones times α.
    const alpha = tasks.map((task) => weights[task] / (task === "mass" ? 2 : 1));
    expectClose(
      sharedPart(taken),
      rows[0].map((_, k) => rows.reduce((total, row, i) => total + alpha[i] * row[k], 0)),
      "Σ α g",
    );
  });

  test.each([
    ["sum", 3, 1],
    ["mean", 1, 1 / 3],
  ])("in scale %s makes the direction as long as the rule says", async (scale, total, own) => {
    const gradients = await tasksGradients(columns);
    const paper = await stepOf("balance: pcgrad(order: index, scale: paper)", columns);
    const alpha = tasks.map((task) => paper.weights[task] / (task === "mass" ? 2 : 1));
    const factor = total / alpha.reduce((sum, a) => sum + Math.abs(a), 0);
    const { taken } = await stepOf(`balance: pcgrad(order: index, scale: ${scale})`, columns);
    expectClose(
      sharedPart(taken),
      sharedPart(paper.taken).map((value) => value * factor),
      scale,
    );
    for (const [name, values] of taken) {
      const plain = gradients.get(name.slice(0, name.indexOf(".")))?.get(name);
      if (plain)
        expectClose(
          values,
          plain.map((value) => value * own),
          name,
        );
    }
  });

  test("after uncertainty sees the losses that it made, and own parameters get its factor", async () => {
    const gradients = await tasksGradients(columns);
    const { taken } = await stepOf("balance: [uncertainty(start: 1), pcgrad(order: index, scale: paper)]", columns);
    const factor = 0.5 * Math.exp(-1);
    const parts = projected(tasks.map((task) => joined(gradients.get(task)!).map((value) => value * factor)));
    expectClose(
      sharedPart(taken),
      parts[0].map((value, k) => value + parts[1][k] + parts[2][k]),
      "shared",
    );
    const name = "sex.dense_2.kernel";
    expectClose(
      taken.get(name)!,
      gradients
        .get("sex")!
        .get(name)!
        .map((value) => value * factor),
      name,
    );
  });

  test("with one task present is the plain gradient; absent tasks count for nothing", async () => {
    const none = new Array<null>(ROWS).fill(null);
    const alone = { ...columns, size: none.with(0, null), sex: none };
    // A task must have some answer: it stands in a row beyond the batch.
    const table = Object.fromEntries(
      Object.entries(alone).map(([name, values]) => [name, [...values, columns[name as keyof typeof columns][1]]]),
    );
    const plain = await stepOf("balance: static", table);
    const single = await stepOf("balance: pcgrad", table);
    expect(Object.keys(single.weights)).toEqual(["mass"]);
    for (const [name, values] of plain.taken) expectClose(single.taken.get(name)!, values, name);
    const two = { ...table, size: [...columns.size, 1] };
    const gradients = await tasksGradients(columns);
    const parts = projected(["mass", "size"].map((task) => joined(gradients.get(task)!)));
    const { taken } = await stepOf("balance: pcgrad(order: index, scale: paper)", two);
    expectClose(
      sharedPart(taken),
      parts[0].map((value, k) => value + parts[1][k]),
      "two tasks",
    );
  });

  test("without anything shared, or with all of it frozen, is the plain step", async () => {
    const table = columns;
    const [plain, frozen] = await Promise.all(
      ["static", "pcgrad"].map((rule) => stepOf(`balance: ${rule}, freeze: [trunk, upper]`, table)),
    );
    expect(frozen.weights).toEqual(plain.weights);
    for (const [name, values] of plain.taken) expectClose(frozen.taken.get(name)!, values, name);
    const alone = (rule: string): string =>
      text(`balance: ${rule}, optimizer: sgd(rate: 1), steps: 2`).replace(/task (size|sex).*\n/g, "");
    const [one, other] = await Promise.all(
      ["static", "pcgrad"].map(async (rule) => trained(await prepared(alone(rule), { "rows.csv": csv(columns) }))),
    );
    expect([...other.weights]).toEqual([...one.weights]);
    expect(other.steps).toEqual(one.steps);
  });
});
