import { actionsOf } from "./permissions.ts";

/** Actions that no call of ours names, but that AWS checks when another one is made, in any role. */
export const implied: Record<string, string> = {
  "ec2:CreateTags":
    "checked for the tags that CreateSnapshots, CreateImage, CopySnapshot, CopyImage, RegisterImage, RunInstances and CreateNetworkAcl set",
  "iam:PassRole": "checked when RunInstances is given an instance profile, and CreateSchedule a role",
  "kms:CreateGrant": "EC2 asks for it when a copy, a launch or a start uses an encrypted volume",
  "kms:Decrypt": "EC2 reads an encrypted snapshot with it",
  "kms:GenerateDataKeyWithoutPlaintext": "EC2 writes an encrypted snapshot or volume with it",
  "kms:ReEncryptFrom": "EC2 changes the key of a copy with it",
  "kms:ReEncryptTo": "EC2 changes the key of a copy with it",
};

export const publishing = {
  "kms:Decrypt": "SNS uses the key of an encrypted topic with it",
  "kms:GenerateDataKey": "SNS encrypts a message with it, for a topic under a customer's key",
};

export const impliedInOne: Record<string, Record<string, string>> = {
  ask: publishing,
  readiness: publishing,
  report: publishing,
  detect: publishing,
  snapshot: {
    "kms:Decrypt": "DynamoDB opens the table of user data with it",
    "kms:Encrypt": "DynamoDB writes to the table of user data with it",
    "kms:GenerateDataKey": "DynamoDB writes to the table of user data with it",
  },
  launch: { "kms:DescribeKey": "EC2 looks up the key of an encrypted snapshot with it" },
};

/** Actions of a function's role that none of its calls names -> the reason why they are there. */
export const impliedOf = (name: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ ...implied, ...impliedInOne[name] }).filter(([action]) => actionsOf(name).includes(action)),
  );
