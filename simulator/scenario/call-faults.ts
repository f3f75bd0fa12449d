import type { Call } from "../../functions/aws/calls/clients.ts";
import { actionOfCall } from "../../functions/core/iam-actions.ts";
import type { Of } from "./fault.ts";

/** What the caller of one API call meets: an answer with an error, a broken socket, or nothing at all. */
export type CallFault =
  | { kind: "answer"; name: string; message: string; status: number }
  | { kind: "socket"; code: string; message: string }
  | { kind: "silence" };

export const serverErrors = /^(Internal|ServiceUnavailable|Unavailable|ServerInternal|InsufficientInstanceCapacity)/;

export const unavailable: CallFault = {
  kind: "answer",
  name: "ServiceUnavailable",
  message: "Service is unavailable.",
  status: 503,
};

export const manners: CallFault[] = [
  { kind: "silence" },
  { kind: "socket", code: "ECONNREFUSED", message: "connect ECONNREFUSED" },
  unavailable,
];

export const launches = ({ service, operation, input }: Call) =>
  service === "EC2" && operation === "RunInstances" && !(input as { DryRun?: boolean }).DryRun;

/** First launches in a Region that the account has not used yet. [EC2dev:errors-overview, PendingVerification] */
export const pending: CallFault = {
  kind: "answer",
  name: "PendingVerification",
  status: 400,
  message:
    "Your request for accessing resources in this region is being validated, and you will not be able to launch additional resources in this region until the validation is complete.",
};

/** The action of the call itself, or one that EC2 checks beside it. [EC2: supported-iam-actions-tagging; IAM: id_roles_use_passrole] */
export const lacks = ({ action, region }: Of<"right-missing">, call: Call) => {
  const { TagSpecifications, IamInstanceProfile } = call.input as Record<string, unknown>;
  return (
    (region === undefined || region === call.region) &&
    (action === actionOfCall(call) ||
      (action === "ec2:CreateTags" && TagSpecifications !== undefined) ||
      (action === "iam:PassRole" && IamInstanceProfile !== undefined))
  );
};

/** Services name it differently, and most say which action of whom. [EC2dev:errors-overview; IAM: troubleshoot_access-denied] */
export const denialOf = (call: Call) => {
  const sentence = `User: arn:aws:sts::111122223333:assumed-role/lifeboat is not authorized to perform: ${actionOfCall(call)} with an explicit deny in a service control policy`;
  return { kind: "answer" as const, name: denialNameOf(call.service), message: sentence, status: 403 };
};

/** Code of the error with which a service refuses a caller. */
export const denialNameOf = (service: string) => denialNames[service] ?? "AccessDeniedException";

export const denialNames: Record<string, string> = {
  "Auto Scaling": "AccessDenied",
  CloudWatch: "AccessDenied",
  EC2: "UnauthorizedOperation",
  S3: "AccessDenied",
  "Elastic Load Balancing v2": "AccessDenied",
  "Route 53": "AccessDenied",
  SNS: "AuthorizationError",
};

/** Each service has its own name for too many calls. [EC2dev:ec2-api-throttling and the API models] */
export const throttleOf = (service: string): CallFault =>
  service === "EC2"
    ? { kind: "answer", name: "RequestLimitExceeded", message: "Request limit exceeded.", status: 503 }
    : service === "S3"
      ? { kind: "answer", name: "SlowDown", message: "Please reduce your request rate.", status: 503 }
      : { kind: "answer", name: "ThrottlingException", message: "Rate exceeded", status: 400 };
