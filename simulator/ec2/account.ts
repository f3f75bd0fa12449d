/** EC2 settings of the account: fast snapshot restores and instance metadata defaults. */

import type { DescribeFastSnapshotRestoresRequest, RunInstancesRequest } from "@aws-sdk/client-ec2";
import { AwsError, type Services } from "../kernel.ts";
import { type Ec2, ec2Of } from "./state.ts";

export const accounts: Services["EC2"] & object = {
  /** A setting of snapshots by zone; copies have none. [EBS: ebs-fast-snapshot-restore] */
  DescribeFastSnapshotRestores({ Filters = [] }: DescribeFastSnapshotRestoresRequest, { world, region }) {
    const { fastRestored, snapshots, zones } = ec2Of(world, region);
    const states = Filters.find(({ Name }) => Name === "state")?.Values ?? ["enabled"];
    const found = [...snapshots.values()].filter(
      ({ volume, state }) => state === "completed" && fastRestored.has(volume),
    );
    const FastSnapshotRestores = found.map(({ id }) => ({
      SnapshotId: id,
      AvailabilityZone: zones[0],
      State: "enabled",
    }));
    return { FastSnapshotRestores: states.includes("enabled") ? FastSnapshotRestores : [] };
  },

  /** Without a setting of the account there is nothing in the answer but who manages it. [SDK EC2: InstanceMetadataDefaultsResponse] */
  GetInstanceMetadataDefaults(_input: object, { world, region }) {
    const { tokensEnforced } = ec2Of(world, region);
    return { AccountLevel: { ManagedBy: "account", ...(tokensEnforced && { HttpTokensEnforced: "enabled" }) } };
  },
};

/** Code and text: [EC2: configuring-IMDS-new-instances, enforce IMDSv2 at the account level]. */
export const checkTokens = ({ tokensEnforced }: Ec2, { MetadataOptions: given = {} }: RunInstancesRequest) => {
  if (tokensEnforced && given.HttpEndpoint !== "disabled" && given.HttpTokens === "optional")
    throw new AwsError(
      "UnsupportedOperation",
      "You can't launch instances with IMDSv1 because httpTokensEnforced is enabled for this account. Either launch the instance with httpTokens=required or contact your account owner to disable httpTokensEnforced.",
    );
};
