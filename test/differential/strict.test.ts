import { expect, test } from "vitest";
import { Draw } from "../property/draw.ts";
import { loadMorph } from "../../src/typescript/ts-morph.ts";
import { trainModel } from "./cases.ts";
import { moduleText } from "./generated.ts";
import { randomPhases } from "./phases.ts";
import { strictlyTyped } from "./strictly-typed.ts";
import { layersTogether, lossesTogether, sourceWithoutRows } from "./together.ts";

/** Generated modules under all of TypeScript's flags that their page names; those of all rows in the slow suite. */

/** Rows whose functions are written in several ways: loops over sequences, padding, words that differ. */
const told = /^(?:layer conv1d|loss crf)$/;

test("layers and losses in several settings at once are strictly typed", { timeout: 120_000 }, async () => {
  const modules = new Map<string, string>();
  for (const each of [...layersTogether(), ...lossesTogether()])
    if (told.test(each.name))
      modules.set(`${each.name.replace(" ", "-")}.ts`, await moduleText(sourceWithoutRows(each)));
  expect(modules.size).toBe(2);
  expect(strictlyTyped(modules)).toEqual([]);
  // What is looked at is their text.
  expect(strictlyTyped(new Map([["wrong.ts", 'const text: number = "2";\n']]))[0]).toMatch(
    /^wrong\.ts\(1,7\): .*TS2322/,
  );
});

test("nothing of a module runs as it is loaded, whatever its phases: what it takes from the runtime may stand behind it", async () => {
  const morph = await loadMorph();
  for (let seed = 1; seed <= 6; seed++) {
    const phases = randomPhases(new Draw(seed, "phases"));
    const text = await moduleText(sourceWithoutRows({ name: phases, text: trainModel(phases) }));
    const { statements } = morph.ts.createSourceFile("module.ts", text, morph.ts.ScriptTarget.ES2022, true);
    const running = statements.filter((each) => runs(morph.ts, each)).map((each) => each.getText());
    expect(running).toEqual([]);
    expect(text, phases).toContain("function phases()");
  }
});

type TypeScript = Awaited<ReturnType<typeof loadMorph>>["ts"];

/** Whether a part of a module calls something before anybody has called it. */
function runs(typescript: TypeScript, node: Parameters<TypeScript["forEachChild"]>[0]): boolean {
  if (typescript.isFunctionLike(node)) return false;
  if (typescript.isCallExpression(node) || typescript.isNewExpression(node)) return true;
  return typescript.forEachChild(node, (child) => runs(typescript, child) || undefined) ?? false;
}
