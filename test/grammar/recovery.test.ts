import { describe, expect, test } from "vitest";
import { parse } from "../../grammar/parse.ts";
import { show, showProblems } from "./show.ts";

/** Problems and declarations of a text, side by side. */
function read(text: string): { problems: string[]; tree: string[] } {
  const tree = parse(text, "r.mtl");
  return { problems: showProblems(tree), tree: show(tree) };
}
/** The text after doing what its first problem proposes. */
function mended(text: string): string {
  const [{ span, insertion, replacement }] = parse(text, "r.mtl").problems;
  if (insertion !== undefined) return text.slice(0, span.start) + insertion + text.slice(span.start);
  return text.slice(0, span.start) + (replacement ?? text.slice(span.start, span.end)) + text.slice(span.end);
}

const after = "\n\ntask next: flag { head: trunk -> dense }\n";
const next = "task next: flag {head: <trunk -> dense>}";

describe("one mistake, one problem, and the rest stands", () => {
  test.each<[string, string, string, string]>([
    [
      "an arrow left out",
      "shared a = b -> dense(3) relu",
      "1:25 expected relu | `->` or another operator",
      "shared a = <b -> dense(3) -> relu>",
    ],
    [
      "an arrow too many",
      "shared a = b -> -> relu",
      "1:16 missing-value -> | an expression",
      "shared a = <b -> _ -> relu>",
    ],
    ["no value", "shared a =", "1:11 missing-value  | an expression", "shared a = _"],
    ["a colon for an equals sign", "shared a: b -> relu", "1:9 expected : | `=`", "shared a = <b -> relu>"],
    ["no equals sign", "const a 3", "1:8 missing-mark 3 | `=`", "const a = 3"],
    ["no name", "shared = b -> relu", "1:7 expected = | a name", "shared ? = <b -> relu>"],
    ["a parenthesis left open", "shared a = concat(b, c", "1:23 unclosed  | `)`", "shared a = concat(b, c)"],
    ["a parenthesis never opened", "shared a = concat b, c)", "1:18 missing-mark b | `(`", "shared a = concat(b, c)"],
    ["a parenthesis too many", "shared a = f(b)) -> relu", "1:16 unexpected )", "shared a = <f(b) -> relu>"],
    ["a comma left out", "shared a = concat(b c, d)", "1:20 missing-mark c | `,`", "shared a = concat(b, c, d)"],
    ["a comma too many", "shared a = concat(b,, c)", "1:21 unexpected , | an expression", "shared a = concat(b, c)"],
    [
      "Python's keyword arguments",
      "shared a = b -> dense(width=3)",
      "1:28 expected = | `:`",
      "shared a = <b -> dense(width: 3)>",
    ],
    ["a list left open", "const a = [1, 2", "1:16 unclosed  | `]`", "const a = [1, 2]"],
    ["the wrong bracket", "const a = [1, 2)", "1:16 unexpected )", "const a = [1, 2]"],
    [
      "no colon before a kind",
      "task a class(3) { head: b }",
      "1:7 missing-mark class | `:`",
      "task a: class(3) {head: b}",
    ],
    ["no kind", "task a: { head: b }", "1:8 missing-value { | a kind", "task a: ? {head: b}"],
    ["an equals sign before a kind", "input a = f32[3]", "1:9 expected = | `:`", "input a: f32[3]"],
    ["no brace before settings", "task a: flag head: b }", "1:13 missing-mark head | `{`", "task a: flag {head: b}"],
    ["no brace after settings", "task a: flag { head: b", "1:23 unclosed  | `}`", "task a: flag {head: b}"],
    ["a brace too many", "task a: flag { head: b }}", "1:25 unexpected }", "task a: flag {head: b}"],
    [
      "a brace closed too early",
      "task a: flag { head: b }\n  weight: 2\n}",
      "1:24 unexpected }",
      "task a: flag {head: b; weight: 2}",
    ],
    ["an equals sign after a key", "train { epochs = 3 }", "1:16 expected = | `:`", "train {epochs: 3}"],
    [
      "no colon after a key",
      "train {\n  epochs 3\n  batch: 4\n}",
      "2:9 missing-mark 3 | `:`",
      "train {epochs: 3; batch: 4}",
    ],
    [
      "no value after a key",
      "train {\n  epochs:\n  batch: 4\n}",
      "2:10 missing-value batch | an expression",
      "train {epochs: _; batch: 4}",
    ],
    ["no key", "train {\n  : 3\n  batch: 4\n}", "2:3 unexpected : | a key", "train {batch: 4}"],
    [
      "a parenthesis left open in settings",
      "task a: flag {\n  head: concat(b, c\n  weight: 2\n}",
      "2:20 unclosed weight | `)`",
      "task a: flag {head: concat(b, c); weight: 2}",
    ],
    ["a comment with #", "train { epochs: 3 # three\n}", "1:19 unexpected-character # | `//`", "train {epochs: 3}"],
    [
      "single quotes",
      "data { train: csv('a.csv') }",
      "1:19 unexpected-character ' | `\"`",
      'data {train: csv("a.csv")}',
    ],
    ["another arrow", "shared a = b => relu", "1:14 unexpected-character => | `->`", "shared a = <b -> relu>"],
    ["a strange character", "shared a = b -> $ relu", "1:17 unexpected-character $", "shared a = <b -> relu>"],
    [
      "a string left open",
      'data { train: csv("a.csv) }',
      '1:19 unterminated-string "a.csv | `"`',
      'data {train: csv("a.csv")}',
    ],
    [
      "a bad escape",
      String.raw`const a = "x\q"`,
      String.raw`1:13 bad-escape \q | one of ` + '`\\"`, `\\\\`, `\\n`, `\\t`, `\\u{…}`',
      String.raw`const a = "x\\q"`,
    ],
    [
      "a bad number",
      "const a = 1__000",
      "1:11 bad-number 1__000 | a number such as `1`, `0.5`, `1e-3` or `1_000`",
      "const a = 1000",
    ],
    ...["1e-", "1e+", "2.5E-"].map((number): [string, string, string, string] => [
      `an exponent that is left out, ${number}`,
      `const a = [${number}, 2]`,
      `1:12 bad-number ${number} | a number such as \`1\`, \`0.5\`, \`1e-3\` or \`1_000\``,
      `const a = [${number.slice(0, -2)}, 2]`,
    ]),
    [
      "a number without its zero",
      "const a = .5",
      "1:11 bad-number .5 | a number such as `1`, `0.5`, `1e-3` or `1_000`",
      "const a = 0.5",
    ],
    [
      "no return",
      "block f(x) {\n  y = x -> relu\n}",
      "2:16 expected } | `return` and an expression",
      "block f(x) {y = <x -> relu>; return _}",
    ],
    [
      "parameters left open",
      "block f(x, k: int {\n  return x\n}",
      "1:18 unclosed { | `)`",
      "block f(x, k: int) {return x}",
    ],
    [
      "a statement with a colon",
      "block f(x) {\n  y: x -> relu\n  return y\n}",
      "2:4 expected : | `=`",
      "block f(x) {y = <x -> relu>; return y}",
    ],
    ["no `from`", 'import { a } "b.mtl"', '1:13 missing-mark "b.mtl" | `from`', "import {a} from b.mtl"],
    ["no path", "import { a } from", "1:18 missing-value  | a path in quotes", "import {a} from ?"],
    ["an import left open", 'import { a, b from "b.mtl"', "1:14 unclosed from | `}`", "import {a b} from b.mtl"],
    ["no section brace", "train\n  epochs: 3\n}", "1:6 missing-mark epochs | `{`", "train {epochs: 3}"],
    ["a section of nothing", "train", "1:6 expected  | `{`", "train {}"],
    [
      "no opening word",
      "trunk = b -> relu",
      "1:1 expected trunk | `shared`, `const` or `layer` before it",
      "unknown<> trunk = <b -> relu>",
    ],
    [
      "a name before the parenthesis left out",
      "shared a = b -> (32, kernel: 3)",
      "1:20 missing-value , | a name before the parenthesis",
      "shared a = <b -> _>",
    ],
  ])("%s", (_, text, problem, declaration) => {
    expect(read(text + after)).toEqual({ problems: [problem], tree: [declaration, next] });
    // What stands before is not touched either.
    expect(read(`const before = 1\n${text}`).tree).toEqual(["const before = 1", declaration]);
  });
});

describe("words that open nothing", () => {
  test("are kept and left to be reported by name", () => {
    const text = "tasks foo: class(3) { head: a }\nshred x = a -> relu\ntrian { epochs: 3 }\nblok f(x) { return x }";
    expect(read(text + after)).toEqual({
      problems: [],
      tree: [
        "unknown<tasks> foo: class(3) {head: a}",
        "unknown<shred> x = <a -> relu>",
        "unknown<trian> ? {epochs: 3}",
        "unknown<blok> f",
        next,
      ],
    });
  });
  test("inside an unclosed declaration still begin a new one", () => {
    expect(read(`task a: flag {\n  head: b\n\ntasks c: flag { head: d }${after}`)).toEqual({
      problems: ["2:10 unclosed tasks | `}`"].map((line) => line.replace("tasks", "")),
      tree: ["task a: flag {head: b}", "unknown<tasks> c: flag {head: d}", next],
    });
  });
});

describe("fixes", () => {
  test.each([
    ["shared a = b -> dense(3) relu", "shared a = b -> dense(3) -> relu"],
    ["const a 3", "const a = 3"],
    ["shared a = concat(b, [c", "shared a = concat(b, [c])"],
    ["shared a = concat(b c)", "shared a = concat(b, c)"],
    ["shared a = b -> dense(width=3)", "shared a = b -> dense(width:3)"],
    ["task a class(3)", "task a: class(3)"],
    ["train { epochs = 3 }", "train { epochs : 3 }"],
    ["data { train: csv('it''s') }", "data { train: csv(\"it\"'s') }"],
    ['data { train: csv("a.csv) }', 'data { train: csv("a.csv") }'],
    ["shared a = b => c", "shared a = b -> c"],
    ["train { epochs: 3 # three\n}", "train { epochs: 3 // three\n}"],
    [String.raw`const a = "x\q"`, String.raw`const a = "x\\q"`],
  ])("%s", (text, expected) => {
    expect(mended(text)).toBe(expected);
  });
});

test("five mistakes give five problems and hide nothing", () => {
  const text = `model M
input image: f32[4]
shared trunk = image -> dense(8 -> relu
task a: class(3) { head trunk -> dense }
task b: flag { head: trunk -> dense, target = "b" }
penalty p 0.01 * mean(trunk)
train {
  epochs: 3
  batch: , 
}
data { train: csv("a.csv") }
`;
  const { problems, tree } = read(text);
  expect(problems.map((line) => line.split(":")[0])).toEqual(["3", "4", "5", "6", "9"]);
  expect(tree).toEqual([
    "model M",
    "input image: f32[4]",
    "shared trunk = <image -> dense(<8 -> relu>)>",
    "task a: class(3) {head: <trunk -> dense>}",
    'task b: flag {head: <trunk -> dense>; target: "b"}',
    "penalty p = <0.01 * mean(trunk)>",
    "train {epochs: 3; batch: _}",
    'data {train: csv("a.csv")}',
  ]);
});

test("a comment left open is one problem, whatever it swallows", () => {
  expect(read("train {\n  epochs: 3 /* three\n}\ndata { train: a }")).toEqual({
    problems: ["2:13 unterminated-comment /* | `*/`"],
    tree: ["train {epochs: 3}"],
  });
});

test("brackets without end do not overflow", () => {
  const { problems } = read(`shared a = ${"f(".repeat(20_000)}${after}`);
  expect(problems).toEqual(["1:213 too-deep ( | 100 brackets inside one another"]);
  expect(read(`shared a = ${"[".repeat(100)}${"]".repeat(100)}`).problems).toEqual([]);
});

test("operators without end do not overflow either", () => {
  for (const [from, many] of [
    ["shared a = b", " + b".repeat(20_000)],
    ["const a = 1", " * 2".repeat(20_000)],
    ["const a = ", `${"-".repeat(20_000)}1`],
  ])
    expect(read(`${from}${many}\n${after}`).problems).toEqual([
      expect.stringMatching(/^1:\d+ too-deep . \| 400 operators in one expression$/),
    ]);
  expect(read(`train { epochs: 1${" + 1".repeat(399)}, batch: 1${" + 1".repeat(399)} }`).problems).toEqual([]);
});

test("an unclosed bracket names both ends", () => {
  const [problem] = parse("shared a = concat(b, [c", "r").problems;
  expect(problem).toMatchObject({ kind: "unclosed", related: { start: 21, end: 22 }, span: { start: 23, end: 23 } });
});
