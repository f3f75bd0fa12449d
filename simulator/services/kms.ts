/** KMS keys and aliases. */

import type { DescribeKeyRequest } from "@aws-sdk/client-kms";
import { AwsError, account, type Services, type World } from "../kernel.ts";

export type Key = {
  id: string;
  arn: string;
  aliases: string[];
  enabled: boolean;
  manager: "AWS" | "CUSTOMER";
  /** SYMMETRIC_DEFAULT, RSA_4096, HMAC_256, ...; ENCRYPT_DECRYPT, SIGN_VERIFY, ... [SDK KMS: KeySpec] */
  spec: string;
  usage: string;
};
const symmetric = { spec: "SYMMETRIC_DEFAULT", usage: "ENCRYPT_DECRYPT" };

/** Keys of one Region. The AWS-managed one of EBS is there from the start. */
const keysOf = (world: World, region: string) =>
  world.region("KMS", region, (): Key[] => {
    const id = world.uuid();
    return [{ id, arn: arnOf(region, id), aliases: ["alias/aws/ebs"], enabled: true, manager: "AWS", ...symmetric }];
  });

/** Makes a customer key that answers to an alias, an id or an ARN of this Region; symmetric, when nothing else is said. */
export const addKey = (
  world: World,
  region: string,
  reference: string,
  kind: Pick<Key, "spec" | "usage"> = symmetric,
): Key => {
  const known = findKey(world, region, reference);
  if (known) return known;
  const alias = reference.startsWith("alias/") ? reference : null;
  const id = alias ? world.uuid() : (reference.split(":key/").at(-1) ?? reference);
  const aliases = alias ? [alias] : [];
  const key: Key = { id, arn: arnOf(region, id), aliases, enabled: true, manager: "CUSTOMER", ...kind };
  keysOf(world, region).push(key);
  return key;
};

/** The key that an alias, id or ARN means in this Region, or null. */
export const findKey = (world: World, region: string, reference: string): Key | null => {
  const [arnRegion, resource] = [reference.split(":")[3], reference.split(":").at(-1) ?? ""];
  if (reference.startsWith("arn:") && arnRegion !== region) return null;
  const name = resource.replace(/^key\//, "");
  return keysOf(world, region).find(({ id, aliases }) => id === name || aliases.includes(name)) ?? null;
};

/** Another key answers to the alias from now on; the one before stays, under its id. */
export const moveAlias = (world: World, region: string, alias: string): Key | null => {
  const before = findKey(world, region, alias);
  if (!before) return null;
  before.aliases = before.aliases.filter((one) => one !== alias);
  return addKey(world, region, alias);
};

/** Aliases of the account's own keys. */
export const aliasesOf = (world: World, region: string) =>
  keysOf(world, region).flatMap(({ manager, aliases }) => (manager === "CUSTOMER" ? aliases : []));

export const isEnabled = (world: World, region: string, key: Key) =>
  key.enabled && !world.faults.hasKeyFault("key-disabled", region, [key.arn, key.id, ...key.aliases], world.now());

/**
 * Whether a service may use a key now: it is there, enabled, a symmetric one for encryption [SDK EC2: CopySnapshotRequest],
 * and its policy allows it, which DescribeKey does not tell.
 */
export const isUsable = (world: World, region: string, reference: string) => {
  const key = findKey(world, region, reference);
  if (!key || !isEnabled(world, region, key)) return false;
  if (key.spec !== symmetric.spec || key.usage !== symmetric.usage) return false;
  return !world.faults.hasKeyFault("key-denied", region, [key.arn, key.id, ...key.aliases], world.now());
};

/** ARN of the key that EBS takes when none is named. */
export const ebsDefaultKey = (world: World, region: string) => findKey(world, region, "alias/aws/ebs")!.arn;

const arnOf = (region: string, id: string) => `arn:aws:kms:${region}:${account}:key/${id}`;

export const kms: Services["KMS"] & object = {
  DescribeKey(input: DescribeKeyRequest, { world, region }) {
    const key = findKey(world, region, input.KeyId ?? "");
    if (!key) throw new AwsError("NotFoundException", `Key '${input.KeyId}' does not exist`);
    const enabled = isEnabled(world, region, key);
    return {
      KeyMetadata: {
        AWSAccountId: account,
        KeyId: key.id,
        Arn: key.arn,
        Enabled: enabled,
        KeyState: enabled ? "Enabled" : "Disabled",
        KeyManager: key.manager,
        KeyUsage: key.usage,
        KeySpec: key.spec,
        MultiRegion: false,
      },
    };
  },
};
