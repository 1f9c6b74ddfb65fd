import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openSource, type ModelSource } from "../../src/project/sources.ts";
import { allCases, sourceOfCase, trainModel } from "../differential/cases.ts";
import { loadModule, moduleText } from "../differential/generated.ts";
import { randomPhases } from "../differential/phases.ts";
import { strictlyTyped } from "../differential/strictly-typed.ts";
import { layersTogether, lossesTogether, sourceWithoutRows } from "../differential/together.ts";
import { Draw } from "../property/draw.ts";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { besideData, hasData, models } from "../programs/programs.ts";
import { seeds } from "../property/check.ts";
import { checkNames } from "../property/named-programs.ts";
import { randomProgram } from "../property/program.ts";

/** Generated modules of every row by itself, of all uses of a row together, and of random programs: types, and standalone ones. */

it("are strictly typed: every row by itself, and all that is tried of a row at once", async () => {
  const modules = new Map<string, string>();
  for (const [k, each] of allCases().entries()) modules.set(`case-${k}.ts`, await moduleText(sourceOfCase(each)));
  for (const [k, each] of [...layersTogether(), ...lossesTogether()].entries())
    modules.set(`together-${k}.ts`, await moduleText(sourceWithoutRows(each)));
  console.info(`${modules.size} modules`);
  expect(strictlyTyped(modules)).toEqual([]);
});

it("are strictly typed: examples, whole programs and random programs", async () => {
  const modules = new Map<string, string>();
  const add = async (name: string, source: ModelSource): Promise<void> => {
    try {
      modules.set(name, await moduleText(source));
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      expect(error.diagnostics.every(({ code }) => /^MTL700[14]$/.test(code))).toBe(true);
    }
  };
  for (const [k, file] of modelFiles().entries()) await add(`program-${k}.ts`, openSource(file));
  for (const seed of seeds(300)) {
    const { text } = randomProgram(seed);
    await add(`random-${seed}.ts`, sourceWithoutRows({ name: `seed ${seed}`, text }));
  }
  console.info(`${modules.size} programs as modules`);
  expect(strictlyTyped(modules)).toEqual([]);
});

const folder = besideData();

function modelFiles(): string[] {
  return [
    ...readdirSync("examples").map((name) => `examples/${name}/${name}.mtl`),
    ...(hasData ? models.map(({ name }) => join(folder, `${name}.mtl`)) : []),
  ];
}

let base = "";
beforeAll(() => {
  base = mkdtempSync("node_modules/.names-");
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

it("are strictly typed and answer alike whatever things are called, standalone ones too", async () => {
  const modules = new Map<string, string>();
  for (const seed of seeds(60)) {
    const standalone = seed % 4 === 3;
    const text = await checkNames(seed, base, { standalone });
    if (!standalone) modules.set(`names-${seed}.ts`, text);
  }
  expect(strictlyTyped(modules)).toEqual([]);
});

it("with all that they need in them train as those beside the package do, whatever their phases", async () => {
  for (const seed of seeds(25)) {
    const phases = randomPhases(new Draw(seed, "phases"));
    const source = sourceOfCase({ row: "train keys", name: phases, text: trainModel(phases) });
    const [beside, alone] = await Promise.all([
      moduleText(source).then(loadModule),
      moduleText(source, { standalone: true }).then(loadModule),
    ]);
    const losses = async ({ train }: typeof beside): Promise<unknown[]> => {
      const told: unknown[] = [];
      await train({ from: `${source.folder}/`, onStep: (step) => void told.push(step.losses) });
      return told;
    };
    const expected = await losses(beside);
    expect(expected.length, phases).toBeGreaterThan(2);
    expect(await losses(alone), phases).toEqual(expected);
  }
});
