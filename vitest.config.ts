import { defineConfig } from "vitest/config";

/**
 * Three suites: `fast` is `npm test`; `slow` trains to scores, packs and installs, and sets other programs beside ours; `long`
 * tries at random, or all there is, for hours. Files of `fast` share a process for each core, so that each process reads the
 * compiler once and not for every file: none may leave anything behind.
 */
export default defineConfig({
  test: {
    maxWorkers: "100%",
    globalSetup: "test/temporary-folder.ts",
    projects: [
      {
        test: {
          name: "fast",
          include: ["test/**/*.test.ts"],
          exclude: ["test/{slow,long}/**"],
          testTimeout: 30_000,
          isolate: false,
        },
      },
      ...["slow", "long"].map((name) => ({
        test: {
          name,
          include: [`test/${name}/**/*.test.ts`],
          testTimeout: name === "slow" ? 900_000 : 3_600_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      })),
    ],
  },
});
