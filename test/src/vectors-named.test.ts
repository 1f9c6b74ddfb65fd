import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { csv, folderOf, numbersFrom } from "../runtime/small-training.ts";
import { mtlc, sound } from "../slow/command.ts";

/** Answers that are vectors go by the names of the columns that they were read from: in CSV, and where they are measured. */

const number = numbersFrom(5);
const a = Array.from({ length: 40 }, number);
const odd = 'odd, "name"';
// The helper writes names as they are.
const rows = csv({
  a,
  "km/l": a.map((x) => 2 * x),
  "h.p": a.map((x) => 100 - x),
  [`"${odd.replaceAll('"', '""')}"`]: a,
  wet: a.map((x) => Number(x > 0.2)),
  cold: a.map((x, k) => (k % 5 === 0 ? null : Number(x < 0))),
});
const model = (tasks: string): string => `model Cars
input a: f32
${tasks}
train { epochs: 3 }
data { train: csv("rows.csv"), test: part(0.25, of: train) }
`;

/** The folder of a run of these tasks. */
async function trained(tasks: string): Promise<{ run: string; folder: string; said: string }> {
  const folder = folderOf({ "cars.mtl": model(tasks), "rows.csv": rows, "new.csv": "a\n0.5\n" });
  const run = join(folder, "run");
  return { folder, run, said: await sound("train", join(folder, "cars.mtl"), "--run", run) };
}

async function header(run: string, file: string): Promise<string> {
  return (await sound("predict", run, file)).split("\n")[0];
}

const figures =
  'task figures: real[2] { target: ["km/l", "h.p"], scale: standard, metrics: [mae, r2], head: a -> dense }';
const weather = 'task weather: flags(2) { target: ["wet", "cold"], metrics: [f1, accuracy], head: a -> dense }';

describe("vectors read from columns", () => {
  let found: Awaited<ReturnType<typeof trained>>;
  beforeAll(async () => {
    found = await trained(`${figures}\n${weather}`);
  });

  it("are answered by column in CSV, as lists in JSON", async () => {
    const { run, folder } = found;
    const [names, values] = (await sound("predict", run, join(folder, "new.csv"))).trim().split("\n");
    expect(names).toBe(
      "figures.km/l,figures.h.p,weather.wet,weather.wet.probability,weather.cold,weather.cold.probability",
    );
    const [answer] = JSON.parse(await sound("predict", run, join(folder, "new.csv"), "--format", "json"));
    expect(answer.figures).toHaveLength(2);
    const [wet, cold] = answer.weather;
    expect(values).toBe([...answer.figures, wet.label, wet.probability, cold.label, cold.probability].join(","));
    writeFileSync(join(folder, "none.csv"), "a\n");
    expect(await sound("predict", run, join(folder, "none.csv"))).toBe(`${names}\n`);
  });

  it("are measured by column, under what they come to as a whole", async () => {
    const { run, said } = found;
    const table = await sound("evaluate", run, "--bootstrap", "0");
    for (const text of [table, said])
      expect(text.split("\n").map((line) => /^(\w*) +([\w/.]+)/.exec(line)?.slice(1).join(":"))).toEqual(
        expect.arrayContaining(["figures:mae", ":km/l", ":h.p", ":r2", "weather:f1", ":wet", ":cold", ":accuracy"]),
      );
    const { splits, columns } = JSON.parse(await sound("evaluate", run, "--bootstrap", "0", "--format", "json"));
    const { figures: byColumn, weather: flags } = columns.test;
    expect(Object.keys(byColumn)).toEqual(["km/l", "h.p"]);
    // Each column has as many answers as the others: the error of all is the mean of theirs.
    expect((byColumn["km/l"].mae + byColumn["h.p"].mae) / 2).toBeCloseTo(splits.test.figures.mae, 10);
    expect((byColumn["km/l"].r2 + byColumn["h.p"].r2) / 2).toBeCloseTo(splits.test.figures.r2, 10);
    expect((flags.wet.f1 + flags.cold.f1) / 2).toBeCloseTo(splits.test.weather.f1, 10);
    const line = table.split("\n").find((each) => each.trim().startsWith("h.p"));
    expect(line).toContain(Number(byColumn["h.p"].mae).toFixed(3).slice(0, 3));
  });

  it("are measured as by hand", async () => {
    const { run, folder } = found;
    const answers: { figures: number[] }[] = JSON.parse(
      await sound("predict", run, join(folder, "rows.csv"), "--format", "json"),
    );
    const wanted = answers.reduce((sum, { figures: [, power] }, k) => sum + Math.abs(power - (100 - a[k])), 0) / 40;
    const words = ["evaluate", run, "--on", join(folder, "rows.csv"), "--bootstrap", "0", "--format", "json"];
    const { columns } = JSON.parse(await sound(...words));
    const [part] = Object.values<{ figures: Record<string, { mae: number }> }>(columns);
    expect(part.figures["h.p"].mae).toBeCloseTo(wanted, 4);
  });
});

/** Weights as version 0.1.0 wrote them: without notes on the codes that belong to them. */
function forgetCodes(path: string): void {
  const bytes = readFileSync(path);
  const end = 8 + Number(bytes.readBigUInt64LE(0));
  const { __metadata__: _, ...tensors } = JSON.parse(bytes.toString("utf8", 8, end));
  const header = Buffer.from(JSON.stringify(tensors).padEnd(end - 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length), 0);
  writeFileSync(path, Buffer.concat([length, header, bytes.subarray(end)]));
}

describe("a range of columns", () => {
  it("goes by the names it stood for in training, in its order", async () => {
    const { run, folder } = await trained(
      'task figures: real[3] { target: columns("km/l", "odd, \\"name\\""), head: a -> dense }',
    );
    expect(await header(run, join(folder, "new.csv"))).toBe('figures.km/l,figures.h.p,"figures.odd, ""name"""');
    // Codes of version 0.1.0 do not hold them.
    const path = join(run, "codes.json");
    const codes = JSON.parse(readFileSync(path, "utf8"));
    expect(codes.tasks.figures.columns).toEqual(["km/l", "h.p", odd]);
    delete codes.tasks.figures.columns;
    delete codes.checksum;
    delete codes.run;
    writeFileSync(path, JSON.stringify(codes));
    forgetCodes(join(run, "model.safetensors"));
    expect(await header(run, join(folder, "new.csv"))).toBe("figures.0,figures.1,figures.2");
    expect((await mtlc("evaluate", run)).code).toBe(0);
  });
});

describe("names that cannot tell the columns apart", () => {
  it("stand in quotes", async () => {
    const tasks = 'task weather: flags(2) { target: ["x", "x.probability"], head: a -> dense }';
    const folder = folderOf({
      "cars.mtl": model(tasks),
      "rows.csv": csv({ a, x: a.map((x) => Number(x > 0)), "x.probability": a.map((x) => Number(x < 0)) }),
      "new.csv": "a\n0.5\n",
    });
    await sound("train", join(folder, "cars.mtl"), "--run", join(folder, "run"));
    expect(await header(join(folder, "run"), join(folder, "new.csv"))).toBe(
      'weather.x,weather.x.probability,"weather.""x.probability""","weather.""x.probability"".probability"',
    );
  });

  it("are none where the vector lies in one column", async () => {
    const folder = folderOf({
      "cars.mtl": model('task figures: real[2] { target: "pair", head: a -> dense }')
        .replace("csv(", "json(")
        .replace(".csv", ".json"),
      "rows.json": JSON.stringify(a.map((x) => ({ a: x, pair: [x, -x] }))),
      "new.csv": "a\n0.5\n",
    });
    const said = await sound("train", join(folder, "cars.mtl"), "--run", join(folder, "run"));
    expect(await header(join(folder, "run"), join(folder, "new.csv"))).toBe("figures.0,figures.1");
    expect(said.match(/figures/g)).toHaveLength(1);
  });
});

it("a box is measured as one, for its overlap has no columns", async () => {
  const folder = folderOf({
    "cars.mtl": model('task box: real[4] { target: ["l", "t", "r", "b"], metrics: [iou, mae], head: a -> dense }'),
    "rows.csv": csv({ a, l: a, t: a, r: a.map((x) => x + 1), b: a.map((x) => x + 1) }),
  });
  const said = await sound("train", join(folder, "cars.mtl"), "--run", join(folder, "run"));
  const lines = said.split("\n").map((line) => line.trimStart().split(/ {2,}/)[0]);
  expect(lines.filter((line) => ["l", "t", "r", "b"].includes(line))).toEqual(["l", "t", "r", "b"]);
});

describe("several answers for each token", () => {
  it("go by the columns of their lists, and by the token", async () => {
    const texts = [["so", "it", "is"], ["it"], ["is", "so"], ["so"]];
    const short = (word: string): number => Number(word === "so");
    const rows = texts.map((words) => ({ words, s: words.map(short), i: words.map((word) => Number(word !== "so")) }));
    const task =
      'task mood: flags(2)[words] { target: ["s", "i"], metrics: [f1, accuracy], head: words -> embed(4) -> dense }';
    const folder = folderOf({
      "words.mtl": `model Words
input words: tokens(3)
${task}
train { epochs: 2 }
data { train: json("rows.json"), test: json("rows.json") }`,
      "rows.json": JSON.stringify(rows),
    });
    const run = join(folder, "run");
    const said = await sound("train", join(folder, "words.mtl"), "--run", run);
    expect(said.split("\n").map((line) => line.trimStart().split(/ {2,}/)[0])).toEqual(
      expect.arrayContaining(["s", "i"]),
    );
    const csvText = await sound("predict", run, join(folder, "rows.json"), "--format", "csv");
    const columns = [0, 1, 2].flatMap((token) =>
      ["s", "i"].flatMap((name) => [`mood.${token}.${name}`, `mood.${token}.${name}.probability`]),
    );
    const [names, ...lines] = csvText.trim().split("\n");
    expect(names).toBe(columns.join(","));
    // Measured by hand from the answers: by column, over the tokens that are there.
    const answers = lines.map((line) => line.split(","));
    const right = (column: number): number => {
      const hits = texts.flatMap((words, row) =>
        words.map((word, k) => {
          const yes = column === 0 ? short(word) : 1 - short(word);
          return answers[row][4 * k + 2 * column] === String(yes === 1);
        }),
      );
      return hits.filter(Boolean).length / hits.length;
    };
    const measured = JSON.parse(await sound("evaluate", run, "--bootstrap", "0", "--format", "json")).columns.test.mood;
    expect(measured.s.accuracy).toBeCloseTo(right(0), 10);
    expect(measured.i.accuracy).toBeCloseTo(right(1), 10);
  });
});
