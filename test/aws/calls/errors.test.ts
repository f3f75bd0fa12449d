import { describe, expect, it } from "vitest";
import { codeOf, isPassing, isSilence, translate } from "../../../functions/aws/calls/errors.ts";
import { RefusedError, TransientError } from "../../../functions/core/errors.ts";
import { AwsError } from "../../../simulator/kernel.ts";

const socket = (code: string) => Object.assign(new Error("socket"), { code });
const timeout = Object.assign(new Error("no answer within 3 s"), { name: "TimeoutError" });

/** error, passes with time, is a Region's silence. */
const cases: [string, unknown, boolean, boolean][] = [
  ["a throttle of EC2", new AwsError("RequestLimitExceeded", "", 503), true, false],
  ["a throttle of DynamoDB", new AwsError("ProvisionedThroughputExceededException", ""), true, false],
  ["a throttle of S3", new AwsError("SlowDown", "", 503), true, false],
  ["the limit of concurrent copies", new AwsError("ResourceLimitExceeded", ""), true, false],
  ["another change of the zone in progress", new AwsError("PriorRequestNotComplete", ""), true, false],
  ["an internal error", new AwsError("InternalError", "", 500), true, true],
  ["any other 5xx", new AwsError("Whatever", "", 502), true, true],
  ["no answer in time", timeout, true, true],
  ["a refused connection", socket("ECONNREFUSED"), true, true],
  ["a broken connection", socket("ECONNRESET"), true, true],
  ["an unreachable network", socket("ENETUNREACH"), true, true],
  ["a name that cannot be resolved", socket("EAI_AGAIN"), true, true],
  ["a refusal", new AwsError("UnauthorizedOperation", "", 403), false, false],
  ["a mistake of ours", new AwsError("ValidationException", ""), false, false],
  ["a broken program", new TypeError("x is not a function"), false, false],
  ["a file that is not there", socket("ENOENT"), false, false],
  ["no error at all", "text", false, false],
];

describe("faults", () => {
  it.each(cases)("%s", (_, error, passes, silent) => {
    expect(isPassing(error)).toBe(passes);
    expect(isSilence(error)).toBe(silent);
  });

  it("have AWS's code in their name", () => {
    expect(codeOf(new AwsError("InvalidSnapshot.NotFound", ""))).toBe("InvalidSnapshot.NotFound");
    expect(codeOf("text")).toBe("");
  });
});

describe("what leaves a step", () => {
  it("our own errors as they are", () => {
    const refused = new RefusedError("no", "ask");
    expect(translate(refused)).toBe(refused);
  });

  it("a passing fault as TransientError, with the fault as its cause", () => {
    const fault = new AwsError("RequestLimitExceeded", "Request limit exceeded.", 503);
    const error = translate(fault);
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({
      name: "TransientError",
      message: "RequestLimitExceeded: Request limit exceeded.",
      hint: "The step is run again by the state machine.",
      cause: fault,
    });
  });

  it.each([new AwsError("UnauthorizedOperation", ""), "text"])("the rest unchanged (%s)", (error) => {
    expect(translate(error)).toBe(error);
  });
});
