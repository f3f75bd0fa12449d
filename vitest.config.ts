import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";

/** Whole stories, templates and bundles: minutes. `npm test` leaves them and the mutants to `npm run test:stories`; CI runs both. */
const stories = [
  "test/scenarios/directories.test.ts",
  "test/simulation/**/*.test.ts",
  "test/simulator/{own-servers,no-io}.test.ts",
  "test/simulator/invariants/{invariants,runs}.test.ts",
  "test/simulator/story/{oracle,story,story-parts,story-witnesses}.test.ts",
  "test/simulator/world/users.test.ts",
  "test/field/history-limit/*.test.ts",
  "test/infra/{account-table,bundle,pairs,roles,templates,wire-equality}.test.ts",
  "test/core/incidents.test.ts",
  "test/cli/{dependencies,packed,rehearse,transcripts}.test.ts",
  "test/functions/{replicate,rotate}.test.ts",
  "test/examples/three-tiers.test.ts",
];
const elsewhere = ["test/moto/**", "test/e2e/**", "node_modules/**"];
/** Replace modules of the code by spoiled ones: each alone in its worker, or what another file has loaded stays as it was. */
const mutants = ["test/simulator/mutants*.test.ts"];

export default defineConfig({
  test: {
    testTimeout: 180_000,
    hookTimeout: 600_000,
    isolate: false,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    setupFiles: ["test/support/properties.ts", "test/support/restore-clients.ts"],
    projects: [
      {
        extends: true,
        test: { name: "units", include: ["test/**/*.test.ts"], exclude: [...elsewhere, ...stories, ...mutants] },
      },
      { extends: true, test: { name: "mutants", include: mutants, exclude: elsewhere, isolate: true } },
      { extends: true, test: { name: "stories", include: stories, exclude: elsewhere } },
    ],
    coverage: {
      provider: "v8",
      include: ["functions/**/*.ts"],
      reporter: ["text-summary", "json-summary"],
      thresholds: { lines: 95 },
    },
  },
});
