import {
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  EC2Client,
  type Filter,
} from "@aws-sdk/client-ec2";
import type { InstanceType } from "../core/preflight-rules.ts";
import type { Clients, Patience } from "./clients.ts";

const typesPerCall = 100;

/** What the Region says of these types; a type that it does not know is left out. */
export const describeInstanceTypes = async (
  clients: Clients,
  region: string,
  types: string[],
  patience: Patience = "standard",
): Promise<InstanceType[]> => {
  const found: InstanceType[] = [];
  for (const filter of inPortions("instance-type", types)) {
    let NextToken: string | undefined;
    do {
      const page = await clients(EC2Client, region, patience).send(
        new DescribeInstanceTypesCommand({ Filters: [filter], MaxResults: 100, NextToken }),
      );
      for (const { InstanceType: name, ProcessorInfo, VCpuInfo, InstanceStorageInfo } of page.InstanceTypes ?? []) {
        const disks = (InstanceStorageInfo?.Disks ?? []).reduce((sum, { Count }) => sum + (Count ?? 0), 0);
        found.push({
          name: name ?? "",
          architectures: ProcessorInfo?.SupportedArchitectures ?? [],
          vcpus: VCpuInfo?.DefaultVCpus ?? 0,
          ...(disks && { instanceStoreVolumes: disks }),
        });
      }
      NextToken = page.NextToken;
    } while (NextToken);
  }
  return found;
};

/** `<type>/<zone>` for each of these types that a zone of the Region offers. */
export const describeOfferings = async (clients: Clients, region: string, types: string[]): Promise<Set<string>> => {
  const found = new Set<string>();
  for (const filter of inPortions("instance-type", types)) {
    let NextToken: string | undefined;
    do {
      const page = await clients(EC2Client, region).send(
        new DescribeInstanceTypeOfferingsCommand({
          LocationType: "availability-zone",
          Filters: [filter],
          MaxResults: 1000,
          NextToken,
        }),
      );
      for (const { InstanceType, Location } of page.InstanceTypeOfferings ?? [])
        found.add(`${InstanceType}/${Location}`);
      NextToken = page.NextToken;
    } while (NextToken);
  }
  return found;
};

const inPortions = (Name: string, values: string[]): Filter[] =>
  Array.from({ length: Math.ceil(values.length / typesPerCall) }, (_, portion) => ({
    Name,
    Values: values.slice(portion * typesPerCall, (portion + 1) * typesPerCall),
  }));
