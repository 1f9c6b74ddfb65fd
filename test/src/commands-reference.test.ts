import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";

/** `docs/commands.md` knows every command and every option. */

const text = readFileSync(join(import.meta.dirname, "../../docs/commands.md"), "utf8");

it.each(Object.keys(commands))("describes %s with all of its options", async (name) => {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${name}\n`)) ?? "";
  expect(section).toContain(`mtlc ${name}`);
  const { options } = await commands[name].load();
  expect(Object.keys(options).filter((option) => !section.includes(`--${option}`))).toEqual([]);
  expect(text).toContain(`[\`${name}\`](#${name})`);
});
