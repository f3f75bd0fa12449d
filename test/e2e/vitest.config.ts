import { defineConfig } from "vitest/config";

/** One story after another, each test going on where the one before it ended. */
export default defineConfig({
  test: { include: ["test/e2e/*.test.ts"], testTimeout: 900_000, hookTimeout: 120_000, maxWorkers: 1, bail: 1 },
});
