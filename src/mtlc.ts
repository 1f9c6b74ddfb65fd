#!/usr/bin/env node
import { existsSync, readFileSync } from "node:fs";
import nodeModule from "node:module";
import { dirname, join } from "node:path";
import { Script } from "node:vm";

/*
 * Starts the command line, which is one script. Half of a short command's time would go into
 * compiling it; so the package brings V8's own cache of that script, which serves the version of Node that built it (V8
 * compares versions and flags). Later versions of Node keep such a cache themselves.
 */
const path = join(__dirname, "cli/run.cjs");
const cache = join(__dirname, "cli/run.cache");

if (!runFromCache()) {
  if ("enableCompileCache" in nodeModule && typeof nodeModule.enableCompileCache === "function") {
    nodeModule.enableCompileCache();
  }
  require(path);
}

/** False where there is no cache for this version of Node; nothing has run then. */
function runFromCache(): boolean {
  if (!existsSync(cache)) return false;
  const source = nodeModule.wrap(readFileSync(path, "utf8"));
  const script = new Script(source, { filename: path, cachedData: readFileSync(cache) });
  if (script.cachedDataRejected) return false;
  script.runInThisContext()({}, nodeModule.createRequire(path), module, path, dirname(path));
  return true;
}
