import { LifeboatError, TransientError } from "../../core/errors.ts";

/** Definite rejections of a call that may be asked again later. */
const throttles = new Set([
  "RequestLimitExceeded",
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "TooManyRequestsException",
  "SlowDown",
  "ProvisionedThroughputExceededException",
  "PriorRequestNotComplete",
  "TransactionInProgressException",
  "ResourceLimitExceeded",
]);

/** Passing faults by name; everything else with a 5xx or a socket error is passing too. */
const passing = new Set([
  ...throttles,
  "TimeoutError",
  "RequestTimeout",
  "InternalError",
  "InternalFailure",
  "InternalServerError",
  "ServiceUnavailable",
  "Unavailable",
  "ServerInternal",
]);

/** The error code of AWS, or "" when the value is no error. EC2 puts its codes into `name`. */
export const codeOf = (error: unknown) => (error instanceof Error ? error.name : "");

/** True for a fault that a later try may not meet again. */
export const isPassing = (error: unknown) => {
  if (!(error instanceof Error)) return false;
  const { $metadata, code } = error as { $metadata?: { httpStatusCode?: number }; code?: string };
  return (
    passing.has(error.name) ||
    ($metadata?.httpStatusCode ?? 0) >= 500 ||
    /^(ECONN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/.test(code ?? "")
  );
};

/** The same of everything that a step meets: a `TransientError` of ours, too, which is of no service and no Region. */
export const passesByItself = (error: unknown) => error instanceof TransientError || isPassing(error);

/** True when a Region gave no usable answer at all: timeouts, broken connections, 5xx; not throttles. */
export const isSilence = (error: unknown) => isPassing(error) && !throttles.has(codeOf(error));

/** What leaves a step: our own errors as they are, passing AWS faults as TransientError, the rest unchanged. */
export const translate = (error: unknown) => {
  if (error instanceof LifeboatError || !isPassing(error)) return error;
  const { name, message } = error as Error;
  return new TransientError(`${name}: ${message}`, "The step is run again by the state machine.", { cause: error });
};
