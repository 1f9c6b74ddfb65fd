import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { tableOfRows } from "../../runtime/data/given-rows.ts";
import { encodeRows } from "../../runtime/data/row-sets.ts";
import { prepared } from "./small-training.ts";

/** Cells that can be read, and are surely not meant as they are read: said once, with counts and what to write. */

const said = ({ code, message, help }: Diagnostic): string => `${code} ${message}${help ? ` | ${help}` : ""}`;
const times = (count: number, cell: unknown): unknown[] => new Array<unknown>(count).fill(cell);

/** Rows as JSON: cells keep their kind. */
function json(columns: Readonly<Record<string, readonly unknown[]>>): string {
  const [first] = Object.values(columns);
  return JSON.stringify(first.map((_, k) => Object.fromEntries(Object.entries(columns).map(([n, c]) => [n, c[k]]))));
}
function csv(columns: Readonly<Record<string, readonly unknown[]>>): string {
  const [first] = Object.values(columns);
  const lines = first.map((_, k) => Object.values(columns).map((cells) => String(cells[k] ?? "")));
  return [Object.keys(columns), ...lines].map((line) => line.join(",")).join("\n");
}

const model = (declarations: string, data: string): string => `model Told
input n: f32
${declarations}
train { epochs: 1 }
data { ${data} }`;

async function told(declarations: string, data: string, files: Readonly<Record<string, string>>): Promise<string[]> {
  return (await prepared(model(declarations, data), files)).notes.map(said);
}

describe("words that say that nothing is known", () => {
  const kind = [
    ...times(3, "?"),
    ...times(3, "NA"),
    ...times(3, "None"),
    ...times(3, "null"),
    ...times(6, "hi"),
    "lo",
    "lo",
  ];
  const bought = [...times(5, "NA"), ...times(4, "unknown"), ...times(6, "yes"), ...times(5, "no")];
  const n = kind.map((_, k) => k);
  const tasks = 'task kind: class { head: n -> dense }\ntask bought: flag { head: n -> dense, positive: "yes" }';
  const rest = (list: string): string => `look like empty cells: list them in the source, \`missing: ${list}\``;
  // The source has one list.
  const all = '["?", "NA", "None", "null", "unknown"]';
  const wanted = [
    `MTL8072 12 of 20 answers for kind in train look like empty cells: "?" (3), "NA" (3), "None" (3), "null" (3); they are read as labels | "?", "NA", "None", "null" ${rest(all)}`,
    `MTL8072 9 of 20 answers for bought in train look like empty cells: "NA" (5), "unknown" (4); they are read as no | "NA", "unknown" ${rest(all)}`,
  ];

  it.each([
    ["csv", csv],
    ["json", json],
  ])("are named and counted, among labels and where `positive` makes them no: %s", async (source, write) => {
    const rows = { [`rows.${source}`]: write({ n, kind, bought }) };
    expect(await told(tasks, `train: ${source}("rows.${source}")`, rows)).toEqual(wanted);
    const missing = 'missing: ["?", "NA", "None", "null", "unknown"]';
    expect(await told(tasks, `train: ${source}("rows.${source}", ${missing})`, rows)).toEqual([]);
  });

  it("are told with the list that the source has already, and over all parts", async () => {
    const rows = {
      "rows.csv": csv({ n, kind: n, bought }),
      "test.csv": csv({ n: [1, 2], kind: n, bought: ["?", "no"] }),
    };
    const one = 'task bought: flag { head: n -> dense, positive: "yes" }';
    expect(await told(one, 'train: csv("rows.csv", missing: ["."]), test: csv("test.csv")', rows)).toEqual([
      `MTL8072 10 of 22 answers for bought in train and test look like empty cells: "NA" (5), "unknown" (4), "?" (1); they are read as no | "?", "NA", "unknown" ${rest('[".", "?", "NA", "unknown"]').replace("the source", "each source")}`,
    ]);
  });

  it("are listed together, whether a column refuses them or reads them", async () => {
    const rows = {
      "rows.csv": csv({ n: [1, 2, 3, 4], a: [1, "?", 2, 3], b: [1, 2, "NA", "x"], kind: ["N/A", "r", "r", "s"] }),
    };
    const declared =
      "task a: real { head: n -> dense }\ntask b: real { head: n -> dense }\ntask kind: class { head: n -> dense }";
    const list = '`missing: ["?", "N/A", "NA"]`';
    await expect(told(declared, 'train: csv("rows.csv")', rows)).rejects.toMatchObject({
      diagnostics: [
        { code: "MTL8010", help: `"?" looks like an empty cell: list it in the source, ${list}` },
        {
          code: "MTL8010",
          help: `to predict words, write \`task b: class\`; "NA" looks like an empty cell: list it in the source, ${list}`,
        },
      ],
    });
  });

  it("are mended in the cells once a network is trained, and so are other spellings", async () => {
    const rows = { "rows.csv": csv({ n: [1, 2], bought: ["yes", "no"] }) };
    const one = model('task bought: flag { head: n -> dense, positive: "yes" }', 'train: csv("rows.csv")');
    const { model: made, data } = await prepared(one, rows);
    const warnings: Diagnostic[] = [];
    const table = tableOfRows(
      [
        { n: 1, bought: "NA" },
        { n: 2, bought: "Yes" },
      ],
      "new.csv",
    );
    encodeRows(made, data.codes, table, { onWarning: (warning) => warnings.push(warning) });
    const then = "the network is trained, and reads cells as it did then";
    expect(warnings.map(({ code, help }) => `${code} ${help}`)).toEqual([
      `MTL8072 "NA" looks like an empty cell: leave such cells empty; ${then}`,
      `MTL8073 if they mean yes, mend the cells: ${then}`,
    ]);
  });

  it("are told of categories", async () => {
    const city = [...times(9, "Oslo"), ...times(9, "Rome"), "N/A", "-"];
    const rows = { "rows.csv": csv({ n, city, y: n }) };
    const declared = (kinds: string) =>
      `input city: category${kinds}\ntask y: real { head: concat(n, city -> embed(2)) -> dense }`;
    expect(await told(declared(""), 'train: csv("rows.csv")', rows)).toEqual([
      `MTL8072 2 of 20 cells of city in train look like empty cells: "-" (1), "N/A" (1); they are read as categories | "-", "N/A" ${rest('["-", "N/A"]')}`,
    ]);
    // Written out, they are meant.
    expect(await told(declared('(["Oslo", "Rome", "N/A", "-"])'), 'train: csv("rows.csv")', rows)).toEqual([]);
  });

  it.each([
    ["a set of marks", ["+", "-", "+", "-"]],
    ["punctuation", [".", ";", "!", "?"]],
    ["words that may be labels", ["none", "unknown", "mild", "na"]],
    ["numbers", ["1", "2", "1", "2"]],
  ])("are not found in %s", async (_, y) => {
    expect(
      await told("task y: class { head: n -> dense }", 'train: csv("rows.csv")', {
        "rows.csv": csv({ n: [1, 2, 3, 4], y: y }),
      }),
    ).toEqual([]);
  });

  it("do not take the marks of tags along a text, and take its words", async () => {
    const text = (tags: readonly string[]) => JSON.stringify([{ words: ["Is", "it", "?"], tag: tags, n: 1 }]);
    const declared = "input words: tokens(4)\ntask tag: class[words] { head: words -> embed(4) -> dense }";
    const of = (tags: readonly string[]) =>
      told(`${declared}\ntask y: real { head: n -> dense, target: "n", role: auxiliary }`, 'train: json("rows.json")', {
        "rows.json": text(tags),
      });
    expect(await of(["VERB", "PRON", "."])).toEqual([]);
    expect(await of(["VERB", "PRON", "NA"])).toEqual([
      'MTL8072 1 of 3 answers for tag in train looks like an empty cell: "NA" (1); it is read as labels | "NA" looks like an empty cell: list it in the source, `missing: ["NA"]`',
    ]);
  });

  it.each([
    ["task y: real { head: n -> dense }", ["1", "2", "NA", "?"], null],
    ["task y: count { head: n -> dense }", ["1", "2", "NA", "?"], null],
    ["task y: class(3) { head: n -> dense }", ["1", "2", "NA", "?"], null],
    ["task y: ordinal(3) { head: n -> dense }", ["1", "2", "NA", "?"], null],
    ['task y: class(["a", "b"]) { head: n -> dense }', ["a", "b", "NA", "?"], null],
    ["task y: flag { head: n -> dense }", ["0", "1", "NA", "?"], null],
    [
      'input y: f32\ntask t: real { head: concat(n, y) -> dense, target: "n", role: auxiliary }',
      ["0", "1", "NA", "?"],
      null,
    ],
    ["task y: real { head: n -> dense }", ["1", "2", "NA", "foo"], "to predict words, write `task y: class`; "],
    [
      'task y: class(["a", "b"]) { head: n -> dense }',
      ["a", "b", "NA", "foo"],
      "add it to the labels, or write `class` to learn them; ",
    ],
  ])("are listed by the help where they are refused: %s of %j", async (declared, y, before) => {
    const files = { "rows.csv": csv({ n: [1, 2, 3, 4], y }) };
    const work = told(declared, 'train: csv("rows.csv", missing: ["."])', files);
    const empty =
      before === null ? '"?", "NA" look like empty cells: list them' : '"NA" looks like an empty cell: list it';
    const list = before === null ? '[".", "?", "NA"]' : '[".", "NA"]';
    await expect(work).rejects.toMatchObject({
      diagnostics: [{ help: `${before ?? ""}${empty} in the source, \`missing: ${list}\`` }],
    });
  });
});

describe("spellings that differ by case or blanks", () => {
  it("from `positive`", async () => {
    const rows = { "rows.csv": csv({ n: [1, 2, 3, 4, 5], y: ["yes", "Yes", " YES ", "Yes", "no"] }) };
    const of = (positive: string) =>
      told(`task y: flag { head: n -> dense, positive: ${positive} }`, 'train: csv("rows.csv")', rows);
    expect(await of('"yes"')).toEqual([
      'MTL8073 3 of 5 answers for y in train differ from "yes" by case or blanks only: "Yes" (2), "YES" (1); they are read as no | if they mean yes, write `positive: ["yes", "Yes", "YES"]`',
    ]);
    expect(await of('["yes", "Yes", "YES"]')).toEqual([]);
  });

  it("among labels and categories", async () => {
    const rows = {
      "rows.csv": csv({
        n: [1, 2, 3, 4, 5],
        t: [1, 2, 3, 4, 5],
        y: ["New York", "new york", "NewYork", "Rome", "rome"],
      }),
    };
    expect(await told("task y: class { head: n -> dense }", 'train: csv("rows.csv")', rows)).toEqual([
      'MTL8074 labels of y differ by case or blanks only: "New York" (1), "NewYork" (1), "new york" (1) and 1 more | mend the cells, so that one spelling is left',
    ]);
    const category = "input y: category\ntask t: real { head: concat(n, y -> embed(2)) -> dense }";
    expect(await told(category, 'train: csv("rows.csv")', rows)).toEqual([
      'MTL8074 categories of y differ by case or blanks only: "New York" (1), "NewYork" (1), "new york" (1) and 1 more | mend the cells, so that one spelling is left',
    ]);
    const unseen = { "rows.csv": csv({ n: [1, 2, 3], t: [1, 2, 3], y: ["Oslo", "Oslo\u200b", "Rome"] }) };
    expect((await told(category, 'train: csv("rows.csv")', unseen))[0]).toContain('"Oslo" (1), "Oslo\\u{200b}" (1)');
    const letters = { "rows.csv": csv({ n: [1, 2, 3, 4], y: ["a", "A", "b", "B"] }) };
    expect(await told("task y: class { head: n -> dense }", 'train: csv("rows.csv")', letters)).toEqual([]);
  });

  it("from written labels, which are refused", async () => {
    const rows = { "rows.csv": csv({ n: [1, 2, 3], y: ["ham", "spam", "Ham"] }) };
    const work = told('task y: class(["ham", "spam"]) { head: n -> dense }', 'train: csv("rows.csv")', rows);
    await expect(work).rejects.toMatchObject({
      diagnostics: [{ code: "MTL8013", help: 'mend the cell: "Ham" differs from "ham" by case or blanks only' }],
    });
  });

  it("from what `only` keeps", async () => {
    const rows = { "rows.csv": csv({ n: [1, 2, 3, 4], y: [1, 2, 3, 4], split: ["train", "Train", "test", "TRAIN"] }) };
    const of = (only: string) =>
      told("task y: real { head: n -> dense }", `train: csv("rows.csv", only: { split: ${only} })`, rows);
    expect(await of('"train"')).toEqual([
      'MTL8076 `only` leaves out 2 rows of rows.csv whose "split" differs from "train" by case or blanks only: "Train" (1), "TRAIN" (1) | if they belong to the rest, write `only: { split: ["train", "Train", "TRAIN"] }`',
    ]);
    expect(await of('["train", "Train", "TRAIN"]')).toEqual([]);
  });
});

describe("what training has not seen", () => {
  const declared = "input city: category\ntask y: real { head: concat(n, city -> embed(2)) -> dense }";
  const train = csv({ n: [1, 2, 3, 4], city: ["Oslo", "Rome", "Oslo", ""], y: [1, 2, 3, 4] });
  const test = csv({ n: [1, 2, 3, 4], city: ["paris", "OSLO", "paris", ""], y: [1, 2, 3, 4] });

  it("is counted once for all parts, one category named, and one that was meant", async () => {
    const data = 'train: csv("train.csv"), validation: csv("test.csv"), test: csv("test.csv")';
    expect(await told(declared, data, { "train.csv": train, "test.csv": test })).toEqual([
      'MTL8070 6 of 6 cells of city in validation and test were not seen in training ("paris" and 1 more) | "OSLO" differs from "Oslo" by case or blanks only',
    ]);
    expect(await told(declared, 'train: csv("train.csv"), test: csv("train.csv")', { "train.csv": train })).toEqual([]);
  });

  it("is told of training rows too where the categories are written", async () => {
    const written = declared.replace("category", 'category(["Oslo"])');
    expect(await told(written, 'train: csv("train.csv")', { "train.csv": train })).toEqual([
      'MTL8070 1 of 3 cells of city in train is none of its values ("Rome")',
    ]);
  });

  it("is not told where every training row has a value of its own, which is", async () => {
    const names = (from: number) => Array.from({ length: 12 }, (_, k) => `u${from + k}`);
    const rows = (id: readonly string[]) => csv({ n: id.map((_, k) => k), id, y: id.map((_, k) => k) });
    const files = { "train.csv": rows(names(0)), "test.csv": rows(names(50)) };
    const data = 'train: csv("train.csv"), test: csv("test.csv")';
    const input = "input id: category\ntask y: real { head: concat(n, id -> embed(2)) -> dense }";
    expect(await told(input, data, files)).toEqual([
      "MTL8075 nearly every training row has a value of its own for id: 12 categories in 12 cells of id | leave out a column that only names the row; a text is read by `input id: tokens(…)`",
    ]);
    expect(await told("task id: class { head: n -> dense }", data, files)).toEqual([
      "MTL8075 nearly every training row has a value of its own for id: 12 labels in 12 answers for id | name the column of the labels: `target: …`",
    ]);
  });

  it("is told of rows that are given to a trained network", async () => {
    const { model: made, data } = await prepared(model(declared, 'train: csv("train.csv")'), { "train.csv": train });
    const warnings: Diagnostic[] = [];
    const rows = tableOfRows(
      [
        { n: 1, city: "Rome" },
        { n: 2, city: "Bern" },
      ],
      "new.csv",
    );
    const set = encodeRows(made, data.codes, rows, { targets: false, onWarning: (one) => warnings.push(one) });
    expect([...set.inputs.city]).toEqual([2, 0]);
    expect(warnings.map(said)).toEqual(['MTL8070 1 of 2 cells of city in new.csv was not seen in training ("Bern")']);
  });

  it("words are told of where half of a text's are new", async () => {
    const texts = "input words: tokens(5)\ntask y: real { head: concat(n, words -> embed(2) -> mean_pool) -> dense }";
    const of = (words: readonly string[]) =>
      told(texts, 'train: csv("train.csv"), test: csv("test.csv")', {
        "train.csv": csv({ n: [1, 2], words: ["the red house", "a blue door"], y: [1, 2] }),
        "test.csv": csv({ n: words.map((_, k) => k), words, y: words.map((_, k) => k) }),
      });
    expect(await of(["das rote the", "ein house"])).toEqual([
      'MTL8071 3 of 5 tokens of words in test are not in the vocabulary ("das" and 2 more)',
    ]);
    expect(await of(["the green house"])).toEqual([]);
  });

  it("labels of several parts are one warning", async () => {
    const rows = (y: readonly string[]) => csv({ n: y.map((_, k) => k), y });
    const files = { "train.csv": rows(["ham", "spam"]), "a.csv": rows(["ham", "Spam"]), "b.csv": rows(["jam", "egg"]) };
    const data = 'train: csv("train.csv"), validation: csv("a.csv"), test: csv("b.csv")';
    expect(await told("task y: class { head: n -> dense }", data, files)).toEqual([
      'MTL8040 3 answers for y in validation and test are labels that no training row has ("Spam" and 2 more): counted as missing | "Spam" differs from "spam" by case or blanks only',
      "MTL8049 no row of test has an answer for `y`: nothing is measured of it there",
    ]);
  });
});

describe("values of their own", () => {
  const many = (count: number, name: (k: number) => unknown): unknown[] =>
    Array.from({ length: count }, (_, k) => name(k));
  const n = many(20, (k) => k);

  it("are told of where nearly every row has one", async () => {
    const of = (declared: string, cells: readonly unknown[]) =>
      told(declared, 'train: csv("rows.csv")', { "rows.csv": csv({ n, t: n, y: cells }) });
    const classes = "task y: class { head: n -> dense }";
    const category = "input y: category\ntask t: real { head: concat(n, y -> embed(2)) -> dense }";
    expect(
      await of(
        classes,
        many(20, (k) => k / 2),
      ),
    ).toEqual([
      "MTL8075 nearly every training row has a value of its own for y: 20 labels in 20 answers for y | to predict numbers, write `task y: real`",
    ]);
    expect(
      await of(
        category,
        many(20, (k) => `user${Math.min(k, 18)}`),
      ),
    ).toEqual([
      "MTL8075 nearly every training row has a value of its own for y: 19 categories in 20 cells of y | leave out a column that only names the row; a text is read by `input y: tokens(…)`",
    ]);
    expect(
      await of(
        classes,
        many(20, (k) => `user${k % 17}`),
      ),
    ).toEqual([]);
  });
});

it("rows that all weigh nothing are told of", async () => {
  const of = (w: readonly number[]) =>
    told('task y: real { head: n -> dense, row_weight: "w" }', 'train: csv("rows.csv")', {
      "rows.csv": csv({ n: [1, 2, 3], y: [1, 2, ""], w }),
    });
  expect(await of([0, 0, 5])).toEqual([
    "MTL8077 all 2 answers for y in the training rows have the weight 0: nothing is learnt of it",
  ]);
  expect(await of([0, 1, 0])).toEqual([]);
});

it("a range that takes in a target is told of once, when training reads its table", async () => {
  const range = 'input x: f32[3] { from: columns("a", "b") }\ntask y: real { head: concat(n, x) -> dense }';
  const rows = { "rows.csv": csv({ n: [1, 2], a: [1, 2], y: [3, 4], b: [5, 6] }) };
  const [told9010, ...more] = await told(range, 'train: csv("rows.csv"), test: csv("rows.csv")', rows);
  expect(more).toEqual([]);
  expect(told9010).toContain('MTL9010 input `x` reads the column "y", which task `y` is to predict from it');
});

describe("numbers to predict that are all the same", () => {
  const n = times(8, 0).map((_, k) => k);
  const real = "task price: real { head: n -> dense, scale: standard }";
  const pair = 'task pair: real[2] { head: n -> dense, target: ["a", "b"] }';
  it.each([
    [real, { n, price: times(8, 0.1) }, "all 8 answers for price in the training rows are 0.1"],
    [real, { n, price: ["", ...times(7, 5)] }, "all 7 answers for price in the training rows are 5"],
    [
      "task visits: count { head: n -> dense }",
      { n, visits: times(8, 3) },
      "all 8 answers for visits in the training rows are 3",
    ],
    [pair, { n, a: times(8, 1), b: times(8, 2.5) }, "all 8 answers for pair in the training rows are [1, 2.5]"],
  ])("%s", async (task, columns, message) => {
    expect(await told(task, 'train: csv("rows.csv")', { "rows.csv": csv(columns) })).toEqual([`MTL8050 ${message}`]);
  });

  it("are told only where all are", async () => {
    const rows = { "rows.csv": csv({ n, a: times(8, 1), b: [...times(7, 2), 3], price: [...times(7, 5), 6] }) };
    expect(await told(`${real}\n${pair}`, 'train: csv("rows.csv")', rows)).toEqual([]);
  });
});
