import { DescribeAvailabilityZonesCommand } from "@aws-sdk/client-ec2";
import { beforeEach, describe, expect, it } from "vitest";
import { armedMinutes, aWorld, ec2, error, reset, started } from "../support/detect-scene.ts";

beforeEach(reset);

/** Regions that the API was asked of, look by look. */
const asked = () => ec2.commandCalls(DescribeAvailabilityZonesCommand).length;
const control = "us-west-2";

describe("the control in a third Region", () => {
  it("the control in a third Region is asked only while a witness is unhealthy", async () => {
    const { minutes, die } = await aWorld({ detect: { control } });
    await minutes(3);
    expect(asked()).toBe(3);
    die();
    await minutes(2);
    expect(asked()).toBe(3 + 2 * 2);
  });

  it("an evaluation does not trust its own probes when the control in a third Region does not answer either", async () => {
    const { minutes, die, evidence } = await aWorld({ detect: { control } });
    await minutes(armedMinutes);
    die();
    expect((await minutes(10)).decision).toMatchObject({ action: "hold", code: "CannotTell" });
    expect((await evidence())?.votes.region).toMatchObject({
      state: "cannot-tell",
      because: expect.stringMatching(/^us-west-2 does not answer either \(TimeoutError: no answer\): /),
    });
    expect(started()).toEqual([]);
  });

  it("an evaluation may act when the control answers, even with an error", async () => {
    const { minutes, die } = await aWorld({ detect: { control } });
    await minutes(armedMinutes);
    die();
    ec2.on(DescribeAvailabilityZonesCommand).callsFake(async (_, client) => {
      const region = await client().config.region();
      throw region === control
        ? Object.assign(error("UnauthorizedOperation"), { $metadata: { httpStatusCode: 403 } })
        : error("TimeoutError");
    });
    await minutes(5);
    expect(started()).toHaveLength(1);
  });
});
