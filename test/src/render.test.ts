import { describe, expect, it } from "vitest";
import { compile } from "../../compiler/compile.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { countLine, renderDiagnostics } from "../../src/render/diagnostics.ts";
import { grouped } from "../../compiler/prose/numbers.ts";
import { duration, short } from "../../src/render/numbers.ts";
import { createProgress } from "../../src/render/progress.ts";
import { renderRows } from "../../src/render/rows.ts";
import { table } from "../../src/render/table.ts";
import { shellWord } from "../../src/render/words.ts";

const file = "digit.mtl";
const text = `model Digit
input image: f32[8, 8, 1]
shared trunk = image -> flatten -> dense(16)
shared other = concat(trunk, image) -> flatten
task digit: class(10) { head: concat(trunk, other) -> dens }
data { train: npz("digits.npz") }
`;
const texts = (name: string): string | undefined => (name === file ? text : undefined);
const { diagnostics } = compile(text, { file });

describe("diagnostics as people read them", () => {
  it("mark both ends of a clash in a frame, with help and where to read on", () => {
    const [clash] = diagnostics.filter(({ code }) => code === "MTL4002");
    const lines = renderDiagnostics([clash], "pretty", texts).split("\n");
    expect(lines[0]).toBe("error[MTL4002] shapes do not meet");
    expect(lines[1]).toMatch(/^ {2}--> digit\.mtl:4:\d+$/);
    const carets = lines.findIndex((line) => line.includes("^"));
    // Carets stand under what they mark.
    const column = lines[carets].indexOf("^");
    expect(lines[carets - 1].slice(column)).toMatch(/^image/);
    expect(lines.some((line) => /-{3,} .*\[_, 16\]/.test(line))).toBe(true);
    expect(lines.at(-2)).toBe("   = mtlc explain MTL4002");
  });

  it("keep tabs, so that carets stand under what they mark", () => {
    const tabbed = text.replace("task digit", "\ttask digit");
    const found = compile(tabbed, { file }).diagnostics.filter(({ code }) => code === "MTL2002");
    const lines = renderDiagnostics(found, "pretty", () => tabbed).split("\n");
    const caret = lines.findIndex((line) => line.includes("^"));
    expect(lines[caret].slice(0, lines[caret].indexOf("^"))).toContain("\t");
  });

  it("show of a very long line what is near its marks, wherever it goes", () => {
    const names = Array.from({ length: 8000 }, (_, k) => `wrong${k}: ${k}`);
    const long = text.replace("dense(16)", `dense(16, ${names.join(", ")})`);
    const found = compile(long, { file }).diagnostics.filter(({ code }) => code === "MTL3001");
    expect(found).toHaveLength(names.length);
    const rendered = renderDiagnostics(found, "pretty", () => long);
    // All of the line for each mark would be a gigabyte.
    expect(rendered.length).toBeLessThan(10_000_000);
    const frames = rendered.split("\n\n");
    const lines = frames[5000].split("\n");
    const caret = lines.findIndex((line) => line.includes("^"));
    const under = [lines[caret].indexOf("^"), lines[caret].lastIndexOf("^") + 1];
    expect(lines[caret - 1].slice(...under)).toBe("wrong5000");
    expect(lines[caret - 1]).toMatch(/^ 3 \| ….*…$/);
    expect(lines[caret - 1].length).toBeLessThan(1000);
    expect(lines[1]).toBe(`  --> digit.mtl:3:${long.split("\n")[2].indexOf("wrong5000") + 1}`);
  });

  it("show marks that lie far apart in a long line each in its place", () => {
    const far = ["one", "two"].map((name) => `${name}${" ".repeat(3000)}`).join("") + "🦆".repeat(600);
    const span = (word: string) => ({ file, start: far.indexOf(word), end: far.indexOf(word) + word.length });
    const labels = [{ span: span("two"), message: "and here" }];
    const lines = renderDiagnostics(
      [{ ...diagnostics[0], span: span("one"), note: undefined, labels }],
      "pretty",
      () => far,
    ).split("\n");
    expect(lines.filter((line) => /\^{3}|-{3} /.test(line)).map((line) => line.trim())).toEqual([
      "| ^^^",
      expect.stringMatching(/--- and here$/),
    ]);
    const mark = lines.findIndex((line) => line.endsWith("--- and here"));
    expect(lines[mark - 1].slice(lines[mark].indexOf("---")).trim()).toBe("two" + " ".repeat(597) + "…");
  });

  it("count errors and warnings", () => {
    const warning: Diagnostic = { ...diagnostics[0], severity: "warning" };
    expect(countLine([diagnostics[0], diagnostics[0], warning])).toBe("2 errors, 1 warning");
    expect(countLine([])).toBe("");
  });

  it("say what they can where the file's text is not at hand", () => {
    expect(renderDiagnostics([diagnostics[0]], "pretty", () => undefined)).toContain(diagnostics[0].message);
  });
});

describe("diagnostics as programs read them", () => {
  it("are one object of JSON with lines and columns from 1 and fixes as edits", () => {
    const data: { schema: number; diagnostics: Record<string, unknown>[] } = JSON.parse(
      renderDiagnostics(diagnostics, "json", texts),
    );
    expect(Object.keys(data)).toEqual(["schema", "diagnostics"]);
    expect(data.schema).toBe(1);
    const misspelt = data.diagnostics.find(({ code }) => code === "MTL2002");
    expect(misspelt).toMatchObject({ severity: "error", file, line: 5, endLine: 5 });
    const [, , , , line] = text.split("\n");
    expect(misspelt?.column).toBe(line.indexOf("dens }") + 1);
    expect(misspelt?.endColumn).toBe(line.indexOf("dens }") + 1 + "dens".length);
    expect(misspelt?.fixes).toMatchObject([{ edits: [{ file, line: 5, text: "dense" }] }]);
  });

  it("are a SARIF 2.1.0 log with rules, places and related places", () => {
    const log = JSON.parse(renderDiagnostics(diagnostics, "sarif", texts));
    expect(log.version).toBe("2.1.0");
    const [run] = log.runs;
    const ids = run.tool.driver.rules.map((rule: { id: string }) => rule.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const result of run.results) {
      expect(ids).toContain(result.ruleId);
      expect(["error", "warning", "note"]).toContain(result.level);
      // What a file lacks (here `train`) has no place in it.
      for (const { physicalLocation } of result.locations) {
        expect(physicalLocation.artifactLocation.uri).toBe(file);
        expect(physicalLocation.region.startLine).toBeGreaterThan(0);
      }
    }
    const clash = run.results.find((result: { ruleId: string }) => result.ruleId === "MTL4002");
    expect(clash.relatedLocations.length).toBeGreaterThan(0);
  });

  it("are workflow commands whose text cannot end the line or the property", () => {
    const odd: Diagnostic = {
      ...diagnostics[0],
      message: "50 % of\nit",
      note: undefined,
      help: undefined,
      span: { file: "a,b:c.mtl", start: 0, end: 1 },
    };
    const line = renderDiagnostics([odd], "github", () => "x");
    expect(line).toMatch(
      /^::error file=a%2Cb%3Ac\.mtl,line=1,endLine=1,col=1,endColumn=2,title=MTL\d{4} [a-z-]+::50 %25 of%0Ait\n$/,
    );
  });
});

describe("numbers and tables", () => {
  it("are short and say when they are undefined", () => {
    expect([0.98765, 12.345, 1234.5, 0, null, 0.00012, 2.5e7].map(short)).toEqual([
      "0.988",
      "12.3",
      "1,235",
      "0.000",
      "–",
      "1.20e-4",
      "2.50e+7",
    ]);
    expect(grouped(1933)).toBe("1,933");
    expect([21, 200, 7500].map(duration)).toEqual(["21 s", "3 min 20 s", "2 h 5 min"]);
  });

  it("line up, with no blank at a line's end", () => {
    expect(
      table([
        ["task", "test"],
        ["größe", "1"],
        ["x", ""],
      ]),
    ).toBe("task    test\ngröße   1\nx\n");
  });

  it("paths may be pasted into a shell", () => {
    for (const plain of ["runs/penguins-1", "C:\\runs\\a-1", "läufe/ü~1"]) expect(shellWord(plain)).toBe(plain);
    expect(shellWord("my runs/a-1")).toBe('"my runs/a-1"');
    expect(shellWord("it's")).toBe('"it\'s"');
    expect(shellWord("a$b")).toBe("'a$b'");
    expect(shellWord("")).toBe('""');
  });

  it("rows of answers become CSV with quotes where a cell needs them", () => {
    const rows = [
      {
        kind: { label: 'a "b", c', probabilities: { 'a "b", c': 0.75, d: 0.25 } },
        box: [1, 2],
        ill: { label: true, probability: 0.9 },
      },
    ];
    expect(renderRows(rows, "csv", rows[0])).toBe(
      'kind,"kind.a ""b"", c",kind.d,box.0,box.1,ill,ill.probability\n"a ""b"", c",0.75,0.25,1,2,true,0.9\n',
    );
    expect(renderRows(rows, "jsonl", rows[0])).toBe(`${JSON.stringify(rows[0])}\n`);
  });
});

describe("progress where lines stay", () => {
  const unwatched = { patience: null, waited: 0, later: 0, mayStop: false };
  const phase = { phase: null, number: 1, phases: 1, epoch: 1, epochs: 30, ...unwatched };
  it("says of how many epochs each is, unless it lies behind all that are asked for", () => {
    const lines: string[] = [];
    const progress = createProgress({ write: (text: string) => lines.push(text) });
    const event = {
      epoch: 4,
      phase: null,
      step: 8,
      rate: 0.1,
      seconds: 1,
      losses: { a: 0.5 },
      weights: { a: 1 },
      validation: null,
      best: false,
    };
    for (const epochs of [6, 2, 0]) {
      progress.phase({ ...phase, epochs });
      progress.epoch(event);
    }
    expect(lines.filter(Boolean)).toEqual([
      "epoch 4 of 6   a 0.500 (×1.0)\n",
      "epoch 4   a 0.500 (×1.0)\n",
      "epoch 4   a 0.500 (×1.0)\n",
    ]);
  });

  it("names phases where there are several, and says how one with a stop ended", () => {
    const lines: string[] = [];
    const progress = createProgress({ write: (text: string) => lines.push(text) });
    progress.phase(phase);
    progress.phase({ ...phase, phase: "heads", number: 2, phases: 2, epoch: 19, epochs: 33 });
    progress.phaseEnd({ phase: null, epoch: 18, waited: 10, kept: 8 });
    progress.phaseEnd({ phase: null, epoch: 30, waited: null, kept: 28 });
    progress.phaseEnd({ phase: null, epoch: 30, waited: null, kept: 30 });
    expect(lines.filter(Boolean)).toEqual([
      "phase heads (2 of 2), epochs 19 to 33\n",
      "stopped after epoch 18: no better for 10; epoch 8 is kept\n",
      "epoch 30 was the last; epoch 28 is kept\n",
    ]);
  });
});
