import { defineConfig } from "vitest/config";

/**
 * Two suites: `fast` is `npm test`; `slow` trains to scores, packs and installs, and sets other programs beside ours. Files of
 * `fast` share a process for each core, so that each process reads the compiler once and not for every file: none may leave
 * anything behind.
 */
export default defineConfig({
  test: {
    maxWorkers: "100%",
    projects: [
      {
        test: {
          name: "fast",
          include: ["test/**/*.test.ts"],
          exclude: ["test/slow/**"],
          testTimeout: 30_000,
          isolate: false,
        },
      },
      {
        test: {
          name: "slow",
          include: ["test/slow/**/*.test.ts"],
          testTimeout: 900_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
