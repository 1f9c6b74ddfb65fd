import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { besideData, models } from "../programs/programs.ts";
import { randomProgram } from "../property/program.ts";
import { mtlc as here } from "./command.ts";
import { alone, installed, mtlc, root, sound, typed, unformatted, user } from "./packed-typescript.ts";
import { strictAlone, strictest } from "../differential/strictly-typed.ts";

/** Generated TypeScript before TypeScript 7 and prettier: that of every program, and of random ones. */

installed();
const folder = besideData();

/** Every file that can be trained. */
function programs(): { readonly name: string; readonly file: string }[] {
  const examples = readdirSync(join(root, "examples")).map((name) => ({
    name,
    file: join(root, "examples", name, `${name}.mtl`),
  }));
  const templates = readdirSync(join(root, "src/templates")).map((name) => ({
    name: `template-${name}`,
    file: join(root, "src/templates", name, "model.mtl"),
  }));
  const others = models.map(({ name }) => ({ name: `program-${name}`, file: join(folder, `${name}.mtl`) }));
  return [...examples, ...templates, ...others];
}

describe("what is written", () => {
  it("is strict under TypeScript 7 and formatted, of every program", async () => {
    const modules: string[] = [];
    const wholes: string[] = [];
    const refused: string[] = [];
    for (const { name, file } of programs()) {
      const { code, err } = await here("compile", file, "--to", "typescript", "-o", join(user, `${name}.ts`));
      if (code === 1 && /MTL700[14]/.test(err)) {
        refused.push(`${name}: ${/\[MTL700[14]\] (.*)/.exec(err)?.[1] ?? ""}`);
        continue;
      }
      expect(code, `${file}\n${err}`).toBe(0);
      modules.push(`${name}.ts`);
      const whole = `${name}.${wholes.length % 2 === 0 ? "mts" : "ts"}`;
      sound(mtlc("compile", file, "--to", "typescript", "--standalone", "-o", join("../alone", whole)));
      wholes.push(whole);
    }
    console.info(`${modules.length} programs as modules; not built yet: ${refused.join("; ") || "none"}`);
    expect(modules.length).toBeGreaterThan(4);
    expect(typed(user, modules, strictest)).toBe("");
    expect(unformatted(user, modules)).toBe("");
    expect(typed(alone, wholes, strictAlone)).toBe("");
    expect(unformatted(alone, wholes)).toBe("");
  });

  it("is strict under TypeScript 7 and formatted, of random programs", async () => {
    const modules: string[] = [];
    const refused = new Map<string, number>();
    for (let seed = 1; seed <= 40; seed++) {
      const name = `random-${seed}`;
      writeFileSync(join(user, `${name}.mtl`), randomProgram(seed).text);
      const { code, err } = await here("compile", join(user, `${name}.mtl`), "--to", "typescript");
      if (code === 0) modules.push(`${name}.ts`);
      else {
        const [, why] = /\[(MTL700[14]\] .*)/.exec(err) ?? [];
        expect(why, `seed ${seed}\n${err}`).toBeDefined();
        if (why !== undefined) refused.set(why, (refused.get(why) ?? 0) + 1);
      }
    }
    console.info(`${modules.length} of 40 random programs as modules; not held:`, Object.fromEntries(refused));
    expect(modules.length).toBeGreaterThan(20);
    expect(typed(user, modules, strictest)).toBe("");
    expect(unformatted(user, modules)).toBe("");
    for (const module of modules) {
      // Digits of a program's own names remain.
      const own =
        readFileSync(join(user, module.replace(/ts$/, "mtl")), "utf8")
          .toLowerCase()
          .match(/\w+/g) ?? [];
      const names = readFileSync(join(user, module), "utf8").matchAll(/\b(?:const|let|function|type|interface) (\w+)/g);
      const numbered = [...names].map(([, name]) => name).filter((name) => /\d$/.test(name));
      expect(numbered.filter((name) => !own.some((each) => name.toLowerCase().endsWith(each)))).toEqual([]);
    }
    const few = modules.slice(0, 5);
    for (const module of few) {
      const model = module.replace(/ts$/, "mtl");
      sound(mtlc("compile", model, "--to", "typescript", "--standalone", "-o", join("../alone", module)));
    }
    expect(typed(alone, few, strictAlone)).toBe("");
    expect(unformatted(alone, few)).toBe("");
  });
});
