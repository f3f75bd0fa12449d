import { expect, it } from "vitest";
import { tryRight } from "../../../functions/aws/calls/try-right.ts";
import { AwsError } from "../../../simulator/kernel.ts";

const tried = (error: Error | null, refusals: string[] = ["InvalidTarget"]) =>
  tryRight("ec2:StopInstances", "eu-west-1", () => (error ? Promise.reject(error) : Promise.resolve()), refusals);
const aws = (name: string, status = 400) => new AwsError(name, "said", status);

it.each([
  ["would have been done", aws("DryRunOperation", 412), "allowed", ""],
  ["is refused for its content", aws("InvalidTarget"), "allowed", ""],
  ["is done", null, "allowed", ""],
  ["may not be done, to EC2", aws("UnauthorizedOperation", 403), "denied", "UnauthorizedOperation: said"],
  ["may not be done, to DynamoDB and others", aws("AccessDeniedException"), "denied", "AccessDeniedException: said"],
  ["may not be done, to S3 and others", aws("AccessDenied", 403), "denied", "AccessDenied: said"],
  ["may not be done, to SNS", aws("AuthorizationErrorException", 403), "denied", "AuthorizationErrorException: said"],
  ["is refused for what nobody expected", aws("Unsupported"), "unknown", "Unsupported: said"],
])("what %s", async (_what, error, found, because) => {
  expect(await tried(error)).toEqual({ action: "ec2:StopInstances", region: "eu-west-1", found, because });
});

it.each([aws("ThrottlingException"), aws("InternalError", 500), new TypeError("a mistake of ours")])(
  "%s says nothing of a right",
  async (error) => {
    await expect(tried(error)).rejects.toBe(error);
  },
);
