import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { catalogue } from "../../compiler/diagnostics/catalogue.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { widthOf } from "../../compiler/prose/width.ts";
import { renderDiagnostics } from "../../src/render/diagnostics.ts";
import { shown } from "../../src/render/shown.ts";
import { folderOf } from "../runtime/small-training.ts";
import { mtlc, type CommandResult } from "../slow/command.ts";

/** Nothing of a file, a cell or a command line reaches a terminal as something that it would obey; data that is piped stays exact. */

const EVIL = "\u001b]0;pwned\u0007\u009b31m\u202e\u200b";
const SHOWN = "\\u{1b}]0;pwned\\u{7}\\u{9b}31m\\u{202e}\\u{200b}";

const streams = [process.stdout, process.stderr];
const usual = streams.map(({ isTTY, columns }) => ({ isTTY, columns }));
afterEach(() => vi.unstubAllEnvs());
afterEach(() => streams.forEach((stream, k) => Object.assign(stream, usual[k])));

/** The command where both streams are a terminal of so many columns; its own colours taken away. */
async function onTerminal(columns: number, ...argv: readonly string[]): Promise<CommandResult> {
  for (const stream of streams) Object.assign(stream, { isTTY: true, columns });
  const { code, out, err } = await mtlc(...argv);
  streams.forEach((stream, k) => Object.assign(stream, usual[k]));
  const plain = (text: string): string => text.replace(/\u001b\[(?:[12]|22|3[1-4]|39)m|\u001b\[\d*[JKA]|\r/g, "");
  return { code, out: plain(out), err: plain(err) };
}

function expectHarmless({ out, err }: Pick<CommandResult, "out" | "err">): void {
  for (const text of [out, err]) expect(shown(text, "\n\t")).toBe(text);
}

const files = {
  "m.mtl": `model A
input x: f32
input kind: category
task y: real { head: x -> dense }
task label: class { head: concat(x, kind -> embed(2)) -> dense }
train { epochs: 1, batch: 4 }
data { train: csv("rows.csv"), test: csv("rows.csv") }
`,
  "rows.csv": `x,kind,y,label\n${Array.from({ length: 8 }, (_, k) => `${k},k${k % 2},${k},${k % 2 ? `"l${EVIL}"` : "plain"}`).join("\n")}\n`,
};

describe("a terminal", () => {
  it("is shown what it would obey: in file names, frames, settings, words of the command line", async () => {
    const folder = folderOf(files);
    const file = join(folder, "m.mtl");
    const odd = join(folder, `m${EVIL}.mtl`);
    writeFileSync(odd, `model A\ninput x: f32 // ${EVIL}\ntask y: real { head: x -> dens, target: "${EVIL}" }\n`);
    for (const argv of [
      ["check", odd],
      ["check", file, join(folder, `nowhere${EVIL}.mtl`)],
      ["train", file, "--set", `train.epochs${EVIL}=3`],
      ["train", file, `--epochs${EVIL}`],
      ["explain", EVIL],
      [EVIL],
      ["describe", odd],
      ["evaluate", join(folder, `run${EVIL}`)],
    ]) {
      const result = await onTerminal(200, ...argv);
      expectHarmless(result);
      expect(result.out + result.err, argv.join(" ")).toContain("\\u{1b}");
    }
  });

  it("is shown it in cells that are wrong, and in the columns that they stand in", async () => {
    const rows = files["rows.csv"].replace("\n1,", `\n1${EVIL},`).replace("x,kind", `x,"kind"`);
    const folder = folderOf({ ...files, "rows.csv": rows });
    const wrong = await onTerminal(200, "check", "--data", join(folder, "m.mtl"));
    expectHarmless(wrong);
    expect(wrong.out).toContain(`"1${SHOWN}" is not a number`);
    writeFileSync(join(folder, "rows.csv"), files["rows.csv"].replace(",y,", `,"y${EVIL}",`));
    const lacking = await onTerminal(200, "check", join(folder, "m.mtl"));
    expectHarmless(lacking);
    expect(lacking.out).toContain(`y${SHOWN}`);
  });

  it("is shown it in labels of answers, and a pipe gets the data as it is", async () => {
    const folder = folderOf(files);
    const run = join(folder, "run");
    const trained = await onTerminal(80, "train", join(folder, "m.mtl"), "--run", run);
    expect(trained.code).toBe(0);
    expectHarmless(trained);
    const rows = join(folder, "rows.csv");
    const answers = await onTerminal(80, "predict", run, rows, "--format", "csv");
    expectHarmless(answers);
    expect(answers.out).toContain(`label.l${SHOWN}`);
    const piped = await mtlc("predict", run, rows, "--format", "csv");
    expect(piped.out).toContain(`label.l${EVIL}`);
    expect(piped.out.replaceAll(EVIL, SHOWN)).toBe(answers.out);
    for (const format of ["json", "jsonl"]) {
      const json = (await onTerminal(80, "predict", run, rows, "--format", format)).out;
      expectHarmless({ out: json, err: "" });
      expect(json).toBe((await mtlc("predict", run, rows, "--format", format)).out);
      const first = JSON.parse(format === "json" ? json : json.split("\n")[0]);
      expect(Object.keys((format === "json" ? first[0] : first).label.probabilities)).toContain(`l${EVIL}`);
    }
  });

  it("gets no diagnostic with it in any format, whatever stands in its texts", () => {
    const text = `model A // ${EVIL}\n`;
    const span = { file: `a${EVIL}.mtl`, start: 0, end: text.length };
    const all = catalogue.map(({ code, name, severity, why }): Diagnostic => {
      const said = `${why.slice(0, 40)} ${EVIL}`;
      return {
        code,
        name,
        severity,
        message: said,
        span,
        note: said,
        labels: [{ span, message: said }],
        help: said,
        fixes: [],
      };
    });
    for (const format of ["json", "sarif", "github", "pretty"] as const) {
      const rendered = renderDiagnostics(all, format, () => text, { isTTY: false });
      expectHarmless({ out: rendered, err: "" });
    }
    const { diagnostics } = JSON.parse(renderDiagnostics(all, "json", () => text));
    expect(diagnostics.map(({ help }: { help: string }) => help)).toEqual(all.map(({ help }) => help));
  });

  it.each([40, 80])("of %i columns has sentences wrapped in it, and commands that can be copied", async (columns) => {
    vi.stubEnv("NO_COLOR", "1");
    const folder = folderOf(files);
    const widest = (text: string): number => Math.max(...text.split("\n").map(widthOf));
    for (const argv of [
      ["help"],
      ["help", "train"],
      ["help", "compile"],
      ["explain", "MTL8601"],
      ["explain", "adam"],
    ]) {
      const { out } = await onTerminal(columns, ...argv);
      const sentences = out.split(/^(?:Instead of|Example)$/m)[0];
      expect(widest(sentences), argv.join(" ")).toBeLessThanOrEqual(columns);
      const piped = (await mtlc(...argv)).out;
      expect(out.replace(/\s+/g, ""), argv.join(" ")).toBe(piped.replace(/\s+/g, ""));
    }
    const { out, err } = await onTerminal(columns, "train", join(folder, "m.mtl"), "--run", join(folder, "run"));
    expect(out).toContain(`\nSaved to ${join(folder, "run")} · predict: mtlc predict ${join(folder, "run")} FILE\n`);
    expect(widest(out.split("Saved to")[0])).toBeLessThanOrEqual(columns);
    expect(widest(err)).toBeLessThanOrEqual(columns);
    expect((await onTerminal(columns, "describe", join(folder, "m.mtl"))).out).toContain("label");
    expect(widest((await onTerminal(columns, "describe", join(folder, "m.mtl"))).out)).toBeLessThanOrEqual(columns);
  });

  it("has colours for what goes there, and none go with it into a file", async () => {
    const file = join(folderOf({ "m.mtl": "model A\ninput x: f33\n" }), "m.mtl");
    Object.assign(process.stderr, { isTTY: true });
    expect((await mtlc("check", file)).out).not.toContain("\u001b");
  });
});
