import { expect, test } from "vitest";
import type {
  Cell,
  Columns,
  DataSection,
  Input,
  Instruction,
  Model,
  Phase,
  Source,
  Task,
  Type,
  Value,
  Word,
} from "../../compiler/ir/model.ts";
import { parseModel } from "../../compiler/ir/parse.ts";
import { plainModel } from "../../compiler/ir/plain.ts";
import { printModel } from "../../compiler/ir/print.ts";
import { addSizes, multiplySizes, type Size, unknownSize } from "../../compiler/ir/size.ts";

const span = { file: "a.mtl", start: 0, end: 1 };

/** Random models: every field, odd names, odd numbers. */
function randomModel(random: (below: number) => number): Model {
  const pick = <T>(...items: readonly T[]): T => items[random(items.length)];
  const some = <T>(most: number, make: () => T): T[] => Array.from({ length: random(most + 1) }, make);
  const maybe = <T extends object>(make: () => T): Partial<T> => (random(2) === 0 ? {} : make());
  const name = () =>
    pick(
      "bird",
      "bird.1",
      "assay.NR-AR",
      "a b",
      "",
      "true",
      "none",
      "of",
      "at",
      "in",
      "shared",
      "train",
      "größe",
      "x_1",
    ) + pick("", "", ".2", "_", '"', "\\", "é", "\n", "\u{1F600}", "/* */", "///");
  const number = () => pick(0, -0, 1, -1.5, 1e-7, 1e21, 123456.789, 2 ** 53, Number.POSITIVE_INFINITY, -5);
  const size = (): Size => {
    const unknown = () => unknownSize(pick("labels(a)", "codes(b.c)", "labels(x-y)", "labels(a b)", 'vocabulary("q")'));
    return pick(
      random(500),
      unknown(),
      addSizes(unknown(), 200, multiplySizes(3, unknown(), unknown())),
      addSizes(unknown(), -7),
    );
  };
  const axes = (shape: readonly Size[]) => ({ axes: shape.map(() => pick(null, name())) });
  const type = (): Type => {
    const shape = some(3, size);
    return {
      element: pick("f32", "i32"),
      shape,
      ...maybe(() => axes(shape)),
      ...maybe(() => ({ perTask: random(2) === 0 })),
      ...maybe(() => ({ batch: random(2) === 0 })),
      ...maybe(() => ({ codes: size() })),
    };
  };
  const value = (depth = 0): Value => {
    const kind = random(depth > 2 ? 4 : 7);
    if (kind === 0) return number();
    if (kind === 1) return random(2) === 0;
    if (kind === 2) return name();
    if (kind === 3) return null;
    if (kind === 4) return some(3, () => value(depth + 1));
    if (kind === 5) return aWord(depth + 1);
    return record(() => value(depth + 1));
  };
  const record = <T>(make: () => T): Record<string, T> => Object.fromEntries(some(3, () => [name(), make()]));
  const aWord = (depth = 0): Word => ({ word: name(), settings: record(() => value(depth + 1)) });
  const doc = () => maybe(() => ({ doc: pick("one", "two\nlines", "", " led by a blank", "/// marks", "a\n\nb") }));
  const place = () => maybe(() => ({ span }));
  const columns = (): Columns =>
    random(2) === 0
      ? { kind: "names", names: some(3, name), ...maybe(() => ({ spans: [span] })) }
      : { kind: "range", first: name(), last: name() };
  const cell = (): Cell => pick<Cell>(number(), name(), true, false);
  const instruction = (depth = 0): Instruction => ({
    id: name(),
    layer: name(),
    inputs: some(3, name),
    settings: record(() => value()),
    path: name(),
    owner: name(),
    type: type(),
    ...place(),
    ...maybe(() => ({
      regions: some(depth > 1 ? 0 : 2, () => ({
        argument: name(),
        argumentType: type(),
        instructions: some(2, () => instruction(depth + 1)),
        result: name(),
      })),
    })),
  });
  const input = (): Input => ({
    name: name(),
    ...doc(),
    kind: pick<Input["kind"]>(
      { word: "f32" },
      { word: "i32" },
      { word: "category" },
      { word: "category", values: some(3, cell) },
      { word: "tokens", length: random(50) },
      { word: "image", height: 3, width: random(9), channels: 1 },
    ),
    type: type(),
    from: columns(),
    scale: pick("none", "standard", "minmax"),
    fill: pick<Input["fill"]>("mean", "median", number(), null),
    ...maybe(() => ({ tokenizer: aWord() })),
    augment: some(2, aWord),
    ...place(),
  });
  const task = (): Task => {
    const shape = some(2, size);
    return {
      name: name(),
      ...doc(),
      kind: {
        word: pick("class", "flag", "flags", "real", "count", "ordinal"),
        size: size(),
        ...maybe(() => ({ labels: some(3, cell) })),
        learnt: random(2) === 0,
        shape,
        ...maybe(() => axes(shape)),
      },
      head: pick(null, name()),
      probability: pick(null, name()),
      target: pick(null, columns()),
      ...maybe(() => ({ group: name() })),
      ...maybe(() => ({ positive: some(2, cell) })),
      scale: pick("none", "standard", "minmax"),
      unit: pick(null, name()),
      loss: some(2, () => ({ factor: number(), loss: aWord(), ...place() })),
      weight: number(),
      metrics: some(2, aWord),
      role: pick("main", "auxiliary"),
      rowWeight: pick(null, name()),
      ...place(),
    };
  };
  const phase = (): Phase => ({
    name: pick(null, name()),
    balance: some(2, aWord),
    optimizer: aWord(),
    schedule: aWord(),
    clip: pick(null, aWord()),
    accumulate: random(5),
    average: pick(null, aWord()),
    epochs: pick(null, random(100)),
    steps: pick(null, random(100)),
    batch: random(100),
    shuffle: random(2) === 0,
    seed: random(1000),
    stop: pick(null, { on: name(), patience: random(9) }),
    rates: record(number),
    freeze: some(2, name),
    penalty: some(2, aWord),
    sampling: pick(null, aWord()),
    ...place(),
  });
  const source = (depth = 0): Source => ({
    word: name(),
    settings: record(() => value()),
    operands: some(depth > 1 ? 0 : 2, () => source(depth + 1)),
    ...place(),
  });
  const section = (): DataSection => ({
    name: pick(null, name()),
    train: source(),
    validation: pick(null, source()),
    test: pick(null, source()),
    tasks: pick(null, some(3, name)),
    order: some(3, () => pick("train", "validation", "test")),
    ...place(),
  });
  return {
    name: name(),
    ...doc(),
    inputs: some(2, input),
    instructions: some(4, instruction),
    shared: some(2, () => ({ name: name(), value: name(), ...doc() })),
    tasks: some(2, task),
    penalties: some(2, () => ({ name: name(), value: name(), ...place() })),
    phases: some(2, phase),
    data: some(2, section),
    searches: some(2, () => ({
      path: name(),
      choices: pick<Model["searches"][number]["choices"]>(some(3, value), {
        low: number(),
        high: number(),
        scale: pick("linear", "log"),
      }),
      chosen: value(),
    })),
  };
}

test("random models print, read back equal, and print the same again", () => {
  const seed = Date.now() % 1_000_000;
  console.log(`random models with seed ${seed}`);
  let state = seed;
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let round = 0; round < 300; round++) {
    const model = randomModel(random);
    const text = printModel(model);
    try {
      const read = parseModel(text);
      expect(read).toEqual(plainModel(model));
      expect(printModel(read)).toBe(text);
    } catch (error) {
      throw new Error(`seed ${seed}, round ${round}:\n${text}`, { cause: error });
    }
  }
});
