/** Names of the launch options that DescribeInstances returns unchanged. */

import type { RunInstancesRequest } from "@aws-sdk/client-ec2";

/** What DescribeInstances gives as RunInstances was given it. */
export const shown = [
  ...(["EnclaveOptions", "HibernationOptions", "MaintenanceOptions", "NetworkPerformanceOptions"] as const),
  ...(["PrivateDnsNameOptions", "CapacityReservationSpecification"] as const),
];

export const kept = [
  ...shown,
  ...(["MetadataOptions", "Monitoring", "Placement", "CpuOptions", "CreditSpecification"] as const),
  "InstanceInitiatedShutdownBehavior" as const,
];

/** What an instance was launched with, as the request said it; what was not said is AWS's default. */
export type LaunchOptions = Pick<RunInstancesRequest, (typeof kept)[number]> & {
  sourceDestCheck?: boolean;
  secondaryAddresses?: string[];
  ipv6Addresses?: string[];
};

export const given = (options: LaunchOptions, names: readonly (typeof kept)[number][]): LaunchOptions =>
  Object.fromEntries(names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])));
