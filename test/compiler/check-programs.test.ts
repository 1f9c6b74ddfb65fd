import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe as group, expect, it } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { describe } from "../../compiler/describe.ts";
import { registry } from "../../compiler/registry/index.ts";
import { folder, programs as whole } from "../programs/programs.ts";
import { besidesUnbuilt } from "./checked.ts";

const programs = whole.map(({ name }) => `${name}.mtl`);

function read(path: string, from: string): string | null {
  const file = join(dirname(from), path);
  return existsSync(file) ? readFileSync(file, "utf8") : null;
}
const check = (name: string, text: string, sizes = {}) => compile(text, { file: join(folder, name), read, sizes });
const source = (name: string) => readFileSync(join(folder, name), "utf8");

group("the programs that must run as written", () => {
  it.each(programs)("%s checks without a word beside what cannot be trained yet, and can be described", (name) => {
    const { model, diagnostics, library } = check(name, source(name));
    expect(besidesUnbuilt(diagnostics).map(({ code, message }) => `${code} ${message}`)).toEqual([]);
    expect(library).toBe(name === "blocks.mtl");
    if (model) expect(describe(model, registry).tasks.length).toBe(model.tasks.length);
  });

  it("penguins has the parameters that the manual shows", () => {
    const { model } = check("penguins.mtl", source("penguins.mtl"), { "codes(island)": 4, "labels(species)": 3 });
    expect(model && describe(model, registry).parameters).toEqual({
      total: 1933,
      trainable: 1933,
      shared: 1256,
      tasks: { species: 99, sex: 545, mass: 33 },
    });
  });

  it("nothing that is cut off makes the checker fall over", () => {
    for (const name of programs) {
      const text = source(name);
      for (let end = 0; end < text.length; end += 41) {
        const { model, diagnostics, trees } = check(name, text.slice(0, end));
        if (model) describe(model, registry);
        for (const { span } of diagnostics)
          if (span) expect(span.end).toBeLessThanOrEqual(trees.get(span.file)?.text.length ?? -1);
      }
    }
  });

  it("one misspelt name gives one message", () => {
    const counts = new Map<number, number>();
    for (const name of programs) {
      const text = source(name);
      let turn = 0;
      for (const { 0: word, index } of text
        .replace(/\/\/.*|"[^"]*"/g, (hidden) => " ".repeat(hidden.length))
        .matchAll(/\b[a-z]{4}\w*/g)) {
        if (turn++ % 4 !== 0) continue;
        const { diagnostics } = check(
          name,
          `${text.slice(0, index)}${word.slice(0, -1)}q${text.slice(index + word.length)}`,
        );
        const errors = diagnostics.filter(({ severity }) => severity === "error").length;
        counts.set(errors, (counts.get(errors) ?? 0) + 1);
      }
    }
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const several = [...counts].filter(([errors]) => errors > 1).reduce((sum, [, count]) => sum + count, 0);
    expect(several / total).toBeLessThan(0.01);
  });
});
