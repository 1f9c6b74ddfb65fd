/**
 * Makes V8's cache of the command line's script, after runs that compile what commands need: `src/mtlc.ts` says why.
 * Arguments: the script, the cache to write, a model with its data to check and train, and further models to check.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import nodeModule, { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Script } from "node:vm";

const [path, cache, ...models] = process.argv.slice(2);
const script = new Script(nodeModule.wrap(readFileSync(path, "utf8")), { filename: path });
const folder = mkdtempSync(join(tmpdir(), "mtlc-build-"));
if ((await run("check", ...models)) > 0) throw new Error(`there are mistakes in ${models.join(", ")}`);
// Where no engine works there is nothing to train on, and less to keep.
await run("train", models[0], "--set", "train.epochs=1", "--run", join(folder, "run"));
rmSync(folder, { recursive: true });
writeFileSync(cache, script.createCachedData());
process.exitCode = 0;

/** Resolves to the exit code. */
async function run(...words) {
  process.argv.splice(1, Infinity, path, ...words);
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(path), module, path, dirname(path));
  await module.exports.finished;
  return process.exitCode;
}
