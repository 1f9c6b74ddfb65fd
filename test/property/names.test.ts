import { mkdtempSync, rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { strictlyTyped } from "../differential/strictly-typed.ts";
import { seeds } from "./check.ts";
import { checkNames } from "./named-programs.ts";

/** Any name that the language takes works everywhere: in a run, in a generated module and its types, in a graph and its loader. */
let base = "";
beforeAll(() => {
  base = mkdtempSync("node_modules/.names-");
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

const chosen = seeds(2);

test(`programs of odd names from seed ${chosen[0]} on`, async () => {
  const modules = new Map<string, string>();
  for (const seed of chosen) modules.set(`names-${seed}.ts`, await checkNames(seed, base));
  expect(strictlyTyped(modules)).toEqual([]);
});
