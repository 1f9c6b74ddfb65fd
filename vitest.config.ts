import { defineConfig } from "vitest/config";

/** Two suites: `fast` is `npm test`; `slow` trains to scores, packs and installs, and sets other programs beside ours. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: "fast", include: ["test/**/*.test.ts"], exclude: ["test/slow/**"], testTimeout: 30_000 } },
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
