import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";

/** The README and the pages around it agree with the files that they speak of. */

const root = join(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(([, content]) => content);

const pages = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
  ...readdirSync(join(root, "examples")).map((name) => `examples/${name}/README.md`),
];

/** Anchors of a page's headings, as they are made of them. */
function anchors(text: string): string[] {
  return [...text.replace(/^```[\s\S]*?^```$/gm, "").matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-"),
  );
}

describe("the README", () => {
  const readme = read("README.md");

  it("shows the example as it is, and what it gives", () => {
    const model = read("examples/penguins/penguins.mtl");
    expect(blocks(readme, "mtl")).toEqual([model.slice(model.indexOf("model Penguins"))]);
    const table = (text: string) => blocks(text, "text").flatMap((block) => /^task +metric[\s\S]*/m.exec(block) ?? []);
    expect(table(readme)).toEqual(table(read("examples/penguins/README.md")));
  });

  it("names every command, and the two that a clone needs", () => {
    for (const name of Object.keys(commands)) expect(readme).toMatch(new RegExp(`\`(mtlc )?${name}\\b`));
    expect(blocks(readme, "sh")).toEqual(["npm ci && npx mtlc train examples/penguins/penguins.mtl\n"]);
    expect(readme).toContain("`npm test`");
    expect(Object.keys(JSON.parse(read("package.json")).scripts)).toContain("test");
  });
});

describe("pages", () => {
  it.each(pages)("%s: links lead somewhere", (page) => {
    const text = read(page);
    const dead = [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target]) => {
      if (/^https?:/.test(target)) return [];
      const [path, anchor] = target.split("#");
      const file = path === "" ? page : normalize(posix.join(dirname(page), path));
      if (!existsSync(join(root, file))) return [target];
      return anchor !== undefined && !anchors(read(file)).includes(anchor) ? [target] : [];
    });
    expect(dead).toEqual([]);
  });
});
