import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { defineConfig } from "vitest/config";
import { switched, type Mutant } from "./mutants.ts";

/** The fast suite over sources in which mutants can be switched on. Every file by itself, so that each says what it reaches. */

const root = new URL("../../", import.meta.url).pathname;
const mutants: readonly Mutant[] = JSON.parse(readFileSync(process.env.MTLC_MUTANTS ?? "", "utf8"));

export default defineConfig({
  root,
  plugins: [
    {
      name: "mutants",
      enforce: "pre",
      transform(text, id) {
        const file = relative(root, id.split("?")[0]);
        const here = mutants.filter((mutant) => mutant.file === file);
        return here.length === 0 ? undefined : { code: switched(text, here), map: null };
      },
    },
  ],
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/{slow,long}/**"],
    globalSetup: "test/temporary-folder.ts",
    setupFiles: ["test/mutation/switch.ts"],
    testTimeout: 60_000,
    maxWorkers: "100%",
  },
});
