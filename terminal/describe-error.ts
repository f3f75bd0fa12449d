import { codeOf, isPassing } from "../functions/aws/calls/errors.ts";
import { deployIt } from "../functions/core/command-line.ts";
import { LifeboatError } from "../functions/core/errors.ts";
import { homeOf } from "../functions/core/model/direction.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import { credentialsError, type Said } from "./credentials.ts";

/** The application that an error is about. */
export type Named = Pick<Plan, "application" | "regions">;
type Fault = Error & { code?: string; $metadata?: { httpStatusCode?: number }; $response?: { statusCode?: number } };
type Description = { codes: RegExp; say(fault: Fault, named: Named): Said };

const login = () => {
  const { AWS_PROFILE } = process.env;
  return AWS_PROFILE ? `aws sso login --profile ${AWS_PROFILE}, or take new keys` : "take new keys";
};

/** By the name of the error; of several the first one counts. */
const descriptions: Description[] = [
  {
    codes: /^(ResourceNotFoundException|StateMachineDoesNotExist)$/,
    say: (_, { application, regions }) => ({
      message: `${application} is not deployed in ${homeOf({ regions })}`,
      hint: `Deploy it first: ${deployIt}.`,
    }),
  },
  { codes: /^(CredentialsProviderError|TokenProviderError)$/, say: ({ message }) => credentialsError(message) },
  {
    codes: /^(ExpiredToken(Exception)?|RequestExpired|ExpiredTokenError)$/,
    say: ({ message }) => ({
      message: `the AWS credentials have expired: ${message}`,
      hint: `Log in again: ${login()}.`,
    }),
  },
  {
    codes: /^(InvalidSignatureException|SignatureDoesNotMatch|IncompleteSignature(Exception)?|RequestTimeTooSkewed)$/,
    say: ({ message }) => ({
      message: `AWS rejected the signature: ${firstSentence(message)}`,
      hint: `Check AWS_SECRET_ACCESS_KEY and this machine's clock: it shows ${new Date().toISOString()}.`,
    }),
  },
  {
    codes:
      /^(UnrecognizedClientException|InvalidClientTokenId|InvalidAccessKeyId|AuthFailure|MissingAuthenticationToken)$/,
    say: ({ message }, { regions }) => ({
      message: `AWS does not know these credentials: ${message}`,
      hint: `The key is mistyped, deleted or from another partition, or ${homeOf({ regions })} is not enabled in the account. aws sts get-caller-identity shows its owner.`,
    }),
  },
  {
    codes: /^(OptInRequired|SubscriptionRequiredException)$/,
    say: ({ message }, { regions }) => ({
      message: `AWS refused: ${message}`,
      hint: `The account cannot use this service there: enable ${homeOf({ regions })} (aws account enable-region), or finish the account registration.`,
    }),
  },
  {
    codes: /accessdenied|unauthorized|notauthorized/i,
    say: ({ message }) => ({
      message: `AWS refused: ${message}`,
      hint: "docs/deploy.md lists the permissions that the commands need.",
    }),
  },
  {
    codes: /^(Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|ProvisionedThroughputExceeded|LimitExceeded)/,
    say: ({ name, message }) => ({
      message: `AWS throttled the calls: ${name}: ${message}`,
      hint: "Wait a minute, then try again: the whole account shares the limit.",
    }),
  },
];

/** What AWS, or the way to it, said: as an error with a hint. Our own errors and defects stay as they are. */
export const describeError = (error: unknown, named: Named): unknown => {
  if (!(error instanceof Error) || error instanceof LifeboatError) return error;
  const { message, hint } = descriptionOf(error, named) ?? {};
  return message ? new LifeboatError(message, hint, { cause: error }) : error;
};

const descriptionOf = (error: Fault, named: Named): Said | null => {
  const code = codeOf(error);
  const description = descriptions.find(({ codes }) => codes.test(code));
  if (description) return description.say(error, named);
  const socket = `${error.code ?? ""}`;
  if (socket === "ENOENT")
    return {
      message: `no AWS credentials: ${error.message}`,
      hint: "The environment names a credentials file that does not exist.",
    };
  if (/^(ENOTFOUND|EAI_)/.test(socket))
    return {
      message: `no such host: ${error.message}`,
      hint: "Check the network, its DNS, and --endpoint-url or AWS_ENDPOINT_URL, then try again.",
    };
  if (code === "TimeoutError" || /^(E[A-Z]|UND_)/.test(socket))
    return {
      message: `AWS did not answer: ${error.message || socket}`,
      hint: "Check the network and --endpoint-url, then try again.",
    };
  if (error instanceof SyntaxError && "$response" in error)
    return {
      message: `the endpoint is not AWS: ${error.message.split("\n")[0]}`,
      hint: "Check --endpoint-url, AWS_ENDPOINT_URL, and any proxy in between.",
    };
  if (!error.$metadata) return null;
  if (isPassing(error))
    return {
      message: `AWS failed: ${code}: ${error.message}`,
      hint: `Try again in a minute. Deployed runs continue; the AWS Health Dashboard shows the state of ${homeOf(named)}.`,
    };
  return { message: `AWS refused: ${code}: ${error.message}`, hint: "Fix what AWS reports, then try again." };
};

/** AWS appends the canonical string that it computed, a page of it. */
const firstSentence = (text: string) => {
  const [sentence = ""] = text.split(/\n|(?<=\.) /);
  return sentence;
};
