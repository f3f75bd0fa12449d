/** A key as KMS describes it; what was not read is absent. */
export type KeyShape = {
  arn: string;
  /** Enabled, Disabled, PendingDeletion, ... [SDK KMS: KeyState] */
  state: string;
  /** SYMMETRIC_DEFAULT, RSA_4096, HMAC_256, ... [SDK KMS: KeySpec] */
  spec?: string;
  /** ENCRYPT_DECRYPT, SIGN_VERIFY, ... [SDK KMS: KeyUsageType] */
  usage?: string;
  /** AWS: made by a service, for itself. */
  manager?: string;
  /** When its imported material goes, ISO 8601; null when it stays. */
  expiresAt?: string | null;
};

/** In these states a key encrypts and decrypts; `Updating` is a change of a multi-Region key's primary Region. [KMS:key-state] */
const workingStates = ["Enabled", "Updating"];

const meanings: Record<string, string> = {
  PendingImport: "its imported material has expired, was deleted, or never came",
  PendingDeletion: "it will be deleted, and what it encrypts with it",
  PendingReplicaDeletion: "it will be deleted, and what it encrypts with it",
  Creating: "its replica is still being made",
  Unavailable: "its key store is disconnected",
};

/**
 * Why EBS cannot use a key that KMS knows, or null. EBS accepts every key at first and uses it later, so that a wrong one
 * shows as a copy in `error` or a server that never starts; it takes symmetric encryption keys only, and of those that
 * AWS manages its own. [SDK EC2: CopySnapshotRequest] [KMS:concepts] `key`: as it is named, by alias, id or ARN.
 */
export const keyProblem = (key: string, found: KeyShape): string | null => {
  const { state, spec = symmetric, usage = "ENCRYPT_DECRYPT", manager } = found;
  if (spec !== symmetric || usage !== "ENCRYPT_DECRYPT")
    return `is ${spec} for ${usage}: EBS takes symmetric encryption keys only`;
  if (manager === "AWS" && /(^|:)alias\//.test(key) && !key.endsWith("alias/aws/ebs"))
    return "is managed by AWS for another service, which alone may use it";
  if (workingStates.includes(state)) return null;
  const meaning = meanings[state];
  return `is ${state}, not Enabled${meaning ? `: ${meaning}` : ""}`;
};
const symmetric = "SYMMETRIC_DEFAULT";

/** Why a key named by ARN is out of reach, or null: the controller's roles know the keys of their own account. */
export const foreignKey = (key: string, account: string | undefined): string | null => {
  const owner = key.startsWith("arn:") ? key.split(":")[4] : account;
  return owner === account ? null : `belongs to account ${owner}, not to ${account}, which Lifeboat runs in`;
};

/** What will happen to a key that works today. */
export const keyWarning = ({ expiresAt }: KeyShape): string | null =>
  expiresAt ? `has imported material that expires at ${expiresAt}: copies are lost with it` : null;
