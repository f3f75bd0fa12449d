import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasRegionalRed, isAgainstRegion, judgeVotes, verdictNumbers } from "../../../functions/core/detect/verdict.ts";
import type { Vote } from "../../../functions/core/detect/vote.ts";
import type { Detect, Witness } from "../../../functions/core/model/plan.ts";

const now = new Date("2026-03-02T12:10:00.000Z");
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000).toISOString();
const witnesses: Witness[] = [
  { name: "errors", kind: "alarm", alarm: "errors", region: "eu-west-1" },
  {
    name: "canary",
    kind: "probe",
    url: "https://shop.example.com/",
    connect: null,
    side: "primary",
    expect: [],
    contains: null,
    from: null,
  },
  { name: "region", kind: "api", region: "eu-west-1" },
];
const rule = { unhealthy: 2, regional: 1, sustainedSeconds: 180 };
const detect: Pick<Detect, "witnesses" | "verdict" | "action"> = { witnesses, verdict: rule, action: "automatic" };

/** As in "r200": red for 200 s; g green, u cannot tell. */
const vote = (text: string): Vote => {
  const state = ({ r: "unhealthy", g: "healthy", u: "cannot-tell" } as const)[text[0] as "r" | "g" | "u"];
  const since = ago(Number(text.slice(1) || 0));
  return { state, at: now.toISOString(), since, because: state, lastHealthyAt: null, checkedAt: now.toISOString() };
};
const judged = (text: string, over: Partial<typeof detect> = {}, names = ["errors", "canary", "region"]) => {
  const votes = Object.fromEntries(text.split(" ").map((each, nth) => [names[nth], vote(each)]));
  return judgeVotes({ detect: { ...detect, ...over }, primary: "eu-west-1", votes, before: null, now });
};

describe("judgeVotes", () => {
  it.each([
    ["g g g", "Healthy", "3 of 3 witnesses are healthy (errors, canary, region)"],
    ["u g g", "Healthy", "2 of 3 witnesses are healthy (canary, region); cannot tell: errors (cannot-tell)"],
    [
      "u u g",
      "CannotTell",
      "0 of 3 witnesses are unhealthy; healthy: region; cannot tell: errors (cannot-tell), canary (cannot-tell); 2 needed",
    ],
    [
      "u u u",
      "CannotTell",
      "0 of 3 witnesses are unhealthy; cannot tell: errors (cannot-tell), canary (cannot-tell), region (cannot-tell); 2 needed",
    ],
    [
      "u r0 u",
      "CannotTell",
      "1 of 3 witnesses is unhealthy (canary: unhealthy); cannot tell: errors (cannot-tell), region (cannot-tell); 2 needed",
    ],
    [
      "g r600 g",
      "WitnessesDisagree",
      "1 of 3 witnesses is unhealthy (canary: unhealthy); healthy: errors, region; 2 needed",
    ],
    [
      "g r600 u",
      "WitnessesDisagree",
      "1 of 3 witnesses is unhealthy (canary: unhealthy); healthy: errors; cannot tell: region (cannot-tell); 2 needed",
    ],
    [
      "u r179 r300",
      "Degraded",
      "2 of 3 witnesses are unhealthy (canary: unhealthy; region: unhealthy) for 179 s; cannot tell: errors (cannot-tell); 2 needed, 1 of them regional for 180 s",
    ],
    [
      "g r180 r300",
      "RegionUnhealthy",
      "2 of 3 witnesses are unhealthy (canary: unhealthy; region: unhealthy) for 180 s; healthy: errors; 2 needed, 1 of them regional for 180 s",
    ],
    [
      "r400 r300 g",
      "ApplicationUnhealthy",
      "2 of 3 witnesses are unhealthy (errors: unhealthy; canary: unhealthy) for 300 s; healthy: region; 2 needed, 1 of them regional for 180 s",
    ],
    [
      "r400 r300 u",
      "ApplicationUnhealthy",
      "2 of 3 witnesses are unhealthy (errors: unhealthy; canary: unhealthy) for 300 s; cannot tell: region (cannot-tell); 2 needed, 1 of them regional for 180 s",
    ],
    [
      "r400 r300 r60",
      "Degraded",
      "3 of 3 witnesses are unhealthy (errors: unhealthy; canary: unhealthy; region: unhealthy) for 60 s; 2 needed, 1 of them regional for 180 s",
    ],
  ])("%s: %s", (votes, code, because) => {
    expect(judged(votes)).toMatchObject({ code, because });
  });

  it("judgeVotes counts from the vote that completed the quorum", () => {
    expect(judged("r500 r300 r200")).toMatchObject({ code: "RegionUnhealthy", since: ago(200) });
    expect(judged("r190 r300 r500")).toMatchObject({ code: "RegionUnhealthy", since: ago(300) });
  });
  it("judgeVotes takes the earliest unhealthy vote as the first failing evidence", () => {
    expect(judged("u r200 r260").firstFailingAt).toBe(ago(260));
    expect(judged("g g g").firstFailingAt).toBeNull();
  });
  it("judgeVotes does not let a witness that was unhealthy long before start the incident", () => {
    expect(judged("r90000 r200 r260").firstFailingAt).toBe(ago(260));
    expect(judged("r680 r200 r200").firstFailingAt).toBe(ago(680));
  });
  it("judgeVotes needs a regional witness for an automatic action even when the plan asks for none", () => {
    const verdict = { ...rule, regional: 0 };
    expect(judged("r300 r300 g", { verdict }).code).toBe("ApplicationUnhealthy");
    expect(judged("r300 r300 g", { verdict, action: "notify" }).code).toBe("RegionUnhealthy");
    expect(judged("r300 r300 g", { verdict, action: "notify" }).because).toContain(
      "for 300 s; healthy: region; 2 needed for 180 s",
    );
  });
  it("judgeVotes follows the plan's number of regional witnesses when a person is asked", () => {
    const none = { verdict: { ...rule, regional: 0 }, action: "approve" as const };
    expect(judged("r300 r300 g", none).code).toBe("RegionUnhealthy");
    expect(judged("r300 r300 g", { ...none, verdict: rule }).code).toBe("ApplicationUnhealthy");
  });
  const third = (witness: Witness) => ({ witnesses: [...witnesses.slice(0, 2), witness] });
  const regional = (region: string): [string, Witness][] => [
    ["the API", { name: "region", kind: "api", region }],
    ["the silence", { name: "region", kind: "silence", region, afterSeconds: 180 }],
    ["AWS Health", { name: "region", kind: "awsHealth", services: ["EC2"], region }],
  ];
  it.each(regional("eu-west-1"))("judgeVotes counts %s of the primary as regional", (_, witness) => {
    expect(judged("u r300 r300", third(witness)).code).toBe("RegionUnhealthy");
  });
  it.each(regional("us-east-1"))("judgeVotes does not count %s of another Region as regional", (_, witness) => {
    expect(judged("u r300 r300", third(witness)).code).toBe("ApplicationUnhealthy");
  });
  it.each<[string, Witness]>([
    ["an alarm", { name: "region", kind: "alarm", alarm: "a", region: "eu-west-1" }],
    ["a health check", { name: "region", kind: "healthCheck", healthCheck: "id", text: "_lifeboat", zone: "Z" }],
  ])("judgeVotes counts %s as a witness of the application", (_, witness) => {
    expect(judged("u r300 r300", third(witness)).code).toBe("ApplicationUnhealthy");
  });
  it("judgeVotes gives a probe of the recovery side no vote", () => {
    const probe: Witness = {
      name: "other",
      kind: "probe",
      url: "https://x.example.com/",
      connect: null,
      side: "recovery",
      expect: [],
      contains: null,
      from: null,
    };
    const seen = judged("g g g r600", { witnesses: [...witnesses, probe] }, ["errors", "canary", "region", "other"]);
    expect(seen.because).toBe("3 of 3 witnesses are healthy (errors, canary, region)");
  });
  it("judgeVotes keeps since when the verdict stays the same", () => {
    const votes = { errors: vote("g"), canary: vote("g"), region: vote("g") };
    const before = judgeVotes({ detect, primary: "eu-west-1", votes, before: null, now: new Date(ago(600)) });
    expect(judgeVotes({ detect, primary: "eu-west-1", votes, before, now }).since).toBe(ago(600));
  });
  it("judgeVotes counts a witness without a vote as one that cannot tell", () => {
    expect(judged("g").because).toBe(
      "0 of 3 witnesses are unhealthy; healthy: errors; cannot tell: canary (never looked at), region (never looked at); 2 needed",
    );
  });

  const anyVote = fc.oneof(
    fc.nat({ max: 900 }).map((seconds) => `r${seconds}`),
    fc.constantFrom("g", "u"),
  );
  it("judgeVotes never turns against the Region without enough lasting unhealthy votes, one of them regional", () => {
    fc.assert(
      fc.property(fc.tuple(anyVote, anyVote, anyVote), fc.integer({ min: 1, max: 3 }), (list, unhealthy) => {
        const { code, firstFailingAt } = judged(list.join(" "), { verdict: { ...rule, unhealthy } });
        const lasting = list.filter((text) => text.startsWith("r") && Number(text.slice(1)) >= rule.sustainedSeconds);
        const regional = lasting.includes(list[2]);
        expect(code === "RegionUnhealthy").toBe(lasting.length >= unhealthy && regional);
        const red = list.filter((text) => text.startsWith("r"));
        expect(firstFailingAt === null).toBe(red.length < unhealthy);
      }),
    );
  });
  it("judgeVotes is no worse for one more healthy vote", () => {
    const rank = ["Healthy", "CannotTell", "WitnessesDisagree", "Degraded", "ApplicationUnhealthy", "RegionUnhealthy"];
    fc.assert(
      fc.property(fc.tuple(anyVote, anyVote, anyVote), fc.nat({ max: 2 }), (list, nth) => {
        const better = list.map((text, at) => (at === nth && text.startsWith("r") ? "g" : text));
        const bad = (votes: string[]) => rank.indexOf(judged(votes.join(" ")).code) >= 3;
        if (!bad(list)) expect(bad(better)).toBe(false);
      }),
    );
  });
});

describe("isAgainstRegion and hasRegionalRed", () => {
  it.each([
    ["r0 r0 g", false, false],
    ["u u r0", false, true],
    ["u r0 r0", true, true],
    ["g g g", false, false],
  ])("%s: a quorum %s, a regional one %s", (text, quorum, red) => {
    const names = ["errors", "canary", "region"];
    const votes = Object.fromEntries(text.split(" ").map((each, nth) => [names[nth], vote(each)]));
    expect(isAgainstRegion(detect, "eu-west-1", votes)).toBe(quorum);
    expect(hasRegionalRed(detect, "eu-west-1", votes)).toBe(red);
  });
});

it("the verdicts are numbered by how near a failover is", () => {
  expect(
    Object.entries(verdictNumbers)
      .sort((a, b) => a[1] - b[1])
      .map(([code]) => code),
  ).toEqual([...["Healthy", "CannotTell", "WitnessesDisagree", "Degraded", "ApplicationUnhealthy", "RegionUnhealthy"]]);
});
