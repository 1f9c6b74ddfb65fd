import { readdirSync, readFileSync } from "node:fs";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { mtlc } from "../slow/command.ts";

/**
 * Specifications: Markdown pages of programs and of what `mtlc check --data` says of them. A page's first block is its program,
 * the blocks `csv NAME` are its data. Of every further program only the lines that differ are shown: a `diff` block, whose lines
 * with `-` give way to those with `+`. A `text` block behind it is all that is said, to the letter.
 */

interface Case {
  readonly title: string;
  readonly text: string;
  readonly said: string;
}
interface Page {
  readonly name: string;
  readonly files: ReadonlyMap<string, string>;
  readonly cases: readonly Case[];
}

function pageOf(name: string): Page {
  const page = readFileSync(join(import.meta.dirname, name), "utf8");
  const files = new Map<string, string>();
  const cases: Case[] = [];
  let title = "";
  let program = "";
  let changed = "";
  for (const { 1: heading, 2: mark, 3: content } of page.matchAll(/^#+ (.*)$|^```(.*)\n([\s\S]*?)^```$/gm)) {
    if (heading !== undefined) title = heading;
    else if (mark === "mtl") program = content;
    else if (mark.startsWith("csv ")) files.set(mark.slice(4), content);
    else if (mark === "diff") changed = patched(program, content, title);
    else if (mark === "text") cases.push({ title, text: changed, said: content });
    else throw new Error(`${name}: a block is marked \`${mark}\``);
  }
  return { name, files, cases };
}

/** The program with the lines that a difference takes away, and those that it puts in their place. */
function patched(program: string, difference: string, title: string): string {
  const lines = difference.trimEnd().split("\n");
  const marked = (mark: string) => lines.filter((line) => line[0] !== mark).map((line) => line.slice(1));
  const [before, after] = [marked("+"), marked("-")].map((list) => `${list.join("\n")}\n`);
  if (program.split(before).length !== 2) throw new Error(`${title}: the difference does not fit in one place`);
  return program.replace(before, () => after);
}

const base = mkdtempSync(join(tmpdir(), "mtlc-said-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const pages = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".md"));

describe.each(pages.map(pageOf))("$name", ({ files, cases }) => {
  for (const [name, content] of files) writeFileSync(join(base, name), content);

  it.each(cases)("$title", async ({ text, said }) => {
    const file = join(base, "model.mtl");
    writeFileSync(file, text);
    const { out, err, code } = await mtlc("check", file, "--data");
    const shown = `${out}${err}`.replaceAll(`${base}/`, "").replace(/^ +=\ mtlc explain .*\n/gm, "");
    expect(shown.replace(/ +$/gm, "").replace(/\n{2,}/g, "\n\n")).toBe(said);
    expect(code).toBe(/^error/m.test(said) ? 1 : 0);
  });

  it("says one thing a mistake", () => {
    for (const { title, said } of cases) {
      const errors = said.match(/^error/gm)?.length ?? 0;
      expect(errors, title).toBe(/two mistakes/.test(title) ? 2 : 1);
    }
  });
});
