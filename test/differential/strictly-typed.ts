import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { folderBesidePackages } from "./generated.ts";

/** Flags of TypeScript that modules pass, beside `strict`; `docs/typescript.md` promises them. */
export const strictest = [
  "noUncheckedIndexedAccess",
  "exactOptionalPropertyTypes",
  "noPropertyAccessFromIndexSignature",
  "noImplicitReturns",
  "noImplicitOverride",
  "noFallthroughCasesInSwitch",
  "noUnusedLocals",
  "noUnusedParameters",
  "verbatimModuleSyntax",
  "isolatedModules",
  "erasableSyntaxOnly",
  "declaration",
];

/** Flags that standalone modules pass: of what they have of the runtime much is left out, and much is looked up by number. */
export const strictAlone = strictest.filter((flag) => !/^no(?:Unchecked|PropertyAccess)|^exactOptional/.test(flag));

/** What TypeScript says of modules that import their runtime from the sources, line by line; of those sources nothing. */
export function strictlyTyped(modules: ReadonlyMap<string, string>): string[] {
  const folder = folderBesidePackages();
  mkdirSync(folder);
  for (const [name, text] of modules) writeFileSync(join(folder, name), text);
  const options = {
    noEmit: true,
    strict: true,
    target: "es2022",
    module: "nodenext",
    types: ["node"],
    typeRoots: [resolve("node_modules/@types")],
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    ...Object.fromEntries(strictest.map((flag) => [flag, true])),
  };
  const files = [...modules.keys(), resolve("src/globals.d.ts"), resolve("runtime/engines/webassembly.d.ts")];
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files }));
  const words = [resolve("node_modules/typescript/lib/tsc.js"), "-p", folder, "--pretty", "false"];
  const { stdout } = spawnSync(process.execPath, words, { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 28 });
  const said = stdout.split("\n").filter((line) => line !== "");
  const isOurs = (line: string): boolean => [...modules.keys()].some((name) => line.startsWith(`${name}(`));
  const broken = said.filter((line) => isOurs(line) || /^error /.test(line));
  return broken;
}
