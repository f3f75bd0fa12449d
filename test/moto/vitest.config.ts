import { defineConfig } from "vitest/config";
import { workers } from "./workers.ts";

export default defineConfig({
  test: {
    include: ["test/moto/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    slowTestThreshold: 5_000,
    maxWorkers: workers,
  },
});
