/**
 * Makes V8's cache of the command line's script, after a run that compiles what checking needs: `src/mtlc.ts` says why.
 * Arguments: the script, the cache to write, and models to check.
 */
import { readFileSync, writeFileSync } from "node:fs";
import nodeModule, { createRequire } from "node:module";
import { dirname } from "node:path";
import { Script } from "node:vm";

const [path, cache, ...models] = process.argv.slice(2);
const script = new Script(nodeModule.wrap(readFileSync(path, "utf8")), { filename: path });
const module = { exports: {} };
process.argv.splice(1, Infinity, path, "check", ...models);
script.runInThisContext()(module.exports, createRequire(path), module, path, dirname(path));
await module.exports.finished;
if (process.exitCode) throw new Error(`there are mistakes in ${models.join(", ")}`);
writeFileSync(cache, script.createCachedData());
