import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Input, Task, Value } from "../../compiler/ir/model.ts";
import { bindData, encodeRows } from "../../runtime/data/bind.ts";
import type { BoundData } from "../../runtime/data/data.ts";
import { tableOfRows } from "../../runtime/data/given-rows.ts";
import { failures, folder, input, model, section, source, task } from "./data-fixtures.ts";

const { path, write } = folder();

function tokens(length: number, tokenizer = "words", settings: Readonly<Record<string, Value>> = {}): Input {
  return input("words", "i32", {
    kind: { word: "tokens", length },
    type: { element: "i32", shape: [length], axes: ["words"] },
    tokenizer: { word: tokenizer, settings: { lowercase: false, ...settings } },
  });
}
const along = (word: Task["kind"]["word"], length: number, rest: Partial<Task> = {}): Task =>
  task("tag", { word, shape: [length], axes: ["words"] }, rest);
const y = task("y", { word: "real" });

type Row = Readonly<Record<string, unknown>>;
async function bind(
  read: Input,
  tasks: readonly Task[],
  train: readonly Row[],
  test: readonly Row[] = train,
): Promise<{ data: BoundData; warnings: string[] }> {
  write("train.json", JSON.stringify(train));
  write("test.json", JSON.stringify(test));
  const data = section({ train: source("json", { path: "train.json" }), test: source("json", { path: "test.json" }) });
  const warnings: Diagnostic[] = [];
  const bound = await bindData(model([read], tasks, [data]), {
    folder: path,
    seed: 1,
    onWarning: (warning) => warnings.push(warning),
  });
  return { data: bound, warnings: warnings.map(({ code, message }) => `${code} ${message}`) };
}
const texts = (...list: (string | null)[]): Row[] => list.map((words, y) => ({ words, y }));
const codesOf = ({ data }: { data: BoundData }, part: "train" | "test" = "train"): number[] => [
  ...(data.sections[0][part]?.inputs.words ?? []),
];

describe("tokens", () => {
  it("gives codes by frequency in the training rows, ties by code point; 0 pads, 1 is unknown", async () => {
    const bound = await bind(tokens(4), [y], texts("b a b", "c B b"), texts("z a", "b"));
    // b three times; a, B and c once: B (U+0042) before a (U+0061) before c.
    expect(bound.data.codes.inputs.words.tokens?.slice(2)).toEqual(["b", "B", "a", "c"]);
    expect(codesOf(bound)).toEqual([2, 4, 2, 0, 5, 3, 2, 0]);
    expect(codesOf(bound, "test")).toEqual([1, 4, 0, 0, 2, 0, 0, 0]);
    expect(bound.data.sizes["codes(words)"]).toBe(6);
    expect(bound.warnings).toEqual([]);
  });

  it("cuts words and single marks in every script", async () => {
    const bound = await bind(tokens(12), [y], texts("Ça va, naïve_1 don't 東京… 👍"));
    const learnt = new Set(bound.data.codes.inputs.words.tokens?.slice(2));
    expect(learnt).toEqual(new Set(["Ça", "va", ",", "naïve_1", "don", "'", "t", "東京", "…", "👍"]));
  });

  it("makes capital letters small where it is told to, in texts and in lists", async () => {
    const lower = tokens(3, "words", { lowercase: true });
    const bound = await bind(lower, [y], texts("The THE the"));
    expect(bound.data.codes.inputs.words.tokens?.slice(2)).toEqual(["the"]);
    const lists = await bind(lower, [y], [{ words: ["The", "ÉTÉ"], y: 1 }]);
    expect(lists.data.codes.inputs.words.tokens?.slice(2)).toEqual(["the", "été"]);
  });

  it("cuts characters by code point", async () => {
    const bound = await bind(tokens(6, "characters"), [y], texts("C=O👍C"));
    expect(bound.data.codes.inputs.words.tokens?.slice(2)).toEqual(["C", "=", "O", "👍"]);
    expect(codesOf(bound)).toEqual([2, 3, 4, 5, 2, 0]);
  });

  it("takes lists as they are, of words and of numbers, an empty element as unknown", async () => {
    const lists = [
      { words: ["New York", "is", ""], y: 1 },
      { words: ["is"], y: 1 },
    ];
    for (const tokenizer of ["words", "characters"]) {
      const bound = await bind(tokens(4, tokenizer), [y], lists);
      expect(bound.data.codes.inputs.words.tokens?.slice(2)).toEqual(["is", "New York"]);
      expect(codesOf(bound)).toEqual([3, 2, 1, 0, 2, 0, 0, 0]);
    }
    const numbers = [
      { words: [7, 7], y: 1 },
      { words: [8, null], y: 1 },
    ];
    expect(codesOf(await bind(tokens(3), [y], numbers))).toEqual([2, 2, 0, 3, 1, 0]);
  });

  it("knows a token by its spelling only, however padding is shown", async () => {
    const bound = await bind(tokens(2), [y], [{ words: ["a"], y: 1 }], [{ words: ["<padding>", "a"], y: 1 }]);
    expect(codesOf(bound, "test")).toEqual([1, 2]);
  });

  it("reads numbers as text, and an empty cell as no token", async () => {
    const bound = await bind(
      tokens(2, "characters"),
      [y],
      [
        { words: 12, y: 1 },
        { words: null, y: 1 },
      ],
    );
    expect(codesOf(bound)).toEqual([2, 3, 0, 0]);
  });

  it("keeps the most frequent of a vocabulary, padding and unknown included", async () => {
    const bound = await bind(tokens(4, "words", { vocabulary: 4 }), [y], texts("a a a b", "b c a d"));
    expect(bound.data.codes.inputs.words.tokens?.slice(2)).toEqual(["a", "b"]);
    expect(codesOf(bound)).toEqual([2, 2, 2, 3, 3, 1, 2, 1]);
    expect(bound.warnings).toEqual([]);
  });

  it("warns of a vocabulary that no token fills", async () => {
    const full = await bind(tokens(4, "words", { vocabulary: 4 }), [y], texts("a b"));
    expect(full.warnings).toEqual([]);
    const large = await bind(tokens(4, "words", { vocabulary: 9 }), [y], texts("a b"));
    expect(large.warnings).toEqual([
      "MTL8046 the vocabulary of words is 9, but its training rows have 2 different tokens: 5 rows of its table stand for nothing",
    ]);
  });

  it("cuts long texts and counts them, once for all parts", async () => {
    const bound = await bind(tokens(2), [y], texts("a b c d", "a", "a b c"), texts("a b", "a b c"));
    expect(codesOf(bound).slice(0, 2)).toEqual([2, 3]);
    expect(bound.warnings).toEqual([
      "MTL8047 3 of 5 rows of train and test are longer than 2 tokens in words: 4 tokens at their ends are left out",
    ]);
  });

  it("reads new rows with what was learnt", async () => {
    const bound = await bind(tokens(3), [y], texts("a b"));
    const rows = tableOfRows([{ words: "b z a" }]);
    const set = encodeRows(model([tokens(3)], [y], []), bound.data.codes, rows);
    expect([...set.inputs.words]).toEqual([3, 1, 2]);
  });

  it("refuses columns that hold no texts", async () => {
    const [found] = await failures(() => bind(tokens(2), [y], [{ words: [[1], [2]], y: 1 }]));
    expect(found.message).toContain("wants one column of texts or of lists of tokens");
  });
});

describe("targets along tokens", () => {
  const rows = [
    { words: ["a", "b", "c"], tag: ["O", "B-x", "I-x"], y: 1 },
    { words: ["a"], tag: ["O"], y: 1 },
    { words: ["b", "c"], tag: null, y: 1 },
  ];

  it("gives each token a label, and none to padding and to rows without answers", async () => {
    const { data } = await bind(tokens(4), [along("class", 4)], rows);
    expect(data.codes.tasks.tag).toEqual({ labels: ["B-x", "I-x", "O"], counts: [1, 1, 2] });
    expect(data.sizes["labels(tag)"]).toBe(3);
    const { values, weight } = data.sections[0].train.targets.tag;
    expect([...values]).toEqual([2, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0]);
    expect([...weight]).toEqual([1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
  });

  it("neither learns nor scores what is cut", async () => {
    const { data } = await bind(tokens(2), [along("class", 2)], rows);
    expect(data.codes.tasks.tag).toEqual({ labels: ["B-x", "O"], counts: [1, 2] });
    expect([...data.sections[0].train.targets.tag.weight]).toEqual([1, 1, 1, 0, 0, 0]);
  });

  it("counts labels that no training row has as missing", async () => {
    const test = [{ words: ["a", "b"], tag: ["I-y", "O"] }];
    const { data, warnings } = await bind(tokens(3), [along("class", 3)], rows, test);
    expect([...(data.sections[0].test?.targets.tag.weight ?? [])]).toEqual([0, 1, 0]);
    expect(warnings).toEqual([
      'MTL8040 1 answer for tag in test is a label that no training row has ("I-y"): counted as missing',
    ]);
  });

  it("names the first answer that is none of the written labels, by its own text", async () => {
    const written = task("tag", { word: "class", shape: [3], axes: ["words"], labels: ["O", "B-x"], size: 2 });
    const [found] = await failures(() => bind(tokens(3), [written], rows));
    expect(found.message).toContain('train.json row 1, column "tag": "I-x" is not one of');
  });

  it("refuses lists that are not as long as the text", async () => {
    const bad = [rows[0], { words: ["a", "b"], tag: ["O"] }, { words: ["a"], tag: ["O", "O"] }];
    const [found] = await failures(() => bind(tokens(4), [along("class", 4)], bad));
    expect(found.message).toBe(
      'train.json row 2, column "tag": 1 answer for 2 tokens of words, and 1 more row like it',
    );
  });

  it("reads numbers, flags and counts, scaled as a whole", async () => {
    const numbers = [
      { words: ["a", "b"], tag: [1, 3] },
      { words: ["a"], tag: [5] },
      { words: ["a", "b"], tag: [null, 7] },
    ];
    const { data } = await bind(tokens(3), [along("real", 3, { scale: "standard" })], numbers);
    expect(data.codes.tasks.tag.scale).toEqual({ shift: [4], factor: [Math.sqrt(5)] });
    const { values, weight } = data.sections[0].train.targets.tag;
    expect([...weight]).toEqual([1, 1, 0, 1, 0, 0, 0, 1, 0]);
    expect(values[0]).toBeCloseTo(-3 / Math.sqrt(5), 6);
    const flags = [
      { words: ["a", "b"], tag: ["yes", "no"] },
      { words: ["a"], tag: ["1"] },
    ];
    const flag = await bind(tokens(3), [along("flag", 3)], flags);
    expect([...flag.data.sections[0].train.targets.tag.values]).toEqual([1, 0, 0, 1, 0, 0]);
    expect(flag.data.codes.tasks.tag.counts).toEqual([1, 2]);
  });

  it("reads arrays that are padded themselves", async () => {
    const padded = [
      { words: ["a", "b"], tag: [1, 0, 0] },
      { words: ["a"], tag: [1, 1, 1] },
    ];
    const { data } = await bind(
      tokens(3),
      [task("tag", { word: "class", shape: [3], axes: ["words"], size: 2 })],
      padded,
    );
    expect([...data.sections[0].train.targets.tag.weight]).toEqual([1, 1, 0, 1, 0, 0]);
    expect(data.codes.tasks.tag.counts).toEqual([1, 2]);
  });
});

describe("several answers for each token", () => {
  it("learn their labels from lists of words, and count none that is cut off", async () => {
    const several = task("tag", { word: "class", shape: [2, 2], axes: ["words"] });
    const rows = [
      {
        words: ["a", "b", "c"],
        tag: [
          ["O", "x"],
          ["B", null],
          ["I", "I"],
        ],
      },
      { words: ["a"], tag: [["B", "O"]] },
    ];
    const { data } = await bind(tokens(2), [several], rows);
    expect(data.codes.tasks.tag).toEqual({ labels: ["B", "O", "x"], counts: [2, 2, 1] });
    const { values, weight } = data.sections[0].train.targets.tag;
    expect([...values]).toEqual([1, 2, 0, 0, 0, 1, 0, 0]);
    expect([...weight]).toEqual([1, 1, 1, 0, 1, 1, 0, 0]);
  });

  it("lie along two texts where the kind says so", async () => {
    const aligned = task("tag", { word: "flag", shape: [3, 3], axes: ["words", "words"] });
    const rows = [
      {
        words: ["a", "b"],
        tag: [
          [0, 1],
          [1, 1],
        ],
      },
      { words: ["a"], tag: [[1]] },
      { words: ["a", "b", "c"], tag: null },
    ];
    const { data } = await bind(tokens(3), [aligned], rows);
    const { values, weight } = data.sections[0].train.targets.tag;
    expect([...weight].map((one, k) => (one ? values[k] : null)).slice(0, 18)).toEqual([
      ...[0, 1, null, 1, 1, null, null, null, null],
      ...[1, null, null, null, null, null, null, null, null],
    ]);
    const bad = [rows[0], { words: ["a", "b"], tag: [[0, 1], [1]] }];
    const [found] = await failures(() => bind(tokens(3), [aligned], bad));
    expect(found.message).toBe('train.json row 2, column "tag": 1 answer for 2 tokens of words');
  });

  it("may be missing throughout a part", async () => {
    const train = [{ words: ["a", "b"], tag: [0, 1] }];
    const { data, warnings } = await bind(tokens(2), [along("flag", 2)], train, [{ words: ["a", "b"], tag: null }]);
    expect([...(data.sections[0].test?.targets.tag.weight ?? [])]).toEqual([0, 0]);
    expect(warnings).toEqual(["MTL8049 no row of test has an answer for `tag`: nothing is measured of it there"]);
  });

  it("are missing in a row without any, however long its text is", async () => {
    const rows = [
      { words: ["a", "b"], tag: [0, 1] },
      { words: ["a"], tag: null },
      { words: ["b", "a"], tag: [1, 1] },
    ];
    const { data } = await bind(tokens(3), [along("flag", 3)], rows);
    expect([...data.sections[0].train.targets.tag.weight]).toEqual([1, 1, 0, 0, 0, 0, 1, 1, 0]);
  });
});
