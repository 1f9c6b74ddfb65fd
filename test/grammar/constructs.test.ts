import { describe, expect, test } from "vitest";
import { parse } from "../../grammar/parse.ts";
import { show } from "./show.ts";

function shown(text: string): string[] {
  const tree = parse(text, "a.mtl");
  expect(tree.problems).toEqual([]);
  return show(tree);
}
/** How the value of `shared x = …` is grouped. */
function value(text: string): string {
  return shown(`shared x = ${text}`)[0].replace("shared x = ", "");
}

describe("declarations", () => {
  test("every one of them", () => {
    const text = `
import { a, b, } from "./blocks.mtl"
/// What it is.
/// And why.
model Net
const width = 2 * 64
input image: f32[28, 28, 1] { scale: minmax, from: "pixels" }
input kind: category(["red", "white"])
input plain: f32
layer project = dense(width) -> relu
block pair(x, y, width: int, rate: number = 0.5, body: chain = dense(3) -> relu,) {
  z = concat(x, y)
  return z -> dense(width)
}
block none() { return relu }
shared trunk = image -> project
task digit: class(10)[words, 4,] { head: trunk -> dense }
task bare: flag
penalty apart = 0.01 * mean(square(trunk))
train warmup { epochs: 1 }
train { epochs: 2, batch: 8, }
data { train: csv("a.csv") }
data more { train: csv("b.csv") }
`;
    expect(shown(text)).toEqual([
      "import {a b} from ./blocks.mtl",
      "/What it is.\nAnd why./ model Net",
      "const width = <2 * 64>",
      'input image: f32[28, 28, 1] {scale: minmax; from: "pixels"}',
      'input kind: category(["red", "white"])',
      "input plain: f32",
      "layer project = <dense(width) -> relu>",
      "block pair(x, y, width: int, rate: number = 0.5, body: chain = <dense(3) -> relu>) " +
        "{z = concat(x, y); return <z -> dense(width)>}",
      "block none() {return relu}",
      "shared trunk = <image -> project>",
      "task digit: class(10)[words, 4] {head: <trunk -> dense>}",
      "task bare: flag",
      "penalty apart = <0.01 * mean(square(trunk))>",
      "train warmup {epochs: 1}",
      "train {epochs: 2; batch: 8}",
      'data {train: csv("a.csv")}',
      'data more {train: csv("b.csv")}',
    ]);
  });

  test("need no line breaks", () => {
    expect(shown("model M input a: f32 shared b = a -> relu task c: real { head: b } data { train: d }")).toEqual([
      "model M",
      "input a: f32",
      "shared b = <a -> relu>",
      "task c: real {head: b}",
      "data {train: d}",
    ]);
  });

  test("their words are reserved only where they open one", () => {
    const text = `
model train
input data: f32 { from: model, input: 1 }
input task: f32
const shared = 3
shared input = data + task -> layer
layer block = dense(const: 2, penalty: train)
task import: class { head: input.data, train: 1, task: input, model: data }
data task { train: task  data: model
  input: train
}
train data { data: { task: 1, input: 2 } }`;
    expect(shown(text)).toEqual([
      "model train",
      "input data: f32 {from: model; input: 1}",
      "input task: f32",
      "const shared = 3",
      "shared input = <<data + task> -> layer>",
      "layer block = dense(const: 2, penalty: train)",
      "task import: class {head: input.data; train: 1; task: input; model: data}",
      "data task {train: task; data: model; input: train}",
      "train data {data: {task: 1; input: 2}}",
    ]);
  });

  test("`return`, `from`, `true` are names where nothing else could stand", () => {
    expect(shown("block f(return) { from = return -> relu\n return = from\n return return -> from }")).toEqual([
      "block f(return) {from = <return -> relu>; return = from; return <return -> from>}",
    ]);
    expect(shown('import { from } from "a"')).toEqual(["import {from} from a"]);
    expect(shown("train { true: false, from: return }")).toEqual(["train {true: false; from: return}"]);
  });

  test("an empty file, and one of comments only, hold none", () => {
    expect(shown("")).toEqual([]);
    expect(shown("// nothing\n/* at all */\n/// not even this")).toEqual([]);
  });
});

describe("expressions", () => {
  test("bind: pipelines last, products first, left to right", () => {
    expect(value("a + b * c -> d - e / f")).toBe("<<a + <b * c>> -> <d - <e / f>>>");
    expect(value("a - b - c")).toBe("<<a - b> - c>");
    expect(value("a / b * c")).toBe("<<a / b> * c>");
    expect(value("a -> b -> c -> d")).toBe("<a -> b -> c -> d>");
    expect(value("-a * b")).toBe("<<-a> * b>");
    expect(value("a * -b.c")).toBe("<a * <-b.c>>");
    expect(value("a - -1")).toBe("<a - <-1>>");
    expect(value("(a -> b) + (c)")).toBe("<(<a -> b>) + (c)>");
  });

  test("members follow anything, with names or strings", () => {
    expect(value('assay."NR-AR".auc')).toBe('assay."NR-AR".auc');
    expect(value("f(x).output")).toBe("f(x).output");
    expect(value("a.train.data")).toBe("a.train.data");
  });

  test("numbers", () => {
    expect(value("[1, 0.5, 1e-3, 1_000, 2.5E+3, 1_0.2_5]")).toBe("[1, 0.5, 0.001, 1000, 2500, 10.25]");
    expect(parse("const a = 1_000.50", "a").declarations[0]).toMatchObject({
      value: { text: "1_000.50", value: 1000.5 },
    });
  });

  test("strings", () => {
    expect(value(String.raw`"a\"b\\c\n\t\u{1F600}\u{e9} //no comment"`)).toBe(
      JSON.stringify('a"b\\c\n\t\u{1F600}é //no comment'),
    );
    expect(value('""')).toBe('""');
  });

  test("lists, calls and blocks take trailing commas, and nothing at all", () => {
    expect(value("[a, [b,], []]")).toBe("[a, [b], []]");
    expect(value('f(a, k: 1, "a b": [2],)')).toBe("f(a, k: 1, a b: [2])");
    expect(value("f()")).toBe("f()");
    expect(value("g({})")).toBe("g({})");
    expect(value('csv("a", only: { split: "train", "Major Genre": ["Drama"] })')).toBe(
      'csv("a", only: {split: "train"; "Major Genre": ["Drama"]})',
    );
  });

  test("a chain may stand where a value does", () => {
    expect(value("x -> mmoe(experts: 8, expert: dense(16) -> relu) -> relu")).toBe(
      "<x -> mmoe(experts: 8, expert: <dense(16) -> relu>) -> relu>",
    );
  });

  test("a new line ends nothing: parentheses on the next line call", () => {
    expect(value("dense\n(3)\n-> relu\n- 1")).toBe("<dense(3) -> <relu - 1>>");
  });
});

describe("settings", () => {
  test("need no commas, on one line or several", () => {
    expect(shown('task a: flag { head: b -> dense positive: "x" weight: 1 }')).toEqual([
      'task a: flag {head: <b -> dense>; positive: "x"; weight: 1}',
    ]);
    expect(shown('train { a: b c: d.e f: -1 g: { h: 1 } "i j": [2] k: true }')).toEqual([
      'train {a: b; c: d.e; f: <-1>; g: {h: 1}; "i j": [2]; k: true}',
    ]);
  });
  test("a value goes on over line breaks until a key", () => {
    expect(shown("data { train: csv(a)\n -> join(b)\n + c\n test: d }")).toEqual([
      "data {train: <csv(a) -> <join(b) + c>>; test: d}",
    ]);
  });
});

describe("comments and docs", () => {
  const text =
    "// one\n/// doc of a\n\n/* two\nlines */ const a = 1 /// doc of b\nconst b = /* in */ 2 //// rule\n/// lost";
  const tree = parse(text, "c.mtl");
  test("are kept in order with their places", () => {
    expect(tree.problems).toEqual([]);
    expect(tree.comments.map(({ style, text }) => `${style} ${text}`)).toEqual([
      "line // one",
      "doc /// doc of a",
      "block /* two\nlines */",
      "doc /// doc of b",
      "block /* in */",
      "line //// rule",
      "doc /// lost",
    ]);
    for (const comment of tree.comments) {
      expect(text.slice(comment.span.start, comment.span.end)).toBe(comment.text);
      expect(comment.span.file).toBe("c.mtl");
    }
  });
  test("docs belong to the next declaration", () => {
    expect(tree.declarations.map(({ doc }) => doc)).toEqual(["doc of a", "doc of b"]);
  });
  test("of Windows files have no carriage return in them", () => {
    const windows = parse("/// a\r\nconst b = 1 // c\r\n", "w");
    expect(windows.declarations[0].doc).toBe("a");
    expect(windows.comments.map((comment) => comment.text)).toEqual(["/// a", "// c"]);
  });
});
