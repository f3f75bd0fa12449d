import { defineConfig } from "vitest/config";
import { LongestFirst } from "../support/longest-first.ts";
import { workers } from "./workers.ts";

export default defineConfig({
  test: {
    include: ["test/moto/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    slowTestThreshold: 5_000,
    maxWorkers: workers,
    sequence: { sequencer: LongestFirst },
  },
});
