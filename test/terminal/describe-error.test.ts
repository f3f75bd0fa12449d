import { describe, expect, it } from "vitest";
import { LifeboatError } from "../../functions/core/errors.ts";
import { judgeCredentials } from "../../terminal/credentials.ts";
import { describeError } from "../../terminal/describe-error.ts";
import { UsageError } from "../../terminal/output.ts";

const named = { application: "shop", regions: { primary: "eu-west-1", recovery: "eu-central-1" } };
const aFault = (name: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 }, ...more });

describe("what AWS says, in words", () => {
  it.each([
    [
      "ResourceNotFoundException",
      "no table",
      "shop is not deployed in eu-central-1",
      /^Deploy it first: .*npm run deploy/,
    ],
    [
      "ExpiredTokenException",
      "The security token included in the request is expired",
      "the AWS credentials have expired: The security token included in the request is expired",
      /^Log in again: /,
    ],
    [
      "RequestExpired",
      "Request has expired.",
      "the AWS credentials have expired: Request has expired.",
      /^Log in again: /,
    ],
    [
      "InvalidSignatureException",
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key.\n\nThe Canonical String for this request should have been\n'POST",
      "AWS rejected the signature: The request signature we calculated does not match the signature you provided.",
      /^Check AWS_SECRET_ACCESS_KEY and this machine's clock: it shows \d{4}-/,
    ],
    [
      "UnrecognizedClientException",
      "The security token included in the request is invalid.",
      "AWS does not know these credentials: The security token included in the request is invalid.",
      /mistyped, deleted.*eu-central-1 is not enabled/,
    ],
    [
      "AuthFailure",
      "AWS was not able to validate the provided access credentials",
      "AWS does not know these credentials: AWS was not able to validate the provided access credentials",
      /get-caller-identity/,
    ],
    [
      "OptInRequired",
      "You are not subscribed to this service.",
      "AWS refused: You are not subscribed to this service.",
      /enable eu-central-1/,
    ],
    ["AccessDeniedException", "not you", "AWS refused: not you", /^docs\/deploy\.md lists/],
    ["UnauthorizedOperation", "not you", "AWS refused: not you", /^docs\/deploy\.md lists/],
    [
      "ThrottlingException",
      "Rate exceeded",
      "AWS throttled the calls: ThrottlingException: Rate exceeded",
      /^Wait a minute/,
    ],
    [
      "RequestLimitExceeded",
      "Request limit exceeded.",
      "AWS throttled the calls: RequestLimitExceeded: Request limit exceeded.",
      /^Wait a minute/,
    ],
    ["ExecutionLimitExceeded", "too many", "AWS refused: ExecutionLimitExceeded: too many", /^Fix what AWS reports/],
  ])("%s", (name, message, what, next) => {
    const error = describeError(aFault(name, message), named) as LifeboatError;
    expect(error).toBeInstanceOf(LifeboatError);
    expect(error.message).toBe(what);
    expect(error.hint).toMatch(next);
  });

  it("a fault of AWS's own is nothing that the caller could mend", () => {
    const error = describeError(aFault("InternalServerError", "oops", { $metadata: { httpStatusCode: 500 } }), named);
    expect(error).toMatchObject({
      message: "AWS failed: InternalServerError: oops",
      hint: expect.stringMatching(/^Try again in a minute\. Deployed runs continue; .*eu-central-1\.$/),
    });
  });

  it.each([
    ["ECONNREFUSED", "AWS did not answer: gone"],
    ["ENOTFOUND", "no such host: gone"],
    ["EAI_AGAIN", "no such host: gone"],
    ["ENOENT", "no AWS credentials: gone"],
  ])("a socket or a file says %s", (code, message) => {
    expect(describeError(Object.assign(new Error("gone"), { code }), named)).toMatchObject({
      message,
      hint: expect.any(String),
    });
  });

  it("an answer that is no answer of AWS is told as that", () => {
    const error = Object.assign(new SyntaxError("Unexpected token '<'\n  inspect it"), {
      $response: { statusCode: 200 },
    });
    expect(describeError(error, named)).toMatchObject({ message: "the endpoint is not AWS: Unexpected token '<'" });
  });

  it("our own errors, and defects, stay what they are", () => {
    for (const error of [new UsageError("no", "yes"), new TypeError("a bug"), "text"])
      expect(describeError(error, named)).toBe(error);
  });
});

describe("why there are no credentials: the SDK's own reason", () => {
  const profiles = ["default", "prod", "staging"];
  it.each([
    [
      "a mistyped profile",
      ["Could not resolve credentials using profile: [prdo] in configuration/credentials file(s)."],
      "prdo",
      "no AWS credentials: there is no profile prdo with credentials (AWS_PROFILE names it)",
      "Did you mean prod? Known profiles: default, prod, staging.",
    ],
    [
      "a profile whose source is none",
      ["Could not resolve credentials using profile: [absent] in configuration/credentials file(s)."],
      "prod",
      "no AWS credentials: there is no profile absent with credentials (source_profile of the profile prod names it)",
      "Known profiles: default, prod, staging.",
    ],
    [
      "a sign-in that was never, or is over",
      [
        "The SSO session associated with this profile has expired. To refresh this SSO session run aws sso login with the corresponding profile.",
      ],
      "prod",
      "no AWS credentials for the profile prod: The SSO session associated with this profile has expired. To refresh this SSO session run aws sso login with the corresponding profile.",
      "Sign in: aws sso login --profile prod",
    ],
    [
      "the login of the console",
      ["Failed to load token from ~/.aws/login/cache/6e.json: Error: ENOENT"],
      "prod",
      "no AWS credentials for the profile prod: Failed to load token from ~/.aws/login/cache/6e.json: Error: ENOENT",
      "Sign in: aws login --profile prod",
    ],
    [
      "a code that nobody asks for",
      ["Profile prod requires multi-factor authentication, but no MFA code callback was provided."],
      "prod",
      "no AWS credentials for the profile prod: Profile prod requires multi-factor authentication, but no MFA code callback was provided.",
      'Get session keys: eval "$(aws configure export-credentials --profile prod --format env)" prompts for the MFA code; then unset AWS_PROFILE.',
    ],
    [
      "a process that fails",
      ["Command failed: /bin/false"],
      "prod",
      "no AWS credentials for the profile prod: Command failed: /bin/false",
      "Run the credential_process of the profile prod by hand and fix it.",
    ],
    [
      "nothing anywhere",
      ["Could not resolve credentials using profile: [default] in configuration/credentials file(s)."],
      null,
      "no AWS credentials: none in the environment, in the profile default, or from a role of this machine",
      "Log in, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    ],
  ])("%s", (_, said, profile, message, hint) => {
    expect(judgeCredentials(said, { profile, profiles })).toEqual({ message, hint });
  });
});
