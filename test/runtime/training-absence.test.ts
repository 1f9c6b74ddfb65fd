import { describe, expect, test } from "vitest";
import { registry } from "../../compiler/registry/index.ts";
import type { Snapshot } from "../../runtime/train/snapshot.ts";
import { bits, csv, numbersFrom, prepared, startValues, trained, type Trained } from "./small-training.ts";

/** What is not there changes nothing: rows that fill a batch, tasks without an answer, parts that are frozen, padding. */

function table(rows: number, change: (columns: Record<string, (number | null)[]>) => void = () => {}) {
  const random = numbersFrom(11);
  const many = (count: number): number[] => Array.from({ length: count }, random);
  const columns: Record<string, (number | null)[]> = {};
  for (const name of ["a", "b", "c", "mass", "size"]) columns[name] = many(rows);
  columns.kind = many(rows).map((value) => (value > 0.3 ? 2 : value > -0.3 ? 1 : 0));
  change(columns);
  return { "rows.csv": csv(columns) };
}

const head = `model Birds
input x: f32[3] { from: ["a", "b", "c"] }
`;
const data = `data { train: csv("rows.csv") }`;

describe("rows that only fill a batch", () => {
  const net = `${head}
shared trunk = x -> dense(8) -> batch_norm -> relu -> dropout(0.2)
task kind: class(3) { head: trunk -> dense }
task mass: real { head: trunk -> dense(4) -> batch_norm -> tanh -> dense }
penalty small = 0.01 * mean(square(trunk))
`;
  const rules = ["static", "uncertainty", "pcgrad"];
  const run = async (rule: string, rows: number, batch: number): Promise<Trained> => {
    const train = `train { balance: ${rule}, optimizer: sgd(rate: 0.1, momentum: 0.5), clip: norm(0.5), epochs: 6, batch: ${batch}, seed: 4 }`;
    return trained(await prepared(`${net}${train}\n${data}`, table(rows)));
  };

  test.each(rules)("change no bit under %s", async (rule) => {
    const exact = await run(rule, 32, 32);
    for (const batch of [64, 128]) {
      const padded = await run(rule, 32, batch);
      expect(padded.steps).toEqual(exact.steps);
      expect(bits(padded.weights)).toEqual(bits(exact.weights));
    }
    expect(Math.abs(exact.weights.get("trunk.batch_norm_1.mean")![0])).toBeGreaterThan(0.001);
  });

  // Where the number of rows is no multiple of what the processor adds at a time, sums are rounded in another order.
  test.each(rules)("change no more than the order of sums does under %s", async (rule) => {
    const exact = await run(rule, 19, 19);
    const padded = await run(rule, 19, 32);
    for (const [name, values] of exact.weights) {
      values.forEach((value, k) => expect(Math.abs(padded.weights.get(name)![k] - value), name).toBeLessThan(2e-5));
    }
  });
});

/** Every tensor of a snapshot whose name says that it belongs to a declaration. */
function part(snapshot: Snapshot, owner: string): Map<string, Float32Array> {
  const found = new Map<string, Float32Array>();
  for (const [name, { data: values }] of snapshot.tensors) if (name.includes(`/${owner}.`)) found.set(name, values);
  return found;
}
const stepsOf = ({ cursor }: Snapshot, owner: string): Record<string, number> =>
  Object.fromEntries(Object.entries(cursor.stepCounts).filter(([name]) => name.startsWith(`${owner}.`)));

/** The state after each step. */
async function snapshots(text: string, tables: Readonly<Record<string, string>>): Promise<Snapshot[]> {
  const ready = await prepared(text, tables);
  const states: Snapshot[] = [];
  let from: Snapshot | undefined;
  for (;;) {
    let asked = 0;
    const { snapshot, interrupted } = await trained(ready, { from, interrupted: () => ++asked >= 1 });
    states.push(snapshot);
    if (!interrupted || snapshot.cursor.step >= 5) return states;
    from = snapshot;
  }
}

describe("a task without an answer in a batch", () => {
  // Batches of four: mass has no answer in the second and the fourth, size in the third.
  const tables = table(20, (columns) => {
    for (const row of [4, 5, 6, 7, 12, 13, 14, 15]) columns.mass[row] = null;
    for (const row of [8, 9, 10, 11]) columns.size[row] = null;
    columns.mass[1] = null;
  });
  const text = (train: string): string => `${head}
shared trunk = x -> dense(6) -> batch_norm -> tanh
shared upper = trunk -> dense(5) -> relu
task kind: class(3) { head: trunk -> dense(4) -> dense }
task mass: real { head: upper -> dense(4) -> batch_norm -> dense }
task size: real { head: upper -> dense }
train { ${train}, steps: 5, batch: 4, shuffle: false, seed: 2 }
${data}`;
  const common = "penalty: l2(0.01), average: ema(0.9)";
  test.each([
    `balance: static, optimizer: adamw(rate: 0.01, weight_decay: 0.1), ${common}`,
    `balance: uncertainty, optimizer: sgd(rate: 0.01, momentum: 0.9, weight_decay: 0.1), ${common}`,
    `balance: [uncertainty, pcgrad], optimizer: rmsprop(momentum: 0.5), ${common}`,
    `balance: dwa(smoothing: 0.5), optimizer: adam(weight_decay: 0.1), clip: value(0.1), ${common}`,
  ])("leaves its own part as it was, to the bit, under %s", async (train) => {
    const states = await snapshots(text(train), tables);
    expect(states.length).toBe(5);
    for (const absentAt of [1, 3]) {
      const [before, after] = [states[absentAt - 1], states[absentAt]];
      expect(bits(part(after, "mass"))).toEqual(bits(part(before, "mass")));
      expect(stepsOf(after, "mass")).toEqual(stepsOf(before, "mass"));
      for (const owner of ["trunk", "upper", "kind", "size"]) {
        const [then, now] = [bits(part(before, owner)), bits(part(after, owner))];
        for (const name of Object.keys(now))
          if (/bias|kernel|mean|variance/.test(name)) expect(now[name], name).not.toEqual(then[name]);
      }
      expect(Object.values(stepsOf(after, "upper"))).toEqual([absentAt + 1, absentAt + 1]);
    }
    expect(Object.values(stepsOf(states[4], "mass"))).toEqual(Array.from({ length: 6 }, () => 3));
    expect(bits(part(states[2], "size"))).toEqual(bits(part(states[1], "size")));
    // The rule's own scalars wait with their task.
    for (const [name, { data: scalars }] of states[1].tensors) {
      if (!name.includes("balance/") || name.startsWith("average/")) continue;
      expect(scalars[1], name).toBe(states[0].tensors.get(name)!.data[1]);
      expect(scalars[0], name).not.toBe(states[0].tensors.get(name)!.data[0]);
    }
  });

  test("what only absent tasks reach stands still, what others share moves", async () => {
    const lonely = table(8, (columns) => {
      columns.mass.fill(null, 4, 8);
      columns.size.fill(null, 4, 8);
    });
    const states = await snapshots(text(`optimizer: adamw, ${common}`).replace("steps: 5", "steps: 2"), lonely);
    expect(bits(part(states[1], "upper"))).toEqual(bits(part(states[0], "upper")));
    expect(bits(part(states[1], "trunk"))).not.toEqual(bits(part(states[0], "trunk")));
    expect(stepsOf(states[1], "upper")).toEqual({ "upper.dense_1.bias": 1, "upper.dense_1.kernel": 1 });
  });

  test("a batch without any answer changes nothing, and is a step", async () => {
    const empty = table(8, (columns) => {
      for (const name of ["kind", "mass", "size"]) columns[name].fill(null, 4, 8);
    });
    for (const rule of ["static", "uncertainty", "pcgrad", "dwa(every: 2)"]) {
      const train = `balance: ${rule}, optimizer: adamw, average: ema(0.9)`;
      const [first, second] = await snapshots(text(train).replace("steps: 5", "steps: 2"), empty);
      const tensors = ({ tensors: all }: Snapshot) => new Map([...all].map(([name, tensor]) => [name, tensor.data]));
      expect(bits(tensors(second))).toEqual(bits(tensors(first)));
      expect(second.cursor.stepCounts).toEqual(first.cursor.stepCounts);
      expect(second.cursor.step).toBe(2);
    }
  });
});

describe("frozen parts", () => {
  test("and their norms stay as they are, to the bit, while the others learn", async () => {
    const text = `${head}
layer project = dense(5) -> batch_norm -> relu
shared trunk = x -> project
task kind: class(3) { head: trunk -> dense(4) -> batch_norm -> dense }
task mass: real { head: trunk -> dense }
train { optimizer: adamw(weight_decay: 0.1), penalty: [l2(0.1), l1(0.1)], average: ema(0.9), freeze: [project, mass], epochs: 3, batch: 8, seed: 2 }
${data}`;
    const start = await startValues(text, table(24));
    const { weights, snapshot } = await trained(await prepared(text, table(24)));
    for (const [name, values] of weights) {
      const moved = !name.startsWith("project.") && !name.startsWith("mass.");
      if (moved) expect([...values], name).not.toEqual([...start.get(name)!]);
      else expect(bits(new Map([[name, values]])), name).toEqual(bits(new Map([[name, start.get(name)!]])));
    }
    expect(Object.keys(snapshot.cursor.stepCounts).every((name) => name.startsWith("kind."))).toBe(true);
  });

  test("a group's name holds all of its tasks still", async () => {
    const text = `${head}
shared trunk = x -> dense(5) -> relu
task assay: real { head: trunk -> dense(4) -> batch_norm -> dense  target: each(["mass", "size"]) }
task kind: class(3) { head: trunk -> dense }
train { freeze: [assay], rates: { kind: 0.5 }, epochs: 2, batch: 8 }
${data}`;
    const start = await startValues(text, table(24));
    const { weights } = await trained(await prepared(text, table(24)));
    for (const [name, values] of weights) {
      if (name.startsWith("assay.")) expect([...values], name).toEqual([...start.get(name)!]);
      else expect([...values], name).not.toEqual([...start.get(name)!]);
    }
  });
});

describe("what no loss reaches", () => {
  test("is not decayed; what only a penalty reaches learns from it alone", async () => {
    const text = (rule: string): string => `${head}
shared still = x -> dense(4) -> tanh
shared pulled = x -> dense(4)
shared trunk = x -> dense(4) -> tanh
task kind: class(3) { head: concat(trunk, still -> stop_gradient) -> dense }
task mass: real { head: trunk -> dense }
penalty tie = 0.5 * mean(square(pulled))
train { balance: ${rule}, optimizer: sgd(rate: 0.1, weight_decay: 0.2), epochs: 2, batch: 24, shuffle: false }
${data}`;
    const tables = table(24);
    const results = await Promise.all(
      ["static", "pcgrad"].map(async (rule) => trained(await prepared(text(rule), tables))),
    );
    const start = await startValues(text("static"), tables);
    for (const { weights } of results) {
      for (const name of ["still.dense_1.kernel", "still.dense_1.bias"]) {
        expect([...weights.get(name)!], name).toEqual([...start.get(name)!]);
      }
    }
    // The same two steps under both rules: the penalty's gradient is neither lost nor added up from step to step.
    const [plain, projected] = results.map(({ weights }) => [...weights.get("pulled.dense_1.kernel")!]);
    expect(projected).toEqual(plain);
    const [before] = start.get("pulled.dense_1.kernel")!;
    expect(plain[0]).not.toBe(before);
  });
});

describe("padding", () => {
  test("keeps its row of the table at 0 through decay, momentum and averages, even under a layer that would train it", async () => {
    const random2 = numbersFrom(3);
    const words = Array.from({ length: 24 }, (_, row) =>
      "one two three four five six"
        .split(" ")
        .slice(0, 1 + (row % 5))
        .join(" "),
    );
    const tables = {
      "rows.csv": csv({ words, kind: words.map((_, row) => row % 3), mass: words.map(() => random2()) }),
    };
    // Layers take no notice of what stands at padding; this one reads it as it is, and gives it a gradient.
    const flatten = registry.layer.get("flatten")!;
    const careless: typeof flatten = { ...flatten, forward: (g, { inputs: [x] }) => g.reshape(x, [g.batch, 24]) };
    const text = (train: string): string => `model Words
input words: tokens(6)
shared trunk = words -> embed(4) -> flatten -> dense(5) -> tanh
task kind: class(3) { head: trunk -> dense }
task mass: real { head: trunk -> dense }
train { ${train}, epochs: 4, batch: 8, seed: 1 }
${data}`;
    for (const train of [
      "optimizer: sgd(rate: 0.1, momentum: 0.9, weight_decay: 0.1), average: ema(0.9)",
      "optimizer: adamw(rate: 0.1, weight_decay: 0.1), penalty: [l1(0.1), l2(0.1)]",
      "balance: pcgrad, optimizer: lion(rate: 0.01), accumulate: 2",
    ]) {
      const ready = await prepared(text(train), tables);
      for (const language of [registry, { ...registry, layer: new Map(registry.layer).set("flatten", careless) }]) {
        const { weights, steps } = await trained(ready, { registry: language });
        const vectors = weights.get("trunk.embed_1.table")!;
        expect([...vectors.slice(0, 4)], train).toEqual([0, 0, 0, 0]);
        expect(vectors.slice(4, 8).every((value) => value !== 0)).toBe(true);
        expect(steps.length).toBeGreaterThan(4);
      }
    }
  });
});
