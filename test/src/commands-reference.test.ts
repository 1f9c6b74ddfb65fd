import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { helpText } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/commands.ts";
import { mtlc, sound } from "../slow/command.ts";

/** `docs/commands.md` shows what every command's `--help` prints, and the shape of what it gives as JSON. */

const path = join(import.meta.dirname, "../../docs/commands.md");
const text = readFileSync(path, "utf8");

function sectionOf(name: string): string {
  return text.split(/^## /m).find((part) => part.startsWith(`${name}\n`)) ?? "";
}

/** The names of an object that a page shows as `{ a, b: …, c }`, at its top level. */
function keysOf(shown: string): string[] {
  const keys: string[] = [];
  let depth = 0;
  for (const [mark] of shown.matchAll(/[{}[\]]|\w+/g)) {
    if (mark === "{" || mark === "[") depth++;
    else if (mark === "}" || mark === "]") depth--;
    else if (depth === 1) keys.push(mark);
    if (depth === 0) break;
  }
  return keys;
}

async function printed(...argv: string[]): Promise<string[]> {
  const { out } = await mtlc(...argv, "--format", "json");
  return Object.keys(JSON.parse(out));
}

describe("the page of commands", () => {
  it("has every command", () => {
    const overview = text.slice(0, text.indexOf("\n## "));
    for (const name of Object.keys(commands)) expect(overview).toContain(`[\`${name}\`](#${name})`);
  });

  it("shows what --help prints, and what describe prints of the penguins (with -u: is written so)", async () => {
    let page = text;
    for (const [name, entry] of Object.entries(commands)) {
      const section = sectionOf(name);
      const help = `\`\`\`text help\n${helpText(name, await entry.load())}\`\`\``;
      expect(section, name).toMatch(/^```text help$/m);
      page = page.replace(section, () => section.replace(/```text help\n[\s\S]*?```/, () => help));
    }
    const words = ["describe", "examples/penguins/penguins.mtl", "--data"];
    const shown = `\`\`\`text describe\nmtlc ${words.join(" ")}\n\n${await sound(...words)}\`\`\``;
    expect(page).toMatch(/^```text describe$/m);
    page = page.replace(/```text describe\n[\s\S]*?```/, () => shown);
    await expect(page).toMatchFileSnapshot(path);
  });

  it.each([
    ["check", ["check", "examples/penguins/penguins.mtl"]],
    ["describe", ["describe", "examples/penguins/penguins.mtl"]],
    ["train", ["train", "examples/penguins/penguins.mtl", "--dry-run"]],
  ])("shows the object that %s gives", async (name, argv) => {
    const shown = /\{ schema[\s\S]*/.exec(sectionOf(name))?.[0] ?? "";
    expect(keysOf(shown)).toEqual(await printed(...argv));
  });
});
