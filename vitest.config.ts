import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/moto/**", "node_modules/**"],
    testTimeout: 60_000,
    isolate: false,
    maxWorkers: 2,
    setupFiles: ["test/support/restore-clients.ts"],
    coverage: {
      provider: "v8",
      include: ["functions/**/*.ts"],
      reporter: ["text-summary", "json-summary"],
      thresholds: { lines: 95 },
    },
  },
});
