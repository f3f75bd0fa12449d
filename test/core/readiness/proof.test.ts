import { describe, expect, it } from "vitest";
import {
  deniedBy,
  deniedMessage,
  isProofDue,
  judgeProof,
  type Proof,
  proofAgeSeconds,
  proofRunName,
  sentenceOf,
  type Tried,
  triedWithout,
  unproven,
} from "../../../functions/core/readiness/proof.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000).toISOString();
const proof = (over: Partial<Proof> = {}): Proof => ({ ...unproven(ago(100_000)), ...over });
const run = { name: "proof-shop-2026-03-02T12", startedAt: ago(0) };
const tried = (found: Tried["found"], action = "ec2:RunInstances"): Tried => ({
  action,
  region: "eu-central-1",
  found,
  because: found === "allowed" ? "" : "AccessDenied: no",
});
const step = (name: string, ...all: Tried[]) => ({ step: name, run: run.name, at: run.startedAt, tried: all });

describe("a proof", () => {
  it.each([
    ["an hour after the plan was deployed", proof({ since: ago(3_600) }), true],
    ["not before: there are no points yet", proof({ since: ago(3_599) }), false],
    ["a day after the last one", proof({ at: ago(86_400) }), true],
    ["not before", proof({ at: ago(86_399) }), false],
    ["at once when the roles have changed since", proof({ at: ago(60), due: true }), true],
    ["not where no time is noted yet: a plan of an older version, which the first look notes", null, false],
  ])("a proof is due %s", (_when, known, due) => {
    expect(isProofDue(known, now)).toBe(due);
  });

  it("a proof is one an hour, so that one that failed is tried again", () => {
    expect(proofRunName("shop", now)).toBe("proof-shop-2026-03-02T12");
    expect(proofRunName("a".repeat(90), now)).toHaveLength(80);
  });

  it("a proof is as old as the last one that found all, or as the plan: a missing right makes it no younger", () => {
    expect(proofAgeSeconds(proof({ provenAt: ago(50), at: ago(10) }), now)).toBe(50);
    expect(proofAgeSeconds(proof({ at: ago(10) }), now)).toBe(100_000);
    expect(proofAgeSeconds(null, now)).toBeNull();
  });

  it("a proof is whole when nothing is denied; what could not be tried is told, and is no fault", () => {
    const judged = judgeProof(proof(), run, [step("launch", tried("unknown")), step("fence", tried("allowed"))]);
    expect(judged).toEqual({
      since: ago(100_000),
      at: run.startedAt,
      run: run.name,
      provenAt: run.startedAt,
      denied: [],
      unknown: ["ec2:RunInstances in eu-central-1 (launch): AccessDenied: no"],
    });
  });

  it("a proof says once what stands in for a server that is not there has not shown: the right under a tag", () => {
    const key = "ssm:resourceTag/lifeboat:run";
    const both = triedWithout(tried("allowed", "ssm:SendCommand"), key);
    const judged = judgeProof(null, run, [step("verify", ...both, ...both)]);
    const untried = `ssm:SendCommand in eu-central-1 (verify): not tried for launched servers (${key}): a proof launches none`;
    expect(judged).toMatchObject({ denied: [], provenAt: run.startedAt, unknown: [untried] });
    for (const found of ["denied", "unknown"] as const) expect(triedWithout(tried(found), key)).toEqual([tried(found)]);
  });

  it("a proof keeps since when it was whole as long as a right is missing", () => {
    const before = proof({ at: ago(86_400), provenAt: ago(86_400) });
    const judged = judgeProof(before, run, [step("launch", tried("denied"), tried("allowed"))]);
    expect(judged).toMatchObject({ provenAt: ago(86_400), denied: [{ step: "launch", action: "ec2:RunInstances" }] });
    expect(deniedMessage("shop", "eu-central-1", judged)).toEqual({
      subject: "Lifeboat: shop: a failover lacks 1 right",
      text: expect.stringContaining(
        "- role lifeboat-launch-eu-central-1 may not ec2:RunInstances in eu-central-1 (launch): AccessDenied: no\n",
      ),
    });
  });
});

describe("the error that ended a proof", () => {
  const message =
    "User: arn:aws:sts::1:assumed-role/lifeboat-preflight is not authorized to perform: ec2:DescribeSubnets";
  it("the error that ended a proof names the action that is missing", () => {
    const denied = deniedBy({ name: "UnauthorizedOperation", message, hint: "" })!;
    expect(denied).toMatchObject({ action: "ec2:DescribeSubnets", found: "denied" });
    const found = judgeProof(null, run, [step("report", denied)]);
    expect(deniedMessage("shop", "eu-central-1", found).text).toContain(
      `- a role may not ec2:DescribeSubnets: ${message}`,
    );
  });
  it("the error that ended a proof is one of Lambda where the machine may not invoke it", () => {
    const refused = "is not authorized to perform: lambda:InvokeFunction on resource: arn:x (Status Code: 403)";
    expect(deniedBy({ name: "Lambda.AWSLambdaException", message: refused, hint: "" })?.action).toBe(
      "lambda:InvokeFunction",
    );
  });
  it("the error that ended a proof is none of the rights when it passes", () => {
    expect(deniedBy({ name: "TransientError", message: "ThrottlingException: Rate exceeded", hint: "" })).toBeNull();
  });
});

it("what EC2 says is told without its encoded reasons, in one line", () => {
  expect(sentenceOf("You may not.\nEncoded authorization failure message: 8sJ2k\nxyz")).toBe("You may not.");
  expect(sentenceOf("x".repeat(900))).toHaveLength(500);
});
