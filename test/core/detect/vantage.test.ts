import { describe, expect, it } from "vitest";
import { doubtOf, loneQuorums, vantageOf } from "../../../functions/core/detect/vantage.ts";
import type { Vote } from "../../../functions/core/detect/vote.ts";
import type { Detect, Witness } from "../../../functions/core/model/plan.ts";
import { refusalsOf, refusalWarnings } from "../../../functions/core/plan/refusals.ts";
import { aPlan } from "../../support/builders.ts";

const [probe, api] = aPlan().detect.witnesses as [Extract<Witness, { kind: "probe" }>, Witness];
const afar: Witness = { ...probe, name: "afar", from: "eu-west-3" };
const alarm: Witness = { name: "errors", kind: "alarm", alarm: "errors", region: "eu-west-1" };
const silence: Witness = { name: "heartbeat", kind: "silence", region: "eu-west-1", afterSeconds: 180 };
const check: Witness = { name: "route53", kind: "healthCheck", healthCheck: "1", text: "t.example.com", zone: "Z1" };
const word: Witness = { name: "aws", kind: "awsHealth", services: ["EC2"], region: "eu-west-1" };
const other: Witness = { name: "ebs", kind: "awsHealth", services: ["EBS"], region: "eu-west-1" };

const watched = (witnesses: Witness[], unhealthy = 2, action: Detect["action"] = "automatic") => {
  const plan = aPlan();
  return { ...plan, detect: { ...plan.detect, action, witnesses, verdict: { ...plan.detect.verdict, unhealthy } } };
};

it.each<[Witness, string]>([
  [probe, "eu-central-1"],
  [afar, "eu-west-3"],
  [api, "eu-central-1"],
  [silence, "eu-central-1"],
  [alarm, "eu-west-1"],
  [check, "the checkers of Route 53"],
  [word, "AWS Health"],
])("%o looks from %s", (witness, vantage) => {
  expect(vantageOf(witness, "eu-central-1")).toBe(vantage);
});

describe("a quorum of one point of view", () => {
  it.each<[string, Witness[], number]>([
    ["a probe and the API, both asked by one Lambda", [probe, api], 2],
    ["a probe and silence, over one path", [probe, silence], 2],
    ["an alarm of the recovery Region and the API", [{ ...alarm, region: "eu-central-1" }, api], 2],
    ["these, beside others that need not agree", [alarm, afar, check, probe, api], 2],
    ["all that AWS says", [word, other], 2],
    ["one witness", [api, check, afar], 1],
  ])("a quorum is of one point of view with %s", (_, witnesses, unhealthy) => {
    expect(loneQuorums(watched(witnesses, unhealthy))).toHaveLength(1);
  });

  it.each<[string, Witness[], number]>([
    ["a probe from a third Region and the API", [afar, api], 2],
    ["a probe and what AWS says", [probe, word], 2],
    ["an alarm over there and the API", [alarm, api], 2],
    ["a health check that has to agree", [check, probe, api], 3],
    ["two probes, of which none speaks for the Region, and what AWS says", [probe, { ...probe, name: "b" }, word], 2],
    ["a probe of the recovery side, which has no vote", [{ ...probe, side: "recovery" }, api, check], 2],
  ])("a quorum is not of one point of view with %s", (_, witnesses, unhealthy) => {
    expect(loneQuorums(watched(witnesses, unhealthy))).toEqual([]);
  });

  it("a quorum of one point of view is refused where nobody is asked, with what to do", () => {
    expect(refusalsOf(watched([probe, api]))).toEqual([
      {
        path: ["detect", "verdict", "unhealthy"],
        expected: "witnesses in two locations in every quorum of action automatic",
        got: "canary, region, all in eu-central-1: a fault there looks like a failed Region",
        todo: "add a probe with from: a third Region, or add a Route 53 health check and raise unhealthy to 3",
      },
    ]);
    expect(refusalWarnings(watched([probe, api]))).toEqual([]);
  });
  it("a quorum of one point of view gets a warning where a person is asked, and none where people are only notified", () => {
    expect([
      refusalsOf(watched([probe, api], 2, "approve")),
      refusalWarnings(watched([probe, api], 2, "notify")),
    ]).toEqual([...[[], []]]);
    expect(refusalWarnings(watched([probe, api], 2, "approve"))).toEqual([
      {
        path: ["detect", "verdict", "unhealthy"],
        message: expect.stringMatching(/^canary, region, .*; add a probe/),
      },
    ]);
  });
});

describe("red votes of one point of view", () => {
  const vote = (state: Vote["state"]): Vote => ({
    state,
    because: "",
    lastHealthyAt: null,
    at: "2026-03-02T12:00:00.000Z",
    since: "2026-03-02T12:00:00.000Z",
    checkedAt: "2026-03-02T12:00:00.000Z",
  });
  const doubt = (states: [Witness, Vote["state"]][]) =>
    doubtOf(
      watched(states.map(([witness]) => witness)),
      Object.fromEntries(states.map(([{ name }, state]) => [name, vote(state)])),
    );

  it("unhealthy votes of one point of view are doubted when another one finds the application healthy", () => {
    expect(
      doubt([
        [probe, "unhealthy"],
        [api, "unhealthy"],
        [afar, "healthy"],
      ]),
    ).toBe("canary, region look from eu-central-1 alone, and afar from eu-west-3 finds it healthy");
    expect(
      doubt([
        [probe, "unhealthy"],
        [silence, "unhealthy"],
        [check, "healthy"],
      ]),
    ).not.toBeNull();
  });
  it.each<[string, [Witness, Vote["state"]][]]>([
    [
      "nobody else looks",
      [
        [probe, "unhealthy"],
        [api, "unhealthy"],
      ],
    ],
    [
      "another one agrees",
      [
        [probe, "unhealthy"],
        [api, "unhealthy"],
        [afar, "unhealthy"],
        [check, "healthy"],
      ],
    ],
    [
      "another one cannot tell",
      [
        [probe, "unhealthy"],
        [api, "unhealthy"],
        [afar, "cannot-tell"],
      ],
    ],
    [
      "AWS has not spoken yet",
      [
        [probe, "unhealthy"],
        [api, "unhealthy"],
        [word, "healthy"],
      ],
    ],
    [
      "an alarm over there is green, which the same lines brought",
      [
        [probe, "unhealthy"],
        [api, "unhealthy"],
        [alarm, "healthy"],
      ],
    ],
  ])("unhealthy votes of one point of view are believed when %s", (_, states) => {
    expect(doubt(states)).toBeNull();
  });
});
