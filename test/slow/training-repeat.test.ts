import { describe, expect, test } from "vitest";
import type { Snapshot } from "../../runtime/train/snapshot.ts";
import type { Prepared } from "../../src/project/prepare.ts";
import { bits, csv, numbersFrom, prepared, startValues, trained, type Trained } from "../runtime/small-training.ts";

/** The same seed gives the same bits, another seed others; and a run that was interrupted is the run that was not. */

const random = numbersFrom(21);
const ROWS = 52;
const columns = Object.fromEntries(["a", "b", "c"].map((name) => [name, Array.from({ length: ROWS }, random)]));
const tables = {
  "rows.csv": csv({
    ...columns,
    kind: columns.a.map((value, row) => (value + columns.b[row] > 0.2 ? 1 : value > -0.4 ? 0 : 2)),
    mass: columns.a.map((value, row) => (row % 6 === 1 ? null : Math.round(128 * (value - columns.c[row])) / 128)),
    sex: columns.b.map((value, row) => (row % 4 === 0 ? null : value * columns.c[row] > 0 ? 1 : 0)),
  }),
};
const head = `model Birds
input x: f32[3] { from: ["a", "b", "c"], scale: standard }
shared trunk = x -> dense(8) -> batch_norm -> relu -> dropout(0.3)
task kind: class(3) { head: trunk -> dense }
task mass: real { head: trunk -> dense(4) -> batch_norm -> tanh -> dense  scale: standard }
task sex: flag { head: concat(trunk, kind.output -> stop_gradient) -> dense }
`;
const data = `data { train: csv("rows.csv"), validation: part(0.2, of: train), test: part(0.2, of: train) }`;
const text = (...sections: string[]): string => [head, ...sections, data].join("\n");

/** Everything that tells one run from another. */
function all({ steps, epochs, weights, parts, snapshot }: Trained) {
  const { seconds: _, ...cursor } = snapshot.cursor;
  const tensors = new Map([...snapshot.tensors].map(([name, tensor]) => [name, tensor.data]));
  return { steps, epochs, weights: bits(weights), parts: [...parts], cursor, state: bits(tensors) };
}

const programs: Record<string, string> = {
  "dropout and batch_norm under adam": text("train { epochs: 3, batch: 8, seed: 5 }"),
  "pcgrad with smoothing, clipped, under momentum": text(
    "train { balance: pcgrad(smoothing: 0.5, every: 2), optimizer: sgd(rate: 0.05, momentum: 0.9), clip: norm(0.5), epochs: 3, batch: 8 }",
  ),
  "uncertainty before pcgrad": text(
    "train { balance: [uncertainty(rate: 0.1), pcgrad], optimizer: adamw(rate: 0.02), schedule: cosine(warmup: 3), epochs: 3, batch: 8 }",
  ),
  "dwa and random, remembered": text(
    "train { balance: [dwa(smoothing: 0.9), random(every: 3)], optimizer: rmsprop(momentum: 0.5), epochs: 5, batch: 16 }",
  ),
  "accumulated batches and an average": text(
    "train { optimizer: adam(rate: 0.02), accumulate: 3, average: ema(0.9, ramp: true), epochs: 4, batch: 4, penalty: l2(1e-3) }",
  ),
  "early stopping on a metric, with an average": text(
    "train { optimizer: adam(rate: 0.1), average: ema(0.5), stop: early(on: validation.kind.accuracy, patience: 2), epochs: 9, batch: 8 }",
  ),
  "a plateau": text(
    "train { optimizer: sgd(rate: 0.5), schedule: plateau(factor: 0.5, patience: 1, on: validation.mass.mae), epochs: 6, batch: 16 }",
  ),
  "phases that differ in all they can": text(
    "train warmup { optimizer: adam(rate: 0.05), balance: uncertainty, stop: early(patience: 1), epochs: 4, batch: 8, seed: 3 }",
    "train middle { optimizer: sgd(rate: 0.05, momentum: 0.9), balance: pcgrad, freeze: [trunk], stop: none, steps: 7, batch: 12, seed: 4 }",
    "train finish { optimizer: adam(rate: 0.01), balance: [uncertainty, dwa], freeze: [], average: ema(0.8), epochs: 2, accumulate: 2 }",
  ),
};

describe("one seed", () => {
  test("another seed gives other weights, another order and other parts", async () => {
    const program = programs["dropout and batch_norm under adam"];
    const [one, two] = await Promise.all(["5", "6"].map((seed) => prepared(program, tables, [`train.seed=${seed}`])));
    expect([...one.data.sections[0].test!.inputs.x]).not.toEqual([...two.data.sections[0].test!.inputs.x]);
    const start = await Promise.all(
      [one, two].map(({ model, data: rows }) => trained({ model: without(model), data: rows })),
    );
    for (const name of ["trunk.dense_1.kernel", "kind.dense_1.kernel"])
      expect([...start[0].weights.get(name)!]).not.toEqual([...start[1].weights.get(name)!]);
    // The same rows and start values, in another order and with other dropout.
    const later = {
      ...one,
      model: { ...one.model, phases: one.model.phases.map((phase) => ({ ...phase, epochs: 1 })) },
    };
    const losses = async (shuffle: boolean, seed: number) =>
      (await trained(withPhase(later, { shuffle, seed: later.model.phases[0].seed }, seed))).steps.map(
        (step) => step.losses,
      );
    expect(await losses(true, 5)).not.toEqual(await losses(false, 5));
  });

  test("dropout draws anew in every step, and not by the batch it meets", async () => {
    // The same rows in every step, and weights that stand still.
    const program = `${head}train { epochs: 3, batch: ${ROWS}, shuffle: false, optimizer: sgd(rate: 1e-30) }\ndata { train: csv("rows.csv") }`;
    const { steps } = await trained(await prepared(program, tables));
    const losses = steps.map((step) => step.losses.kind);
    expect(new Set(losses).size).toBe(3);
    // Two halves of equal rows make one step: were they dropped alike, its loss would be that of one half.
    const half = program.replace("epochs: 3", "epochs: 1").replace(`batch: ${ROWS}`, "batch: 26");
    const rows = tables["rows.csv"].trimEnd().split("\n").slice(0, 27).join("\n");
    const [first] = (await trained(await prepared(half, { "rows.csv": rows }))).steps;
    const doubled = `${rows}\n${rows.slice(rows.indexOf("\n") + 1)}\n`;
    const [both] = (await trained(await prepared(half.replace("26", "26, accumulate: 2"), { "rows.csv": doubled })))
      .steps;
    expect(Math.abs(both.losses.kind - first.losses.kind)).toBeGreaterThan(1e-4);
    expect(first.losses.kind).toBeGreaterThan(0.1);
  });

  test.each([
    ["the order of rows", "shuffle: true", head.replace(" -> dropout(0.3)", "")],
    ["dropout", "shuffle: false", head],
    ["the balance", "shuffle: false, balance: random", head.replace(" -> dropout(0.3)", "")],
  ])("decides %s in each phase by itself; the first decides start values and parts", async (_, keys, model) => {
    const phases = (second: number): string =>
      [model, `train a { epochs: 1, batch: 8, seed: 5, ${keys} }`, `train b { epochs: 1, seed: ${second} }`, data].join(
        "\n",
      );
    const [one, same, other] = await Promise.all(
      [7, 7, 8].map(async (seed) => trained(await prepared(phases(seed), tables))),
    );
    const first = ({ steps }: Trained) => steps.slice(0, steps.length / 2).map(({ losses }) => losses);
    expect(all(one)).toEqual(all(same));
    expect(first(one)).toEqual(first(other));
    expect(one.steps.at(-1)!.losses).not.toEqual(other.steps.at(-1)!.losses);
  });

  test("a further task leaves start values, order of rows and dropout of the others as they are", async () => {
    const train = "train { balance: random, epochs: 1, batch: 8, shuffle: true, seed: 9 }";
    const small = text(train);
    // One more task, whose gradient stays away from what is shared, and whose weight is 0.
    const large = `${head}task size: real { head: trunk -> stop_gradient -> dense(5) -> dense  target: "c"  weight: 0 }\n${train}\n${data}`;
    const [before, after] = [await startValues(small, tables), await startValues(large, tables)];
    for (const [name, values] of before) expect([...after.get(name)!], name).toEqual([...values]);
    expect(after.size).toBeGreaterThan(before.size);
    const plain = (program: string): string => program.replace("balance: random", "balance: static");
    const [a, b] = [
      await trained(await prepared(plain(small), tables)),
      await trained(await prepared(plain(large), tables)),
    ];
    a.steps.forEach(({ losses }, k) => expect(b.steps[k].losses).toMatchObject(losses));
    for (const [name, values] of a.weights) expect([...b.weights.get(name)!], name).toEqual([...values]);
  });
});

function without(model: Prepared["model"]): Prepared["model"] {
  return { ...model, phases: model.phases.map((phase) => ({ ...phase, epochs: 0 })) };
}
function withPhase(
  { data: rows, model }: Prepared,
  change: Partial<Prepared["model"]["phases"][number]>,
  seed: number,
) {
  const phases = model.phases.map((phase) => ({ ...phase, seed, ...change }));
  return { data: rows, model: { ...model, phases } };
}

/** Trains with an interruption after each of these numbers of questions, going on from what was saved. */
async function inPieces(ready: Prepared, questions: readonly number[]): Promise<Trained> {
  const steps: Trained["steps"][number][] = [];
  const epochs: Trained["epochs"][number][] = [];
  let from: Snapshot | undefined;
  for (const limit of [...questions, Infinity]) {
    let asked = 0;
    let last: Snapshot | undefined;
    const piece = await trained(ready, {
      from,
      interrupted: () => ++asked > limit,
      save: (snapshot) => (last = snapshot),
    });
    steps.push(...piece.steps);
    epochs.push(...piece.epochs);
    if (!piece.interrupted) return { ...piece, steps, epochs };
    expect(piece.parts.size).toBe(0);
    from = last;
  }
  throw new Error("training should have come to its end");
}

describe("a run that was interrupted and went on is the run that was not, to the bit", () => {
  test.each(Object.entries(programs))("%s", async (_, program) => {
    const ready = await prepared(program, tables);
    const whole = all(await trained(ready));
    const count = whole.steps.length;
    // Just before the end of an epoch, at it, and again and again; and at the very end.
    const perEpoch = whole.epochs[0].step;
    for (const questions of [
      [perEpoch - 1, 2, 1],
      [perEpoch, 4, 0],
      [count - 1, 0],
    ]) {
      expect(all(await inPieces(ready, questions)), `interrupted after ${questions}`).toEqual(whole);
    }
  });

  test("at every single question that training asks", async () => {
    const program = text(
      "train a { optimizer: adam(rate: 0.1), stop: early(patience: 1), epochs: 3, batch: 16 }",
      "train b { stop: none, average: ema(0.5), epochs: 1 }",
    );
    const ready = await prepared(program, tables);
    let asked = 0;
    const whole = all(await trained(ready, { interrupted: () => ++asked < 0 }));
    expect(asked).toBeGreaterThan(8);
    // All of them in two or three pieces; the odd ones are enough, and the last.
    for (let question = 1; question <= asked; question += 2) {
      expect(all(await inPieces(ready, [question])), `question ${question}`).toEqual(whole);
    }
  });

  test("from any snapshot that was saved on the way, as after a crash", async () => {
    for (const name of ["early stopping on a metric, with an average", "phases that differ in all they can"]) {
      const ready = await prepared(programs[name], tables);
      const saved: Snapshot[] = [];
      const whole = await trained(ready, { saveEvery: 0, save: (snapshot) => saved.push(snapshot) });
      expect(saved.length).toBeGreaterThan(whole.steps.length);
      const { steps, epochs, ...end } = all(whole);
      for (const from of saved.filter((_, k) => k % 5 === 2 || k >= saved.length - 2)) {
        const { steps: lastSteps, epochs: lastEpochs, ...rest } = all(await trained(ready, { from }));
        expect(rest).toEqual(end);
        expect(lastSteps).toEqual(steps.slice(from.cursor.step));
        expect(lastEpochs).toEqual(epochs.slice(from.cursor.epoch));
      }
    }
  });
});

describe("a run that has ended", () => {
  test("goes on to nothing: the same weights, the same table", async () => {
    const ready = await prepared(programs["early stopping on a metric, with an average"], tables);
    const whole = await trained(ready);
    const again = await trained(ready, { from: whole.snapshot });
    expect(again.steps).toEqual([]);
    expect(again.epochs).toEqual([]);
    expect(bits(again.weights)).toEqual(bits(whole.weights));
    expect([...again.parts]).toEqual([...whole.parts]);
  });

  test("goes on where its last phase is made longer", async () => {
    const short = await prepared(text("train { epochs: 2, batch: 8, seed: 5 }"), tables);
    const long = await prepared(text("train { epochs: 4, batch: 8, seed: 5 }"), tables);
    const whole = all(await trained(long));
    const { steps, epochs, ...end } = all(await trained(long, { from: (await trained(short)).snapshot }));
    const { steps: allSteps, epochs: allEpochs, ...wholeEnd } = whole;
    expect(end).toEqual(wholeEnd);
    expect(epochs).toEqual(allEpochs.slice(2));
    expect(steps.map(({ losses }) => losses)).toEqual(allSteps.slice(8).map(({ losses }) => losses));
  });

  test("a snapshot of another model is refused by what it lacks", async () => {
    const { snapshot } = await trained(await prepared(programs["dropout and batch_norm under adam"], tables));
    const wider = await prepared(programs["dropout and batch_norm under adam"].replace("dense(8)", "dense(9)"), tables);
    await expect(trained(wider, { from: snapshot })).rejects.toThrow(/trunk\.dense_1/);
    const tensors = new Map(
      [...snapshot.tensors].filter(([name]) => name !== "optimizer/adam/first/kind.dense_1.bias"),
    );
    const same = await prepared(programs["dropout and batch_norm under adam"], tables);
    await expect(trained(same, { from: { ...snapshot, tensors } })).rejects.toThrow(/adam\/first\/kind\.dense_1\.bias/);
    const cursor = { ...snapshot.cursor, phase: 1 };
    await expect(trained(same, { from: { ...snapshot, cursor } })).rejects.toThrow(/phase 2/);
  });
});
