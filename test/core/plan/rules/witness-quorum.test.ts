import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { problemsOf } from "../../../support/plan-document.ts";

const regions = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-northeast-1"];
const region = fc.constantFrom(...regions);
const pair = fc.uniqueArray(region, { minLength: 2, maxLength: 2 }).map(([primary, recovery]) => ({
  primary: primary!,
  recovery: recovery!,
}));
type Pair = { primary: string; recovery: string };

/** Each kind of witness of the primary, and the dark Regions in which it is dumb, told one by one. */
const kinds: { witness: (of: Pair, index: number) => object; regional: boolean; dumbIn: (of: Pair) => string[] }[] = [
  ...regions.map((at) => ({
    witness: (_: Pair, index: number) => ({ alarm: `a${index}`, region: at }),
    regional: false,
    dumbIn: () => [at],
  })),
  {
    witness: (_, index) => ({ healthCheck: `11111111-2222-3333-4444-${String(index).padStart(12, "0")}` }),
    regional: false,
    dumbIn: () => [],
  },
  {
    witness: (_, index) => ({ probe: { url: `https://direct-${index}.example.com/` } }),
    regional: false,
    dumbIn: () => [],
  },
  {
    witness: (_, index) => ({ probe: { url: `https://direct-${index}.example.com/`, side: "recovery" } }),
    regional: false,
    dumbIn: () => regions,
  },
  {
    witness: (_, index) => ({ probe: { url: `https://direct-${index}.example.com/`, from: "sa-east-1" } }),
    regional: false,
    dumbIn: () => ["sa-east-1"],
  },
  { witness: ({ primary }) => ({ api: primary }), regional: true, dumbIn: () => [] },
  { witness: ({ primary }) => ({ silence: primary, after: "3m" }), regional: true, dumbIn: () => [] },
  {
    witness: ({ primary }) => ({ awsHealth: ["EC2"], region: primary }),
    regional: true,
    dumbIn: ({ primary }) => [primary === "us-west-2" ? "us-east-1" : "us-west-2"],
  },
];

const chosen = fc.uniqueArray(fc.nat(kinds.length - 1), { minLength: 1, maxLength: kinds.length });

describe("a quorum, by pair of Regions", () => {
  it("a quorum is refused exactly when the primary, or us-east-1, in the dark leaves too few who can say unhealthy", () => {
    fc.assert(
      fc.property(pair, chosen, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 3 }), (of, picks, n, r) => {
        const problems = problemsOf((d) => {
          Object.assign(d, { regions: of, protect: [] });
          d.detect.action = "approve";
          d.detect.witnesses = picks.map((pick, index) => ({ name: `w${index}`, ...kinds[pick]!.witness(of, index) }));
          d.detect.verdict = { unhealthy: n, regional: r };
          d.traffic.records[0].recovery = "198.51.100.10";
          delete d.recover;
          delete d.notify;
        });

        const darks = [...new Set([of.primary, "us-east-1"])].filter((dark) => dark !== of.recovery);
        const left = darks.map((dark) => picks.map((pick) => kinds[pick]!).filter((k) => !k.dumbIn(of).includes(dark)));
        const reachable = left.every((able) => able.length >= n && able.filter((k) => k.regional).length >= r);
        expect(problems.length === 0, problems.join("\n")).toBe(reachable);
        for (const problem of problems)
          expect(problem).toMatch(/^detect\.verdict\.(unhealthy|regional): expected at most \d/);
      }),
      { numRuns: 400 },
    );
  });

  it.each([
    ["us-east-1", "us-west-2"],
    ["us-west-2", "us-east-1"],
    ["eu-west-1", "eu-central-1"],
  ])("a quorum of health check, silence and API holds from %s to %s", (primary, recovery) => {
    const problems = problemsOf((d) => {
      Object.assign(d, { regions: { primary, recovery }, protect: [] });
      d.detect.witnesses = [
        { name: "r53", healthCheck: "11111111-2222-3333-4444-555555555555" },
        { name: "quiet", silence: primary, after: "3m" },
        { name: "region", api: primary },
      ];
      d.detect.verdict = { unhealthy: 3, regional: 2 };
      d.traffic.records[0].recovery = "198.51.100.10";
      delete d.recover;
      delete d.notify;
    });
    expect(problems).toEqual([]);
  });
});
