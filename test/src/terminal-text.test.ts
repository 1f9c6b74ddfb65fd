import { describe, expect, it } from "vitest";
import { explain, topics } from "../../compiler/explain.ts";
import { cutTo, padTo, widthOf } from "../../compiler/prose/width.ts";
import { wrap } from "../../compiler/prose/wrap.ts";
import { compile } from "../../compiler/compile.ts";
import { renderDiagnostics } from "../../src/render/diagnostics.ts";
import { jsonText, shown } from "../../src/render/shown.ts";
import { table } from "../../src/render/table.ts";

/** What reaches a terminal: as wide as it is, wrapped at words, with nothing in it that the terminal would obey. */

const widest = (text: string): number => Math.max(...text.split("\n").map(widthOf));

describe("the width of text", () => {
  it.each([
    ["abc", 3],
    ["größe", 5],
    ["gro\u0308ße", 5],
    ["字宽", 4],
    ["ｶﾅ", 2],
    ["한국어", 6],
    ["Ａ", 2],
    ["🙂", 2],
    ["👩‍🔬", 2],
    ["🇩🇪", 2],
    ["1️⃣", 2],
    ["✓", 1],
    ["–×·…━", 5],
    ["\u200b", 0],
  ])("of %j is %i", (text, places) => {
    expect(widthOf(text)).toBe(places);
  });

  it("is kept in cutting and padding", () => {
    expect(cutTo("字字字", 4)).toBe("字…");
    expect(cutTo("字字", 4)).toBe("字字");
    expect(padTo("字", 4)).toBe("字  ");
  });
});

describe("wrapping", () => {
  it("breaks at words, keeps a line's own beginning and what is lined up in it", () => {
    expect(wrap("  a: one two three four", 12, 2)).toBe("  a: one two\n    three\n    four");
    expect(wrap("name   1 task · 2 rows", 12)).toBe("name   1\ntask · 2\nrows");
    expect(wrap("short\n\nlines stay", 20)).toBe("short\n\nlines stay");
    expect(wrap("as it is, however long it is", null)).toBe("as it is, however long it is");
  });

  it("breaks a word only where no line holds it, behind a mark if there is one", () => {
    expect(wrap("see runs/of_many_words/penguins", 20)).toBe("see\nruns/of_many_words/\npenguins");
    expect(wrap("字字字字字字", 5)).toBe("字字\n字字\n字字");
  });

  it("leaves no line wider than asked for, and no word out", () => {
    for (const topic of topics().slice(0, 60)) {
      const text = explain(topic) ?? "";
      for (const width of [20, 40, 80]) {
        const lines = wrap(text, width, 2);
        expect(widest(lines), topic).toBeLessThanOrEqual(width);
        expect(lines.replace(/\s/g, ""), topic).toBe(text.replace(/\s/g, ""));
      }
    }
  });

  it("is what `explain` does with sentences, while examples stay as they are", () => {
    const narrow = explain("MTL4002", 40) ?? "";
    const [sentences, examples] = narrow.split("Instead of");
    expect(widest(sentences)).toBeLessThanOrEqual(40);
    expect(examples).toBe((explain("MTL4002") ?? "").split("Instead of")[1]);
    expect(widest(explain("dense", 40)!.split("Example")[0])).toBeLessThanOrEqual(40);
  });
});

describe("text from elsewhere", () => {
  it.each([
    ["\u001b[31mred\u0007", "\\u{1b}[31mred\\u{7}"],
    ["a\nb\r\tc", "a\\nb\\r\\tc"],
    ["\u009b31m\u007f", "\\u{9b}31m\\u{7f}"],
    ["\u202egnp.exe\u2066", "\\u{202e}gnp.exe\\u{2066}"],
    ["a\u200bb\u00ad\ufeff\u2060", "a\\u{200b}b\\u{ad}\\u{feff}\\u{2060}"],
    ["\u2028\u{e0041}\u3164", "\\u{2028}\\u{e0041}\\u{3164}"],
    ["\ud800", "\\u{d800}"],
    ["a\u200db \ufe0f", "a\\u{200d}b \\u{fe0f}"],
  ])("%j is shown as %j", (text, expected) => {
    expect(shown(text)).toBe(expected);
    expect(shown(expected)).toBe(expected);
  });

  it.each(["größe 字 한국어 שלום", "👩‍🔬 ✔️ 1️⃣ 👍🏽 🇩🇪", "gro\u0308ße – × …", "C:\\u{1b}"])("%j stays", (text) => {
    expect(shown(text)).toBe(text);
  });

  it("is the same in JSON, with nothing in it that a terminal obeys", () => {
    const text = "\u001b\u009b\u007f\u202e\u{e0041}\ud800\n字👩‍🔬";
    for (const indent of [undefined, 1]) {
      const json = jsonText({ [text]: [text, 1] }, indent);
      expect(JSON.parse(json)).toEqual({ [text]: [text, 1] });
      expect(shown(json, "\n")).toBe(json);
    }
  });

  it("is shown in tables, which line up all the same", () => {
    expect(
      table(
        [
          ["a", "b"],
          ["\u001bx", "1"],
          ["字", "2"],
        ],
        null,
      ),
    ).toBe("a         b\n\\u{1b}x   1\n字        2\n");
  });
});

describe("a table on a terminal", () => {
  const rows = [
    ["task", "metric", "test"],
    ["a_task_with_a_long_name", "mean_absolute_error", "12.3 km [11.9, 12.7]"],
    ["", "r2", "0.987 [0.981, 0.990]"],
  ];

  it("is as wide as it is where there is room", () => {
    expect(table(rows, 80)).toBe(table(rows, null));
  });

  it("wraps its cells where there is not", () => {
    expect(table(rows, 50)).toBe(`task                  metric               test
a_task_with_a_long_   mean_absolute_error  12.3 km
name                                       [11.9,
                                           12.7]
                      r2                   0.987
                                           [0.981,
                                           0.990]
`);
  });

  it("is a list where columns would be too narrow", () => {
    expect(table(rows, 40)).toBe(`task a_task_with_a_long_name
  metric  mean_absolute_error
  test    12.3 km [11.9, 12.7]
  metric  r2
  test    0.987 [0.981, 0.990]
`);
  });
});

describe("a diagnostic on a terminal", () => {
  const text = `model Digit
input image: f32[8, 8, 1]
shared trunk = image -> flatten -> dense(16)
shared other = concat(trunk, image) -> flatten
\ttask digit: class(10) { target: "字\u202e", head: concat(trunk, other) -> dens }
task sum: real { head: trunk -> dense(16) -> relu -> dense(32) -> relu -> dense(64) -> relu -> densee(128) -> relu -> dense(8) }
data { train: npz("digits.npz") }
train { epochs: 1 }
`;
  const { diagnostics } = compile(text, { file: "di\u0007git.mtl" });
  const on = (code: string, columns?: number, mark = ""): string =>
    renderDiagnostics(
      diagnostics.filter((each) => each.code.startsWith(code) && each.message.includes(mark)),
      "pretty",
      () => text,
      { isTTY: columns !== undefined, columns },
    ).replace(/\u001b\[\d+m/g, "");

  it("has its notes beside their marks, or below them where there is no room", () => {
    expect(on("MTL4002", 100)).toBe(`error[MTL4002] shapes do not meet
  --> di\\u{7}git.mtl:4:30
   |
 3 | shared trunk = image -> flatten -> dense(16)
   |                                    --------- this gives [_, 16]
 4 | shared other = concat(trunk, image) -> flatten
   |                              ^^^^^ this is [_, 8, 8, 1] beside [_, 16]: concat joins tensors
   |                                    that differ in the last axis only
   |
   = help: bring both to one rank: \`mean_pool\` of [_, 8, 8, 1] gives [_, 1], \`flatten\` [_, 64]
   = mtlc explain MTL4002
`);
    expect(on("MTL4002", 60)).toContain(`
 3 | shared trunk = image -> flatten -> dense(16)
   |                                    ---------
   |                                    this gives [_, 16]
 4 | shared other = concat(trunk, image) -> flatten
   |                              ^^^^^
   | this is [_, 8, 8, 1] beside [_, 16]: concat joins
   | tensors that differ in the last axis only
   |
   = help: bring both to one rank: \`mean_pool\` of [_, 8, 8,
           1] gives [_, 1], \`flatten\` [_, 64]
`);
  });

  it("cuts a long line around its mark", () => {
    expect(on("MTL2002", 60, "densee").split("\n").slice(3, 5)).toEqual([
      " 6 | …dense(64) -> relu -> densee(128) -> relu -> dense(8) }",
      "   |                       ^^^^^^",
    ]);
  });

  it("has its marks under what they mark, whatever is written before", () => {
    for (const columns of [undefined, 40, 90, 120]) {
      const lines = on("MTL2002", columns, "`dens`").split("\n");
      const caret = lines.findIndex((line) => line.includes("^"));
      const line = lines[caret - 1].replaceAll("\t", " ");
      const before = lines[caret].slice(0, lines[caret].indexOf("^"));
      expect(columns === 40 || line.includes("字\\u{202e}")).toBe(true);
      expect(widthOf(line.slice(0, line.search(/dens( \}|…)/)))).toBe(widthOf(before.replaceAll("\t", " ")));
    }
  });

  it("is nowhere wider than the terminal, and lets nothing through that the terminal obeys", () => {
    for (const columns of [30, 40, 80, 120]) {
      const whole = on("", columns);
      expect(widest(whole)).toBeLessThanOrEqual(columns);
      expect(shown(whole, "\n")).toBe(whole);
    }
  });
});
